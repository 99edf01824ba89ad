"""What open pages follow: topics, each moved by the changes that concern it.

A page follows few topics: a question's, its own employee's, the house's. Which topics a line of the change
log moves is decided here, from what the line says and from who is asked about its questions or has answered
them: one statement for all lines together, however many pages are open.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile

from bot.roles import Role
from bot.states import ChangeKind
from bot.store import changes
from bot.store.engine import Database
from bot.store.people import access
from bot.store.queries import concerned
from bot.store.tables.house import ChangeRow

WORK = "work"
"""Whatever changes in the house."""
ENTRIES = "entries"
"""What the public sees of the archive."""
FEED = "feed"
"""The local feed, and what has become of its posts."""

_ON_THE_FEED = (ChangeKind.FEED, ChangeKind.WORK, ChangeKind.ENTRY)
_MOST_LINES = 1000
_LASTS = timedelta(minutes=10)
"""Whoever was away no longer than this hears what they missed; so long no line of the log is forgotten."""


def of_question(number: int) -> str:
    """The topic of everything around one question."""
    return f"question:{number}"


def of_employee(number: int) -> str:
    """The topic of what somebody is asked and has answered."""
    return f"employee:{number}"


@dataclass(frozen=True, slots=True)
class News:
    """What was found in the change log, and who of those asked about is signed in."""

    seq: int
    """The number of the last line that was read."""
    known_from: int
    """Every change after this number is in ``moved``, or was in what was read before."""
    moved: Mapping[str, int] = field(default_factory=dict)
    """The topics that moved, each with the number of the last line that did it, in the order of these."""
    more: bool = False
    """Whether there are further lines."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    """The roles of those who are signed in, by the secrets of their sessions."""


def news(database: Database, after: int | None, sessions: Collection[str]) -> News:
    """What has changed after a number (None: lately), and which of these sessions still stand."""
    with database.read() as session:
        now = database.now(session)
        if after is None:
            known_from, lines = _recent(changes.latest(session, _MOST_LINES), now - _LASTS)
        else:
            known_from, lines = after, changes.after(session, after, (), _MOST_LINES)
        questions = sorted({question for line in lines for question in line.questions})
        return News(
            seq=lines[-1].seq if lines else known_from,
            known_from=known_from,
            moved=_moved(lines, concerned.employees_of(session, questions)),
            more=after is not None and len(lines) == _MOST_LINES,
            roles=access.roles_of_sessions(session, sessions, now),
        )


def _recent(lines: Sequence[ChangeRow], since: datetime) -> tuple[int, Sequence[ChangeRow]]:
    """The number after which every line is there, and the lines after it."""
    old = len(list(takewhile(lambda line: line.at <= since, lines)))
    if old:
        return lines[old - 1].seq, lines[old:]
    return (lines[0].seq - 1 if lines else 0), lines


def _moved(lines: Iterable[ChangeRow], pairs: Iterable[tuple[int, int]]) -> dict[str, int]:
    employees: dict[int, list[int]] = defaultdict(list)
    for question, employee in pairs:
        employees[question].append(employee)
    moved: dict[str, int] = {}
    for line in lines:
        for topic in _topics(line):
            moved[topic] = line.seq
        for question in line.questions:
            moved[of_question(question)] = line.seq
            moved.update((of_employee(number), line.seq) for number in employees[question])
    return dict(sorted(moved.items(), key=lambda one: one[1]))


def _topics(line: ChangeRow) -> Iterable[str]:
    """What a line moves by its kind alone."""
    yield WORK
    if line.kind == ChangeKind.ENTRY:
        yield ENTRIES
    if line.kind in _ON_THE_FEED:
        yield FEED
    if line.kind == ChangeKind.HAND:
        yield of_employee(line.row_id)
