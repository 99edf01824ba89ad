"""A page of the board: the lines of all sources in one order, and how its address names where it ends."""

import heapq
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.states import ConnectionState
from bot.store.departments import directory
from bot.store.people import staff
from bot.store.queries.board.lines import (
    BoardFilter,
    BoardKind,
    BoardLine,
    BoardMark,
    LadderTimes,
    Pressing,
)
from bot.store.queries.board.source import BoardSource
from bot.store.queries.board.sources import SOURCES
from bot.store.queries.pages.admin import held_answers, review_views
from bot.store.tables.house import BoardMarkRow, ConnectionRow

BOARD_PAGE = 20
"""Lines on one page: each brings its forms along."""
_PLACE = re.compile(r"([a-z]{2})(\d{1,18})")

Marked = tuple[BoardLine, BoardMarkRow | None]


@dataclass(frozen=True, slots=True)
class BoardPage:
    """The lines of a page, and where the next begins (empty: that was all)."""

    lines: tuple[BoardLine, ...]
    further: str


def board(
    session: Session,
    wanted: BoardFilter,
    after: str,
    now: datetime,
    ladder: LadderTimes,
    beside: Sequence[BoardLine] = (),
) -> BoardPage:
    """A page of what waits, the most pressing and of that the oldest first.

    Each source is gone along on its own: ``after`` names the last row of each that pages before this one
    had. What was settled meanwhile moves nothing. ``beside`` are lines that come from no table; they stand
    on the first page.
    """
    places = _places(after)
    first = () if after else (*house_lines(session, wanted), *beside)
    found: list[Marked] = [(one, None) for one in sorted(first, key=lambda one: (one.pressing, one.since))]
    has_more = False
    for pressing in Pressing:
        sources = [one for one in SOURCES if one.pressing is pressing and one.holds(wanted)]
        if len(found) > BOARD_PAGE:
            break
        drawn = [_drawn(session, one, wanted, places.get(one.code), now, ladder) for one in sources]
        has_more = has_more or any(more for _, more in drawn)
        merged = heapq.merge(*(lines for lines, _ in drawn), key=lambda one: one[1][0].since)
        for code, line in merged:
            found.append(line)
            if len(found) > BOARD_PAGE:
                break
            places[code] = line[0].id
    lines = found[:BOARD_PAGE]
    is_whole = len(found) <= BOARD_PAGE and not has_more
    return BoardPage(_shown(session, lines), "" if is_whole else _address(places))


def _drawn(
    session: Session,
    source: BoardSource,
    wanted: BoardFilter,
    after: int | None,
    now: datetime,
    ladder: LadderTimes,
) -> tuple[list[tuple[str, Marked]], bool]:
    lines, more = source.lines(session, wanted, after, BOARD_PAGE + 1, now, ladder)
    return [(source.code, one) for one in lines], more


def waits(
    session: Session, kinds: Sequence[BoardKind], row_id: int, now: datetime, ladder: LadderTimes
) -> bool:
    """Whether a row waits as one of these kinds, put off or not."""
    return any(one.has(session, row_id, now, ladder) for one in SOURCES if one.kind in kinds)


def house_lines(session: Session, wanted: BoardFilter) -> list[BoardLine]:
    """The brand's accounts that do not work."""
    if wanted.kind not in ("", BoardKind.CONNECTION) or not may_be_of_house(wanted):
        return []
    return [
        BoardLine(
            kind=BoardKind.CONNECTION,
            id=0,
            pressing=Pressing.AT_ONCE,
            since=row.changed_at,
            words="",
            view=row,
            platform=row.platform,
            note=row.problem or row.alarm or "Its permission has run out.",
        )
        for row in session.exec(select(ConnectionRow).order_by(col(ConnectionRow.platform))).all()
        if (row.state == ConnectionState.RECONNECT or row.alarm) and wanted.platform in ("", row.platform)
    ]


def may_be_of_house(wanted: BoardFilter) -> bool:
    """Whether what is about a platform as a whole can pass a filter: nobody puts that off or hands it on."""
    narrowed = (wanted.topic, wanted.language, wanted.person, wanted.department, wanted.teams)
    return not (any(narrowed) or wanted.is_put_off)


def _places(after: str) -> dict[str, int]:
    codes = {one.code for one in SOURCES}
    found = {code: int(number) for code, number in _PLACE.findall(after)}
    return {code: number for code, number in found.items() if code in codes and 0 < number < 2**62}


def _address(places: Mapping[str, int]) -> str:
    return ".".join(f"{code}{number}" for code, number in places.items())


def _shown(session: Session, lines: Sequence[Marked]) -> tuple[BoardLine, ...]:
    """The lines with who looks after them, and with what their pages show beside."""
    marks = [mark for _, mark in lines if mark is not None]
    people = {one for mark in marks for one in (mark.assigned_to, mark.snoozed_by) if one is not None}
    names = staff.names(session, people)
    teams = directory.names(session) if any(mark.department_id for mark in marks) else {}
    views = _views(session, [line for line, _ in lines])
    return tuple(
        replace(line, view=views.get(line.key, line.view), mark=_mark(mark, names, teams))
        for line, mark in lines
    )


def _views(session: Session, lines: Sequence[BoardLine]) -> dict[str, Any]:
    held = [one for one in lines if one.kind is BoardKind.ANSWER]
    looked_at = [one for one in lines if one.kind is BoardKind.REVIEW]
    answers = zip(held, held_answers(session, [one.view for one in held]), strict=True)
    reviews = zip(looked_at, review_views(session, [one.view for one in looked_at]), strict=True)
    return {line.key: view for line, view in (*answers, *reviews)}


def _mark(mark: BoardMarkRow | None, names: Mapping[int, str], teams: Mapping[int, str]) -> BoardMark:
    if mark is None:
        return BoardMark()
    return BoardMark(
        mark.assigned_to,
        names.get(mark.assigned_to or 0, ""),
        teams.get(mark.department_id or 0, ""),
        mark.snoozed_until,
        names.get(mark.snoozed_by or 0, ""),
        mark.why,
    )
