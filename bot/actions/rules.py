"""The house's rules for what is said in its name: set once by the operator, handed to the steps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.states import CorrectionWay
from bot.text.times.hours import open_from
from bot.wording.compose import MAX_PARTS, CreditStyle
from bot.wording.guard import GuardPolicy
from routing.dialogue.gate import ArchiveGate
from routing.model.closed_days import NO_CLOSED_DAYS, ClosedDays
from routing.model.domain import Shift
from routing.model.text import has_tag


class AuthorEdits(StrEnum):
    """What becomes of a published answer whose author edits or deletes the post that it came from."""

    PROPOSE = "propose"
    """A person decides."""
    FOLLOW = "follow"
    """The answer is corrected, or taken back, by itself."""
    IGNORE = "ignore"
    """It stays as it is, and its author reads that."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What an answer has to keep to, and how it is sent.

    ``approve_first`` counts a newcomer's answers that a person approves; ``daily_limit`` bounds one
    person's answers a day without approval (0: none); ``undo_window`` delays publication so that its author
    can take an answer back; ``unknown_to_person`` never sends again by itself what may be out already.
    Raises ValueError when the lease does not outlast the sending.
    """

    brand: str = "Our brand"
    tag: str = "#chorus"
    private_tag: str = "#chorus-private"
    """What marks an answer that the archive is to leave out; it makes an answer of a post, too."""
    former_tags: tuple[str, ...] = ()
    """Tags from before a change: posts with them count as answers for a while longer."""
    former_private_tags: tuple[str, ...] = ()
    credit: CreditStyle = CreditStyle.FIRST_NAME
    guard: GuardPolicy = field(default_factory=GuardPolicy)
    max_parts: int = MAX_PARTS
    approve_first: int = 0
    daily_limit: int = 0
    hourly_limit: int = 0
    """One person's answers an hour without approval (0: none)."""
    correction: CorrectionWay = CorrectionWay.REPLACE
    """How an answer is put right where its posts cannot be edited."""
    author_edits: AuthorEdits = AuthorEdits.PROPOSE
    """What becomes of a published answer whose author edits or deletes their post."""
    adds_second: bool = False
    """Whether a further answer to a question goes out like a first one, instead of waiting for a person."""
    second_look: frozenset[str] = frozenset()
    """Topics, by their short names, whose answers a person approves."""
    hours: tuple[Shift, ...] = ()
    """The brand's hours, within which it speaks; none: always."""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    """The time zone of the brand's hours."""
    closed: ClosedDays = NO_CLOSED_DAYS
    """Days on which the brand's hours are others, or none; where it always speaks, it does on these, too."""
    undo_window: timedelta = timedelta(0)
    unknown_to_person: bool = False
    personal_channels: tuple[str, ...] = ()
    """By name, the channels on which people are told of what concerns them."""
    gather_notices: timedelta = timedelta(seconds=60)
    """How long what is offered to one person is collected into one message."""
    archive: ArchiveGate = field(default_factory=ArchiveGate)
    """What the archive takes in."""
    first_reply: bool = False
    reposts_on: frozenset[str] = frozenset()
    """The platforms on which the brand reposts an employee's tagged reply instead of saying it itself."""
    asks_back: bool = False
    """Whether the brand itself asks back what a post without words is about."""
    archive_url: str = ""
    """The public address of the archive, for first replies."""
    parent_patience: timedelta = timedelta(seconds=20)
    """How long a reply waits for the post it answers to come in by itself or be fetched."""
    customer_patience: timedelta = timedelta(days=7)
    """How long a question waits for its customer's reply to what was asked back."""
    customer_reminder: timedelta | None = None
    """How long after a question back the customer is reminded of it, once; None: never."""
    same_question_within: timedelta = timedelta(minutes=5)
    """So long after a question of theirs, what a customer adds beside its thread belongs to it."""
    private_kept: timedelta = timedelta(days=14)
    """How long what a customer leaves on a private page is kept."""
    listened_a_day: int = 500
    """Posts a day and platform that listening searches for, and that come onto the tray, at the most."""
    listened_kept: timedelta = timedelta(days=14)
    """How long a post that nobody made a question of stays on the tray."""
    lease: timedelta = timedelta(seconds=60)
    sending_time: timedelta = timedelta(seconds=20)
    """Seconds within the lease in which all bytes of a message must have gone out."""
    attempts: int = 8
    """Failures of ours after which a row is set aside for a person."""

    @property
    def tags(self) -> tuple[str, ...]:
        """All tags that make an answer of a post at this moment, the brand's own first."""
        return (self.tag, *self.former_tags)

    @property
    def private_tags(self) -> tuple[str, ...]:
        """All tags at this moment that keep an answer out of the archive."""
        return (self.private_tag, *self.former_private_tags)

    @property
    def unsaid_tags(self) -> tuple[str, ...]:
        """All tags that say something to Chorus alone: nothing is published with one of them."""
        return (*self.private_tags, *self.tags)

    def keeps_out(self, text: str) -> bool:
        """Whether whoever wrote this says by a tag that it is nothing for the archive."""
        return any(has_tag(text, one) for one in self.private_tags)

    @property
    def counts_answers(self) -> bool:
        """Whether it matters to an answer how many its author has given before."""
        return bool(self.approve_first or self.daily_limit or self.hourly_limit)

    def speaks_from(self, now: datetime) -> datetime:
        """The earliest moment, from now on, that lies within the brand's hours."""
        return open_from(self.hours, self.zone, now, self.closed)

    def goes_out(self, now: datetime) -> datetime:
        """When an answer that is ready now goes out."""
        return self.speaks_from(now + self.undo_window)

    def __post_init__(self) -> None:
        if self.sending_time * 2 > self.lease:
            raise ValueError(
                f"A lease of {self.lease} is too short for a sending time of {self.sending_time}: whoever "
                "takes over must be sure that no more bytes go out. Make it twice as long at the least."
            )


InForce = Callable[[], Rules]
"""Tells the rules that are in force at this moment."""
