"""Notices in the outbox: who is to hear of what, and what has become of it.

A notice holds no words, only what it is about: it is composed when it is sent, from what is true by then.
It stays ``ready`` under its lease while it is sent and counts, before the first byte, that it may have gone
out; it is never read back, so it is no matter for ``settle``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from sqlalchemy import func, or_, update
from sqlmodel import Session, col, select

from bot.channels.alarms import Alarm
from bot.channels.messages import AnswerOutcome, Offered
from bot.posts import Visibility
from bot.roles import Permission, roles_with
from bot.states import ON_ITS_WAY, AnswerState, DeliveryKind, DeliveryState
from bot.store.claim import LostLease, claim
from bot.store.queries.waits import Waits, which_wait
from bot.store.running import cursors
from bot.store.tables.columns import among
from bot.store.tables.conversations import AnswerRow, DeliveryRow, OfferRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from bot.store.tables.values import Notice
from routing.model.domain import ROUTED, EmployeeState, OfferState

_TOLD = {
    Alarm.QUESTIONS: (Waits.QUESTION, Waits.FAILED_QUESTION),
    Alarm.ANSWERS: (Waits.ANSWER,),
    Alarm.CHALLENGES: (Waits.CHALLENGE,),
    Alarm.POSTS: (Waits.POST,),
    Alarm.DELIVERIES: (Waits.UNKNOWN, Waits.REFUSED, Waits.FAILED_MESSAGE),
    Alarm.CONNECTIONS: (Waits.CONNECTION,),
    Alarm.SURGES: (Waits.SURGE,),
    Alarm.GOALS: (Waits.GOAL,),
    Alarm.ANNOUNCEMENTS: (Waits.ANNOUNCEMENT,),
    Alarm.HOOKS: (Waits.ENDPOINT,),
    Alarm.CAMPAIGNS: (Waits.CAMPAIGN,),
    Alarm.NEWCOMERS: (Waits.NEWCOMER,),
    Alarm.TEXTS: (Waits.TEXT,),
    Alarm.TOKENS: (Waits.TOKEN,),
    Alarm.SCORES: (Waits.SCORE,),
}
"""What one kind of notice is about; what is not here is seen at the overview alone."""
_HEARS = {
    Alarm.HOOKS: Permission.MANAGE_HOOKS,
    Alarm.TOKENS: Permission.MANAGE_HOOKS,
    Alarm.NEWCOMERS: Permission.MANAGE_PEOPLE,
    Alarm.TEXTS: Permission.MANAGE_TEXTS,
}
"""What one must be permitted to hear of a kind; of every other, to decide."""
_MOST_TOLD = 1000


def queue_offers(
    session: Session, offers: Sequence[OfferRow], channels: Sequence[str], now: datetime, gather: timedelta
) -> None:
    """A notice for each new offer; those to one person within ``gather`` are due at the same moment."""
    waiting = _waiting(session, now)
    for offer, channel in product(offers, channels):
        row = _notice(channel, f"offer:{offer.id}", offer.employee_id, now, question_id=offer.question_id)
        row.offer_id, row.due_at = offer.id, waiting.setdefault(offer.employee_id, now + gather)
        session.add(row)
    session.flush()


def queue_offer_again(
    session: Session, offer: OfferRow, channels: Sequence[str], now: datetime, gather: timedelta
) -> None:
    """As ``queue_offers`` for one that may have been told of before: where no notice of it is on its way."""
    on_its_way = select(DeliveryRow.id).where(
        *_ours(), DeliveryRow.question_id == offer.question_id, DeliveryRow.offer_id == offer.id
    )
    if session.exec(on_its_way.limit(1)).first() is not None:
        return
    due_at = _waiting(session, now).get(offer.employee_id, now + gather)
    for channel in channels:
        key = f"offer:{offer.id}:{_moment(now)}"
        row = _notice(channel, key, offer.employee_id, now, question_id=offer.question_id)
        row.offer_id, row.due_at = offer.id, due_at
        session.add(row)
    session.flush()


def follow(session: Session, over: OfferRow, to: OfferRow) -> None:
    """Whoever has not been told yet of an offer that is over is told of the one in its place."""
    session.execute(
        update(DeliveryRow)
        .where(*_ours(), col(DeliveryRow.question_id) == over.question_id, DeliveryRow.offer_id == over.id)  # type: ignore[arg-type]
        .values(offer_id=to.id, question_id=to.question_id)
    )


def queue_answer(session: Session, answer: AnswerRow, channels: Sequence[str], now: datetime) -> None:
    """A notice to the author of an answer that did not go out."""
    key, told = f"answer:{answer.id}:{_moment(now)}", Notice(answer=answer.id)
    session.add_all(
        _notice(channel, key, answer.employee_id, now, told, answer.question_id) for channel in channels
    )
    session.flush()


def queue_given(
    session: Session, key: str, people: Sequence[int], channels: Sequence[str], now: datetime
) -> None:
    """A notice to each of these people that a line of the board is theirs to look after."""
    _queue(session, f"given:{key}", Notice(given=key), people, channels, now)


def queue_note(
    session: Session, about: tuple[int, int], people: Sequence[int], channels: Sequence[str], now: datetime
) -> None:
    """A notice to each of these people of a colleague's note; ``about`` has its number and the question's."""
    note_id, question_id = about
    _queue(session, f"note:{note_id}", Notice(note=note_id), people, channels, now, question_id)


def queue_challenge(
    session: Session, about: tuple[int, int], employee_id: int, channels: Sequence[str], now: datetime
) -> None:
    """A notice of what became of a challenge; ``about`` has its number and that of the question."""
    challenge_id, question_id = about
    told = Notice(challenge=challenge_id)
    _queue(session, f"challenge:{challenge_id}", told, [employee_id], channels, now, question_id)


def _queue(
    session: Session,
    key: str,
    told: Notice,
    people: Sequence[int],
    channels: Sequence[str],
    now: datetime,
    question_id: int | None = None,
) -> None:
    session.add_all(
        _notice(channel, f"{key}:{person}:{_moment(now)}", person, now, told, question_id)
        for channel, person in product(channels, people)
    )
    session.flush()


def _notice(
    channel: str,
    key: str,
    employee_id: int | None,
    now: datetime,
    told: Notice | None = None,
    question_id: int | None = None,
) -> DeliveryRow:
    """A notice that is due, to somebody or (None) to the team; the outbox takes one for each ``key``."""
    row = DeliveryRow(
        kind=DeliveryKind.NOTICE,
        platform=channel,
        key=f"notice:{channel}:{key}",
        question_id=question_id,
        employee_id=employee_id,
        created_at=now,
        due_at=now,
    )
    if told is not None:
        row.payload = told.stored()
    return row


def _moment(now: datetime) -> int:
    """In milliseconds: what is in a key may be told of once more later."""
    return int(now.timestamp() * 1000)


def not_out(session: Session, rows: Sequence[DeliveryRow]) -> dict[int, AnswerOutcome]:
    """What notices about answers tell, by their id: only where the answer still does not go out.

    Or is corrected: then it has a reason although it is out.
    """
    about = {row.id: row.tells.answer for row in rows}
    found = session.exec(
        select(AnswerRow).where(
            col(AnswerRow.id).in_(about.values()),
            or_(col(AnswerRow.state).not_in(ON_ITS_WAY), col(AnswerRow.held_for).is_not(None)),
        )
    ).all()
    outcomes = {
        answer.id: AnswerOutcome(
            answer.question_id,
            answer.state == AnswerState.HELD,
            answer.held_for or "",
            was_out=answer.state == AnswerState.RETRACTED,
            is_corrected=answer.state in (AnswerState.PUBLISHED, AnswerState.CORRECTED),
        )
        for answer in found
    }
    return {notice: outcomes[answer] for notice, answer in about.items() if answer in outcomes}


def _waiting(session: Session, now: datetime) -> dict[int, datetime]:
    """By person, when the message goes out that is being gathered for them.

    Asks for all that is still to come, which is little, rather than for all that these people ever got.
    """
    rows = session.exec(
        select(DeliveryRow.employee_id, DeliveryRow.due_at).where(
            DeliveryRow.state == DeliveryState.READY,
            col(DeliveryRow.due_at) > now,
            DeliveryRow.kind == DeliveryKind.NOTICE,
            DeliveryRow.attempts == 0,
            col(DeliveryRow.offer_id).is_not(None),
            col(DeliveryRow.last_error).is_(None),
            col(DeliveryRow.lease_until).is_(None),
        )
    ).all()
    return {person: due_at for person, due_at in rows if person is not None and due_at is not None}


def any_due(session: Session, now: datetime) -> bool:
    """Whether there is a notice to send or to put away."""
    found = session.exec(select(DeliveryRow.id).where(*_ours(), DeliveryRow.due_at <= now).limit(1)).first()  # type: ignore[operator]
    return found is not None


def claim_due(
    session: Session, *, now: datetime, owner: str, lease: timedelta, limit: int
) -> list[DeliveryRow]:
    """Take due notices, also of channels that are set up no more: the step puts those away.

    Those from a restored backup are put away here: what they were about is long over.
    """
    session.execute(
        update(DeliveryRow)
        .where(*_ours(), col(DeliveryRow.state) == DeliveryState.UNKNOWN)
        .values(
            state=DeliveryState.WITHDRAWN,
            reason="It comes from a backup.",
            due_at=None,
            lease_until=None,
            fence=DeliveryRow.fence + 1,
        )
        .execution_options(synchronize_session=False)
    )
    return claim(
        session,
        DeliveryRow,
        [DeliveryState.READY],
        now=now,
        lease=lease,
        owner=owner,
        limit=limit,
        where=[col(DeliveryRow.kind) == DeliveryKind.NOTICE],
    )


def _ours() -> tuple[Any, ...]:
    return (
        col(DeliveryRow.state).in_((DeliveryState.READY, DeliveryState.UNKNOWN)),
        col(DeliveryRow.kind) == DeliveryKind.NOTICE,
    )


def begin(session: Session, rows: Sequence[DeliveryRow], now: datetime) -> None:
    """From here on these may have gone out. Raises LostLease when another worker has one of them."""
    for row in rows:
        done = session.execute(
            update(DeliveryRow)
            .where(
                col(DeliveryRow.id) == row.id,
                col(DeliveryRow.fence) == row.fence,
                col(DeliveryRow.lease_until).is_not(None),
            )
            .values(
                attempts=DeliveryRow.attempts + 1,
                first_sent_at=func.coalesce(col(DeliveryRow.first_sent_at), now),
            )
            .returning(col(DeliveryRow.attempts))
            .execution_options(synchronize_session=False)
        ).first()
        if done is None:
            raise LostLease(f"notice {row.id} was taken over")
        row.attempts = done[0]


def still_offered(
    session: Session, rows: Sequence[DeliveryRow], now: datetime
) -> tuple[dict[int, Offered], set[int]]:
    """What notices are about, by their id, where somebody is still being asked; and those that rest."""
    found = session.exec(
        select(OfferRow, QuestionRow, PostRow.visibility)
        .join(QuestionRow, col(QuestionRow.id) == OfferRow.question_id)
        .outerjoin(PostRow, col(PostRow.id) == QuestionRow.post_id)
        .where(
            col(OfferRow.id).in_([row.offer_id for row in rows]),
            or_(among(OfferRow.state, OfferState.RESTING), col(OfferRow.expires_at) > now),
            among(OfferRow.state, OfferState.OPEN, OfferState.RESTING),
            col(QuestionRow.state).in_(ROUTED),
        )
    ).all()
    by_offer = {
        offer.id: Offered(
            question_id=offer.question_id,
            text=question.text,
            is_private=not Visibility.least(visibility).is_public,
            is_unasked=question.unasked,
            platform=question.platform,
            reasons=tuple(reason.text for reason in offer.why),
            expires_at=offer.expires_at,
        )
        for offer, question, visibility in found
    }
    resting = {offer.id for offer, _, _ in found if offer.state == OfferState.RESTING}
    living = {row.id: row.offer_id for row in rows if row.offer_id in by_offer}
    told = {number: by_offer[offer] for number, offer in living.items() if offer not in resting}
    return told, living.keys() - told.keys()


def standing(session: Session, now: datetime) -> dict[Alarm, list[str]]:
    """What waits for people in charge and is told them: ids by kind of notice, the latest first."""
    return {alarm: which_wait(session, kinds, now, _MOST_TOLD) for alarm, kinds in _TOLD.items()}


def in_charge(session: Session, kind: Alarm) -> Sequence[int]:
    """The ids of those who hear of a kind of thing that waits: they can settle it."""
    roles = roles_with(_HEARS.get(kind, Permission.DECIDE))
    return session.exec(
        select(EmployeeRow.id).where(
            col(EmployeeRow.role).in_(roles), EmployeeRow.state != EmployeeState.LEFT
        )
    ).all()


def queue_alarm(
    session: Session,
    kind: Alarm,
    ids: Sequence[str],
    channel: str,
    employee_id: int | None,
    now: datetime,
    department: int | None = None,
) -> None:
    """A notice about what waits, to somebody in charge (of a ``department``) or (None) to the team."""
    about = kind if department is None else f"{kind}:{department}"
    told = Notice(alarm=kind, ids=tuple(ids), department=department)
    session.add(_notice(channel, f"{about}:{employee_id or 0}:{_moment(now)}", employee_id, now, told))


def still_standing(
    session: Session, rows: Sequence[DeliveryRow], now: datetime
) -> Mapping[Alarm, Sequence[str]]:
    """What notices to people in charge are about, without what has been settled since."""
    current = standing(session, now)
    wanted: dict[Alarm, set[str]] = {}
    for row in rows:
        told = row.tells
        if told.alarm is not None:
            wanted.setdefault(Alarm(told.alarm), set()).update(told.ids)
    return {kind: [one for one in current[kind] if one in ids] for kind, ids in wanted.items()}


@dataclass(frozen=True, slots=True)
class LastAlarm:
    """What people in charge were told last of one kind of thing, and when; None: nothing so far."""

    ids: frozenset[str] = frozenset()
    at: datetime | None = None


def last_alarm(session: Session, kind: str) -> LastAlarm:
    """What people in charge know of by now; ``kind`` is an ``Alarm``, or names what else is told like one."""
    value = cursors.at(session, f"alarm:{kind}")
    if not value:
        return LastAlarm()
    known = json.loads(value)
    return LastAlarm(frozenset(known["ids"]), datetime.fromisoformat(known["at"]))


def note_alarm(session: Session, kind: str, ids: Sequence[str], at: datetime) -> None:
    """Note what people in charge have been told."""
    cursors.move(session, f"alarm:{kind}", json.dumps({"ids": list(ids), "at": at.isoformat()}), at)
