"""The tables of the figures: what is to be counted anew, what was counted, day by day, and goals.

What begins with ``figures`` is made of other tables and can be made again: backups that are moved elsewhere
leave it out.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, LargeBinary, String
from sqlmodel import Field, SQLModel

from bot.store.tables.columns import Id, Numbered, moment


class FigureDueRow(Numbered, table=True):
    """A question of which something changed that is counted: the database notes it itself, by triggers.

    Lines are only ever added, so that nobody waits for anybody; whoever counts takes them away.
    """

    __tablename__: ClassVar[Any] = "figures_due"
    __table_args__ = ({"sqlite_autoincrement": True},)

    question_id: int = Field(sa_type=Id)
    asked_at: datetime | None = moment()
    """When it had been asked before that changed, or before it was deleted: the day it belonged to then."""


class FigureDayRow(SQLModel, table=True):
    """One day of the brand's calendar on which something was asked."""

    __tablename__: ClassVar[Any] = "figures_day"

    day: str = Field(primary_key=True, sa_type=String(10))
    """ISO 8601."""
    questions: int = 0
    waiting: int = 0
    """Of them, how many wait for us now."""


class FigureColumnRow(SQLModel, table=True):
    """One column of a day's facts, as ``routing.figures.columns`` says: a number for each question."""

    __tablename__: ClassVar[Any] = "figures_column"

    name: str = Field(primary_key=True, sa_type=String(16))
    day: str = Field(primary_key=True, sa_type=String(10))
    numbers: bytes = Field(sa_type=LargeBinary)
    names: list[str] = Field(default_factory=list, sa_type=JSON)
    """What the numbers of a named column stand for."""


class VoteDayRow(SQLModel, table=True):
    """What readers said of entries on one day of the brand's calendar. Nothing else holds it."""

    __tablename__: ClassVar[Any] = "vote_day"

    day: str = Field(primary_key=True, sa_type=String(10))
    """ISO 8601."""
    helpful: int = 0
    unhelpful: int = 0


class GoalRow(Numbered, table=True):
    """So many of a hundred questions are to have a response within a time, over the last days."""

    __tablename__: ClassVar[Any] = "goal"
    __table_args__: ClassVar[Any] = ({"sqlite_autoincrement": True},)

    topic: str = ""
    """The slug of the topic that it is about; empty: the whole house."""
    percent: int
    within_seconds: int
    in_hours: bool = False
    """Whether only the time within business hours counts."""
    days: int = 7
    """Over so many days, today among them."""
    set_at: datetime = moment(nullable=False)
    missed_since: datetime | None = moment()
    """Since when it has been missed; None: it is met, or too little was asked to tell."""
