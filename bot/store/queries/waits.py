"""What waits for a person: said here alone, for the overview, the doctor and the notices."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.states import (
    AnnouncementState,
    AnswerState,
    ConnectionState,
    DeliveryCode,
    DeliveryState,
    EntryState,
    JoinRequestState,
    PostKind,
    PostState,
)
from bot.store.hooks import endpoints
from bot.store.people import api_tokens
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.columns import among, said
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, PostRow, QuestionRow
from bot.store.tables.figures import GoalRow, SurveyRow
from bot.store.tables.hooks import ApiTokenRow, HookEndpointRow
from bot.store.tables.house import ChallengeRow, ChallengeState, ConnectionRow, ReportRow, TextRow
from bot.store.tables.matters import CampaignRow, MatterRow
from bot.store.tables.people import JoinRequestRow
from routing.model.domain import QuestionState

SETTLES_ALONE = timedelta(minutes=5)
"""An unknown outcome is mostly cleared up by itself; after this long somebody should know."""


class Waits(StrEnum):
    """A kind of thing that only a person can move on."""

    QUESTION = "question"
    """Nobody who was asked could answer in time."""
    ANSWER = "answer"
    """It is held."""
    UNMATCHED = "unmatched"
    """A tagged answer whose question nobody can tell."""
    UNKNOWN = "unknown"
    """A message of which nobody knows whether it went out, and looking has not told."""
    REFUSED = "refused"
    """A message that its platform refused for good."""
    FAILED_MESSAGE = "failed_message"
    """It failed too often for a reason of ours."""
    RESTORED = "restored"
    """A message of a restored backup, until publishing is resumed."""
    REPORT = "report"
    """An entry that readers reported."""
    REVIEW = "review"
    """Any other entry to be looked at again."""
    FAILED_QUESTION = "failed_question"
    """It failed too often for a reason of ours."""
    POST = "post"
    """It could not be read, stored or handled, and was set aside."""
    ANNOUNCEMENT = "announcement"
    """Somebody proposed it, and nobody has approved it yet."""
    CONNECTION = "connection"
    """The brand's account has to be connected again."""
    CHALLENGE = "challenge"
    """Somebody says that a published answer is wrong."""
    SURGE = "surge"
    """More people than usual ask about something."""
    CAMPAIGN = "campaign"
    """The brand's next word on it is overdue."""
    GOAL = "goal"
    """Customers wait longer for a response, or are less content, than somebody wanted."""
    TEXT = "text"
    """A new version of a public text that nobody has approved yet."""
    ENDPOINT = "endpoint"
    """An outgoing hook that takes nothing, or did not take everything."""
    TOKEN = "token"  # noqa: S105
    """A program's token that is about to end."""
    SCORE = "score"
    """A customer who was asked how it went is not content."""
    NEWCOMER = "newcomer"
    """Somebody who wants to take part, and has proved their mailbox."""


def what_waits(session: Session, now: datetime) -> dict[Waits, int]:
    """How much of each kind waits for a person."""
    places = _places(now)
    counts = [
        select(func.count()).select_from(table).where(is_waiting).scalar_subquery()
        for table, is_waiting in places.values()
    ]
    return dict(zip(places, session.connection().execute(select(*counts)).one(), strict=True))


def which_wait(session: Session, kinds: Sequence[Waits], now: datetime, most: int) -> list[str]:
    """Those of some kinds, which have one table: up to ``most`` ids (or platforms), the latest first."""
    places = _places(now)
    table = places[kinds[0]][0]
    (key,) = table.__table__.primary_key
    either = or_(*(places[kind][1] for kind in kinds))
    rows = session.execute(select(key).where(either).order_by(key.desc()).limit(most))
    return [str(one) for one in rows.scalars()]


def is_held() -> ColumnElement[bool]:
    """Whether an answer waits for a decision."""
    return col(AnswerRow.state) == said(AnswerState.HELD)


def is_unmatched() -> ColumnElement[bool]:
    """Whether a post is a tagged answer whose question nobody can tell."""
    return col(PostRow.verdict) == PostKind.UNMATCHED


def is_to_review() -> ColumnElement[bool]:
    """Whether an entry is to be looked at again. What the public does not see needs no look."""
    return among(EntryRow.state, EntryState.PUBLIC) & col(EntryRow.review).is_not(None)


def is_challenged() -> ColumnElement[bool]:
    """Whether a challenge waits for a decision."""
    return col(ChallengeRow.state) == said(ChallengeState.WAITING)


def is_reported() -> ColumnElement[bool]:
    """Whether readers reported an entry, and nobody has looked at it since."""
    return (
        select(ReportRow.id)
        .where(ReportRow.entry_id == EntryRow.id, col(ReportRow.closed_at).is_(None))
        .exists()
    )


def is_to_approve() -> ColumnElement[bool]:
    """Whether a version of a public text waits for a second person: not withdrawn, and no later one."""
    later = aliased(TextRow)
    is_replaced = select(later.id).where(later.name == TextRow.name, later.id > TextRow.id).exists()
    is_undecided = col(TextRow.published_at).is_(None) & col(TextRow.withdrawn_at).is_(None)
    return is_undecided & ~is_replaced


def is_to_let_in() -> ColumnElement[bool]:
    """Whether somebody's request to take part waits for a decision."""
    return col(JoinRequestRow.state) == JoinRequestState.WAITING


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """Whether the brand should have said something on a campaign by now."""
    return col(CampaignRow.due_at) <= now


def stays_unknown(now: datetime) -> ColumnElement[bool]:
    """Whether nobody but a person will find out what became of a message whose outcome is unknown."""
    deadline = col(DeliveryRow.deadline_at)
    return or_(
        col(DeliveryRow.code) == DeliveryCode.BY_HAND, deadline.is_(None), deadline <= now - SETTLES_ALONE
    )


def _places(now: datetime) -> dict[Waits, tuple[Any, ColumnElement[bool]]]:
    """The table of each kind, and which of its rows wait."""
    question, delivery = col(QuestionRow.state), col(DeliveryRow.state)
    is_restored = col(DeliveryRow.code) == DeliveryCode.RESTORED
    reported = is_reported()
    return {
        Waits.QUESTION: (QuestionRow, question == QuestionState.ESCALATED),
        Waits.ANSWER: (AnswerRow, is_held()),
        Waits.UNMATCHED: (PostRow, is_unmatched()),
        Waits.UNKNOWN: (DeliveryRow, (delivery == DeliveryState.UNKNOWN) & stays_unknown(now)),
        Waits.REFUSED: (DeliveryRow, delivery == DeliveryState.REJECTED),
        Waits.FAILED_MESSAGE: (DeliveryRow, delivery == DeliveryState.QUARANTINED),
        Waits.RESTORED: (DeliveryRow, (delivery == DeliveryState.HELD) & is_restored),
        Waits.REPORT: (EntryRow, is_to_review() & reported),
        Waits.REVIEW: (EntryRow, is_to_review() & ~reported),
        Waits.FAILED_QUESTION: (QuestionRow, question == QuestionState.QUARANTINED),
        Waits.POST: (PostRow, col(PostRow.state) == PostState.QUARANTINED),
        Waits.ANNOUNCEMENT: (
            AnnouncementRow,
            col(AnnouncementRow.state) == AnnouncementState.PROPOSED,
        ),
        Waits.CONNECTION: (ConnectionRow, col(ConnectionRow.state) == ConnectionState.RECONNECT),
        Waits.CHALLENGE: (ChallengeRow, is_challenged()),
        Waits.SURGE: (MatterRow, col(MatterRow.surge) != said("")),
        Waits.CAMPAIGN: (CampaignRow, is_overdue(now)),
        Waits.GOAL: (GoalRow, col(GoalRow.missed_since).is_not(None)),
        Waits.TEXT: (TextRow, is_to_approve()),
        Waits.ENDPOINT: (HookEndpointRow, endpoints.is_in_trouble(now)),
        Waits.TOKEN: (ApiTokenRow, api_tokens.runs_out(now)),
        Waits.SCORE: (SurveyRow, col(SurveyRow.waits_since).is_not(None)),
        Waits.NEWCOMER: (JoinRequestRow, is_to_let_in()),
    }
