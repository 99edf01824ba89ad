"""The tables of matters: what many questions are about, and what people decided about that."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, String, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from bot.states import MatterState, StatementAudience, StatementState, TitleSource
from bot.store.tables.columns import Id, Numbered, index_where, index_where_given, moment, state_column
from bot.store.tables.values import NoticedSurge
from routing.campaigns.states import ENDS_CAMPAIGN, CampaignState

_AUTO: dict[str, Any] = {"sqlite_autoincrement": True}


class MatterRow(Numbered, table=True):
    """One thing that many questions are about. Its number is given by whoever gathers."""

    __tablename__: ClassVar[Any] = "matter"
    __table_args__ = (
        Index("ix_matter_latest", "state", "last_at"),
        Index("ix_matter_topic", "topic", "id"),
        index_where("ix_matter_surge", "id", condition="surge <> ''"),
        _AUTO,
    )

    title: str = ""
    title_source: str = Field(default=TitleSource.DERIVED, sa_type=String(12))
    title_question: int | None = Field(default=None, sa_type=Id)
    """The question whose words the title is made of; None: a person's, or nobody's."""
    topic: str | None = None
    department_id: int | None = Field(default=None, sa_type=Id)
    """The department that answers for it, a person says; None: that of its topic."""
    state: str = state_column(MatterState.OPEN)
    questions: int = 0
    """How many questions were ever gathered here; those that moved on since are not among them."""
    first_at: datetime = moment(nullable=False)
    last_at: datetime = moment(nullable=False)
    merged_into: int | None = Field(default=None, sa_type=Id)
    surge_at: datetime | None = moment()
    """When more people than usual were last noticed."""
    surge: str = ""
    """How many people those were, in words for those in charge; empty once it is over."""
    noticed: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    """The figures of the latest surge as they were when it was noticed: a ``NoticedSurge``."""
    surge_over_at: datetime | None = moment()
    """When the latest surge was over; None: it is not, or there was none."""
    people_lately: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How many people asked in the seven days before ``counted_at``, each counted once."""
    people_before: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How many asked in the seven days before those."""
    counted_at: datetime | None = moment()
    praise: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether its people praise something: there is nothing to mend, and it raises no alarm."""
    is_public: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether it has a page that everybody can read: from the first statement on."""

    @property
    def surged(self) -> NoticedSurge | None:
        """The figures of the latest surge as they were when it was noticed; None: there was none."""
        return None if self.noticed is None else NoticedSurge.read(self.noticed)

    def end_surge(self, now: datetime) -> None:
        """Not more people than usual ask (any more); what was noticed stays known."""
        if self.surge:
            self.surge, self.surge_over_at = "", now


class CampaignRow(SQLModel, table=True):
    """A matter of which many want that something changes: what they ask for, and how far that is."""

    __tablename__: ClassVar[Any] = "campaign"
    __table_args__: ClassVar[Any] = (index_where_given("campaign", "due_at"),)

    matter_id: int = Field(primary_key=True, foreign_key="matter.id", sa_type=Id)
    demand: str
    """What is asked for, in the house's words."""
    state: str = state_column(CampaignState.NEW)
    made_by: int = Field(foreign_key="employee.id", sa_type=Id)
    made_at: datetime = moment(nullable=False)
    opened_at: datetime | None = moment()
    """Since when everybody can see its page and join; None: nobody can (any more)."""
    goal_days: int
    """Within so many days the brand says something, and something new after that, until it is over."""
    due_at: datetime | None = moment()
    """When the brand's next word is due; None: it is not open, or over."""
    leaves_out_nets: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether accounts that look like a net are left out of the number that is shown in public."""

    @property
    def is_over(self) -> bool:
        """Whether it has changed, or the answer is no."""
        return self.state in ENDS_CAMPAIGN


class StatementRow(Numbered, table=True):
    """What the brand says on a matter: written by one person, approved by another, told once to each."""

    __tablename__: ClassVar[Any] = "statement"
    __table_args__ = (
        Index("ix_statement_matter", "matter_id", "id"),
        index_where("ix_statement_active", "id", condition="state = 'active'"),
        _AUTO,
    )

    matter_id: int = Field(foreign_key="matter.id", sa_type=Id)
    kind: str = Field(sa_type=String(12))
    audience: str = Field(default=StatementAudience.ALL, sa_type=String(12))
    state: str = state_column(StatementState.PROPOSED)
    texts: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    """By language; under the empty one what everybody else is told."""
    written_by: int = Field(foreign_key="employee.id", sa_type=Id)
    written_at: datetime = moment(nullable=False)
    approved_by: int | None = Field(default=None, foreign_key="employee.id", sa_type=Id)
    approved_at: datetime | None = moment()

    def text_for(self, language: str | None) -> str:
        """The words for somebody who writes in this language."""
        code = (language or "").partition("-")[0].lower()
        return self.texts.get(code) or self.texts[""]


class ToldRow(Numbered, table=True):
    """Somebody who was told a statement, in reply to one of their questions: once, whatever they asked."""

    __tablename__: ClassVar[Any] = "told"
    __table_args__ = (UniqueConstraint("statement_id", "platform", "customer_id"), _AUTO)

    statement_id: int = Field(foreign_key="statement.id", sa_type=Id)
    platform: str = Field(sa_type=String(20))
    customer_id: str
    question_id: int = Field(foreign_key="question.id", index=True, sa_type=Id)
    answer_id: int | None = Field(default=None, sa_type=Id)
    """What was said to them; None: there was nowhere to say it in public."""
    told_at: datetime = moment(nullable=False)


class MatterKind(StrEnum):
    """What sort of matter it is, for whoever reads of it from outside."""

    DRIVER = "driver"
    """People ask about it steadily."""
    SURGE = "surge"
    """At some time more people asked about it than usual."""
    CAMPAIGN = "campaign"
    """Many want that something changes."""
    PRAISE = "praise"
    """People praise it: there is nothing to mend."""


class MatterDecisionKind(StrEnum):
    """What a person decided about matters."""

    MERGE = "merge"
    """Two are one."""
    MOVE = "move"
    """A question belongs elsewhere."""
    FORGET = "forget"
    """A question is gone."""
    ASSIGN = "assign"
    """A department answers for it: ``other`` is its number, None again that of its topic."""
    OPEN = "open"
    """A person opened one by hand: its number is taken."""


class MatterDecisionRow(Numbered, table=True):
    """What a person decided about matters, in order, for whoever gathers."""

    __tablename__: ClassVar[Any] = "matter_decision"
    __table_args__ = (_AUTO,)

    kind: str = Field(sa_type=String(8))
    matter: int = Field(sa_type=Id)
    """The matter that stays, or that a question leaves."""
    other: int | None = Field(default=None, sa_type=Id)
    """The matter that is merged, or that a question goes to (None: to one of its own); or a department."""
    question_id: int | None = Field(default=None, sa_type=Id)
    decided_by: str = ""
    decided_at: datetime = moment(nullable=False)
