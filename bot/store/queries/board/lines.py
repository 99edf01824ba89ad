"""What stands on the board: kinds, how much each presses, filters, and one line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from bot.roles import Permission


class BoardKind(StrEnum):
    """What a line of the board is about; each kind has its own deeds."""

    QUESTION = "question"
    """Nobody who was asked answered in time, or it failed too often."""
    BREACHING = "breaching"
    """People are being asked for the last time, or the customer waits long for somebody with a free hand."""
    ANSWER = "answer"
    """It is held."""
    CHALLENGE = "challenge"
    """Somebody says that a published answer is wrong."""
    UNMATCHED = "unmatched"
    """A tagged answer whose question nobody can tell."""
    MESSAGE = "message"
    """Nobody knows whether it went out, it was refused for good, or it failed too often."""
    POST = "post"
    """It could not be read, stored or handled."""
    ANNOUNCEMENT = "announcement"
    """Somebody proposed what the brand is to say; nobody has approved it."""
    STATEMENT = "statement"
    """The same of what the brand is to say on a matter."""
    COMMUNITY = "community"
    """Another customer answers; perhaps that is right."""
    REVIEW = "review"
    """An entry of the archive that somebody should look at again."""
    HELD_BACK = "held_back"
    """An entry that is judged to be of no use to others."""
    SURGE = "surge"
    """More people than usual ask about something."""
    CAMPAIGN = "campaign"
    """The brand's next word on it is overdue."""
    GOAL = "goal"
    """Customers wait longer for a response than somebody wanted."""
    TEXT = "text"
    """A new version of a public text that nobody has approved."""
    ENDPOINT = "endpoint"
    """Another program does not take what it is told."""
    TOKEN = "token"  # noqa: S105
    """A program's token is about to end."""
    SCORE = "score"
    """A customer who was asked how it went is not content."""
    NEWCOMER = "newcomer"
    """Somebody who wants to take part, and has proved their mailbox."""
    CONNECTION = "connection"
    """The brand's account does not work on a platform."""
    BUDGET = "budget"
    """What may go out on a platform is nearly used up."""


SEEN_BY: Mapping[BoardKind, Permission] = {
    BoardKind.TEXT: Permission.READ_TEXTS,
    BoardKind.NEWCOMER: Permission.READ_PEOPLE,
    BoardKind.ENDPOINT: Permission.MANAGE_HOOKS,
    BoardKind.TOKEN: Permission.MANAGE_HOOKS,
}
"""What one must be permitted to see lines of a kind; of every other, to see the board at all."""
SETTLED_BY: Mapping[BoardKind, Permission] = {
    BoardKind.ANNOUNCEMENT: Permission.ANNOUNCE,
    BoardKind.SURGE: Permission.ANSWER_MATTERS,
    BoardKind.CAMPAIGN: Permission.ANSWER_MATTERS,
    BoardKind.TEXT: Permission.MANAGE_TEXTS,
    BoardKind.NEWCOMER: Permission.MANAGE_PEOPLE,
    BoardKind.ENDPOINT: Permission.MANAGE_HOOKS,
    BoardKind.TOKEN: Permission.MANAGE_HOOKS,
}
"""What one must be permitted to settle lines of a kind; of every other, to decide."""


class Pressing(IntEnum):
    """How much something presses; within one of these the oldest comes first."""

    AT_ONCE = 0
    """Something is broken, may have gone wrong in public, or cannot wait."""
    NOW = 1
    """A customer or a colleague waits."""
    LATER = 2
    """It wants to be looked at; nobody waits."""


NOBODY = "nobody"
"""In the place of a person's number: what nobody looks after."""


@dataclass(frozen=True, slots=True)
class BoardDepartment:
    """A department, and the topics that it answers for."""

    id: int
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """What the board is to hold; empty means any. ``person`` is an employee's number or ``NOBODY``."""

    kind: str = ""
    topic: str = ""
    platform: str = ""
    language: str = ""
    person: str = ""
    is_put_off: bool = False
    """Only what is put off, instead of everything but that."""
    department: BoardDepartment | None = None
    """What was given to it, or is about a topic that it answers for."""
    teams: tuple[int, ...] = ()
    """Departments what was given to which is wanted as what ``person`` looks after is."""
    unseen: frozenset[BoardKind] = frozenset()
    """Kinds that whoever looks may not see."""

    @property
    def person_id(self) -> int | None:
        """Whose lines are wanted; None: anybody's, or nobody's."""
        return int(self.person) if self.person.isascii() and self.person.isdigit() else None

    @property
    def is_of_somebody(self) -> bool:
        """Whether only what somebody looks after is wanted."""
        return self.person_id is not None or bool(self.teams)


@dataclass(frozen=True, slots=True)
class BoardMark:
    """Who looks after a line, and until when and why it is put off."""

    assigned_to: int | None = None
    assigned_name: str = ""
    department_name: str = ""
    """The department that it was given to."""
    snoozed_until: datetime | None = None
    snoozed_name: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One thing that waits for a person."""

    kind: BoardKind
    id: int
    """Of its row; 0 where it is about a platform."""
    pressing: Pressing
    since: datetime
    words: str
    """What it says; empty where that is not to be shown or there is nothing."""
    view: Any
    """What its deeds and details are made of: the row, or what the page of its kind shows."""
    who: str = ""
    platform: str = ""
    language: str | None = None
    topics: tuple[str, ...] = ()
    reach: int | None = None
    """How many people may see the customer's post, where that is known."""
    question_id: int | None = None
    note: str = ""
    """Why it waits, in words."""
    deadline: datetime | None = None
    """When it is too late, by the ladder."""
    is_private: bool = False
    """Its words were not written in public."""
    mark: BoardMark = field(default_factory=BoardMark)

    @property
    def key(self) -> str:
        """What the line is called in forms and addresses."""
        return f"{self.kind}-{self.id or self.platform}"


@dataclass(frozen=True, slots=True)
class LadderTimes:
    """What the board takes from the ladder: its last rung, and the wait from which a question presses."""

    last_rung: int
    long_wait_seconds: float
