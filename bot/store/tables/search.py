"""The tables of the archive's search: what entries mean, and whether what was suggested helped."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.store.tables.columns import Id, Numbered, moment

_AUTO: dict[str, Any] = {"sqlite_autoincrement": True}


class VectorRow(SQLModel, table=True):
    """An entry's embedding by one model (little-endian float32)."""

    __tablename__: ClassVar[Any] = "vector"

    entry_id: int = Field(primary_key=True, foreign_key="entry.id", sa_type=Id)
    model: str = Field(primary_key=True)
    revision: int
    vector: bytes = Field(sa_type=LargeBinary)


class SuggestionOutcomeRow(Numbered, table=True):
    """Whether an entry that was suggested for a question helped whoever answered it; judged once."""

    __tablename__: ClassVar[Any] = "suggestion_outcome"
    __table_args__ = (UniqueConstraint("question_id", "entry_id"), _AUTO)

    question_id: int = Field(foreign_key="question.id", sa_type=Id)
    entry_id: int = Field(foreign_key="entry.id", sa_type=Id)
    probability: float
    """What the archive said before calibration (0 to 1): calibrating anew starts from there."""
    helped: bool
    at: datetime = moment(nullable=False)
