"""The tables about people: employees, their accounts and expertise, how they sign in."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, String, UniqueConstraint, false, true
from sqlmodel import Field, SQLModel

from bot.roles import Role
from bot.states import JoinRequestState
from bot.store.tables import values
from bot.store.tables.columns import Id, Numbered, index_where, moment, state_column
from routing.model.domain import EmployeeState, ExpertiseSource, Shift

_AUTO: dict[str, Any] = {"sqlite_autoincrement": True}


class EmployeeRow(Numbered, table=True):
    """A person of the company who has opted in, or runs Chorus."""

    __tablename__: ClassVar[Any] = "employee"
    __table_args__ = (_AUTO,)

    name: str
    email: str = Field(unique=True)
    title: str = ""
    role: str = state_column(Role.EMPLOYEE)
    state: str = state_column(EmployeeState.ACTIVE)
    timezone: str = Field(default="UTC", sa_type=String(64))
    shifts: list[list[int]] = Field(default_factory=list, sa_type=JSON)
    """Triples of weekday (0 = Monday), start and end in minutes after midnight; none means always."""
    languages: list[str] = Field(default_factory=list, sa_type=JSON)
    """What they answer in; none means any."""
    language: str | None = Field(default=None, sa_type=String(12))
    """What the desk and notices say things in, as they chose; None: the browser's at the desk."""
    listed: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    """Whether customers are told that a linked account is theirs, who ask whether it is one of ours."""
    digest: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    """Whether they get the weekly digest of what they are in charge of."""
    shortcuts: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    """Whether single keys do something at their desk."""
    daily_cap: int = 20
    open_cap: int = 3
    paused_until: datetime | None = moment()
    opted_in_at: datetime | None = moment()
    accepted_terms: str | None = None
    """The version of the guidelines accepted."""
    accepts_anew: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether the guidelines have changed since, so that they are to be accepted again."""
    created_at: datetime = moment(nullable=False)
    left_at: datetime | None = moment()
    signed_in_at: datetime | None = moment()
    """When they last signed in; None: never."""

    @property
    def hours(self) -> tuple[Shift, ...]:
        """When they work; none means always."""
        return values.shifts(self.shifts)


class IdentityRow(Numbered, table=True):
    """An employee's account on a platform: the immutable id counts, the handle is for display."""

    __tablename__: ClassVar[Any] = "identity"
    __table_args__ = (UniqueConstraint("platform", "account_id"), _AUTO)

    employee_id: int = Field(foreign_key="employee.id", index=True, sa_type=Id)
    platform: str = Field(sa_type=String(20))
    account_id: str
    handle: str
    proof: str = Field(default="operator", sa_type=String(20))
    """How we know that the account is theirs: ``operator``, ``oauth`` or ``code``."""
    linked_at: datetime = moment(nullable=False)
    follow_waits: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """The brand has asked to follow the account, and its owner has not answered yet."""


class TopicRow(Numbered, table=True):
    """A subject tag."""

    __tablename__: ClassVar[Any] = "topic"
    __table_args__ = (_AUTO,)

    slug: str = Field(unique=True)
    name: str
    description: str = ""
    keywords: list[str] = Field(default_factory=list, sa_type=JSON)
    parent: str | None = None
    retired_at: datetime | None = moment()
    """Since when no new question gets it; what is filed under it stays."""
    successor_id: int | None = Field(default=None, sa_type=Id)
    """The topic that new questions get in place of a retired one, and that its page leads to."""


class FormerSlugRow(SQLModel, table=True):
    """A short name that a topic had, or one that became part of it: addresses with it lead there."""

    __tablename__: ClassVar[Any] = "former_slug"

    slug: str = Field(primary_key=True)
    topic_id: int = Field(foreign_key="topic.id", index=True, sa_type=Id)
    since: datetime = moment(nullable=False)


class TopicMoveKind(StrEnum):
    """Why questions go by another topic than before."""

    MERGE = "merge"
    RENAME = "rename"
    SPLIT = "split"


class TopicMoveRow(Numbered, table=True):
    """Questions on their way from one topic to another (``bot.actions.topics.refiling``)."""

    __tablename__: ClassVar[Any] = "topic_move"
    __table_args__ = (index_where("ix_topic_move_going", "id", condition="finished_at IS NULL"), _AUTO)

    kind: str = Field(sa_type=String(12))
    """A ``TopicMoveKind``."""
    former: str
    slug: str
    words: list[str] = Field(default_factory=list, sa_type=JSON)
    """Where only some questions move: those that say one of these."""
    questions: list[int] = Field(default_factory=list, sa_type=JSON)
    """Questions that move whatever they say."""
    matters: list[int] = Field(default_factory=list, sa_type=JSON)
    """Matters of which all questions move."""
    at: int = Field(sa_type=Id)
    """Up to this question all are still to be looked at, down to ``floor``."""
    floor: int = Field(default=0, sa_type=Id)
    newest: int = Field(sa_type=Id)
    """The newest question when it began, or was looked at again."""
    total: int = 0
    """How many numbers of questions there were to look at when it began."""
    moved: int = 0
    entries: int = 0
    begun_by: str = ""
    begun_at: datetime = moment(nullable=False)
    finished_at: datetime | None = moment()

    @property
    def takes_all(self) -> bool:
        """Whether everything moves, and the topic it was filed under is no more."""
        return self.kind != TopicMoveKind.SPLIT


class ExpertiseRow(SQLModel, table=True):
    """An employee's level in a topic."""

    __tablename__: ClassVar[Any] = "expertise"

    employee_id: int = Field(primary_key=True, foreign_key="employee.id", sa_type=Id)
    topic_id: int = Field(primary_key=True, foreign_key="topic.id", sa_type=Id)
    level: int = 2
    source: str = Field(default=ExpertiseSource.DECLARED, sa_type=String(12))


class TopicCallRow(Numbered, table=True):
    """Colleagues are asked who knows a topic, once at a time (``bot.actions.topics.calling``)."""

    __tablename__: ClassVar[Any] = "topic_call"
    __table_args__ = (
        index_where("ix_topic_call_open", "topic_id", condition="closed_at IS NULL", unique=True),
        _AUTO,
    )

    topic_id: int = Field(foreign_key="topic.id", index=True, sa_type=Id)
    asked_by: int = Field(foreign_key="employee.id", sa_type=Id)
    asked_at: datetime = moment(nullable=False)
    closed_at: datetime | None = moment()
    """When somebody ended it; it is over after ``calls.CALL_LASTS`` whatever stands here."""


class TopicReplyRow(SQLModel, table=True):
    """What somebody has said who was asked whether they know a topic."""

    __tablename__: ClassVar[Any] = "topic_reply"

    call_id: int = Field(primary_key=True, foreign_key="topic_call.id", sa_type=Id)
    employee_id: int = Field(primary_key=True, foreign_key="employee.id", index=True, sa_type=Id)
    level: int
    """0: not theirs; 1 to 3 as in ``ExpertiseRow``."""
    said_at: datetime = moment(nullable=False)


class LoginLinkRow(SQLModel, table=True):
    """A one-time link to sign in with; only the hash of its secret is kept."""

    __tablename__: ClassVar[Any] = "login_link"

    secret_hash: str = Field(primary_key=True)
    employee_id: int = Field(foreign_key="employee.id", index=True, sa_type=Id)
    expires_at: datetime = moment(nullable=False)
    used_at: datetime | None = moment()


class JoinLinkRow(SQLModel, table=True):
    """A one-time link that proves a mailbox to be somebody's who wants to take part; only its hash is kept.

    Mail to somebody who is known already, or may not join, leaves a row, too, so that all of it is counted.
    """

    __tablename__: ClassVar[Any] = "join_link"

    secret_hash: str = Field(primary_key=True)
    email: str = Field(index=True)
    mailed_at: datetime = moment(nullable=False, index=True)
    expires_at: datetime = moment(nullable=False)
    used_at: datetime | None = moment()


class JoinRequestRow(Numbered, table=True):
    """Somebody who has proved their mailbox and wants to take part; who is let in has a row no more."""

    __tablename__: ClassVar[Any] = "join_request"
    __table_args__ = (_AUTO,)

    email: str = Field(unique=True)
    name: str
    timezone: str = Field(default="UTC", sa_type=String(64))
    language: str | None = Field(default=None, sa_type=String(12))
    levels: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    """What they say they know: a topic's short name, and how well."""
    state: str = state_column(JoinRequestState.WAITING)
    asked_at: datetime = moment(nullable=False)
    decided_at: datetime | None = moment()
    why: str = ""
    """Why they were declined."""


class SessionRow(SQLModel, table=True):
    """Somebody signed in; only the hash of the cookie's secret is kept."""

    __tablename__: ClassVar[Any] = "session"

    secret_hash: str = Field(primary_key=True)
    employee_id: int = Field(foreign_key="employee.id", index=True, sa_type=Id)
    created_at: datetime = moment(nullable=False)
    seen_at: datetime = moment(nullable=False)


class LinkCodeRow(SQLModel, table=True):
    """A one-time code that an employee posts from an account to prove that it is theirs."""

    __tablename__: ClassVar[Any] = "link_code"

    code: str = Field(primary_key=True)
    employee_id: int = Field(foreign_key="employee.id", index=True, sa_type=Id)
    platform: str = Field(sa_type=String(20))
    expires_at: datetime = moment(nullable=False)
    used_at: datetime | None = moment()


class LoadRow(SQLModel, table=True):
    """What is on one employee's plate, kept with every offer (``bot.store.people.loads``)."""

    __tablename__: ClassVar[Any] = "load"

    employee_id: int = Field(primary_key=True, foreign_key="employee.id", sa_type=Id)
    open_offers: int = 0
    day: str | None = Field(default=None, sa_type=String(10))
    """The latest day on which they were asked (ISO 8601), as their calendar had it."""
    offers: int = 0
    """How many offers were made to them on that day."""
    last_offered_at: datetime | None = moment()


class NoteRow(Numbered, table=True):
    """Words between colleagues on a question, as they were typed: nothing that is read outside has them."""

    __tablename__: ClassVar[Any] = "note"
    __table_args__ = (_AUTO,)

    question_id: int = Field(foreign_key="question.id", index=True, sa_type=Id)
    written_on: int = Field(sa_type=Id)
    """The question that it was written on: another one where the two were joined later."""
    employee_id: int = Field(foreign_key="employee.id", index=True, sa_type=Id)
    text: str
    told: list[int] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    """The colleagues that it was to be read by, who got a notice."""
    written_at: datetime = moment(nullable=False)
