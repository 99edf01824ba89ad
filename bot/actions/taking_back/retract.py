"""An answer that is out is taken back, everywhere: posts, archive, author, customer and question.

Everything is decided in the caller's one transaction. The brand's posts are taken down through the outbox,
and what is on its way is taken down once it is known to be out.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.actions.archive.gate import weigh_entry
from bot.actions.conversations import decide
from bot.actions.conversations.answer import Answering
from bot.actions.conversations.audience import Audience
from bot.actions.conversations.tell import tell_author, tell_challenger
from bot.actions.conversations.withdraw import take_back
from bot.actions.dialogue.accept import accepted, weigh_again
from bot.actions.dialogue.community import no_longer_say_so, take_out
from bot.actions.dialogue.unsay import unsay
from bot.actions.taking_back.under_way import correction_under_way, give_up_refused
from bot.actions.undecidable import NotAsGiven, Undecidable
from bot.states import (
    NO_ANSWER,
    ON_ITS_WAY,
    UNSURE,
    AnswerKind,
    AnswerState,
    ChangeKind,
    CorrectionWay,
    DeliveryState,
    EntryState,
)
from bot.store import changes, rows
from bot.store.archive import entries
from bot.store.conversations import answers, questions
from bot.store.engine import Session
from bot.store.row_locks import lock_row, locked_row
from bot.store.tables.conversations import AnswerRow, DeliveryRow, PostRow, QuestionRow
from bot.store.taking_back import challenges, retractions
from bot.wording import by_itself
from routing.dialogue.gate import HeldBack
from routing.model.domain import WITH_ANSWER, Outcome, QuestionState
from routing.model.lifecycle import Event
from routing.model.phrases import phrase

_ALREADY = phrase("This answer has been taken back already, or never was out.")
_OVER = (QuestionState.WITHDRAWN, QuestionState.JOINED)
_MAY_BE_OUT = (DeliveryState.SENT, *UNSURE)


class Afterwards(StrEnum):
    """What is to become of a question whose answer is taken back."""

    ASK_AGAIN = "ask_again"
    """People are asked anew."""
    CLOSE = "close"
    """Nothing more is to be done."""
    KEEP = "keep"
    """It stays as it is: another answer is out."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants an answer to be taken back; ``by`` is their id, ``why`` for its author.

    ``afterwards`` None: as is sensible. With ``tells_customer`` the brand says so in a short reply.
    """

    why: str
    by: int
    afterwards: Afterwards | None = None
    tells_customer: bool = False
    is_wrong: bool = False
    """Whether a colleague has shown that it was wrong."""


@dataclass(frozen=True, slots=True)
class Retracted:
    """What was done: how many posts are taken down, how many may still turn out to be there."""

    posts: int
    unsure: int
    afterwards: Afterwards
    customer_told: bool = False


def retract(
    session: Session, answering: Answering, answer: AnswerRow, wish: Wish, now: datetime
) -> Retracted:
    """Take an answer back. Raises Undecidable where there is nothing to take back, or no reason is given."""
    question = questions.held_one(session, answer.question_id)
    lock_row(session, answer)
    if not wish.why:
        raise NotAsGiven(phrase("Say why it is taken back: its author reads that."))
    if answer.state == AnswerState.HELD:
        raise Undecidable(phrase("This answer is not out: it waits for a decision."))
    give_up_refused(session, answer, now)
    if correction_under_way(session, answer) is not None:
        raise Undecidable(phrase("A correction of it is on its way: take that back instead."))
    if answer.kind == AnswerKind.COMMUNITY:
        endorsed = _endorsed_no_more(session, question, answer, now)
        _end_challenges(session, answering, answer, wish.why, now)
        return endorsed
    if answer.kind == AnswerKind.ENDORSEMENT:
        return _said_so_no_more(session, answer, wish.why, now)
    parts = retractions.held_parts(session, answer.id)
    if not _can_be_out(answer, parts):
        if not take_back(session, question, answer, wish.why, now):
            raise Undecidable(_ALREADY)
        done = Retracted(0, 0, _follow(session, question, answer, wish, now))
    else:
        posts = unsay(session, answer, parts, wish.why, now)
        posts += _with_what_it_corrects(session, answer, wish.why, now)
        _leave_archive(session, question, now)
        afterwards = _follow(session, question, answer, wish, now)
        told = wish.tells_customer and _tell_customer(session, answering, question, afterwards, now)
        done = Retracted(posts, sum(one.state in UNSURE for one in parts), afterwards, told)
    if answer.employee_id != wish.by:
        tell_author(session, answering.rules, answer, now)
    _learn(session, question, answer, wish, now)
    _end_challenges(session, answering, answer, wish.why, now)
    changes.append(session, ChangeKind.WORK, question.id, now)
    return done


def sensible(session: Session, answer: AnswerRow, question: QuestionRow) -> Afterwards:
    """What becomes of a question where nobody says otherwise."""
    if answer.kind in NO_ANSWER or question.state in _OVER:
        return Afterwards.KEEP
    others = [one for one in _published(session, question) if one.id != answer.id]
    return Afterwards.KEEP if accepted(others) is not None else Afterwards.ASK_AGAIN


def _can_be_out(answer: AnswerRow, parts: list[DeliveryRow]) -> bool:
    """Whether the public sees something of it; an imported answer is in the archive alone."""
    if answer.state in (AnswerState.PUBLISHED, AnswerState.POINTED):
        return True
    is_open = answer.state in (AnswerState.QUEUED, AnswerState.FAILED)
    return is_open and any(one.state in _MAY_BE_OUT for one in parts)


def _with_what_it_corrects(session: Session, answer: AnswerRow, why: str, now: datetime) -> int:
    """What a correction stands below, or was to take the place of, goes with it; how many posts that are."""
    wrong = locked_row(session, AnswerRow, answer.corrects_id)
    if wrong is None:
        return 0
    is_below = answer.correction == CorrectionWay.BELOW and wrong.state == AnswerState.CORRECTED
    if wrong.state != AnswerState.PUBLISHED and not is_below:
        return 0
    posts = unsay(session, wrong, retractions.held_parts(session, wrong.id), why, now)
    return posts + _with_what_it_corrects(session, wrong, why, now)


def _leave_archive(session: Session, question: QuestionRow, now: datetime) -> None:
    """The accepted answer is another one; where none is left, the entry goes with it."""
    weigh_again(session, question, now)
    left = _published(session, question)
    answered = [one.published_at for one in left if one.published_at and not one.asks_back]
    question.answered_at = min(answered, default=None)
    entry = entries.of_question(session, question.id)
    if (
        entry is None
        or accepted(left) is not None
        or entry.state not in (EntryState.PUBLIC, EntryState.HELD_BACK)
    ):
        return
    lock_row(session, entry)
    entry.decided = False  # that was about an answer which is no more
    weigh_entry(session, entry, HeldBack.RETRACTED, now)


def _published(session: Session, question: QuestionRow) -> list[AnswerRow]:
    return answers.published_in_order(session, [question.id])[question.id]


def _follow(
    session: Session, question: QuestionRow, answer: AnswerRow, wish: Wish, now: datetime
) -> Afterwards:
    """What becomes of the question; one that is gone or part of another stays as it is."""
    chosen = wish.afterwards or sensible(session, answer, question)
    if question.state in _OVER:
        return Afterwards.KEEP
    if chosen is Afterwards.CLOSE:
        decide.close(session, question, now)
    elif chosen is Afterwards.ASK_AGAIN:
        _ask_again(session, question, wish.why, now)
    elif question.state == QuestionState.ANSWERING and not _is_answered(session, question):
        questions.move(session, question, Event.ANSWER_DROPPED, due_at=now)
    return chosen


def _ask_again(session: Session, question: QuestionRow, why: str, now: datetime) -> None:
    had_answer = question.state in WITH_ANSWER
    if Audience.of(session, question).why_not is None:
        decide.ask_again(session, question, now)
    else:  # nobody may be asked: a person in charge sees to it
        decide.escalate(session, question, why, now)
    if had_answer:
        question.satisfied, question.settled_at = None, None


def _is_answered(session: Session, question: QuestionRow) -> bool:
    return any(one.state in ON_ITS_WAY for one in answers.of_round(session, question))


def _tell_customer(
    session: Session, answering: Answering, question: QuestionRow, afterwards: Afterwards, now: datetime
) -> bool:
    """A short reply in the customer's language; False where it has no place to go."""
    if question.state in _OVER:
        return False
    goes_on = afterwards is Afterwards.ASK_AGAIN
    text = by_itself.taken_back(question.language, goes_on=goes_on)
    return answering.say(session, question, text, now, kind=AnswerKind.POINTER) is not None


def _learn(session: Session, question: QuestionRow, answer: AnswerRow, wish: Wish, now: datetime) -> None:
    """Whom to ask next time is learnt from it, too."""
    if answer.employee_id is not None and answer.would_help and answer.state == AnswerState.RETRACTED:
        changes.append(
            session,
            ChangeKind.OUTCOME,
            question.id,
            now,
            outcome=Outcome.WRONG if wish.is_wrong else Outcome.CORRECTED,
            employee=answer.employee_id,
        )


def _end_challenges(
    session: Session, answering: Answering, answer: AnswerRow, why: str, now: datetime
) -> None:
    """There is nothing to decide any more about what others said of it, and they hear of that."""
    waiting = challenges.waiting(session, [answer.id])
    because = phrase("The answer was taken back: %(why)s", why=why)
    for one in challenges.end_all(session, waiting, because, now):
        tell_challenger(session, answering.rules, one, answer, now)


def _endorsed_no_more(session: Session, question: QuestionRow, answer: AnswerRow, now: datetime) -> Retracted:
    """Another customer's post is not ours to delete: the house no longer says that it is right."""
    post = rows.find(session, PostRow, answer.post_id)
    if post is None or answer.state != AnswerState.PUBLISHED:
        raise Undecidable(_ALREADY)
    gone = take_out(session, question, post, now)
    return Retracted(gone.posts, gone.unsure, Afterwards.KEEP)


def _said_so_no_more(session: Session, answer: AnswerRow, why: str, now: datetime) -> Retracted:
    """What the brand said below another customer's answer goes; that stays endorsed."""
    gone = no_longer_say_so(session, answer, why, now)
    if gone is None:
        raise Undecidable(_ALREADY)
    changes.append(session, ChangeKind.WORK, answer.question_id, now)
    return Retracted(gone.posts, gone.unsure, Afterwards.KEEP)
