"""Which entries need care: old ones, expired ones, and those whose links it is time to check."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, or_, select

from bot.states import AnswerState, ChangeKind, EntryState
from bot.store import changes, rows
from bot.store.dialects import insert_of
from bot.store.running import cursors
from bot.store.tables.columns import among, table_of
from bot.store.tables.conversations import AnswerRow, EntryRow
from bot.store.tables.house import EntryCareRow, LinkCheckRow

_FOLLOWED = "links"
"""How far the change log was followed for entries whose links are to be looked at."""
DEAD_FROM = 2
"""Failures in a row from which on a link counts as dead."""


@dataclass(frozen=True, slots=True)
class Due:
    """An entry whose links are to be looked at, with the texts they are in."""

    entry_id: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """Entries that are new or changed since they were last taken in, and how far the change log was read."""

    entries: tuple[Due, ...]
    through: int


@dataclass(frozen=True, slots=True)
class KnownLink:
    """What is known of a link."""

    checked_at: datetime
    failures: int
    problem: str | None


def expired(session: Session, now: datetime, limit: int) -> list[tuple[EntryRow, datetime]]:
    """Public entries past their ``valid_until``, with that date, for which nobody was asked yet."""
    found = session.exec(
        select(EntryRow, EntryRow.valid_until)
        .outerjoin(EntryCareRow, col(EntryCareRow.entry_id) == EntryRow.id)
        .where(
            among(EntryRow.state, EntryState.PUBLIC),
            col(EntryRow.valid_until) <= now,
            or_(
                col(EntryCareRow.expired_for).is_(None),
                col(EntryCareRow.expired_for) != EntryRow.valid_until,
            ),
        )
        .limit(limit)
    ).all()
    return [(entry, until) for entry, until in found if until is not None]


def untouched(session: Session, before: datetime, limit: int) -> list[EntryRow]:
    """Public entries that nobody has changed or was asked to look at since ``before``, the oldest first."""
    found = session.exec(
        select(EntryRow)
        .outerjoin(EntryCareRow, col(EntryCareRow.entry_id) == EntryRow.id)
        .where(
            EntryRow.state == EntryState.PUBLIC,
            EntryRow.updated_at <= before,
            or_(col(EntryCareRow.aged_at).is_(None), col(EntryCareRow.aged_at) <= before),
        )
        .order_by(col(EntryRow.updated_at))
        .limit(limit)
    ).all()
    return list(found)


def note(session: Session, entry_id: int, **looked: datetime) -> None:
    """Note since when, or for which date, somebody was asked to look at an entry."""
    rows.put(session, EntryCareRow, entry_id=entry_id, **looked)


def changed(session: Session, limit: int) -> Changed | None:
    """The next entries that are new or changed, from at most ``limit`` lines of the change log."""
    seen = cursors.at(session, _FOLLOWED)
    lines = changes.after(session, int(seen or 0), (ChangeKind.ENTRY,), limit)
    if not lines:
        return None
    return Changed(_with_texts(session, sorted({line.row_id for line in lines})), lines[-1].seq)


def take_in(session: Session, found: Changed, linked: Sequence[int], now: datetime) -> None:
    """Of these entries, the links of the ``linked`` ones are due now, and the others have none."""
    without = {entry.entry_id for entry in found.entries}.difference(linked)
    forget_links(session, sorted(without))
    look_again(session, linked, now)
    cursors.move(session, _FOLLOWED, str(found.through), now)


def due_for_links(session: Session, now: datetime, limit: int) -> list[Due]:
    """Entries whose links were not looked at for long enough; those that nobody sees without any text."""
    ids = session.exec(
        select(EntryCareRow.entry_id)
        .where(col(EntryCareRow.links_due_at) <= now)
        .order_by(col(EntryCareRow.links_due_at), col(EntryCareRow.entry_id))
        .limit(limit)
    ).all()
    return list(_with_texts(session, ids))


def _with_texts(session: Session, entry_ids: Sequence[int]) -> tuple[Due, ...]:
    found: dict[int, list[str]] = {}
    said = session.exec(
        select(EntryRow.id, AnswerRow.text)
        .join(AnswerRow, col(AnswerRow.question_id) == EntryRow.question_id)
        .where(
            col(EntryRow.id).in_(entry_ids),
            among(EntryRow.state, EntryState.PUBLIC),
            AnswerRow.state == AnswerState.PUBLISHED,
        )
    ).all()
    for entry_id, text in said:
        found.setdefault(entry_id, []).append(text)
    return tuple(Due(one, tuple(found.get(one, ()))) for one in entry_ids)


def forget_links(session: Session, entry_ids: Sequence[int]) -> None:
    """Note that entries have no links: nobody has to look at them until they change."""
    care = table_of(EntryCareRow)
    nothing_due = update(care).where(care.c.entry_id.in_(entry_ids), care.c.links_due_at.is_not(None))
    session.connection().execute(nothing_due.values(links_due_at=None))


def look_again(session: Session, entry_ids: Sequence[int], at: datetime) -> None:
    """Note when entries' links are due again."""
    if not entry_ids:
        return
    connection = session.connection()
    insert = insert_of(connection.dialect.name)(table_of(EntryCareRow))
    later = insert.on_conflict_do_update(
        index_elements=["entry_id"], set_={"links_due_at": insert.excluded.links_due_at}
    )
    session.flush()
    connection.execute(later, [{"entry_id": entry_id, "links_due_at": at} for entry_id in entry_ids])


def known_links(session: Session, urls: Sequence[str]) -> dict[str, KnownLink]:
    """What is known of these links."""
    found = session.exec(select(LinkCheckRow).where(col(LinkCheckRow.url).in_(urls))).all()
    return {row.url: KnownLink(row.checked_at, row.failures, row.problem) for row in found}


def note_link(session: Session, url: str, problem: str | None, now: datetime) -> int:
    """Note what became of a link; its failures in a row are returned."""
    row = session.get(LinkCheckRow, url) or LinkCheckRow(url=url, checked_at=now)
    row.checked_at, row.problem = now, problem
    row.failures = 0 if problem is None else row.failures + 1
    session.add(row)
    session.flush()
    return row.failures
