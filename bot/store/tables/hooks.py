"""The tables of other programs: who is told of what, what became of it, and with which tokens they read."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, LargeBinary, String, UniqueConstraint, false
from sqlmodel import Field

from bot.states import HookEndpointState, HookMessageState, HookTemplate
from bot.store.tables.columns import Id, Numbered, Work, index_where, moment, state_column

_AUTO: dict[str, Any] = {"sqlite_autoincrement": True}


class HookEndpointRow(Numbered, table=True):
    """An address that is told of events."""

    __tablename__: ClassVar[Any] = "hook_endpoint"
    __table_args__ = (_AUTO,)

    name: str
    url: str
    template: str = Field(default=HookTemplate.STANDARD, sa_type=String(12))
    events: list[str] = Field(default_factory=list, sa_type=JSON)
    """Of what it is told (``bot.states.LISTENED``)."""
    sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    """Its secrets, encrypted: ``secret``, ``previous`` while those are still valid, ``token``."""
    previous_until: datetime | None = moment()
    """Until when messages are signed with the previous secrets, too."""
    state: str = state_column(HookEndpointState.ON)
    problem: str | None = None
    """Why it is off or rests, in words."""
    from_settings: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether the settings name it: they hold its secret, and pages cannot change it."""
    created_at: datetime = moment(nullable=False)
    failing_since: datetime | None = moment()
    """Since when it has taken nothing; empty while it does."""
    failures: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often in a row it has not taken a message."""
    rests_until: datetime | None = moment()
    """It is left alone until then: nobody waits for it again and again."""


class HookEventRow(Numbered, table=True):
    """Something that happened, written with it. ``key`` is the ``webhook-id`` of every message about it."""

    __tablename__: ClassVar[Any] = "hook_event"
    __table_args__ = (
        Index("ix_hook_event_subject", "kind", "subject"),
        index_where("ix_hook_event_new", "id", condition="NOT spread"),
        _AUTO,
    )

    key: str = Field(unique=True, sa_type=String(40))
    kind: str = Field(sa_type=String(24))
    subject: int = Field(default=0, sa_type=Id)
    """The number of the question, answer, entry, delivery or matter, by the kind."""
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """What was so at that moment and cannot be read later; no words of customers."""
    at: datetime = moment(nullable=False, index=True)
    spread: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether each endpoint that listens has its message."""


class HookMessageRow(Work, table=True):
    """An event on its way to one endpoint."""

    __tablename__: ClassVar[Any] = "hook_message"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        Index("ix_hook_message_state", "endpoint_id", "state", "due_at", "id"),
        Index("ix_hook_message_event", "event_id"),
        _AUTO,
    )

    endpoint_id: int = Field(foreign_key="hook_endpoint.id", sa_type=Id)
    event_id: int = Field(foreign_key="hook_event.id", sa_type=Id)
    state: str = state_column(HookMessageState.WAITING)
    give_up_at: datetime = moment(nullable=False)
    """It is tried until then."""
    sent_at: datetime | None = moment()
    status: int | None = None
    """What the endpoint last answered (HTTP)."""
    url: str | None = None
    """The issue that was made of it, in a tracker."""


class HookAttemptRow(Numbered, table=True):
    """One attempt to send a message, and what came of it."""

    __tablename__: ClassVar[Any] = "hook_attempt"
    __table_args__ = (
        Index("ix_hook_attempt_endpoint", "endpoint_id", "id"),
        Index("ix_hook_attempt_message", "message_id"),
        _AUTO,
    )

    endpoint_id: int = Field(foreign_key="hook_endpoint.id", sa_type=Id)
    message_id: int = Field(foreign_key="hook_message.id", sa_type=Id)
    at: datetime = moment(nullable=False)
    took_ms: int = 0
    status: int | None = None
    """What the endpoint answered (HTTP); None: nothing came back."""
    problem: str | None = None
    """Why it does not count as taken, in words."""


class ApiTokenRow(Numbered, table=True):
    """A token, as far as it is kept: only the hash of its secret is."""

    __tablename__: ClassVar[Any] = "api_token"
    __table_args__ = (_AUTO,)

    name: str
    secret_hash: str = Field(unique=True, sa_type=String(64))
    hint: str = Field(sa_type=String(8))
    """The last characters of the secret, by which people tell tokens apart."""
    scopes: list[str] = Field(default_factory=list, sa_type=JSON)
    """What it may read (``bot.roles.Scope``)."""
    created_at: datetime = moment(nullable=False)
    expires_at: datetime | None = moment()
    """It works until then; None: until it is revoked."""
    used_at: datetime | None = moment()
    """When it was last used, to the minute."""
    revoked_at: datetime | None = moment()
