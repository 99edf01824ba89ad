"""The tables of a post's way: posts, questions, offers, answers, deliveries, and the archive's entries.

Everything about people and the house itself is in ``bot.store.tables.people`` and ``bot.store.tables.house``.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, String, UniqueConstraint, false, true
from sqlmodel import Field

from bot.posts import Mention, Visibility
from bot.states import (
    AnswerKind,
    AnswerState,
    DeliveryState,
    EntryState,
    PostState,
    TitleSource,
    Via,
)
from bot.store.tables import values
from bot.store.tables.columns import Id, Numbered, Work, index_where, index_where_given, moment, state_column
from routing.dialogue.turns import TurnKind
from routing.model.domain import OfferState, QuestionState, Reason, TopicWeight

_AUTO: dict[str, Any] = {"sqlite_autoincrement": True}
_ANNOUNCED = ("announcement_id", "platform", "part")
_ON_BOARD = ("id", "platform", "language")


class PostRow(Work, table=True):
    """One message on a platform, or the tombstone of one (``deleted_at`` set, no text)."""

    __tablename__: ClassVar[Any] = "post"
    __table_args__ = (
        UniqueConstraint("platform", "external_id"),
        Index("ix_post_work", "state", "due_at"),
        Index("ix_post_author", "platform", "author_id"),
        index_where_given("post", "in_reply_to"),
        index_where_given("post", "question_id"),
        index_where_given("post", "verdict"),
        index_where("ix_post_community", "id", condition="verdict = 'community'"),
        _AUTO,
    )

    platform: str = Field(sa_type=String(20))
    external_id: str
    author_id: str = ""
    author_handle: str = ""
    author_name: str = ""
    followers: int | None = None
    author_since: datetime | None = moment()
    """When the author's account was made, where the platform tells."""
    indexable: bool = True
    text: str = ""
    language: str | None = Field(default=None, sa_type=String(16))
    visibility: str = Field(default="private", sa_type=String(12))
    in_reply_to: str | None = None
    thread: str | None = None
    url: str | None = None
    mentions: list[dict[str, str | None]] = Field(default_factory=list, sa_type=JSON)
    tags: list[str] = Field(default_factory=list, sa_type=JSON)
    refs: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    is_repost: bool = False
    warning: str = Field(default="", sa_column_kwargs={"server_default": ""})
    choices: list[str] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    pictures: list[str] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    posted_at: datetime | None = moment()
    edited_at: datetime | None = moment()
    deleted_at: datetime | None = moment()
    received_at: datetime = moment(nullable=False)
    checked_at: datetime | None = moment()
    absent: str | None = Field(default=None, sa_type=String(20))
    """Why it is not to be seen on its platform for now, an ``Absence``; None: it is, as far as we know."""
    state: str = state_column(PostState.NEW)
    verdict: str | None = Field(default=None, sa_type=String(20))
    question_id: int | None = Field(default=None, foreign_key="question.id", sa_type=Id)
    employee_id: int | None = Field(default=None, foreign_key="employee.id", sa_type=Id)

    @property
    def is_public(self) -> bool:
        """Whether everybody may see it; what is not known to be public is not."""
        return Visibility.least(self.visibility).is_public

    @property
    def addressed(self) -> tuple[Mention, ...]:
        """Whom it addresses."""
        return values.mentions(self.mentions)


class QuestionRow(Work, table=True):
    """A customer's need. ``text`` is the opening mention's; follow-ups are posts of this question."""

    __tablename__: ClassVar[Any] = "question"
    __table_args__ = (
        Index("ix_question_work", "state", "due_at"),
        Index("ix_question_state", "state", "id"),
        Index("ix_question_customer", "platform", "customer_id"),
        *(index_where_given("question", one) for one in ("waits_since", "asked_back_by", "follows_id")),
        index_where_given("question", "joined_to"),
        index_where_given("question", "matter_id"),
        index_where("ix_question_matter_asked", "matter_id", "asked_at", condition="matter_id IS NOT NULL"),
        index_where("ix_question_ungathered", "id", condition="NOT gathered"),
        index_where_given("question", "announcement_id"),
        index_where("ix_question_urgent", *_ON_BOARD, condition="state = 'escalated' AND priority >= 2"),
        index_where("ix_question_nobody", *_ON_BOARD, condition="state = 'escalated' AND priority < 2"),
        index_where("ix_question_settled", "settled_at", "id", condition="state = 'settled'"),
        index_where("ix_question_rung", "rung", "due_at", "id", condition="state = 'offered'"),
        _AUTO,
    )

    platform: str = Field(sa_type=String(20))
    post_id: int | None = Field(default=None, unique=True, sa_type=Id)
    reply_to: int | None = Field(default=None, sa_type=Id)
    """The customer's latest post, which the brand replies to."""
    customer_id: str = ""
    customer_handle: str = ""
    text: str = ""
    language: str | None = Field(default=None, sa_type=String(16))
    state: str = state_column(QuestionState.OPEN)
    round: int = 0
    rung: int = 0
    priority: int = 0
    reach: int | None = None
    topics: list[list[Any]] = Field(default_factory=list, sa_type=JSON)
    """Pairs of topic slug and weight, as last classified or set by a person."""
    topics_by: str = ""
    """Who set the topics, where a person did; empty: they are predicted anew each time."""
    note: str = ""
    asked_at: datetime = moment(nullable=False)
    waits_since: datetime | None = moment()
    """Since when the customer has been waiting, where that is for somebody with a free hand."""
    reopened_at: datetime | None = moment()
    asked_back_at: datetime | None = moment()
    """When the brand last asked the customer something back."""
    asked_back_by: int | None = Field(default=None, sa_type=Id)
    """The employee who did, as long as it waits for the customer's reply."""
    answered_at: datetime | None = moment()
    settled_at: datetime | None = moment()
    satisfied: bool | None = None
    title: str = ""
    """The question restated in our own words; empty: one is derived."""
    title_source: str | None = Field(default=None, sa_type=String(12))
    suggestions: list[list[float]] = Field(default_factory=list, sa_type=JSON)
    """Entry ids, each with the probability that it answers the question, and that before calibration."""
    follows_id: int | None = Field(default=None, sa_type=Id)
    """The question in whose thread this one came up."""
    joined_to: int | None = Field(default=None, sa_type=Id)
    """The question of the same customer that this one is part of, a person says."""
    matter_id: int | None = Field(default=None, sa_type=Id)
    """The matter it is about; None: none, or nobody has looked yet."""
    gathered: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether it has been looked at for its matter."""
    joins: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether it only joins a campaign, in the words of its page: counted there, and nothing to answer."""
    uncounted: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether its account looks like one of a net, so that its campaign may count without it."""
    announcement_id: int | None = Field(default=None, sa_type=Id)  # that it replies to
    same_as_entry: int | None = Field(default=None, index=True, sa_type=Id)
    """The entry that already answers this, where somebody or the matcher said so."""
    unasked: bool = Field(default=False, sa_column_kwargs={"server_default": false()})  # nobody asked us

    @property
    def weights(self) -> tuple[TopicWeight, ...]:
        """What it is about, the main topic first. Raises ValueError where nobody can tell from the row."""
        return values.weights(self.topics)

    @property
    def main_topic(self) -> str | None:
        """The slug of what it is mainly about."""
        return next((one.slug for one in self.weights), None)

    @property
    def suggested(self) -> tuple[values.Suggested, ...]:
        """The entries that may answer it, the likeliest first."""
        return values.suggested(self.suggestions)


class OfferRow(Numbered, table=True):
    """A question put in front of one employee; once a round at the most."""

    __tablename__: ClassVar[Any] = "offer"
    __table_args__ = (
        UniqueConstraint("question_id", "employee_id", "round"),
        Index("ix_offer_desk", "employee_id", "state"),
        index_where("ix_offer_expiry", "expires_at", condition="state = 'open'"),
        index_where("ix_offer_answered", "id", condition="state = 'answered'"),
        index_where("ix_offer_claimed", "question_id", condition="claimed AND state = 'open'", unique=True),
        _AUTO,
    )

    question_id: int = Field(foreign_key="question.id", sa_type=Id)
    employee_id: int = Field(foreign_key="employee.id", sa_type=Id)
    round: int = 0
    rung: int = 0
    state: str = state_column(OfferState.OPEN)
    score: float = 0.0
    reasons: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    offered_at: datetime = moment(nullable=False)
    expires_at: datetime = moment(nullable=False)
    rested_at: datetime | None = moment()
    """Since when somebody else has the question for themself; so it was, too, where it ended meanwhile."""
    ended_at: datetime | None = moment()
    claimed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})  # as theirs

    @property
    def why(self) -> tuple[Reason, ...]:
        """Why this employee was asked."""
        return values.reasons(self.reasons)


class AnswerRow(Numbered, table=True):
    """An employee's words for one question. ``lead`` marks the accepted one, shown first."""

    __tablename__: ClassVar[Any] = "answer"
    __table_args__ = (
        Index("ix_answer_question", "question_id", "state"),
        Index("ix_answer_author", "employee_id", "state"),
        index_where("ix_answer_community", "id", condition="kind = 'community' AND state = 'published'"),
        index_where("ix_answer_held", "state", "id", condition="state = 'held'"),
        index_where("ix_answer_told", "question_id", condition="kind = 'statement' AND state = 'queued'"),
        index_where_given("answer", "corrects_id"),
        index_where_given("answer", "endorses_id"),
        index_where_given("answer", "reuse_of"),
        _AUTO,
    )

    question_id: int = Field(foreign_key="question.id", sa_type=Id)
    employee_id: int | None = Field(default=None, foreign_key="employee.id", sa_type=Id)
    post_id: int | None = Field(default=None, unique=True, sa_type=Id)
    via: str = Field(default=Via.DESK, sa_type=String(8))
    text: str
    round: int = 0
    credit: str = ""
    """The name the public sees, frozen when it was written."""
    state: str = state_column(AnswerState.QUEUED)
    held_for: str | None = None
    """Why a person has to decide, in words."""
    warning: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The content warning its author put in front of the words."""
    lead: bool = False
    kind: str = Field(default=AnswerKind.ANSWER, sa_type=String(12))
    said: str | None = None
    """Of which kind its words are (``TurnKind``), as judged or as a person said; None: never judged."""
    said_by_person: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether a person said of which kind it is: no judgement changes that."""
    for_archive: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    """Whether its author lets the archive have it."""
    accepted_by: str | None = Field(default=None, sa_type=String(12))
    """Who said that this is the accepted answer; None: nobody has, or said so of another."""
    refused: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether the customer said that it did not help."""
    reuse_of: int | None = Field(default=None, sa_type=Id)  # the entry whose answer this repeats
    corrects_id: int | None = Field(default=None, sa_type=Id)
    """The answer whose place this one takes once it is out; ``correction`` is how, a ``CorrectionWay``."""
    correction: str | None = Field(default=None, sa_type=String(8))
    endorses_id: int | None = Field(default=None, sa_type=Id)  # the other customer's that it says is right
    written_at: datetime = moment(nullable=False)
    published_at: datetime | None = moment()
    url: str | None = None

    @property
    def asks_back(self) -> bool:
        """Whether it only asks, and solves nothing."""
        return self.said == TurnKind.QUESTION_BACK

    @property
    def would_help(self) -> bool:
        """Whether its words would help somebody; one of before there was a judgement counts as such."""
        return self.said in (None, TurnKind.ANSWER)


class DeliveryRow(Work, table=True):
    """One outgoing message; ``payload`` is frozen with the commit that first says ``sending``."""

    __tablename__: ClassVar[Any] = "delivery"
    __table_args__ = (
        UniqueConstraint("answer_id", "part"),
        Index("ix_delivery_work", "state", "due_at"),
        Index("ix_delivery_state", "state", "id"),
        Index("ix_delivery_sent", "platform", "sent_at"),
        index_where(
            "ix_delivery_announced", *_ANNOUNCED, condition=f"{_ANNOUNCED[0]} IS NOT NULL", unique=True
        ),
        index_where_given("delivery", "target_id"),
        index_where("ix_delivery_taking_back", "state", "due_at", condition="target_id IS NOT NULL"),
        _AUTO,
    )

    kind: str = Field(sa_type=String(12))
    platform: str = Field(sa_type=String(20))
    key: str = Field(unique=True)
    answer_id: int | None = Field(default=None, foreign_key="answer.id", sa_type=Id)
    question_id: int | None = Field(default=None, foreign_key="question.id", index=True, sa_type=Id)
    employee_id: int | None = Field(default=None, foreign_key="employee.id", index=True, sa_type=Id)
    offer_id: int | None = Field(default=None, foreign_key="offer.id", sa_type=Id)
    announcement_id: int | None = Field(default=None, sa_type=Id)
    target_id: int | None = Field(default=None, sa_type=Id)
    """The message whose post it takes down."""
    part: int = 0
    parts: int = 1
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    state: str = state_column(DeliveryState.READY)
    reason: str | None = None
    """Why it is held, put off, rejected or withdrawn, in words; ``code`` in one word."""
    code: str | None = Field(default=None, sa_type=String(40))
    created_at: datetime = moment(nullable=False)
    first_sent_at: datetime | None = moment()
    deadline_at: datetime | None = moment()
    """Past this moment the latest attempt sent no more bytes."""
    absent_at: datetime | None = moment()
    """When a read back first found nothing."""
    sent_at: datetime | None = moment()
    external_id: str | None = Field(default=None, index=True)
    url: str | None = None
    refs: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    link: str | None = None
    """Where a person can post by hand what the platform takes from no app."""
    cost_micros: int = 0
    """Millionths of a dollar the platform asks for it."""

    @property
    def thread(self) -> tuple[int | None, int | None, str]:
        """What the parts of one thread have in common: an answer, or an announcement on one platform."""
        return self.answer_id, self.announcement_id, self.platform

    @property
    def sends(self) -> values.Payload:
        """What a publication sends."""
        return values.Payload.read(self.payload)

    @property
    def takes_down(self) -> values.BrandPost:
        """What a retraction takes down."""
        return values.BrandPost.read(self.payload)

    @property
    def tells(self) -> values.Notice:
        """What a notice is about."""
        return values.Notice.read(self.payload)


class EntryRow(Numbered, table=True):
    """The public record of one question. Its id is the public one: ``/q/{id}``, ``#chorus 123``."""

    __tablename__: ClassVar[Any] = "entry"
    __table_args__ = (
        Index("ix_entry_latest", "state", "published_at"),
        Index("ix_entry_asked", "state", "asked_count"),
        Index("ix_entry_topic", "topic", "published_at"),
        Index("ix_entry_touched", "state", "updated_at"),
        index_where_given("entry", "valid_until"),
        index_where("ix_entry_review", "updated_at", condition="review IS NOT NULL"),
        index_where("ix_entry_untitled", "state", "updated_at", condition="title_source = 'stand_in'"),
        _AUTO,
    )

    question_id: int = Field(foreign_key="question.id", unique=True, sa_type=Id)
    title: str
    title_source: str = Field(default=TitleSource.DERIVED, sa_type=String(12))
    quotation: str | None = None
    """The customer's words as the public may see them; None when withheld."""
    withheld: str | None = None
    """Why there is no quotation, in words."""
    warning: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The content warning that the quotation is folded behind."""
    pictures: list[str] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    """Descriptions of the pictures that came with the quotation."""
    details: list[dict[str, Any]] = Field(
        default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"}
    )
    """What the customer added later, as the public may see it; see ``added``."""
    source_url: str | None = None
    topic: str | None = None
    language: str | None = Field(default=None, sa_type=String(16), index=True)
    platform: str = Field(sa_type=String(20))
    state: str = state_column(EntryState.PUBLIC)
    asked_count: int = 1
    helpful: int = 0
    unhelpful: int = 0
    revision: int = 1
    owner_id: int | None = Field(default=None, foreign_key="employee.id", sa_type=Id)
    held_back: str | None = Field(default=None, sa_type=String(12))
    """Why it is judged to be of no use to others, a ``HeldBack``."""
    decided: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether a person has said if the public sees it: no judgement changes that."""
    moved_to: int | None = Field(default=None, sa_type=Id)
    """The entry whose question this one's is part of: readers are led there."""
    valid_until: datetime | None = moment()
    review: str | None = None
    """Why somebody should look at it again, in words."""
    published_at: datetime = moment(nullable=False)
    updated_at: datetime = moment(nullable=False)

    @property
    def added(self) -> tuple[values.Detail, ...]:
        """What the customer added to the quotation, the earliest first."""
        return values.details(self.details)
