"""The tables of matters: what many questions are about, and what people decided about that."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, String
from sqlmodel import Field

from bot.states import MatterState, TitleSource
from bot.store.tables.columns import Id, Numbered, index_where, moment, state_column

_AUTO: dict[str, Any] = {"sqlite_autoincrement": True}


class MatterRow(Numbered, table=True):
    """One thing that many questions are about. Its number is given by whoever gathers."""

    __tablename__: ClassVar[Any] = "matter"
    __table_args__ = (
        Index("ix_matter_latest", "state", "last_at"),
        index_where("ix_matter_surge", "id", condition="surge <> ''"),
        _AUTO,
    )

    title: str = ""
    title_source: str = Field(default=TitleSource.DERIVED, sa_type=String(12))
    title_question: int | None = Field(default=None, sa_type=Id)
    """The question whose words the title is made of; None: a person's, or nobody's."""
    topic: str | None = None
    state: str = state_column(MatterState.OPEN)
    questions: int = 0
    """How many questions were ever gathered here; those that moved on since are not among them."""
    first_at: datetime = moment(nullable=False)
    last_at: datetime = moment(nullable=False)
    merged_into: int | None = Field(default=None, sa_type=Id)
    surge_at: datetime | None = moment()
    """When more people than usual were last noticed."""
    surge: str = ""
    """How many people those were, in words; empty once it is over."""


class MatterDecisionRow(Numbered, table=True):
    """What a person decided about matters, in order, for whoever gathers."""

    __tablename__: ClassVar[Any] = "matter_decision"
    __table_args__ = (_AUTO,)

    kind: str = Field(sa_type=String(8))
    matter: int = Field(sa_type=Id)
    """The matter that stays, or that a question leaves."""
    other: int | None = Field(default=None, sa_type=Id)
    """The matter that is merged, or that a question goes to; None: to one of its own."""
    question_id: int | None = Field(default=None, sa_type=Id)
    decided_by: str = ""
    decided_at: datetime = moment(nullable=False)
