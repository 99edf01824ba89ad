"""The table of private pages: what a customer leaves for us that must not be public."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, LargeBinary
from sqlmodel import Field

from bot.store.tables.columns import Id, Numbered, index_where, moment, state_column


class HandoffState(StrEnum):
    """What has become of a private page that a customer was asked to."""

    OPEN = "open"
    """Its customer may still leave something."""
    LEFT = "left"
    """They have, and it is kept."""
    GONE = "gone"
    """Its time is over, or what was left is deleted."""


class HandoffRow(Numbered, table=True):
    """A private page of one question; only the hash of what its address ends in is kept."""

    __tablename__: ClassVar[Any] = "handoff"
    __table_args__ = (
        index_where("ix_handoff_kept", "expires_at", condition="state <> 'gone'"),
        {"sqlite_autoincrement": True},
    )

    question_id: int = Field(foreign_key="question.id", index=True, sa_type=Id)
    employee_id: int = Field(foreign_key="employee.id", index=True, sa_type=Id)
    """Who asked for it."""
    token_hash: str = Field(unique=True)
    state: str = state_column(HandoffState.OPEN)
    created_at: datetime = moment(nullable=False)
    expires_at: datetime = moment(nullable=False)
    """Until when its customer may leave something."""
    opened_at: datetime | None = moment()
    """When somebody, anybody, first opened it."""
    proofs: list[str] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    """The codes that its customer has posted: each opens it to the browser that showed it."""
    proved_at: datetime | None = moment()
    """When they first posted one."""
    left_at: datetime | None = moment()
    sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    """What was left, encrypted; None before that and after its deletion."""
