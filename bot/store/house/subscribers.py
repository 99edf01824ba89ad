"""Who wants to hear of announcements by mail, and the mails on their way to them, as rows."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from bot.channels.customers.announced import MailingKind
from bot.states import DeliveryState
from bot.store.claim import LostLease, claim
from bot.store.dialects import insert_of
from bot.store.people.access import hashed
from bot.store.row_locks import locked_row
from bot.store.tables.announcements import (
    AnnouncementMailRow,
    AnnouncementRow,
    MailingRow,
    SubscriberRow,
)
from bot.store.tables.columns import table_of

LINK_LASTS = timedelta(days=2)
FORGOTTEN_AFTER = timedelta(days=7)
"""Whoever has not proved their mailbox by then is forgotten."""
MAILS_KEPT = timedelta(days=90)
"""How long it is known who was mailed what: as long as a correction is told to those who were."""
MOST_LINKS = 5
"""Links to one mailbox that is not proved."""
MOST_AN_HOUR = 200
"""Links of the house in an hour."""
_AGAIN_AFTER = timedelta(minutes=1)
_TRIED_FOR = timedelta(days=1)
_MOST_OLD = 50


def by_address(session: Session, address: str) -> SubscriberRow | None:
    """Whoever asked with this mailbox."""
    return session.exec(select(SubscriberRow).where(SubscriberRow.address == address)).first()


def asked(session: Session, address: str, language: str | None, now: datetime) -> str | None:
    """The secret of a link for a mailbox that wants to hear; None where it hears, or got enough of them."""
    kept = table_of(SubscriberRow)
    fresh = insert_of(session.get_bind().dialect.name)(kept).values(address=address, asked_at=now, mails=0)
    session.execute(fresh.on_conflict_do_nothing(index_elements=["address"]))
    found = by_address(session, address)
    row = locked_row(session, SubscriberRow, found.id) if found is not None else None
    if row is None or row.confirmed_at is not None or not _may_be_mailed(session, row, now):
        return None
    secret = secrets.token_urlsafe(32)
    row.language, row.link_hash, row.link_until = language, hashed(secret), now + LINK_LASTS
    row.mailed_at, row.mails = now, row.mails + 1
    session.add(row)
    session.flush()
    return secret


def _may_be_mailed(session: Session, row: SubscriberRow, now: datetime) -> bool:
    if row.mails >= MOST_LINKS or (row.mailed_at is not None and row.mailed_at > now - _AGAIN_AFTER):
        return False
    of_all = select(func.count()).select_from(SubscriberRow)
    return (
        session.exec(of_all.where(col(SubscriberRow.mailed_at) > now - timedelta(hours=1))).one()
        < MOST_AN_HOUR
    )


def of_link(session: Session, secret: str, now: datetime) -> SubscriberRow | None:
    """Whose link this is, while it works; looking does not use it up."""
    found = select(SubscriberRow).where(
        SubscriberRow.link_hash == hashed(secret), col(SubscriberRow.link_until) > now
    )
    return session.exec(found).first()


def confirm(session: Session, secret: str, now: datetime) -> bool:
    """Use a link up: from now on they hear. Of two at once the database lets one."""
    done = session.execute(
        update(SubscriberRow)
        .where(col(SubscriberRow.link_hash) == hashed(secret), col(SubscriberRow.link_until) > now)
        .values(confirmed_at=now, link_hash=None, link_until=None, mails=0)
        .returning(col(SubscriberRow.id))
        .execution_options(synchronize_session=False)
    ).first()
    return done is not None


def forget(session: Session, subscriber_id: int) -> int | None:
    """They hear no more, and are known no more: how many mails were known with them; None: they were not."""
    mails = (
        delete(AnnouncementMailRow)
        .where(col(AnnouncementMailRow.subscriber_id) == subscriber_id)
        .returning(col(AnnouncementMailRow.id))
    )
    known = len(session.execute(mails).all())
    gone = (
        delete(SubscriberRow).where(col(SubscriberRow.id) == subscriber_id).returning(col(SubscriberRow.id))
    )
    return known if session.execute(gone).first() is not None else None


def forget_old(session: Session, now: datetime) -> None:
    """Forget who never proved their mailbox, and what was mailed long ago."""
    session.execute(
        delete(SubscriberRow).where(
            col(SubscriberRow.confirmed_at).is_(None), col(SubscriberRow.asked_at) <= now - FORGOTTEN_AFTER
        )
    )
    for mailing, root in _long_ago(session, now):
        session.execute(
            delete(AnnouncementMailRow).where(
                col(AnnouncementMailRow.root_id) == root, col(AnnouncementMailRow.mailing_id) == mailing
            )
        )


def _long_ago(session: Session, now: datetime) -> Sequence[tuple[int, int]]:
    """Mailings whose mails need not be known any more, some at a time, with the announcement's number."""
    root = func.coalesce(AnnouncementRow.corrects_id, AnnouncementRow.id)  # there is an index by it
    mailed = (
        select(AnnouncementMailRow.id)
        .where(AnnouncementMailRow.root_id == root, AnnouncementMailRow.mailing_id == MailingRow.id)
        .limit(1)
        .scalar_subquery()
    )
    found = (
        select(MailingRow.id, root)
        .join(AnnouncementRow, col(AnnouncementRow.id) == MailingRow.announcement_id)
        .where(col(MailingRow.made_at) <= now - MAILS_KEPT, mailed.is_not(None))
        .limit(_MOST_OLD)
    )
    return session.exec(found).all()


def count(session: Session) -> int:
    """How many hear of announcements by mail."""
    found = (
        select(func.count()).select_from(SubscriberRow).where(col(SubscriberRow.confirmed_at).is_not(None))
    )
    return session.exec(found).one()


def begin(session: Session, announcement_id: int, kind: MailingKind, now: datetime) -> None:
    """It is to be told, in the caller's transaction; once, whoever says so how often."""
    kept = table_of(MailingRow)
    values = {"announcement_id": announcement_id, "kind": kind, "made_at": now, "reached": 0}
    insert = insert_of(session.get_bind().dialect.name)(kept).values(values)
    session.execute(insert.on_conflict_do_nothing(index_elements=["announcement_id", "kind"]))


def end_all(session: Session, now: datetime) -> None:
    """What a restored backup was about to mail may have been mailed since: none of it goes out."""
    session.execute(update(MailingRow).where(col(MailingRow.done_at).is_(None)).values(done_at=now))
    session.execute(
        update(AnnouncementMailRow)
        .where(col(AnnouncementMailRow.due_at).is_not(None))
        .values(
            state=DeliveryState.UNKNOWN, due_at=None, lease_until=None, fence=AnnouncementMailRow.fence + 1
        )
        .execution_options(synchronize_session=False)
    )


def record(session: Session, address: str) -> tuple[SubscriberRow, Sequence[AnnouncementMailRow]] | None:
    """What is stored about a mailbox: whoever asked with it, and the mails to them."""
    row = by_address(session, address)
    if row is None:
        return None
    mails = select(AnnouncementMailRow).where(AnnouncementMailRow.subscriber_id == row.id)
    return row, session.exec(mails.order_by(col(AnnouncementMailRow.id))).all()


def everybody(session: Session) -> Sequence[SubscriberRow]:
    """Whoever asked, for a restored backup that is cleared of those who were erased."""
    return session.exec(select(SubscriberRow).order_by(col(SubscriberRow.id))).all()


def any_open(session: Session, now: datetime) -> bool:
    """Whether there is a mailing to spread, or a mail to send."""
    spreading = select(MailingRow.id).where(col(MailingRow.done_at).is_(None)).limit(1)
    if session.exec(spreading).first() is not None:
        return True
    due = select(AnnouncementMailRow.id).where(
        AnnouncementMailRow.state == DeliveryState.READY, col(AnnouncementMailRow.due_at) <= now
    )
    return session.exec(due.limit(1)).first() is not None


def spread(session: Session, now: datetime, most: int) -> int:
    """Put mails of the oldest open mailing into the queue; how many subscribers (at ``most``) were looked at.

    One that nobody could spread for a day is no news any more, and ends.
    """
    oldest = (
        select(MailingRow.id).where(col(MailingRow.done_at).is_(None)).order_by(col(MailingRow.id)).limit(1)
    )
    row = locked_row(session, MailingRow, session.exec(oldest).first())
    if row is None or row.done_at is not None:
        return 0
    if row.made_at <= now - _TRIED_FOR:
        row.done_at = now
        session.add(row)
        session.flush()
        return 0
    said = session.get_one(AnnouncementRow, row.announcement_id)
    root = said.corrects_id or said.id
    ids = _next(session, row, root, most)
    if ids:
        kept = table_of(AnnouncementMailRow)
        insert = insert_of(session.get_bind().dialect.name)(kept).values(
            [
                {
                    "mailing_id": row.id,
                    "subscriber_id": one,
                    "root_id": root,
                    "state": DeliveryState.READY,
                    "due_at": now,
                    "give_up_at": now + _TRIED_FOR,
                    "fence": 0,
                    "attempts": 0,
                }
                for one in ids
            ]
        )
        session.execute(insert.on_conflict_do_nothing(index_elements=["subscriber_id", "mailing_id"]))
        row.reached = ids[-1]
    if len(ids) < most:
        row.done_at = now
    session.add(row)
    session.flush()
    return len(ids)


def _next(session: Session, row: MailingRow, root: int, most: int) -> list[int]:
    """Who is told next: of an announcement everybody, of what becomes of it whoever was to be told of it."""
    if row.kind == MailingKind.ANNOUNCED:
        number = col(SubscriberRow.id)
        found = select(SubscriberRow.id).where(
            number > row.reached, col(SubscriberRow.confirmed_at) <= row.made_at
        )
        return list(session.exec(found.order_by(number).limit(most)).all())
    number = col(AnnouncementMailRow.subscriber_id)
    told = select(AnnouncementMailRow.subscriber_id).where(
        AnnouncementMailRow.root_id == root, number > row.reached
    )
    return list(session.exec(told.distinct().order_by(number).limit(most)).all())


def claim_due(
    session: Session, *, now: datetime, owner: str, lease: timedelta, limit: int
) -> list[AnnouncementMailRow]:
    """Take mails that are due."""
    return claim(
        session, AnnouncementMailRow, [DeliveryState.READY], now=now, lease=lease, owner=owner, limit=limit
    )


def note_begun(session: Session, row: AnnouncementMailRow, now: datetime) -> None:
    """From here on it may have gone out. Raises LostLease where another worker has it."""
    done = session.execute(
        update(AnnouncementMailRow)
        .where(
            col(AnnouncementMailRow.id) == row.id,
            col(AnnouncementMailRow.fence) == row.fence,
            col(AnnouncementMailRow.lease_until).is_not(None),
        )
        .values(
            attempts=AnnouncementMailRow.attempts + 1,
            first_sent_at=func.coalesce(col(AnnouncementMailRow.first_sent_at), now),
        )
        .returning(col(AnnouncementMailRow.attempts))
        .execution_options(synchronize_session=False)
    ).first()
    if done is None:
        raise LostLease(f"announcement mail {row.id} was taken over")
    row.attempts = done[0]


def told_of(session: Session, row: AnnouncementMailRow) -> Sequence[AnnouncementMailRow]:
    """The mails about the same announcement to the same subscriber before this one, the earliest first."""
    found = select(AnnouncementMailRow).where(
        AnnouncementMailRow.root_id == row.root_id,
        AnnouncementMailRow.subscriber_id == row.subscriber_id,
        col(AnnouncementMailRow.id) < row.id,
    )
    return session.exec(found.order_by(col(AnnouncementMailRow.id))).all()
