"""The figures of one week beside the week before, for the house or for some topics: what digests tell."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

import numpy as np

from bot.actions.figures.goals import judged
from bot.actions.figures.read import DayReader
from bot.channels.digest import DigestFigures
from bot.store.engine import Session
from bot.store.figures import votes
from routing.figures.columns import Column, FactTable
from routing.figures.summary import COUNTED, figures_of
from routing.figures.value import ValueRates, value_of
from routing.figures.working_hours import WorkingHours

_WEEK = timedelta(days=7)
_COLUMNS = (*COUNTED, Column.TOPIC)


def week_figures(
    session: Session,
    hours: WorkingHours,
    prices: ValueRates,
    monday: date,
    topics: Collection[str] | None,
    now: datetime,
) -> DigestFigures | None:
    """The figures of the seven days before ``monday``, of some topics or (None) of everything.

    None while everything is being counted anew. Days are those of the house's calendar.
    """
    found, reader = [], DayReader(session, hours)
    for last in (monday - timedelta(days=1), monday - _WEEK - timedelta(days=1)):
        days = reader.read(last - _WEEK + timedelta(days=1), last, _COLUMNS)
        if days.share < 1:
            return None
        found.append(figures_of(_about(days.table, topics)))
    of_week, before = found
    missed = [
        one.row
        for one in judged(session, reader, now) or ()
        if one.row.missed_since is not None and (topics is None or one.row.topic in topics)
    ]
    saved = None
    if topics is None:
        saved = tuple(
            value_of(one, votes.between(session, first, first + timedelta(days=6)).helpful, prices).saved
            for one, first in ((of_week, monday - _WEEK), (before, monday - 2 * _WEEK))
        )
    return DigestFigures(of_week, before, len(missed), saved)


def _about(table: FactTable, topics: Collection[str] | None) -> FactTable:
    if topics is None:
        return table
    wanted = [number for number, name in enumerate(table.names[Column.TOPIC]) if name in topics]
    return table.chosen(np.isin(table[Column.TOPIC], wanted))
