"""The outbox: what goes out, in which state each message is, and who is sending it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, or_, update
from sqlmodel import Session, col, select

from bot.posts import Outgoing, Published, Visibility
from bot.states import NOT_STARTED, ChangeKind, DeliveryCode, DeliveryKind, DeliveryState, HookEvent
from bot.store import changes
from bot.store.claim import claim, finish_all
from bot.store.conversations.threads import roots_of
from bot.store.engine import Database
from bot.store.hooks.outbox import tell
from bot.store.row_locks import locked_rows
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.columns import table_of
from bot.store.tables.conversations import AnswerRow, DeliveryRow, PostRow, QuestionRow
from bot.store.tables.values import Payload

_NEW = insert(table_of(DeliveryRow))


@dataclass(frozen=True, slots=True)
class Publication:
    """What goes out for an answer: ``parts`` are pairs of key and text, replies to the customer's post.

    All parts are as visible, and behind the same content warning. ``repost`` is the employee's own post where
    that is reposted instead, under the first part's key. ``language`` is that of the words, where it is not
    the question's; ``said_by`` who has the brand say what is nobody's answer.
    """

    answer: AnswerRow
    question: QuestionRow
    target: PostRow | None
    parts: Sequence[tuple[str, str]]
    visibility: Visibility
    warning: str = ""
    repost: PostRow | None = None
    language: str | None = None
    said_by: int | None = None


def queue_all(
    session: Session, publications: Sequence[Publication], *, now: datetime, due_at: datetime
) -> None:
    """Put publications in the outbox."""
    rows = [row for one in publications for row in _parts(one, now, due_at)]
    if rows:
        session.flush()
        session.connection().execute(_NEW, rows)


def _parts(one: Publication, now: datetime, due_at: datetime) -> Iterator[dict[str, Any]]:
    parts = one.parts if one.repost is None else [(one.parts[0][0], "")]
    for number, (key, text) in enumerate(parts):
        first = number == 0
        yield {
            "kind": DeliveryKind.PUBLICATION,
            "platform": one.question.platform,
            "key": key,
            "answer_id": one.answer.id,
            "question_id": one.question.id,
            "employee_id": one.said_by or one.answer.employee_id,
            "part": number,
            "parts": len(parts),
            "payload": Payload(
                text,
                now.isoformat(),
                in_reply_to=one.target.external_id if one.target and first else None,
                refs=one.target.refs if one.target and first else {},
                visibility=one.visibility,
                language=one.language or one.question.language,
                warning=one.warning,
                repost_of=one.repost.external_id if one.repost else None,
            ).stored(),
            "state": DeliveryState.READY if first else DeliveryState.HELD,
            "reason": None if first else "Waits for the part before it.",
            "code": None if first else DeliveryCode.EARLIER_PART,
            "created_at": now,
            "due_at": due_at,
            "refs": {},
            "cost_micros": 0,
        }


def outgoing(row: DeliveryRow) -> Outgoing:
    """What a delivery sends, exactly the same in every attempt. Raises ValueError where nobody can tell."""
    sends = row.sends
    return Outgoing(
        platform=row.platform,
        key=row.key,
        text=sends.text,
        created_at=datetime.fromisoformat(sends.created_at),
        in_reply_to=sends.in_reply_to,
        refs=sends.refs,
        visibility=sends.visibility,
        language=sends.language,
        warning=sends.warning,
        repost_of=sends.repost_of,
    )


def any_ready(session: Session, now: datetime) -> bool:
    """Whether a message is due: asked before claiming, for that is a write, due or not."""
    due = (DeliveryRow.state == DeliveryState.READY, col(DeliveryRow.due_at) <= now)
    return _any(session, *due, col(DeliveryRow.target_id).is_(None))


def any_in_doubt(session: Session, now: datetime) -> bool:
    """Whether a sender has lost its lease, or an unknown outcome is due to be looked up."""
    lapsed = (col(DeliveryRow.state) == DeliveryState.SENDING) & (col(DeliveryRow.lease_until) <= now)
    unknown = (col(DeliveryRow.state) == DeliveryState.UNKNOWN) & (col(DeliveryRow.due_at) <= now)
    return _any(session, lapsed | unknown)


def _any(session: Session, *conditions: Any) -> bool:
    return session.exec(select(DeliveryRow.id).where(*conditions).limit(1)).first() is not None


def claim_ready(
    database: Database,
    *,
    owner: str,
    lease: timedelta,
    sending_time: timedelta,
    limit: int,
    platforms: Sequence[str],
) -> list[DeliveryRow]:
    """Take due messages for sending; ``sending`` is committed when this returns."""
    columns: Any = DeliveryRow
    with database.write() as session:
        now = database.now(session)
        return claim(
            session,
            DeliveryRow,
            [DeliveryState.READY],
            now=now,
            lease=lease,
            owner=owner,
            limit=limit,
            where=[columns.platform.in_(list(platforms)), columns.target_id.is_(None)],
            **sending_values(now, sending_time),
        )


def sending_values(now: datetime, sending_time: timedelta) -> dict[str, Any]:
    """The columns that say, from before the first byte on, that a message may have gone out."""
    columns: Any = DeliveryRow
    return {
        "state": DeliveryState.SENDING,
        "attempts": columns.attempts + 1,
        "deadline_at": now + sending_time,
        "first_sent_at": func.coalesce(columns.first_sent_at, now),
        "absent_at": None,
        "reason": None,
        "code": None,
    }


@contextmanager
def outcome(database: Database, *messages: DeliveryRow) -> Iterator[tuple[Session, datetime]]:
    """A transaction about what became of messages, and its moment.

    Their questions and announcements are held from the start: whoever decides about one waits, or is waited
    for.
    """
    with database.write() as session:
        asked = [one.question_id for one in messages if one.question_id is not None]
        locked_rows(session, QuestionRow, asked)
        announced = [one.announcement_id for one in messages if one.announcement_id is not None]
        roots = roots_of(session, announced)
        locked_rows(session, AnnouncementRow, {*announced, *roots.values()})
        now = database.now(session)
        for one in messages:
            changes.append(session, ChangeKind.WORK, one.question_id or 0, now)
        yield session, now


def claim_unknown(database: Database, *, owner: str, lease: timedelta, limit: int) -> list[DeliveryRow]:
    """Take messages whose outcome nobody knows, to read them back."""
    with database.write() as session:
        return claim(
            session,
            DeliveryRow,
            [DeliveryState.UNKNOWN],
            now=database.now(session),
            lease=lease,
            owner=owner,
            limit=limit,
        )


def lapse(session: Session, now: datetime) -> int:
    """Messages whose sender lost its lease while sending become ``unknown``, never ``ready``."""
    done = session.execute(
        update(DeliveryRow)
        .where(
            col(DeliveryRow.state) == DeliveryState.SENDING,
            col(DeliveryRow.lease_until) <= now,
        )
        .values(
            state=DeliveryState.UNKNOWN,
            reason="The sender stopped midway: nobody knows yet whether it went out.",
            due_at=now,
            lease_until=None,
            owner=None,
            fence=DeliveryRow.fence + 1,
        )
        .returning(col(DeliveryRow.id))
        .execution_options(synchronize_session=False)
    )
    lapsed = [number for (number,) in done.all()]
    for number in lapsed:
        tell(session, HookEvent.DELIVERY_UNKNOWN, number)
    return len(lapsed)


def sent(session: Session, row: DeliveryRow, published: Published, now: datetime) -> DeliveryRow | None:
    """Note that the platform has it; the next part of the thread, now ready to reply to it, is returned."""
    return sent_all(session, [(row, published)], now)[0]


def sent_all(
    session: Session, messages: Sequence[tuple[DeliveryRow, Published]], now: datetime
) -> list[DeliveryRow | None]:
    """As ``sent`` of each of these, all or none: of each the next part, where there is one."""
    values = [
        (
            row,
            {
                "state": DeliveryState.SENT,
                "sent_at": now,
                "external_id": published.external_id,
                "url": published.url,
                "refs": dict(published.refs),
                "due_at": None,
                "reason": None,
                "code": None,
                "last_error": None,
            },
        )
        for row, published in messages
    ]
    finish_all(session, values)
    following = _following(session, [row for row, _ in messages])
    for row, published in messages:
        next_part = following.get(row.id)
        if next_part is not None:
            replying = replace(next_part.sends, in_reply_to=published.external_id, refs=published.refs)
            next_part.payload = replying.stored()
            next_part.state, next_part.code, next_part.reason = DeliveryState.READY, None, None
            next_part.due_at = now
            session.add(next_part)
    return [following.get(row.id) for row, _ in messages]


def _following(session: Session, messages: Sequence[DeliveryRow]) -> dict[int, DeliveryRow]:
    """The parts that wait for these, by their ids."""
    begun = [one for one in messages if one.part + 1 < one.parts]
    before = {(*one.thread, one.part + 1): one.id for one in begun}
    waiting: list[DeliveryRow] = []
    for name in ("answer_id", "announcement_id"):
        ids = {getattr(one, name) for one in begun} - {None}
        if ids:
            waits = (DeliveryRow.state == DeliveryState.HELD, DeliveryRow.code == DeliveryCode.EARLIER_PART)
            statement = select(DeliveryRow).where(getattr(DeliveryRow, name).in_(ids), *waits)
            waiting += session.exec(statement).all()
    return {before[key]: one for one in waiting if (key := (*one.thread, one.part)) in before}


def first_parts(session: Session, messages: Sequence[DeliveryRow]) -> dict[int, DeliveryRow]:
    """The first parts of these messages' threads, by their answers."""
    first = {one.answer_id: one for one in messages if one.answer_id is not None and not one.part}
    others = {one.answer_id for one in messages if one.answer_id is not None} - first.keys()
    if others:
        rows = session.exec(
            select(DeliveryRow).where(col(DeliveryRow.answer_id).in_(others), DeliveryRow.part == 0),
            execution_options={"populate_existing": True},
        ).all()
        first.update({one.answer_id: one for one in rows if one.answer_id is not None})
    return first


def of_answer(session: Session, answer_id: int) -> list[DeliveryRow]:
    """All parts of an answer's publication, in order."""
    return _in_order(session, [DeliveryRow.answer_id == answer_id])


def of_thread(session: Session, message: DeliveryRow) -> list[DeliveryRow]:
    """All parts of a message's thread, in order; of a notice itself alone."""
    return _in_order(session, _of_thread(message))


def _in_order(session: Session, conditions: Sequence[Any]) -> list[DeliveryRow]:
    statement = select(DeliveryRow).where(*conditions).order_by(col(DeliveryRow.part))
    return list(session.exec(statement, execution_options={"populate_existing": True}).all())


def _of_thread(message: DeliveryRow) -> list[Any]:
    """Of which rows its thread consists. A notice has neither answer nor announcement, and no thread."""
    if message.announcement_id is not None:
        announced = col(DeliveryRow.announcement_id) == message.announcement_id
        return [announced, col(DeliveryRow.platform) == message.platform]
    if message.answer_id is not None:
        return [col(DeliveryRow.answer_id) == message.answer_id]
    return [col(DeliveryRow.id) == message.id]


def hold_back(session: Session, question_id: int, reason: str) -> None:
    """Take the publications of a question that have not been started out of the queue, for good."""
    session.execute(
        update(DeliveryRow)
        .where(
            col(DeliveryRow.question_id) == question_id,
            col(DeliveryRow.kind) == DeliveryKind.PUBLICATION,
            col(DeliveryRow.state).in_(NOT_STARTED),
        )
        .values(state=DeliveryState.WITHDRAWN, reason=reason, lease_until=None, fence=DeliveryRow.fence + 1)
    )


def stop_rest(session: Session, row: DeliveryRow, reason: str) -> None:
    """The parts after one that cannot go out stay in."""
    session.execute(
        update(DeliveryRow)
        .where(
            *_of_thread(row),
            col(DeliveryRow.part) > row.part,
            col(DeliveryRow.state) == DeliveryState.HELD,
        )
        .values(state=DeliveryState.WITHDRAWN, reason=reason)
        .execution_options(synchronize_session=False)
    )


def postpone_platform(
    session: Session,
    platform: str,
    until: datetime,
    *,
    code: DeliveryCode | None = None,
    reason: str | None = None,
) -> None:
    """Nothing is published on this platform before ``until``: one budget, one account for the whole brand.

    What the planner had put off is asked about anew from then on. With ``code`` NO_ACCOUNT it is due earlier
    where ``account_is_back`` says so, and nothing is taken down there until then either.
    """
    without_account = code == DeliveryCode.NO_ACCOUNT
    session.execute(
        update(DeliveryRow)
        .where(
            col(DeliveryRow.platform) == platform,
            col(DeliveryRow.state) == DeliveryState.READY,
            *(() if without_account else (col(DeliveryRow.target_id).is_(None),)),
            or_(col(DeliveryRow.due_at) < until, col(DeliveryRow.code) == DeliveryCode.OVER_BUDGET),
        )
        .values(due_at=until, reason=reason, code=code)
        .execution_options(synchronize_session=False)
    )


def account_is_back(session: Session, platform: str, now: datetime) -> None:
    """What waited for the brand's account is due at once; what the platform put off itself is not."""
    session.execute(
        update(DeliveryRow)
        .where(
            col(DeliveryRow.platform) == platform,
            col(DeliveryRow.state).in_((DeliveryState.READY, DeliveryState.UNKNOWN)),
            col(DeliveryRow.code) == DeliveryCode.NO_ACCOUNT,
            col(DeliveryRow.due_at) > now,
        )
        .values(due_at=now, code=None, reason=None)
        .execution_options(synchronize_session=False)
    )


def counts(session: Session) -> Mapping[str, int]:
    """How many deliveries are in each state."""
    counted = select(col(DeliveryRow.state), func.count()).group_by(col(DeliveryRow.state))
    return dict(session.execute(counted).tuples())


def discard(session: Session, answer_id: int) -> None:
    """Forget the parts of an answer that never went out, so that it can be composed anew."""
    session.execute(
        delete(DeliveryRow)
        .where(
            col(DeliveryRow.answer_id) == answer_id,
            col(DeliveryRow.state) == DeliveryState.WITHDRAWN,
            col(DeliveryRow.first_sent_at).is_(None),
        )
        .execution_options(synchronize_session=False)
    )
