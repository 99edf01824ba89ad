"""What the brand says on a matter: written by one person, approved by another, told once to each who asked.

A statement stops the offers of those it is told to. What a person has answered beats it, and so does
what they say afterwards: a customer's reply to it is like any other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.actions.conversations.answer import Answering
from bot.actions.matters.campaigns import NOTHING_TO_SAY, may_say, spoken
from bot.actions.second_person import check_second_person
from bot.actions.undecidable import Undecidable
from bot.platforms.registry import traits_of
from bot.roles import Permission
from bot.states import (
    AnswerKind,
    ChangeKind,
    HookEvent,
    MatterState,
    StatementAudience,
    StatementKind,
    StatementState,
)
from bot.store import changes, rows
from bot.store.conversations import offers, questions
from bot.store.engine import Session
from bot.store.hooks.outbox import tell as tell_others
from bot.store.matters import campaigns, gathered, statements
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.matters import MatterRow, StatementRow
from bot.wording import guard
from bot.wording.compose import CannotCompose, compose
from bot.wording.guard import GuardAction, GuardPolicy
from routing.campaigns.states import ENDS_CAMPAIGN, ON_CAMPAIGN
from routing.dialogue.turns import TurnKind
from routing.model.domain import WITH_ANSWER, OfferState, QuestionState
from routing.model.lifecycle import Event
from routing.model.text import own_words

_ASKER = "a" * 30
"""A handle as long as most: with it the words must fit."""
LONGEST = 2_000
"""Characters of a statement in one language."""


class Unsayable(ValueError):
    """These words cannot be a statement; ``str(error)`` says why and what to do."""


def propose(
    session: Session,
    matter: MatterRow,
    kind: StatementKind,
    texts: Mapping[str, str],
    audience: StatementAudience,
    by: int,
    answering: Answering,
    now: datetime,
) -> StatementRow:
    """Somebody writes a statement; a second person approves it. Raises Unsayable and Undecidable."""
    lock_row(session, matter)
    tags = answering.rules.unsaid_tags
    said = {language: words for language, text in texts.items() if (words := own_words(text, *tags))}
    _check_words(said, answering)
    if matter.state == MatterState.MERGED:
        raise Undecidable("This matter is part of another one: write it there.")
    former = statements.of_matter(session, matter.id)
    if any(one.state == StatementState.PROPOSED for one in former):
        raise Undecidable("Another statement on this matter waits for a decision: decide about that first.")
    is_for_told = kind != StatementKind.STATEMENT and audience != StatementAudience.ASKED
    if kind.value in ON_CAMPAIGN:
        audience = StatementAudience.ALL if kind.value in ENDS_CAMPAIGN else StatementAudience.NONE
        if not may_say(campaigns.find(session, matter.id), kind):
            raise Undecidable(NOTHING_TO_SAY)
    elif is_for_told and not any(one.approved_at for one in former):
        raise Undecidable("Nobody has been told anything on this matter yet: begin with a statement.")
    statement = StatementRow(
        matter_id=matter.id, kind=kind, audience=audience, texts=said, written_by=by, written_at=now
    )
    rows.keep(session, statement)
    changes.append(session, ChangeKind.WORK, 0, now)
    return statement


def _check_words(texts: Mapping[str, str], answering: Answering) -> None:
    rules = answering.rules
    if not texts.get(""):
        raise Unsayable("Write what everybody is told first.")
    for text in texts.values():
        if len(text) > LONGEST:
            raise Unsayable(f"At most {LONGEST:,} characters are allowed in each language.")
        verdict = guard.examine(text, rules.guard)
        if verdict.outcome is GuardAction.REFUSE:
            raise Unsayable(str(verdict.words))
        for name, platform in answering.platforms.items():
            measure, most = platform.measure, rules.max_parts
            try:
                compose(text, credit="", measure=measure, asker=_ASKER, tags=(), max_parts=most)
            except CannotCompose as error:
                raise Unsayable(f"{traits_of(name).label}: {error}") from error


def objections(statement: StatementRow, policy: GuardPolicy) -> list[str]:
    """What whoever approves it should look at, in words."""
    verdicts = (guard.examine(text, policy) for text in statement.texts.values())
    return sorted({str(one.words) for one in verdicts if one.outcome is GuardAction.HOLD})


def approve(session: Session, statement: StatementRow, by: int, now: datetime) -> None:
    """A second person lets it out: from now on it is told. Raises Undecidable.

    Where one person alone is in charge, they decide about their own.
    """
    matter = gathered.matters(session, [statement.matter_id])[statement.matter_id]
    check_second_person(session, Permission.DECIDE, statement.written_by, by)
    lock_row(session, statement)
    if statement.state != StatementState.PROPOSED:
        raise Undecidable("This statement does not wait for a decision any more.")
    if matter.state == MatterState.MERGED:
        raise Undecidable("This matter is part of another one by now.")
    if statement.kind in ON_CAMPAIGN:
        spoken(session, statement, now)
    if statement.kind in statements.ENDS_FORMER:
        for former in statements.of_matter(session, matter.id):
            if former.state == StatementState.ACTIVE and former.kind != StatementKind.UPDATE:
                former.state = StatementState.ENDED
    statement.state, statement.approved_by, statement.approved_at = StatementState.ACTIVE, by, now
    if statement.audience == StatementAudience.NONE:
        statement.state = StatementState.ENDED
    _told_of(matter, statement, now)
    rows.keep(session, matter, statement)
    is_over = statement.kind == StatementKind.SETTLED
    told = HookEvent.MATTER_SETTLED if is_over else HookEvent.MATTER_STATED
    tell_others(session, told, matter.id, kind=statement.kind)
    changes.append(session, ChangeKind.WORK, 0, now)


def _told_of(matter: MatterRow, statement: StatementRow, now: datetime) -> None:
    """What the brand says on a matter is public, and may settle it, or open it again."""
    matter.is_public = True
    if statement.kind == StatementKind.SETTLED:
        matter.state = MatterState.SETTLED
        matter.end_surge(now)
    elif matter.state == MatterState.SETTLED and statement.kind not in ON_CAMPAIGN:
        matter.state = MatterState.OPEN


def withdraw(session: Session, statement: StatementRow, now: datetime) -> None:
    """It is not told (any more): who was told stays told. Raises Undecidable."""
    lock_row(session, statement)
    if statement.state not in (StatementState.PROPOSED, StatementState.ACTIVE):
        raise Undecidable("This statement is over already.")
    was_proposed = statement.state == StatementState.PROPOSED
    statement.state = StatementState.WITHDRAWN if was_proposed else StatementState.ENDED
    changes.append(session, ChangeKind.WORK, 0, now)


def tell(
    session: Session,
    answering: Answering,
    statement: StatementRow,
    question_ids: Sequence[int],
    now: datetime,
) -> int:
    """Say it in reply to these questions, in this order, to each customer once; how many were told."""
    held = {one.id: one for one in questions.held_all(session, question_ids)}
    asked = [held[number] for number in question_ids if number in held]
    lock_row(session, statement)
    if statement.state != StatementState.ACTIVE:
        return 0
    concerned = [one for one in asked if _concerns(one, statement)]
    noted = statements.note_told_all(session, statement, concerned, now)
    now_told = [one for one in concerned if one.id in noted]
    if not now_told:
        return 0
    texts = [(one, statement.text_for(one.language)) for one in now_told]
    answers = answering.say_all(session, texts, now, kind=AnswerKind.STATEMENT, said=TurnKind.ANSWER)
    given = [(one, answer.id) for one, answer in zip(now_told, answers, strict=True) if answer is not None]
    statements.told_all(session, {noted[one.id]: answer for one, answer in given})
    without = [one for one, _ in given if one.state not in WITH_ANSWER]
    offers.end_of_questions(session, [one.id for one in without], OfferState.WITHDRAWN, now)
    questions.move_all(session, [(one, None) for one in without], Event.ANSWER_STORED)
    changes.append(session, ChangeKind.WORK, 0, now, questions=[one.id for one in asked])
    return len(now_told)


def _concerns(question: QuestionRow, statement: StatementRow) -> bool:
    """Whether it is still to be said there, as things stand by now."""
    if question.state in (QuestionState.WITHDRAWN, QuestionState.JOINED) or not question.customer_id:
        return False
    if question.unasked:
        return False
    by_matter = statement.kind == StatementKind.STATEMENT or statement.audience == StatementAudience.ASKED
    if (by_matter or statement.kind in ENDS_CAMPAIGN) and question.matter_id != statement.matter_id:
        return False
    has_answer = question.state in (*WITH_ANSWER, QuestionState.ANSWERING)
    return statement.kind != StatementKind.STATEMENT or not has_answer


def end_told(session: Session, statement: StatementRow, now: datetime) -> None:
    """Everybody has been told that it is settled, or how it goes on: nobody else is."""
    lock_row(session, statement)
    if statement.kind != StatementKind.STATEMENT and statement.state == StatementState.ACTIVE:
        statement.state = StatementState.ENDED
        changes.append(session, ChangeKind.WORK, 0, now)
