"""The settings that people in charge may change in the browser, on top of what the environment says."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from app.wiring.group import Group
from app.wiring.setting_values import (
    BrandName,
    ClosedDayLines,
    Contact,
    Domain,
    HoursValue,
    HyphenedTag,
    MailDomain,
    PublishModes,
    Region,
    Seconds,
    SwitchValue,
    Tag,
    TopicSlug,
    Word,
    Zone,
)
from bot.actions.people.joining import JoiningWay
from bot.actions.rules import AuthorEdits
from bot.wording.compose import MAX_PARTS, CreditStyle
from routing.dialogue.gate import KEPT_FROM


class BrandSettings(Group):
    """How the brand is called, and where it is."""

    brand_name: BrandName = "Our brand"
    """The name on the pages."""
    tag: Tag = "#chorus"
    """The tag that makes an employee's post an answer."""
    private_tag: HyphenedTag | None = None
    """The tag of an answer that the archive leaves out; without one, the tag with ``-private`` behind it."""
    timezone: Zone = "UTC"
    """The house's time zone, for pages and new employees."""
    closed_days: ClosedDayLines = ()
    """Days on which the brand is closed, like ``2026-12-25 Christmas``, or ``12-25 Christmas`` every year;
    with hours, like ``2026-12-24 09:00-13:00``, it has those; ``2026-12-28..2026-12-31`` are days on end."""


class SecondAnswer(StrEnum):
    """What becomes of a further answer to a question that has one."""

    HOLD = "hold"
    ADD = "add"


RuleName = Literal[
    "all",
    "brand_name",
    "tag",
    "private_tag",
    "timezone",
    "business_hours",
    "closed_days",
    "credit",
    "domains",
    "contacts",
    "region",
    "blocked_words",
    "hold_money",
    "second_look",
    "max_parts",
    "approve_first",
    "hourly_limit",
    "daily_limit",
    "second_answer",
    "hours",
    "undo_window",
    "correction",
    "author_edits",
    "first_reply",
    "ask_back",
    "announcement_mails",
    "mode",
    "archive_topics_out",
    "archive_keeps_from",
    "joining",
    "joining_domains",
]
"""What people in charge may change while Chorus runs; ``all`` of it."""


class CorrectionChoice(StrEnum):
    """How an answer is corrected on a platform whose posts cannot be edited."""

    REPLACE = "replace"
    BELOW = "below"


class PublishSettings(Group):
    """What is published in the brand's name, and how."""

    credit: CreditStyle = CreditStyle.FIRST_NAME
    """How the employee is credited: ``first_name``, ``initials``, ``full_name``, ``handle`` or ``none``."""
    domains: tuple[Domain, ...] = ()
    """The brand's own domains beside this site's: links to others wait for a person."""
    contacts: tuple[Contact, ...] = ()
    """The brand's published phone numbers and mail addresses: answers may hold these."""
    region: Region | None = None
    """Where the brand's phone numbers are from, such as ``US`` or ``DE``: tells numbers apart."""
    blocked_words: tuple[Word, ...] = ()
    """Answers with one of these words wait for a person."""
    hold_money: SwitchValue = False
    """Answers that name an amount of money, or promise some, wait for a person."""
    second_look: tuple[TopicSlug, ...] = ()
    """Topics, by their short names, whose answers wait for a second pair of eyes."""
    max_parts: int = Field(default=MAX_PARTS, ge=1, le=25)
    """The longest thread an answer may become."""
    approve_first: int = Field(default=0, ge=0, le=1_000_000)
    """How many answers of a newcomer a person approves first."""
    hourly_limit: int = Field(default=0, ge=0, le=1_000_000)
    """Answers per employee and hour that go out without approval; 0: no limit."""
    daily_limit: int = Field(default=0, ge=0, le=1_000_000)
    """Answers per employee and day that go out without approval; 0: no limit."""
    second_answer: SecondAnswer = SecondAnswer.HOLD
    """A further answer to a question waits for a person (``hold``), or goes out like the first (``add``)."""
    correction: CorrectionChoice = CorrectionChoice.REPLACE
    """Where a post cannot be edited, an answer is posted anew and the wrong one deleted (``replace``), or a
    correction goes ``below`` it."""
    author_edits: AuthorEdits = AuthorEdits.PROPOSE
    """An employee's edit or deletion of a post whose answer is out waits for a person (``propose``), is
    followed by itself (``follow``), or changes nothing (``ignore``)."""
    hours: HoursValue = ""
    """The brand's hours, such as ``mon-fri 08:00-20:00``, within which answers go out; empty: always."""
    undo_window: Seconds = 0
    """Seconds an answer waits before it goes out, so that its author can take it back."""
    start_paused: SwitchValue = False
    """Start with publishing paused, until a person resumes it."""
    unknown_to_person: SwitchValue = False
    """Leave deliveries with an unknown outcome to a person instead of sending what is not there again."""
    mode: PublishModes = ()
    """How tagged posts go out, as ``platform:reply`` (unless told otherwise) or ``platform:repost``."""
    first_reply: SwitchValue = False
    """Answer at once with a link to the archive when a question has been answered before."""
    ask_back: SwitchValue = False
    """Ask back at once, in a friendly way, where a customer's first post has no words."""
    locked: tuple[RuleName, ...] = ()
    """Rules that nobody changes in the browser, by names like ``blocked_words``; ``all`` locks every one."""


class ArchiveSettings(Group):
    """What the public archive takes in."""

    topics_out: tuple[TopicSlug, ...] = ()
    """Topics, by their short names, whose answers stay out of the archive."""
    keeps_from: float = Field(default=KEPT_FROM, ge=0, le=1)
    """How likely somebody else must be glad to find an answer (0 to 1) for the archive to take it in."""


class JoiningSettings(Group):
    """Employees who join by themselves."""

    mode: JoiningWay = JoiningWay.OFF
    """Whoever proves an address at one of the domains takes part at once (``open``), or once a person in
    charge lets them in (``approve``); ``off``: people are invited."""
    domains: tuple[MailDomain, ...] = ()
    """The domains of the company's mail addresses, all of whose addresses are its people's; subdomains count
    only where they are named."""

    def refusals(self, *, by_mail: bool) -> dict[str, str]:
        """Why nobody could join like this although it is not off, by the fields that say so."""
        if self.mode is JoiningWay.OFF:
            return {}
        if not by_mail:
            return {"mode": "should be off as long as no mail server is set: addresses are proved by mail"}
        if not self.domains:
            return {"domains": "should name a domain at the least: whoever has an address there can join"}
        return {}
