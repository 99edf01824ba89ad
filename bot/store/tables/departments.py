"""The tables of departments: which there are, what they answer for, and who is in them."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, String
from sqlmodel import Field, SQLModel

from bot.store.tables.columns import Id, Numbered, moment


class DepartmentRow(Numbered, table=True):
    """A part of the company that answers for topics and matters."""

    __tablename__: ClassVar[Any] = "department"
    __table_args__: ClassVar[Any] = ({"sqlite_autoincrement": True},)

    name: str
    description: str = ""
    email: str = ""
    """The department's own mail address; empty where it has none."""
    created_at: datetime = moment(nullable=False)
    retired_at: datetime | None = moment()
    """Since when it answers for nothing any more; what it said stays under its name."""


class DepartmentTopicRow(SQLModel, table=True):
    """A topic that a department answers for: one topic is one department's."""

    __tablename__: ClassVar[Any] = "department_topic"

    topic_id: int = Field(primary_key=True, foreign_key="topic.id", sa_type=Id)
    department_id: int = Field(foreign_key="department.id", index=True, sa_type=Id)


class DepartmentAnswerRow(Numbered, table=True):
    """What a department says that it does about a matter; the latest that was not taken back counts."""

    __tablename__: ClassVar[Any] = "department_answer"
    __table_args__ = (
        Index("ix_department_answer_matter", "matter_id", "id"),
        {"sqlite_autoincrement": True},
    )

    matter_id: int = Field(foreign_key="matter.id", sa_type=Id)
    department_id: int | None = Field(default=None, foreign_key="department.id", sa_type=Id)
    """The department that answered for it by then; None: none did."""
    kind: str = Field(sa_type=String(12))
    """A ``DepartmentAnswerKind``."""
    planned_for: str | None = Field(default=None, sa_type=String(10))
    """The day by which it is to be mended (ISO 8601)."""
    version: str = ""
    """In what it is mended, in the department's words."""
    reason: str = ""
    """Why it stays as it is."""
    fixed_at: datetime | None = moment()
    """Since when it is mended: from here on fewer should ask."""
    statement_id: int | None = Field(default=None, sa_type=Id)
    """What everybody who asked is told of it."""
    said_by: int = Field(foreign_key="employee.id", sa_type=Id)
    said_at: datetime = moment(nullable=False)
    withdrawn_by: int | None = Field(default=None, foreign_key="employee.id", sa_type=Id)
    withdrawn_at: datetime | None = moment()


class DepartmentPersonRow(SQLModel, table=True):
    """Somebody in a department; ``leads`` says that they are in charge of it."""

    __tablename__: ClassVar[Any] = "department_person"

    department_id: int = Field(primary_key=True, foreign_key="department.id", sa_type=Id)
    employee_id: int = Field(primary_key=True, foreign_key="employee.id", index=True, sa_type=Id)
    leads: bool = False
