"""What an attempt to send a message means: for the message, its answer, its question and the archive.

One transaction with it, in which the message's question is held. First what the message is from now on, under
its fence; then what follows from that.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.actions.announce.corrected import put_right
from bot.actions.announce.progress import follow
from bot.actions.conversations.audience import Audience
from bot.actions.conversations.deletion import hear
from bot.actions.conversations.reuse import count_again
from bot.actions.conversations.tell import tell_author, tell_held
from bot.actions.conversations.visibility import archive_all
from bot.actions.conversations.withdraw import keep_from_public
from bot.actions.deliveries.last_look import Look, Turn, Unheard
from bot.actions.dialogue.accept import weigh_in
from bot.actions.rules import Rules
from bot.actions.taking_back.corrected import take_places
from bot.actions.taking_back.take_down import take_down
from bot.posts import Ambiguous, Published, Reconnect, Rejected, Retry
from bot.states import (
    BESIDE,
    NO_ANSWER,
    AnswerKind,
    AnswerState,
    ChangeKind,
    ConnectionState,
    DeliveryCode,
    DeliveryState,
    HookEvent,
)
from bot.store import changes
from bot.store.claim import finish
from bot.store.conversations import answers, deliveries, questions
from bot.store.conversations.publications import locked_publication, locked_publications, taken_back
from bot.store.engine import Session
from bot.store.hooks.outbox import tell
from bot.store.house import connections
from bot.store.tables.columns import LONGEST_REASON
from bot.store.tables.conversations import AnswerRow, DeliveryRow, QuestionRow
from routing.model.domain import WITHOUT_ANSWER, QuestionState
from routing.model.lifecycle import Event

SendOutcome = Published | Look | Unheard | Exception
"""What came of an attempt: it is out, it was kept in, or what was raised instead."""

_LATER = timedelta(seconds=2)
RECONNECT_PAUSE = timedelta(minutes=5)
"""How often what waits for the brand's account to be connected again is tried."""
_LONGEST_BACKOFF = 900.0
_EARLIER = "An earlier part was refused."
_RECONNECT = "The brand's account has to be connected again."


def note(
    session: Session, rules: Rules, row: DeliveryRow, outcome: SendOutcome, now: datetime, *, jitter: float
) -> None:
    """Note what came of an attempt to send. ``jitter``, 0 to 1, spreads what is tried again.

    Raises LostLease where the message is somebody else's by now.
    """
    if isinstance(outcome, Published):
        sent(session, row, outcome, now)
        return
    columns = _kept_in(row, outcome, now) or _not_taken(row, outcome, rules, now, jitter)
    finish(session, row, **columns)
    if columns["state"] == DeliveryState.UNKNOWN:
        tell(session, HookEvent.DELIVERY_UNKNOWN, row.id)
    if isinstance(outcome, Retry) and outcome.at is not None:
        deliveries.postpone_platform(session, row.platform, outcome.at)
    if isinstance(outcome, Reconnect):
        waits = {"code": columns["code"], "reason": columns["reason"]}
        deliveries.postpone_platform(session, row.platform, columns["due_at"], **waits)
        connections.mark(session, row.platform, ConnectionState.RECONNECT, str(outcome), now)
    if columns["state"] in (DeliveryState.READY, DeliveryState.UNKNOWN):
        follow(session, [row], now)
        return
    why = str(columns["reason"])
    deliveries.stop_rest(session, row, _EARLIER if columns["state"] == DeliveryState.REJECTED else why)
    if isinstance(outcome, Unheard):
        hear(session, row.platform, outcome.external_id, outcome.visibility, now, why)
    follow(session, [row], now)
    publication = locked_publication(session, row)
    if publication is None:
        return
    question, answer = publication
    if columns["state"] == DeliveryState.WITHDRAWN:
        _stay_in(session, question, answer, why, now, waits="first_sent_at" in columns)
    else:
        _fail(session, question, answer, why, now)
    tell_author(session, rules, answer, now)


def sent(session: Session, row: DeliveryRow, published: Published, now: datetime) -> None:
    """The platform has it. With the last part the answer is public, the question answered, the entry there.

    Raises LostLease where the message is somebody else's by now.
    """
    sent_all(session, [(row, published)], now)


def sent_all(session: Session, messages: Sequence[tuple[DeliveryRow, Published]], now: datetime) -> None:
    """As ``sent`` of each of these, all or none. No two may be about the same question.

    What was taken back while it was on its way is taken down again.

    Raises LostLease where one is somebody else's by now.
    """
    following = deliveries.sent_all(session, messages, now)
    whole = [one for one, next_part in zip(messages, following, strict=True) if next_part is None]
    publications = locked_publications(session, [row for row, _ in whole])
    first = deliveries.first_parts(session, [row for row, _ in whole])
    out: list[tuple[QuestionRow, AnswerRow, str | None]] = []
    for (row, published), publication in zip(whole, publications, strict=True):
        if publication is None:
            continue
        question, answer = publication
        url = published.url if not row.part else first[answer.id].url
        if answer.kind in NO_ANSWER:  # nobody's answer, so nothing to archive or to learn from
            answer.state, answer.published_at, answer.url = AnswerState.POINTED, now, url
            changes.append(session, ChangeKind.WORK, question.id, now)
        else:
            out.append((question, answer, url))
    _public(session, out, now)
    follow(session, [row for row, _ in messages], now)
    put_right(session, [row for row, _ in messages], now)
    take_down(session, taken_back(session, [row for row, _ in messages]), now)


def _public(
    session: Session, out: Sequence[tuple[QuestionRow, AnswerRow, str | None]], now: datetime
) -> None:
    """These answers are out: their questions are answered, and the archive has them.

    One that only asks back solves nothing: its question waits for the customer, the archive for an answer.
    """
    if not out:
        return
    take_places(session, [answer for _, answer, _ in out], now)
    weigh_in(session, [answer for _, answer, _ in out])
    answers.publish_all(session, [(answer, url) for _, answer, url in out], now)
    asked = [(question, answer) for question, answer, _ in out if question.state != QuestionState.WITHDRAWN]
    solved = [(question, answer) for question, answer in asked if not answer.asks_back]
    questions.answered_all(session, [(question, _due(question)) for question, _ in solved], now)
    told = [pair for pair in solved if pair[1].kind != AnswerKind.STATEMENT]  # one page tells it to all
    archive_all(session, [pair for pair in told if not count_again(session, pair[1], now)], now)
    for question, answer in asked:
        if answer.asks_back:
            questions.ask_back(session, question, answer.employee_id, now, due_at=_due(question))


def failed(session: Session, row: DeliveryRow, why: str, now: datetime) -> None:
    """A part will not go out: the rest stays in, and the question goes to a person in charge."""
    deliveries.stop_rest(session, row, why)
    follow(session, [row], now)
    publication = locked_publication(session, row)
    if publication is not None:
        _fail(session, *publication, why, now)


def undecided(session: Session, row: DeliveryRow, why: str) -> None:
    """Nobody can tell whether a part went out: a person in charge finds out and decides about the message."""
    publication = locked_publication(session, row)
    if publication is not None and publication[1].kind not in BESIDE:
        _to_person(session, publication[0], why)


def _fail(session: Session, question: QuestionRow, answer: AnswerRow, why: str, now: datetime) -> None:
    answer.state, answer.held_for = AnswerState.FAILED, why
    changes.append(session, ChangeKind.WORK, question.id, now)
    if answer.kind not in BESIDE:
        _to_person(session, question, why)


def _to_person(session: Session, question: QuestionRow, why: str) -> None:
    if question.state != QuestionState.WITHDRAWN:
        questions.move(session, question, Event.PUBLICATION_FAILED, due_at=_due(question))
        question.note = why


def _stay_in(
    session: Session, question: QuestionRow, answer: AnswerRow, why: str, now: datetime, *, waits: bool
) -> None:
    """A message was kept in at the last look: its answer waits for its author, or is withdrawn.

    It can only wait where nothing of it may be out. What is said beside a question never waits.
    """
    if answer.kind in BESIDE:
        answer.state, answer.held_for = AnswerState.WITHDRAWN, why
        return
    answer.state, answer.held_for = AnswerState.HELD if waits else AnswerState.WITHDRAWN, why
    if waits:
        tell_held(session, [answer])
        deliveries.discard(session, answer.id)  # the words are nobody else's to see
    changes.append(session, ChangeKind.WORK, question.id, now)
    if question.state != QuestionState.WITHDRAWN:
        question.note = question.note if waits else why
        questions.move(session, question, Event.ANSWER_DROPPED, due_at=now)
    if not Audience.of(session, question).asked.is_public:
        keep_from_public(session, question, now)


def _due(question: QuestionRow) -> datetime | None:
    """One that was opened again since, or waits for the customer, is looked at as it would have been."""
    waits = question.state in (*WITHOUT_ANSWER, QuestionState.ASKED_BACK)
    return question.due_at if waits else None


def _kept_in(row: DeliveryRow, outcome: SendOutcome, now: datetime) -> dict[str, Any] | None:
    """The columns of a message of which nothing went out because of a look before; None of any other."""
    back = {
        "state": DeliveryState.READY,
        "attempts": row.attempts - 1,
        "first_sent_at": row.first_sent_at if row.attempts > 1 else None,
    }
    match outcome:
        case Look(turn=Turn.PAUSED):
            return {**back, "due_at": row.due_at}
        case Look(turn=Turn.LATER):
            return {**back, "due_at": now + _LATER}
        case Look(turn=Turn.EARLY):
            return {**back, "due_at": outcome.at}
        case Look(turn=Turn.QUIETER):
            quieter = replace(row.sends, visibility=outcome.visibility)
            return {**back, "due_at": now, "payload": quieter.stored()}
        case Look() | Unheard():
            stays = {"state": DeliveryState.WITHDRAWN, "reason": outcome.why, "due_at": None}
            # As if it had never been tried: the answer can be composed anew.
            return {**stays, "first_sent_at": None} if outcome.holds and _is_untouched(row) else stays
    return None


def _is_untouched(row: DeliveryRow) -> bool:
    """Whether nothing of the answer may be out: this was the first attempt to send its first part."""
    return not row.part and row.attempts <= 1


def _not_taken(
    row: DeliveryRow, outcome: SendOutcome, rules: Rules, now: datetime, jitter: float
) -> dict[str, Any]:
    """The columns of a message that the platform did not take, or may not have."""
    why = str(outcome)
    match outcome:
        case Rejected():
            return {
                "state": DeliveryState.REJECTED,
                "reason": why,
                "code": outcome.code,
                "link": outcome.link,
                "cost_micros": 0,
                "last_error": why,
                "due_at": None,
            }
        case Retry(at=None) if row.attempts >= rules.attempts * 3:
            return {"state": DeliveryState.QUARANTINED, "reason": why, "due_at": None}
        case Retry():  # certainly not accepted: later, not before the platform says, never all at once
            backoff = timedelta(seconds=min(2.0 ** min(row.attempts, 12), _LONGEST_BACKOFF))
            due_at = max(outcome.at or now, now) + backoff * (0.5 + jitter / 2)
            return {"state": DeliveryState.READY, "due_at": due_at, "last_error": why[:LONGEST_REASON]}
        case Reconnect():
            return {
                "state": DeliveryState.READY,
                "due_at": now + RECONNECT_PAUSE,
                "attempts": row.attempts - 1,
                "last_error": why[:LONGEST_REASON],
                "code": DeliveryCode.NO_ACCOUNT,
                "reason": _RECONNECT,
            }
    if not isinstance(outcome, Ambiguous):
        why = f"{type(outcome).__name__}: {why}"
    return {
        "state": DeliveryState.UNKNOWN,
        "reason": "The platform may have it already: it is being looked up.",
        "last_error": (why if isinstance(outcome, Ambiguous) else f"{type(outcome).__name__}: {why}")[
            :LONGEST_REASON
        ],
        "due_at": now,
    }
