"""The tables of the house: switches, cursors, changes, audit, the local feed, texts, what answers were."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, LargeBinary, String, UniqueConstraint, false, true
from sqlmodel import Field, SQLModel

from bot.states import ChangeKind, ConnectionState
from bot.store.tables import values
from bot.store.tables.columns import Id, Numbered, Utc, index_where, index_where_given, moment, state_column

_AUTO: dict[str, Any] = {"sqlite_autoincrement": True}


class SwitchRow(SQLModel, table=True):
    """A decision of the people in charge that every node obeys, such as ``publishing_paused``."""

    __tablename__: ClassVar[Any] = "switch"

    name: str = Field(primary_key=True)
    value: Any = Field(default=None, sa_type=JSON)
    set_at: datetime = moment(nullable=False)
    set_by: str = ""
    reason: str = ""


class CursorRow(SQLModel, table=True):
    """How far a listener or a follower has read."""

    __tablename__: ClassVar[Any] = "cursor"

    name: str = Field(primary_key=True)
    value: str
    moved_at: datetime = moment(nullable=False)


class NodeRow(SQLModel, table=True):
    """A process that works, and when it last said so."""

    __tablename__: ClassVar[Any] = "node"

    name: str = Field(primary_key=True)
    works: bool = True
    started_at: datetime = moment(nullable=False)
    seen_at: datetime = moment(nullable=False)


class ConnectionRow(SQLModel, table=True):
    """The brand account's tokens on a platform, encrypted, and whether they work."""

    __tablename__: ClassVar[Any] = "connection"

    platform: str = Field(primary_key=True, sa_type=String(20))
    sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    state: str = state_column(ConnectionState.CONNECTED)
    problem: str | None = None
    changed_at: datetime = moment(nullable=False)
    looked_at: datetime | None = moment()
    """When the platform was last read without a failure."""
    webhook: str | None = Field(default=None, sa_type=String(12))
    """``valid``, ``invalid`` or ``missing``, where the platform calls us and tells how that goes."""
    webhook_at: datetime | None = moment()
    """When the webhook was last seen to be valid."""
    alarm: str | None = None
    """What is wrong with receiving and may mend by itself, in words."""


class ReadingRow(SQLModel, table=True):
    """What was read in a day of UTC on a platform that charges for reading, and what that cost."""

    __tablename__: ClassVar[Any] = "reading"

    platform: str = Field(primary_key=True, sa_type=String(20))
    day: datetime = Field(primary_key=True, sa_type=Utc)
    kind: str = Field(primary_key=True, sa_type=String(12))
    """A ``bot.posts.Read``."""
    number: int = Field(default=0, sa_type=Id)
    cost_micros: int = Field(default=0, sa_type=Id)
    """Millionths of a dollar, at the prices of that day's settings."""


class AuditRow(Numbered, table=True):
    """Who did what: append-only, each line hashed together with the one before."""

    __tablename__: ClassVar[Any] = "audit"
    __table_args__ = (
        Index("ix_audit_actor", "actor", "id"),
        Index("ix_audit_action", "action", "id"),
        Index("ix_audit_subject", "subject", "id"),
        Index("ix_audit_at", "at"),
        _AUTO,
    )

    at: datetime = moment(nullable=False)
    actor: str
    action: str
    subject: str = ""
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    hash: str = Field(sa_type=String(64))


class LocalPostRow(Numbered, table=True):
    """A post on the local feed. ``key`` makes posting the same thing twice harmless."""

    __tablename__: ClassVar[Any] = "local_post"
    __table_args__ = (_AUTO,)

    author: str = Field(index=True)
    text: str
    in_reply_to: int | None = Field(default=None, sa_type=Id, index=True)
    repost_of: int | None = Field(default=None, sa_type=Id)
    key: str | None = Field(default=None, unique=True)
    posted_at: datetime = moment(nullable=False)
    edited_at: datetime | None = moment()
    deleted_at: datetime | None = moment()


class TextRow(Numbered, table=True):
    """A version of one of the public texts: terms, disclaimer, moderation policy, guidelines.

    It is in force from ``published_at`` on, when a second person approved it (``published_by``).
    """

    __tablename__: ClassVar[Any] = "text"
    __table_args__ = (_AUTO,)

    name: str = Field(index=True, sa_type=String(40))
    title: str
    paragraphs: list[str] = Field(default_factory=list, sa_type=JSON)
    proposed_at: datetime | None = moment()
    proposed_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    proposed_by_id: int | None = Field(default=None, sa_type=Id)
    published_at: datetime | None = moment()
    published_by: str = ""
    withdrawn_at: datetime | None = moment()
    """Since when it waits for nobody any more, without ever having been in force."""
    withdrawn_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    accept_anew: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether employees accept it anew before they go on, where they accept it at all."""

    @property
    def is_undecided(self) -> bool:
        """Whether nobody has put it into force or withdrawn it; a later version may have replaced it."""
        return self.published_at is None and self.withdrawn_at is None

    @property
    def retires(self) -> bool:
        """Whether the text is in force no more from this version on: it says nothing."""
        return not self.paragraphs


class RuleVersionRow(Numbered, table=True):
    """A version of the house's rules. No two follow the same one: who writes second is told."""

    __tablename__: ClassVar[Any] = "rule_version"
    __table_args__ = (_AUTO,)

    follows: int = Field(unique=True, sa_type=Id)
    """The number of the version before; 0 before the first."""
    values: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """What differs from the settings, by the setting's name."""
    why: str = ""
    written_at: datetime = moment(nullable=False)
    written_by: str = ""


class ReportRow(Numbered, table=True):
    """What a reader said about an entry: wrong, outdated, personal data, or else."""

    __tablename__: ClassVar[Any] = "report"
    __table_args__ = (_AUTO,)

    entry_id: int = Field(foreign_key="entry.id", index=True, sa_type=Id)
    reason: str = Field(sa_type=String(20))
    text: str = ""
    reported_at: datetime = moment(nullable=False)
    closed_at: datetime | None = moment()
    closed_by: str = ""


class ErasureRow(Numbered, table=True):
    """Somebody whose data were removed: enough to recognise them in a restored backup, not to name them.

    ``identity_hash`` is an HMAC of platform and id under a random key, which lies ``sealed`` beside it.
    """

    __tablename__: ClassVar[Any] = "erasure"
    __table_args__ = (_AUTO,)

    kind: str = Field(sa_type=String(12))
    """``customer`` or ``employee``."""
    platform: str = Field(default="", sa_type=String(20))
    identity_hash: str = Field(sa_type=String(64), unique=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    credit: str = ""
    """How a former employee's answers are credited since."""
    erased_at: datetime = moment(nullable=False)


class EntryCareRow(SQLModel, table=True):
    """When upkeep last looked at an entry: at its age, at its date of expiry, at its links."""

    __tablename__: ClassVar[Any] = "entry_care"

    entry_id: int = Field(primary_key=True, foreign_key="entry.id", sa_type=Id)
    aged_at: datetime | None = moment()
    """When it was last put up for review because of its age."""
    expired_for: datetime | None = moment()
    """The ``valid_until`` for which it was put up for review."""
    links_due_at: datetime | None = moment(index=True)


class LinkCheckRow(SQLModel, table=True):
    """A link in published answers, and whether it still leads anywhere."""

    __tablename__: ClassVar[Any] = "link_check"

    url: str = Field(primary_key=True)
    checked_at: datetime = moment(nullable=False)
    failures: int = 0
    """In a row; from two on the link counts as dead."""
    problem: str | None = None


class ChangeRow(SQLModel, table=True):
    """One line of the commit-ordered change log that search and experts follow."""

    __tablename__: ClassVar[Any] = "change"
    __table_args__ = (Index("ix_change_kind", "kind", "seq"), _AUTO)

    seq: int = Field(default=None, primary_key=True, sa_type=Id)
    kind: str = Field(sa_type=String(12))
    """A ``ChangeKind``."""
    row_id: int = Field(sa_type=Id)
    """What it is about: an entry, an answer, a post of the local feed, an employee (or topic) for ``roster``
    and ``hand``, a question for ``outcome`` and ``work``; 0 where it is about no row, or about several."""
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime = moment(nullable=False)

    @property
    def happened(self) -> values.Happened:
        """What came of a question, where the line is about that. Raises LookupError or ValueError else."""
        return values.Happened.read(self.detail)

    @property
    def questions(self) -> tuple[int, ...]:
        """The questions it concerns: the one it is about, and those it names beside."""
        own = (self.row_id,) if self.kind in (ChangeKind.WORK, ChangeKind.OUTCOME) and self.row_id else ()
        return (*own, *self.detail.get("questions", ()))


class BoardMarkRow(SQLModel, table=True):
    """What was noted about one thing on the board: who looks after it, and until when it is put off."""

    __tablename__: ClassVar[Any] = "board_mark"
    __table_args__ = (
        index_where(
            "ix_board_mark_person", "assigned_to", "kind", "row_id", condition="assigned_to IS NOT NULL"
        ),
        index_where(
            "ix_board_mark_department",
            "department_id",
            "kind",
            "row_id",
            condition="department_id IS NOT NULL",
        ),
        Index("ix_board_mark_touched", "touched_at"),
    )

    kind: str = Field(primary_key=True, sa_type=String(12))
    """A ``BoardKind``."""
    row_id: int = Field(primary_key=True, sa_type=Id)
    assigned_to: int | None = Field(default=None, foreign_key="employee.id", sa_type=Id)
    department_id: int | None = Field(default=None, sa_type=Id)
    """The department that it was given to; ``assigned_to`` may be somebody of it who sees to it."""
    assigned_by: int | None = Field(default=None, foreign_key="employee.id", sa_type=Id)
    snoozed_until: datetime | None = moment()
    """Until then it is left out of the board."""
    snoozed_by: int | None = Field(default=None, foreign_key="employee.id", sa_type=Id)
    why: str = ""
    """Why it is put off, in words."""
    touched_at: datetime = moment(nullable=False)


class KeptFilterRow(Numbered, table=True):
    """A filter of the board that somebody keeps under a name: what stands behind the ``?`` of its address."""

    __tablename__: ClassVar[Any] = "kept_filter"
    __table_args__ = (UniqueConstraint("employee_id", "name"), {"sqlite_autoincrement": True})

    employee_id: int = Field(foreign_key="employee.id", sa_type=Id)
    name: str = Field(sa_type=String(60))
    query: str = ""


class AnswerVersionRow(Numbered, table=True):
    """What an answer said before it was changed."""

    __tablename__: ClassVar[Any] = "answer_version"
    __table_args__ = (_AUTO,)

    answer_id: int = Field(foreign_key="answer.id", index=True, sa_type=Id)
    text: str
    replaced_at: datetime = moment(nullable=False)
    replaced_by: str = ""
    reason: str = ""


class ChallengeKind(StrEnum):
    """How it is said that a published answer should not stay as it is."""

    CHALLENGE = "challenge"
    """A colleague says what is wrong."""
    EDIT = "edit"
    """Its author has edited the post that it came from."""
    DELETION = "deletion"
    """Its author has deleted that post, or not everybody may see it any more."""


BY_AUTHOR = (ChallengeKind.EDIT, ChallengeKind.DELETION)
"""What the author of the answer did, on the platform."""


class ChallengeState(StrEnum):
    """What has become of a challenge."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    OVER = "over"
    """Nothing is left to decide: the answer was taken back meanwhile, or its question is gone."""


class ChallengeRow(Numbered, table=True):
    """Somebody says that a published answer is wrong; ``words`` are better ones, empty where they gave none.

    Of one answer a person has one at a time that waits.
    """

    __tablename__: ClassVar[Any] = "challenge"
    __table_args__ = (
        index_where("ix_challenge_waiting", "state", "id", condition="state = 'waiting'"),
        index_where(
            "ix_challenge_one", "answer_id", "challenger_id", condition="state = 'waiting'", unique=True
        ),
        index_where_given("challenge", "correction_id"),
        {"sqlite_autoincrement": True},
    )

    answer_id: int = Field(foreign_key="answer.id", index=True, sa_type=Id)
    kind: str = Field(default=ChallengeKind.CHALLENGE, sa_type=String(12))
    challenger_id: int = Field(foreign_key="employee.id", index=True, sa_type=Id)
    wrong: str = ""
    """What is wrong, in the challenger's words; of an author's own post why nothing followed by itself."""
    words: str = ""
    named: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    """Whether the challenger may be named."""
    thanks: str = ""
    """Under which name the public reads who knew better; empty: it names nobody."""
    state: str = state_column(ChallengeState.WAITING)
    why: str = ""
    """Why it was declined, or is over."""
    correction_id: int | None = Field(default=None, sa_type=Id)
    """The answer that puts it right."""
    made_at: datetime = moment(nullable=False)
    decided_by: int | None = Field(default=None, sa_type=Id)
    """Who decided; None: nobody has, or a rule of the house did."""
    decided_at: datetime | None = moment()
