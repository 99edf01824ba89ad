"""The tables of what is said beside our questions.

Listening: the words, and what is on the tray because of them. And the brand's likes of what customers answer
each other.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, String, false, true
from sqlmodel import Field, SQLModel

from bot.states import DeliveryState, ListenedState
from bot.store.tables.columns import Id, Numbered, Utc, index_where, index_where_given, moment, state_column


class BrandWordRow(Numbered, table=True):
    """A word or phrase that is listened for, as the people in charge set it."""

    __tablename__: ClassVar[Any] = "brand_word"
    __table_args__ = ({"sqlite_autoincrement": True},)

    key: str = Field(unique=True)
    """The text in the form in which texts are compared: there is one rule for each."""
    text: str
    languages: list[str] = Field(default_factory=list, sa_type=JSON)
    """ISO 639-1 codes; empty: any."""
    excluded: list[str] = Field(default_factory=list, sa_type=JSON)
    """A post with one of these is left alone."""
    platforms: list[str] = Field(default_factory=list, sa_type=JSON)
    """Their names; empty: all."""
    is_on: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    changed_at: datetime = moment(nullable=False)


class ListenedRow(Numbered, table=True):
    """A post on the tray: it holds one of the words, and nobody asked us anything.

    It goes when its post does, and when somebody makes a question of it.
    """

    __tablename__: ClassVar[Any] = "listened"
    __table_args__ = (
        Index("ix_listened_state", "state", "id"),
        Index("ix_listened_looked", "platform", "looked_at"),
        Index("ix_listened_found", "found_at"),
        index_where("ix_listened_ungathered", "id", condition="NOT gathered"),
        index_where_given("listened", "matter_id"),
        {"sqlite_autoincrement": True},
    )

    post_id: int = Field(foreign_key="post.id", unique=True, sa_type=Id)
    platform: str = Field(sa_type=String(20))
    author_id: str = ""
    language: str | None = Field(default=None, sa_type=String(16))
    state: str = state_column(ListenedState.OPEN)
    found_at: datetime = moment(nullable=False)
    looked_at: datetime = moment(nullable=False)
    """When its platform last told whether the post is still there; from a day later on nobody sees it."""
    decided_by: int | None = Field(default=None, foreign_key="employee.id", sa_type=Id)
    decided_at: datetime | None = moment()
    matter_id: int | None = Field(default=None, sa_type=Id)
    """The matter that it is a voice of, where there is one."""
    gathered: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether it has been looked at for its matter."""


class ListenedWordRow(SQLModel, table=True):
    """A word that a post on the tray holds."""

    __tablename__: ClassVar[Any] = "listened_word"
    __table_args__ = (Index("ix_listened_word_word", "word_id", "listened_id"),)

    listened_id: int = Field(primary_key=True, foreign_key="listened.id", sa_type=Id)
    word_id: int = Field(primary_key=True, foreign_key="brand_word.id", sa_type=Id)


class ListeningDayRow(SQLModel, table=True):
    """What listening took on a platform in a day of UTC, and what of it was cut."""

    __tablename__: ClassVar[Any] = "listening_day"

    platform: str = Field(primary_key=True, sa_type=String(20))
    day: datetime = Field(primary_key=True, sa_type=Utc)
    searched: int = 0
    """Posts that searches brought, whether they held a word or not."""
    kept: int = 0
    """Posts that came onto the tray."""
    cut: str = Field(default="", sa_type=String(12))
    """Which bound was reached last (``ListeningCut``); empty: none."""
    problem: str = ""
    """Why the platform could not be searched, as of the last try; empty: it could."""


class WordDayRow(SQLModel, table=True):
    """How many posts with a word came onto the tray in a day of UTC."""

    __tablename__: ClassVar[Any] = "word_day"

    word_id: int = Field(primary_key=True, foreign_key="brand_word.id", sa_type=Id)
    day: datetime = Field(primary_key=True, sa_type=Utc)
    posts: int = 0


class LikeRow(Numbered, table=True):
    """The brand's like of another customer's endorsed answer: to be given, or to be taken back.

    It goes when it has been taken back.
    """

    __tablename__: ClassVar[Any] = "liking"
    __table_args__ = (
        index_where("ix_liking_due", "due_at", condition="due_at IS NOT NULL"),
        {"sqlite_autoincrement": True},
    )

    answer_id: int = Field(foreign_key="answer.id", unique=True, sa_type=Id)
    platform: str = Field(sa_type=String(20))
    external_id: str
    """The post that is liked."""
    key: str
    """What tells this like from another in every attempt, as of an outgoing post."""
    refs: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    wanted: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    """Whether it is to be given; else it is to be taken back."""
    state: str = state_column(DeliveryState.READY)
    """``ready``, ``sent`` or ``rejected``."""
    reason: str = ""
    """Why the platform refused it, in words."""
    attempts: int = 0
    due_at: datetime | None = moment()
    created_at: datetime = moment(nullable=False)
