"""The tables of the figures: what is to be counted, what was, day by day, goals, and what customers say.

What begins with ``figures`` is made of other tables and can be made again: backups that are moved elsewhere
leave it out.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Index, LargeBinary, String
from sqlmodel import Field, SQLModel

from bot.store.tables.columns import Id, Numbered, index_where, moment
from routing.figures.goals import GoalMeasure


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
    version: int = Field(default=0, sa_type=BigInteger)
    """Another number each time that the day is counted: as long as it is the same, so are its facts."""


class FigureColumnRow(SQLModel, table=True):
    """One column of a bundle's facts, as ``routing.figures.columns`` says: a number for each question."""

    __tablename__: ClassVar[Any] = "figures_column"

    name: str = Field(primary_key=True, sa_type=String(16))
    bundle: str = Field(primary_key=True, sa_type=String(10))
    """ISO 8601: a day, or a month whose days have been put together."""
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
    """So many of a hundred questions are to have a response within a time, over the last days.

    Or customers are to be so content: what ``measure`` says.
    """

    __tablename__: ClassVar[Any] = "goal"
    __table_args__: ClassVar[Any] = ({"sqlite_autoincrement": True},)

    topic: str = ""
    """The slug of the topic that it is about; empty: the whole house."""
    measure: str = Field(default=GoalMeasure.RESPONSE.value, sa_type=String(12))
    """A ``GoalMeasure``."""
    percent: int
    """Of an NPS: points, from -100 to 100."""
    within_seconds: int
    """How soon a response is wanted; 0 where the goal is about something else."""
    in_hours: bool = False
    """Whether only the time within business hours counts."""
    days: int = 7
    """Over so many days, today among them."""
    set_at: datetime = moment(nullable=False)
    missed_since: datetime | None = moment()
    """Since when it has been missed; None: it is met, or too little was asked to tell."""


class SurveyRow(Numbered, table=True):
    """A customer was asked once how it went, and what they said."""

    __tablename__: ClassVar[Any] = "survey"
    __table_args__: ClassVar[Any] = (
        Index("ix_survey_customer", "platform", "customer_id", "asked_at"),
        index_where("ix_survey_waits", "waits_since", "id", condition="waits_since IS NOT NULL"),
        index_where("ix_survey_said", "said_at", "id", condition="said_at IS NOT NULL"),
        index_where("ix_survey_post", "post_id", condition="post_id IS NOT NULL"),
        {"sqlite_autoincrement": True},
    )

    question_id: int = Field(foreign_key="question.id", unique=True, sa_type=Id)
    answer_id: int | None = Field(default=None, foreign_key="answer.id", unique=True, sa_type=Id)
    """What the brand said to ask it."""
    platform: str = Field(sa_type=String(20))
    customer_id: str
    kind: str = Field(sa_type=String(8))
    """A ``SurveyKind``."""
    asked_at: datetime = moment(nullable=False)
    expires_at: datetime = moment(nullable=False)
    """Until when it can be answered."""
    score: int | None = None
    said_at: datetime | None = moment()
    """When they first gave a score."""
    post_id: int | None = Field(default=None, sa_type=Id)
    """The reply that the score stands in; None: it was given on the page, or not yet."""
    browser: str = Field(default="", sa_type=String(64))
    """The hash of the secret of the browser that gave it: that one may change it."""
    comment: str = ""
    """What they wrote on the page, for those in charge alone."""
    waits_since: datetime | None = moment()
    """Since when somebody should look at it; None: nobody need, or somebody has."""
