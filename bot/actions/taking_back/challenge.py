"""Somebody says that a published answer is wrong, and somebody else decides about that.

What is right goes out as a correction, by the ways that every correction has. Everything is decided in the
caller's one transaction; what cannot be decided (any more) raises ``Undecidable`` with a message for whoever
tried.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from bot.actions.conversations.answer import Answering
from bot.actions.conversations.tell import tell_challenged, tell_challenger
from bot.actions.second_person import check_second_person
from bot.actions.taking_back.copies import correct_all, take_back_all
from bot.actions.taking_back.correct import CORRECTABLE, Rewording
from bot.actions.taking_back.retract import Retracted, Wish
from bot.actions.undecidable import NotAsGiven, Undecidable
from bot.roles import Permission
from bot.states import AnswerKind, AnswerState, ChangeKind
from bot.store import changes, rows
from bot.store.conversations import questions
from bot.store.engine import Session
from bot.store.people import identities
from bot.store.people.identities import may_answer
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.store.tables.house import BY_AUTHOR, ChallengeKind, ChallengeRow, ChallengeState
from bot.store.tables.people import EmployeeRow
from bot.store.taking_back import challenges
from bot.wording.compose import credit_line
from routing.model.phrases import phrase

CHALLENGEABLE = (*CORRECTABLE, AnswerKind.COMMUNITY)
"""What can be wrong and is somebody's."""


@dataclass(frozen=True, slots=True)
class SaidWrong:
    """What somebody says of an answer: what is wrong and, if they like, better ``words``."""

    wrong: str
    words: str = ""
    is_named: bool = True
    """Whether the public may read who knew better."""


def is_challengeable(answer: AnswerRow) -> bool:
    """Whether it is out, and somebody's."""
    return answer.state == AnswerState.PUBLISHED and answer.kind in CHALLENGEABLE


def challenge(
    session: Session, answer: AnswerRow, by: EmployeeRow, said: SaidWrong, now: datetime
) -> ChallengeRow:
    """Say that a published answer is wrong: it waits on the board. Raises Undecidable."""
    question = questions.held_one(session, answer.question_id)
    lock_row(session, answer)
    if not is_challengeable(answer):
        raise Undecidable(
            phrase("Only an answer that is out can be challenged, and this one is not (any more).")
        )
    if not said.wrong:
        raise NotAsGiven(phrase("Say what is wrong with it."))
    if said.words == answer.text:
        raise NotAsGiven(phrase("These are the words that are out: write what it should say, or nothing."))
    if challenges.waiting_of(session, answer.id, by.id) is not None:
        raise Undecidable(
            phrase("You have challenged this answer already: somebody is going to decide about it.")
        )
    row = ChallengeRow(
        answer_id=answer.id,
        challenger_id=by.id,
        wrong=said.wrong,
        words=said.words,
        named=said.is_named,
        made_at=now,
    )
    rows.keep(session, row)
    changes.append(session, ChangeKind.WORK, question.id, now)
    return row


def check_waits(row: ChallengeRow) -> None:
    """Raise Undecidable where a challenge does not wait for a decision any more."""
    if row.state != ChallengeState.WAITING:
        raise Undecidable("Somebody has decided about this already.")


def reworded(session: Session, row: ChallengeRow, text: str, by: EmployeeRow) -> Rewording:
    """How an answer is put right where a challenge is accepted in these words by ``by``.

    They are the challenger's, changed or not, where they gave any and may still answer; else whoever accepts
    them answers for them. What came of an author's own post is judged beside it.
    """
    answer = rows.one(session, AnswerRow, row.answer_id)
    challenger = rows.one(session, EmployeeRow, row.challenger_id)
    is_theirs = bool(row.words) and may_answer(challenger)
    own = rows.find(session, PostRow, answer.post_id) if row.kind == ChallengeKind.EDIT else None
    return Rewording(
        text,
        row.wrong or phrase("Its author has edited the post that it came from."),
        challenger if is_theirs else by,
        is_named=row.named or not is_theirs,
        own=own if own is not None and own.deleted_at is None else None,
    )


def accept(
    session: Session,
    answering: Answering,
    row: ChallengeRow,
    text: str,
    by: EmployeeRow,
    now: datetime,
    copies: Collection[int] = (),
) -> list[AnswerRow]:
    """It is wrong, and these words take its place; also in the ``copies``, answers that say the same."""
    answer = _held(session, row, by, copies)
    wanted = replace(reworded(session, row, text, by), challenge=row)
    row.thanks = _thanks(session, answering, row, answer)
    _decide(session, row, ChallengeState.ACCEPTED, "", by, now)
    corrections = correct_all(session, answering, answer, copies, wanted, now)
    tell_challenger(session, answering.rules, row, answer, now)
    return corrections


def accept_and_retract(
    session: Session,
    answering: Answering,
    row: ChallengeRow,
    wish: Wish,
    by: EmployeeRow,
    now: datetime,
    copies: Collection[int] = (),
) -> list[tuple[AnswerRow, Retracted]]:
    """It is wrong, and is taken back; so are the ``copies``."""
    answer = _held(session, row, by, copies)
    _decide(session, row, ChallengeState.ACCEPTED, "", by, now)
    shown = replace(wish, is_wrong=row.kind == ChallengeKind.CHALLENGE)
    done = take_back_all(session, answering, answer, copies, shown, now)
    tell_challenger(session, answering.rules, row, answer, now)
    return done


def decline(
    session: Session, answering: Answering, row: ChallengeRow, why: str, by: EmployeeRow, now: datetime
) -> None:
    """The answer stays as it is; whoever challenged it and its author read why."""
    if not why:
        raise NotAsGiven("Say why it is declined: whoever challenged it reads that.")
    author = rows.one(session, AnswerRow, row.answer_id).employee_id
    if author == by.id and row.kind == ChallengeKind.CHALLENGE:
        check_second_person(session, Permission.JUDGE_CHALLENGES, author, by.id, _OWN_ANSWER)
    answer = _held(session, row, None)
    _decide(session, row, ChallengeState.DECLINED, why, by, now)
    tell_challenger(session, answering.rules, row, answer, now)
    tell_challenged(session, answering.rules, row, answer, now)


_OWN_ANSWER = "It is your own answer: somebody else in charge declines this."


def _held(
    session: Session, row: ChallengeRow, by: EmployeeRow | None, copies: Collection[int] = ()
) -> AnswerRow:
    """The answer of a challenge that still waits; both are held. ``by`` is who accepts it."""
    if by is not None:
        check_second_person(session, Permission.JUDGE_CHALLENGES, row.challenger_id, by.id, _OWN_CHALLENGE)
    answer = rows.one(session, AnswerRow, row.answer_id)
    others = rows.find_all(session, AnswerRow, copies).values()
    questions.held_all(session, [answer.question_id, *(one.question_id for one in others)])
    lock_row(session, row)
    check_waits(row)
    lock_row(session, answer)
    return answer


_OWN_CHALLENGE = "You said so yourself: somebody else in charge decides about it."


def _decide(
    session: Session, row: ChallengeRow, state: ChallengeState, why: str, by: EmployeeRow, now: datetime
) -> None:
    row.state, row.why, row.decided_by, row.decided_at = state, why, by.id, now
    rows.keep(session, row)
    answer = rows.one(session, AnswerRow, row.answer_id)
    changes.append(session, ChangeKind.WORK, answer.question_id, now)


def _thanks(session: Session, answering: Answering, row: ChallengeRow, answer: AnswerRow) -> str:
    """Under which name the public reads who knew better; nobody is thanked for correcting themselves."""
    if not row.named or row.kind in BY_AUTHOR or row.challenger_id == answer.employee_id:
        return ""
    challenger = rows.one(session, EmployeeRow, row.challenger_id)
    question = rows.one(session, QuestionRow, answer.question_id)
    handle = identities.handles(session, [challenger.id]).on(question.platform, challenger.id)
    return credit_line(challenger.name, handle, answering.rules.credit)
