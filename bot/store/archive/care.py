"""Which entries need care: old ones, expired ones, and those whose links it is time to check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from bot.states import AnswerState, EntryState
from bot.store.archive.entries import ask_for_review
from bot.store.bulk import insert_of
from bot.store.tables.columns import table_of
from bot.store.tables.conversations import AnswerRow, EntryRow
from bot.store.tables.house import EntryCareRow, LinkCheckRow

DEAD_FROM = 2
"""Failures in a row from which on a link counts as dead."""


@dataclass(frozen=True, slots=True)
class Due:
    """An entry whose links are to be looked at, with the texts they are in."""

    entry_id: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a link."""

    checked_at: datetime
    failures: int
    problem: str | None


def put_up_expired(session: Session, now: datetime, limit: int) -> int:
    """Entries past their ``valid_until`` go to the review queue, once for each such date."""
    rows: Sequence[tuple[EntryRow, EntryCareRow | None]] = session.exec(
        select(EntryRow, EntryCareRow)
        .outerjoin(EntryCareRow, col(EntryCareRow.entry_id) == EntryRow.id)
        .where(
            EntryRow.state == EntryState.PUBLIC,
            col(EntryRow.valid_until) <= now,
            or_(
                col(EntryCareRow.expired_for).is_(None),
                col(EntryCareRow.expired_for) != EntryRow.valid_until,
            ),
        )
        .limit(limit)
    ).all()
    for entry, care in rows:
        until = entry.valid_until
        ask_for_review(
            session, entry, f"It was valid until {until:%Y-%m-%d}." if until else "It has expired.", now
        )
        kept = EntryCareRow(entry_id=entry.id) if care is None else care
        kept.expired_for = until
        session.add(kept)
    session.flush()
    return len(rows)


def put_up_old(session: Session, now: datetime, age: timedelta, limit: int) -> int:
    """Entries that nobody changed for ``age`` go to the review queue, and again after as long."""
    before = now - age
    rows: Sequence[tuple[EntryRow, EntryCareRow | None]] = session.exec(
        select(EntryRow, EntryCareRow)
        .outerjoin(EntryCareRow, col(EntryCareRow.entry_id) == EntryRow.id)
        .where(
            EntryRow.state == EntryState.PUBLIC,
            EntryRow.updated_at <= before,
            or_(col(EntryCareRow.aged_at).is_(None), col(EntryCareRow.aged_at) <= before),
        )
        .order_by(col(EntryRow.updated_at))
        .limit(limit)
    ).all()
    for entry, care in rows:
        ask_for_review(session, entry, f"Nobody has touched it since {entry.updated_at:%Y-%m-%d}.", now)
        kept = EntryCareRow(entry_id=entry.id) if care is None else care
        kept.aged_at = now
        session.add(kept)
    session.flush()
    return len(rows)


def due_for_links(session: Session, now: datetime, limit: int) -> list[Due]:
    """Public entries whose links were not looked at for long enough, those never looked at first."""
    ids = session.exec(
        select(EntryRow.id)
        .outerjoin(EntryCareRow, col(EntryCareRow.entry_id) == EntryRow.id)
        .where(
            EntryRow.state == EntryState.PUBLIC,
            or_(col(EntryCareRow.links_due_at).is_(None), col(EntryCareRow.links_due_at) <= now),
        )
        .order_by(func.coalesce(col(EntryCareRow.links_due_at), EntryRow.published_at), col(EntryRow.id))
        .limit(limit)
    ).all()
    texts = _texts(session, ids)
    return [Due(one, tuple(texts.get(one, ()))) for one in ids]


def _texts(session: Session, entry_ids: Sequence[int]) -> Mapping[int, Sequence[str]]:
    found: dict[int, list[str]] = {}
    rows = session.exec(
        select(EntryRow.id, AnswerRow.text)
        .join(AnswerRow, col(AnswerRow.question_id) == EntryRow.question_id)
        .where(col(EntryRow.id).in_(entry_ids), AnswerRow.state == AnswerState.PUBLISHED)
    ).all()
    for entry_id, text in rows:
        found.setdefault(entry_id, []).append(text)
    return found


def look_again(session: Session, entry_ids: Sequence[int], at: datetime) -> None:
    """Note when entries' links are due again."""
    connection = session.connection()
    insert = insert_of(connection.dialect.name)(table_of(EntryCareRow))
    later = insert.on_conflict_do_update(
        index_elements=["entry_id"], set_={"links_due_at": insert.excluded.links_due_at}
    )
    session.flush()
    connection.execute(later, [{"entry_id": entry_id, "links_due_at": at} for entry_id in entry_ids])


def known_links(session: Session, urls: Sequence[str]) -> dict[str, Known]:
    """What is known of these links."""
    rows = session.exec(select(LinkCheckRow).where(col(LinkCheckRow.url).in_(urls))).all()
    return {row.url: Known(row.checked_at, row.failures, row.problem) for row in rows}


def note_link(session: Session, url: str, problem: str | None, now: datetime) -> int:
    """Note what became of a link; its failures in a row are returned."""
    row = session.get(LinkCheckRow, url) or LinkCheckRow(url=url, checked_at=now)
    row.checked_at, row.problem = now, problem
    row.failures = 0 if problem is None else row.failures + 1
    session.add(row)
    session.flush()
    return row.failures


def report_dead(session: Session, entry_id: int, dead: Mapping[str, str], now: datetime) -> None:
    """An entry with links that lead nowhere goes to the review queue."""
    entry = session.get(EntryRow, entry_id)
    if entry is None or entry.state != EntryState.PUBLIC:
        return
    for url, problem in dead.items():
        ask_for_review(session, entry, f"A link is dead: {url}: {problem}.", now)
