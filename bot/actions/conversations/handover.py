"""A question goes from one employee to another: somebody takes, passes or refers it, or has no time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from bot.actions.rules import Rules
from bot.actions.undecidable import NotAsGiven, Undecidable
from bot.states import ChangeKind
from bot.store import changes, rows
from bot.store.conversations import notices, offers, questions
from bot.store.engine import Session
from bot.store.people import staff
from bot.store.people.identities import may_answer
from bot.store.row_locks import lock_row, locked_row, supersede
from bot.store.tables.conversations import OfferRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.ladder.policy import Policy
from routing.model.domain import (
    ROUTED,
    WITHOUT_ANSWER,
    OfferState,
    Outcome,
    QuestionState,
    Reason,
)
from routing.model.lifecycle import Event
from routing.model.phrases import phrase, phrases

REFERRED_LASTS = timedelta(hours=1)
"""How long somebody has for a question that a colleague referred to them, at the least."""


def decline(session: Session, offer: OfferRow, state: OfferState, now: datetime) -> bool:
    """Somebody passes or refers: when nobody else is being asked, the ladder moves on at once.

    False when the offer is over by then, so that there is nothing to decline.
    """
    question = locked_row(session, QuestionRow, offer.question_id)
    if not offers.end(session, offer, state, now) or question is None:
        return False
    changes.append(
        session,
        ChangeKind.OUTCOME,
        offer.question_id,
        now,
        outcome=Outcome.PASSED,
        employee=offer.employee_id,
    )
    if not offers.is_open(session, offer.question_id):
        questions.look_at_once(session, question, now)
    return True


def claim(
    session: Session, question: QuestionRow, employee: EmployeeRow, policy: Policy, now: datetime
) -> OfferRow:
    """Somebody takes a question for themself, for a while; the others' offers rest until that is over.

    It ends as an offer does: by an answer, by passing, by time. What presses goes on as before: others are
    asked as well. Whoever has it keeps it until the moment that was said first.

    Raises Undecidable where there is nothing to take, and with who was first.
    """
    lock_row(session, question)
    if question.state not in WITHOUT_ANSWER:
        raise Undecidable(phrase("This question does not wait for an answer any more."))
    if not may_answer(employee):
        raise Undecidable(phrase("%(name)s cannot take questions at the moment.", name=employee.name))
    has_it = _standing_claim(session, question, now)
    if has_it is not None and has_it.employee_id == employee.id:
        return has_it
    if has_it is not None:
        raise Undecidable(_was_first(rows.one(session, EmployeeRow, has_it.employee_id), has_it, now))
    until = now + policy.claim
    why = Reason("claimed", phrase("you took it"), 1.0)
    offer = offers.put(session, question, employee.id, until=until, reasons=[why], now=now, claimed=True)
    _have_alone(session, question, offer, policy, now)
    changes.append(session, ChangeKind.WORK, question.id, now)
    return offer


def take_along(
    session: Session, question: QuestionRow, moved: Sequence[OfferRow], policy: Policy, now: datetime
) -> None:
    """Offers of what has become part of this question, and are over there, go on here; it is held.

    Whoever has taken this question for themself has all of it; else whoever had taken the other one. Who has
    not been told yet is told of this one.
    """
    has_it = _standing_claim(session, question, now)
    if has_it is not None:
        has_it.round = question.round
    for offer in moved:
        if has_it is not None and has_it.employee_id == offer.employee_id:
            continue
        is_new = not offers.of_round(session, question.id, [offer.employee_id], question.round)
        takes = has_it is None and offer.claimed and offer.expires_at > now
        until = offer.expires_at + (now - (offer.rested_at or now))
        put = offers.put(
            session, question, offer.employee_id, until=until, reasons=offer.why, now=now, claimed=takes
        )
        has_it = put if takes else has_it
        if is_new:
            notices.follow(session, offer, put)
    if has_it is not None:
        _have_alone(session, question, has_it, policy, now)


def _have_alone(
    session: Session, question: QuestionRow, offer: OfferRow, policy: Policy, now: datetime
) -> None:
    """The others' offers rest, save where it presses, and the ladder waits."""
    presses = question.priority >= policy.hurried_from
    if not presses:
        offers.rest(session, question.id, now, but=offer.employee_id)
    if question.state in ROUTED:
        _wait_for(session, question, offer.expires_at, presses=presses)


def _standing_claim(session: Session, question: QuestionRow, now: datetime) -> OfferRow | None:
    """The offer of whoever has it for themself right now; one whose time is over ends here at the latest."""
    claimed = offers.claim_of(session, question.id)
    if claimed is None or claimed.expires_at > now:
        return claimed
    offers.end(session, claimed, OfferState.EXPIRED, now)
    return None


def _wait_for(session: Session, question: QuestionRow, until: datetime, *, presses: bool) -> None:
    """The ladder looks again when a claim is over, and at what presses when it would have anyway.

    For how long its customer has waited stays as it is, so that nobody in charge loses sight of it.
    """
    due_at, waits_since = question.due_at if presses else until, question.waits_since
    if question.state == QuestionState.OPEN:
        questions.move(session, question, Event.OFFERED, due_at=due_at)
    supersede(session, question, due_at=due_at, waits_since=waits_since if presses else None)


def _was_first(first: EmployeeRow, has_it: OfferRow, now: datetime) -> str:
    minutes = max(1, ceil((has_it.expires_at - now) / timedelta(minutes=1)))
    return phrases(
        "%(name)s was first and has it for %(number)s more minute. An answer of yours counts all the same.",
        "%(name)s was first and has it for %(number)s more minutes. An answer of yours counts all the same.",
        minutes,
        name=first.name,
    )


def refer(
    session: Session,
    rules: Rules,
    question: QuestionRow,
    giver: EmployeeRow,
    taker: EmployeeRow,
    now: datetime,
) -> OfferRow:
    """As ``put_before``; the colleague is told, unless they are being asked already.

    Raises Undecidable, and NotAsGiven when the colleague cannot take it.
    """
    lock_row(session, question)
    is_asked = any(
        one.state == OfferState.RESTING or (one.state == OfferState.OPEN and one.expires_at > now)
        for one in offers.of_round(session, question.id, [taker.id], question.round)
    )
    offer = put_before(session, question, giver, taker, now)
    if rules.personal_channels and not is_asked:
        notices.queue_offer_again(session, offer, rules.personal_channels, now, rules.gather_notices)
    return offer


def put_before(
    session: Session,
    question: QuestionRow,
    giver: EmployeeRow,
    taker: EmployeeRow,
    now: datetime,
) -> OfferRow:
    """Put a question in front of a colleague instead; the giver's own offer, if any, ends.

    Raises Undecidable, and NotAsGiven when the colleague cannot take it.
    """
    lock_row(session, question)
    if question.state not in WITHOUT_ANSWER:
        raise Undecidable(phrase("This question does not wait for an answer any more."))
    if not may_answer(taker) or taker.id == giver.id:
        raise NotAsGiven(phrase("%(name)s cannot take questions at the moment.", name=taker.name))
    has_it = _standing_claim(session, question, now)
    if has_it is not None and has_it.employee_id == taker.id:
        return has_it
    own = offers.of_round(session, question.id, [giver.id], question.round)
    last = own[0].expires_at if own else now
    why = Reason("referred", phrase("%(name)s thinks that you know this", name=giver.name), 1.0)
    until = max(last, now + REFERRED_LASTS)
    offer = offers.put(session, question, taker.id, until=until, reasons=[why], now=now)
    if own:
        decline(session, own[0], OfferState.REFERRED, now)
    if question.state in ROUTED:
        due_at = max(question.due_at or offer.expires_at, offer.expires_at)
        questions.move(session, question, Event.OFFERED, due_at=due_at)
    changes.append(session, ChangeKind.WORK, question.id, now)
    return offer


def colleague_named(session: Session, named: str) -> EmployeeRow:
    """The colleague whom somebody means: by a mail address or by the whole name.

    Raises NotAsGiven.
    """
    if "@" in named:
        found = [one for one in [staff.by_email(session, named)] if one is not None]
    else:
        found = list(staff.called(session, named))
    if not found:
        why = phrase("Nobody here is called %(name)s: type the whole name, or the mail address.", name=named)
        raise NotAsGiven(why)
    if len(found) > 1:
        why = phrase("Several people are called %(name)s: type the mail address.", name=named)
        raise NotAsGiven(why)
    return found[0]


def release_offers(session: Session, employee_id: int, now: datetime) -> None:
    """Somebody's open offers end; a question nobody else is being asked about goes on at once."""
    asked = questions.held_all(session, offers.asked_of(session, employee_id))
    offers.end_of_employee(session, employee_id, OfferState.WITHDRAWN, now)
    if asked:
        changes.append(session, ChangeKind.WORK, 0, now, questions=[question.id for question in asked])
    for question in asked:
        if not offers.is_open(session, question.id):
            questions.look_at_once(session, question, now)
