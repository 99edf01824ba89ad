"""The tables of departments: which there are, what they answer for, and who is in them."""

from datetime import datetime
from typing import Any, ClassVar

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


class DepartmentPersonRow(SQLModel, table=True):
    """Somebody in a department; ``leads`` says that they are in charge of it."""

    __tablename__: ClassVar[Any] = "department_person"

    department_id: int = Field(primary_key=True, foreign_key="department.id", sa_type=Id)
    employee_id: int = Field(primary_key=True, foreign_key="employee.id", index=True, sa_type=Id)
    leads: bool = False
