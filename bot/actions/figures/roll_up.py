"""The days are kept up to date: whatever changes of a question moves the day it belongs to.

The database notes each question of which something changed (``bot.store.tables.figures``), whoever changed
it. Here those are looked at again, and their numbers exchanged in the days they were and are counted in. By
another time zone or other business hours everything is counted anew, a part at a time; by other closed days
only what was waiting on one of these. The days of a month that has been over for a while are put together.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.store.engine import Session
from bot.store.figures import days as stored
from bot.store.figures import due as waiting
from bot.store.figures.due import DueChanges, Progress
from bot.store.figures.histories import histories, ids_after
from bot.text.times.hours import format_hours
from routing.figures.closed_days import is_counted_alike, waited_on_changed
from routing.figures.columns import Column, FactTable, empty_table, patched
from routing.figures.history import Fact, QuestionHistory, fact_of
from routing.figures.working_hours import WorkingHours

BATCH = 1_000
"""So many questions are looked at in one transaction."""
_DEFINED = 3
"""Counts up whenever a definition changes: then everything is counted anew."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Questions that were looked at: what each day has of them now, by each day that may have had some."""

    questions: frozenset[int]
    days: dict[date, list[Fact]]


def basis_of(hours: WorkingHours) -> str:
    """By what days are counted, in words: where that is another, nothing counted before holds."""
    parts = (_DEFINED, hours.zone.key, format_hours(hours.shifts), hours.closed.fingerprint)
    return " ".join(str(one) for one in parts if one)


def is_due(session: Session, hours: WorkingHours, now: datetime) -> bool:
    """Whether there is anything to count, or days to put together."""
    progress = waiting.progress(session)
    if (progress.basis, progress.counted_to) != (basis_of(hours), None) or waiting.is_any(session):
        return True
    return stored.open_month(session, _today(hours, now)) is not None


def roll_up(session: Session, hours: WorkingHours, now: datetime) -> int:
    """Count what changed, and go on counting everything where that is not done; how much is returned."""
    waiting.wait_for_turn(session)
    progress = waiting.progress(session)
    if progress.basis != basis_of(hours):
        progress = _by_other_hours(session, progress, hours, now)
    due = waiting.first(session, BATCH)
    more = _next(session, progress)
    looked = look(session, due, hours, also=more)
    for bundle, (days, table) in brought_up(session, looked).items():
        stored.keep(session, bundle, days, table)
    waiting.put_away(session, due.lines)
    if progress.counted_to is not None:
        counted_to = more[-1] if len(more) == BATCH else None
        waiting.note_progress(session, replace(progress, counted_to=counted_to), now)
    done = len(due.lines) + len(more)
    return done or _bundled(session, hours, now)


def _by_other_hours(session: Session, before: Progress, hours: WorkingHours, now: datetime) -> Progress:
    """Count by these hours from now on: what they make different is to be counted again.

    Where only closed days are others, that are the questions that waited for their first response on one of
    these. They are noted with the hours, in one transaction: who comes next goes on from there.
    """
    former = replace(hours, closed=before.closed)
    if basis_of(former) != before.basis or not is_counted_alike(former, hours):
        return begin_anew(session, hours, now)
    for first, last in stored.years(session):
        table = stored.between(session, first, last, (Column.ID, Column.ASKED, Column.FIRST))
        waiting.add(session, waited_on_changed(table, former.closed, hours.closed))
    progress = Progress(basis_of(hours), before.counted_to, hours.closed)
    waiting.note_progress(session, progress, now)
    return progress


def _bundled(session: Session, hours: WorkingHours, now: datetime) -> int:
    """Put the days of one month together that has been over for a while, where nothing else is to be done."""
    month = stored.open_month(session, _today(hours, now))
    if month is None:
        return 0
    stored.bundle_up(session, month)
    return 1


def begin_anew(session: Session, hours: WorkingHours, now: datetime) -> Progress:
    """Forget what was counted: everything is to be counted again."""
    waiting.forget_all(session)
    begun = Progress(basis_of(hours), 0, hours.closed)
    waiting.note_progress(session, begun, now)
    return begun


def look(session: Session, due: DueChanges, hours: WorkingHours, *, also: Sequence[int] = ()) -> Looked:
    """What is counted now of questions of which something changed, and of others ``also``."""
    questions = due.questions | frozenset(also)
    found = histories(session, questions)
    days: dict[date, list[Fact]] = defaultdict(list)
    for day in _days(found, due.asked_before, hours):
        days[day] = []
    for history in found:
        if (fact := fact_of(history, hours)) is not None:
            days[fact.day].append(fact)
    return Looked(questions, days)


def brought_up(session: Session, looked: Looked) -> dict[str, tuple[list[date], FactTable]]:
    """The bundles that questions belong to or did, as these are now, with the days of each that changed."""
    of_days = stored.bundles_of(session, looked.days.keys())
    changed: dict[str, list[date]] = defaultdict(list)
    for day in sorted(of_days):
        changed[of_days[day]].append(day)
    known = stored.whole(session, changed.keys())
    return {
        bundle: (
            days,
            patched(
                known.get(bundle, empty_table()),
                looked.questions,
                [fact for day in days for fact in looked.days[day]],
            ),
        )
        for bundle, days in changed.items()
    }


def _today(hours: WorkingHours, now: datetime) -> date:
    return now.astimezone(hours.zone).date()


def _days(
    found: Iterable[QuestionHistory], asked_before: Collection[datetime], hours: WorkingHours
) -> set[date]:
    """The days on which these questions were or are counted, if they were or are."""
    moments = [*(history.asked_at for history in found), *asked_before]
    return {moment.astimezone(hours.zone).date() for moment in moments}


def _next(session: Session, progress: Progress) -> list[int]:
    return [] if progress.counted_to is None else ids_after(session, progress.counted_to, BATCH)
