"""What the brand says of its own accord, who hears of it first by mail, and the mails to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlmodel import Field

from bot.states import AnnouncementState, DeliveryState
from bot.store.tables.columns import (
    Id,
    Numbered,
    Work,
    index_where,
    index_where_given,
    moment,
    state_column,
)


class SeenBefore(StrEnum):
    """Which colleagues know of an announcement from its approval on, before it is out."""

    EVERYBODY = "everybody"
    """Everybody who answers."""
    DEPARTMENTS = "departments"
    """The people of some departments."""
    NOBODY = "nobody"
    """Nobody but whoever proposed it and those in charge."""


@dataclass(frozen=True, slots=True)
class CustomersMayAsk:
    """What customers may ask because of it, and what to answer: words between colleagues."""

    question: str
    reply: str

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "CustomersMayAsk":
        """What a column holds."""
        return cls(str(stored["question"]), str(stored["reply"]))

    def stored(self) -> dict[str, str]:
        """As the column holds it."""
        return {"question": self.question, "reply": self.reply}


class AnnouncementRow(Numbered, table=True):
    """A post of the brand's own: proposed, approved by somebody else, planned, out once on each platform."""

    __tablename__: ClassVar[Any] = "announcement"
    __table_args__ = (
        Index("ix_announcement_state", "state", "id"),
        Index("ix_announcement_author", "proposed_by", "id"),
        index_where_given("announcement", "planned_at"),
        index_where_given("announcement", "published_at"),
        index_where_given("announcement", "corrects_id"),
        {"sqlite_autoincrement": True},
    )

    text: str
    variants: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    """Other words for a platform, by its name."""
    platforms: list[str] = Field(default_factory=list, sa_type=JSON)
    """Where it goes out."""
    warning: str = ""
    """The content warning that it is folded behind."""
    language: str | None = Field(default=None, sa_type=String(16))
    state: str = state_column(AnnouncementState.PROPOSED)
    revision: int = 1
    """Grows with every change, so that nobody approves words they have not read."""
    note: str = ""
    """Why it was declined, in words."""
    proposed_by: int | None = Field(default=None, foreign_key="employee.id", sa_type=Id)
    approved_by: int | None = Field(default=None, foreign_key="employee.id", sa_type=Id)
    created_at: datetime = moment(nullable=False)
    changed_at: datetime = moment(nullable=False)
    approved_at: datetime | None = moment()
    planned_at: datetime | None = moment()
    """When it is to go out; nothing of it goes out before."""
    published_at: datetime | None = moment()
    """When it was first out on a whole platform."""
    corrects_id: int | None = Field(default=None, sa_type=Id)
    """The announcement that it puts right: always the first one, however often that is corrected."""
    why: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Why it puts that right."""
    seen_before: str = Field(
        default=SeenBefore.EVERYBODY,
        sa_type=String(12),
        sa_column_kwargs={"server_default": SeenBefore.EVERYBODY},
    )
    """Which colleagues know of it before it is out (``SeenBefore``)."""
    departments: list[int] = Field(
        default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"}
    )
    """The departments whose people do, where it is theirs alone."""
    asked: list[dict[str, str]] = Field(
        default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"}
    )

    def words_on(self, platform: str) -> str:
        """What it says there, before it is composed."""
        return self.variants.get(platform) or self.text

    @property
    def customers_may_ask(self) -> tuple[CustomersMayAsk, ...]:
        """What colleagues are prepared for."""
        return tuple(CustomersMayAsk.read(one) for one in self.asked)


class SubscriberRow(Numbered, table=True):
    """Somebody who wants to hear of announcements by mail, and does once they have proved the mailbox."""

    __tablename__: ClassVar[Any] = "subscriber"
    __table_args__ = ({"sqlite_autoincrement": True},)

    address: str = Field(unique=True)
    """The mailbox (``mailbox_of``)."""
    language: str | None = Field(default=None, sa_type=String(12))
    """The language of the mails; None: English."""
    asked_at: datetime = moment(nullable=False)
    mailed_at: datetime | None = moment(index=True)
    """When a link was last mailed."""
    mails: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Links mailed since ``asked_at``."""
    link_hash: str | None = Field(default=None, unique=True)
    link_until: datetime | None = moment()
    confirmed_at: datetime | None = moment(index=True)


class MailingRow(Numbered, table=True):
    """An announcement, its correction or that it was taken back, on its way to those who hear of it first.

    The database holds one of each kind for an announcement.
    """

    __tablename__: ClassVar[Any] = "mailing"
    __table_args__ = (
        UniqueConstraint("announcement_id", "kind"),
        index_where("ix_mailing_open", "id", condition="done_at IS NULL"),
        {"sqlite_autoincrement": True},
    )

    announcement_id: int = Field(sa_type=Id)
    """What is told: the announcement, or the correction of one."""
    kind: str = Field(sa_type=String(12))
    made_at: datetime = moment(nullable=False)
    reached: int = Field(default=0, sa_type=Id, sa_column_kwargs={"server_default": "0"})
    """Up to which subscriber there are mails of it."""
    done_at: datetime | None = moment()


class AnnouncementMailRow(Work, table=True):
    """One mail to one subscriber: the database holds one for each mailing."""

    __tablename__: ClassVar[Any] = "announcement_mail"
    __table_args__ = (
        UniqueConstraint("subscriber_id", "mailing_id"),
        Index("ix_announcement_mail_root", "root_id", "subscriber_id"),
        index_where("ix_announcement_mail_due", "state", "due_at", condition="due_at IS NOT NULL"),
        {"sqlite_autoincrement": True},
    )

    mailing_id: int = Field(sa_type=Id)
    subscriber_id: int = Field(sa_type=Id)
    root_id: int = Field(sa_type=Id)
    """The announcement, however often it is corrected."""
    state: str = state_column(DeliveryState.READY)
    give_up_at: datetime = moment(nullable=False)
    first_sent_at: datetime | None = moment()
    """When it may first have gone out."""
