"""Which posts have to be looked at again on their platform."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, zip_longest

from sqlalchemy import ColumnElement, case, func, update
from sqlmodel import Session, col, select

from bot.states import ADDED, EntryState, PostKind, PostState
from bot.store.tables.columns import LONGEST_REASON, among
from bot.store.tables.conversations import EntryRow, PostRow


@dataclass(frozen=True, slots=True)
class RecheckInterval:
    """Posts that came in less than ``until`` ago (None: any time) are looked at again ``every`` so often."""

    until: timedelta | None
    every: timedelta


_STRETCH = 1_000
"""Entries that are gone through in one turn, for each age: a million of them take an hour and a half."""


@dataclass(slots=True)
class Rounds:
    """Rounds over everything that is quoted, one stretch of entries after the other.

    So no turn costs more than another, however much is quoted; each age has its own round. A process begins
    its rounds where it starts.
    """

    _reached: dict[tuple[str, RecheckInterval], int] = field(default_factory=dict)
    """The number of the entry that each round has come to."""

    def due(
        self, session: Session, platform: str, paces: Sequence[RecheckInterval], now: datetime, limit: int
    ) -> dict[str, timedelta]:
        """Quoted posts that are to be looked at again, at most ``limit``: external ids, and each one's pace.

        ``paces`` go from young to old. Each age gets its turn: where not all can be looked at, neither the
        many young ones nor the long overdue old ones take everything. A stretch in which more is due than
        could be given is gone through again.
        """
        found: list[list[tuple[str, timedelta]]] = []
        younger: datetime | None = None
        for pace in paces if limit > 0 else ():
            older = now - pace.until if pace.until is not None else None
            start = self._reached.get((platform, pace), 0)
            ids = _due(session, platform, (older, younger), now - pace.every, limit, start)
            found.append([(one, pace.every) for one in ids])
            if len(ids) < limit:
                self._reached[platform, pace] = _next(session, start)
            younger = older
        turns = chain.from_iterable(zip_longest(*found))
        return dict([one for one in turns if one is not None][:limit])


def _next(session: Session, start: int) -> int:
    """Where the stretch after this one begins: at the front again after the last."""
    last = session.exec(select(func.max(EntryRow.id))).one() or 0
    return start + _STRETCH if start + _STRETCH < last else 0


def _due(
    session: Session,
    platform: str,
    came: tuple[datetime | None, datetime | None],
    before: datetime,
    limit: int,
    start: int,
) -> Sequence[str]:
    """Those of one stretch that came in between two moments, the longest ago looked at in front."""
    since, until = came
    last = func.coalesce(PostRow.checked_at, PostRow.received_at)
    statement = (
        select(PostRow.external_id)
        .join(EntryRow, col(EntryRow.question_id) == PostRow.question_id)
        .where(
            among(PostRow.verdict, PostKind.QUESTION, PostKind.COMMUNITY, PostKind.ANSWER, *ADDED),
            col(EntryRow.id) > start,
            col(EntryRow.id) <= start + _STRETCH,
            among(PostRow.platform, platform),
            col(PostRow.deleted_at).is_(None),
            ~among(PostRow.state, PostState.QUARANTINED),
            among(EntryRow.state, EntryState.PUBLIC),
            last <= before,
        )
        .order_by(last, col(PostRow.id))
        .limit(limit)
    )
    if since is not None:
        statement = statement.where(col(PostRow.received_at) >= since)
    if until is not None:
        statement = statement.where(col(PostRow.received_at) < until)
    return session.exec(statement).all()


def note(session: Session, platform: str, external_ids: Sequence[str], now: datetime) -> None:
    """These have been looked at."""
    session.execute(
        update(PostRow)
        .where(col(PostRow.platform) == platform, col(PostRow.external_id).in_(external_ids))
        .values(checked_at=now, attempts=case((_is_done(), 0), else_=PostRow.attempts))
        .execution_options(synchronize_session=False)
    )


def note_failed(
    session: Session, platform: str, external_id: str, why: str, checked_at: datetime, most: int
) -> None:
    """This one could not be looked at for a reason of ours; after ``most`` times in a row a person has to."""
    is_last = col(PostRow.attempts) + 1 >= most
    session.execute(
        update(PostRow)
        .where(col(PostRow.platform) == platform, col(PostRow.external_id) == external_id, _is_done())
        .values(
            checked_at=checked_at,
            attempts=PostRow.attempts + 1,
            last_error=why[:LONGEST_REASON],
            state=case((is_last, PostState.QUARANTINED), else_=PostRow.state),
        )
        .execution_options(synchronize_session=False)
    )


def _is_done() -> ColumnElement[bool]:
    """Intake counts its own tries in the same place, and is done with these posts."""
    return col(PostRow.state) == PostState.DONE
