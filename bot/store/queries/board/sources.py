"""Where the lines of the board come from: one bounded statement for each kind of thing that waits.

Each goes along an index that holds what waits, in its order, and ends with the page. What is left out on the
way (another topic, what is put off) costs a look; what has come to its end is not passed over.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, literal, or_
from sqlmodel import col

from bot.states import AnnouncementState, DeliveryState, EntryState, PostKind, PostState, StatementState
from bot.store.queries.board import drawing
from bot.store.queries.board.house_sources import HOUSE_SOURCES
from bot.store.queries.board.lines import BoardDepartment, BoardKind, Pressing
from bot.store.queries.board.source import BoardSource, is_so, rows_of
from bot.store.queries.waits import (
    is_challenged,
    is_held,
    is_overdue,
    is_reported,
    is_to_review,
    is_unmatched,
    stays_unknown,
)
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.columns import among, said
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, PostRow, QuestionRow
from bot.store.tables.figures import GoalRow, SurveyRow
from bot.store.tables.house import ChallengeRow
from bot.store.tables.matters import CampaignRow, MatterRow, StatementRow
from bot.store.tables.people import EmployeeRow
from bot.store.topics.about import is_about, is_mainly_about
from routing.model.domain import WITHOUT_ANSWER, QuestionState

COMMUNITY_LOOKED_AT = 200
"""So many of other customers' latest answers are looked at: what nobody endorsed by then is old."""
_URGENT_FROM = literal(2, Integer, literal_execute=True)
"""Priority from which a question that nobody took presses most: danger, loss, or several reasons at once.

It stands in the statement itself, as it does in the indexes."""


def _is_departments(department: BoardDepartment) -> ColumnElement[bool] | None:
    """Whether a question's main topic is one that a department answers for."""
    return or_(*map(is_mainly_about, department.topics)) if department.topics else None


def _topic_is_departments(topic: Any) -> Callable[[BoardDepartment], ColumnElement[bool] | None]:
    """Whether a column is a topic that a department answers for."""
    return lambda department: col(topic).in_(department.topics) if department.topics else None


def _matter_is_departments(department: BoardDepartment) -> ColumnElement[bool]:
    """Whether a matter is a department's: somebody said so, or nobody did and its topic is."""
    by_topic = col(MatterRow.department_id).is_(None) & col(MatterRow.topic).in_(department.topics)
    return (col(MatterRow.department_id) == department.id) | by_topic


def _questions(*conditions: Any) -> Any:
    return rows_of(QuestionRow).where(*conditions)


def _nobody_took(*conditions: Any) -> Any:
    return _questions(col(QuestionRow.state) == said(QuestionState.ESCALATED), *conditions)


def _held() -> Any:
    return (
        rows_of(AnswerRow, QuestionRow, EmployeeRow.name, PostRow.visibility)
        .join(QuestionRow, col(QuestionRow.id) == AnswerRow.question_id)
        .outerjoin(EmployeeRow, col(EmployeeRow.id) == AnswerRow.employee_id)
        .outerjoin(PostRow, col(PostRow.id) == AnswerRow.post_id)
        .where(is_held())
    )


def _challenges() -> Any:
    return (
        rows_of(ChallengeRow, AnswerRow, QuestionRow, EmployeeRow.name)
        .join(AnswerRow, col(AnswerRow.id) == ChallengeRow.answer_id)
        .join(QuestionRow, col(QuestionRow.id) == AnswerRow.question_id)
        .outerjoin(EmployeeRow, col(EmployeeRow.id) == ChallengeRow.challenger_id)
        .where(is_challenged())
    )


def _messages(state: DeliveryState, *conditions: Any) -> Any:
    return (
        rows_of(DeliveryRow, QuestionRow, EmployeeRow.name)
        .outerjoin(QuestionRow, col(QuestionRow.id) == DeliveryRow.question_id)
        .outerjoin(EmployeeRow, col(EmployeeRow.id) == DeliveryRow.employee_id)
        .where(col(DeliveryRow.state) == state, *conditions)
    )


def _posts(condition: ColumnElement[bool]) -> Any:
    return (
        rows_of(PostRow, EmployeeRow.name)
        .outerjoin(EmployeeRow, col(EmployeeRow.id) == PostRow.employee_id)
        .where(condition)
    )


def _community() -> Any:
    latest = (
        rows_of(PostRow.id)
        .where(col(PostRow.verdict) == said(PostKind.COMMUNITY))
        .order_by(col(PostRow.id).desc())
        .limit(COMMUNITY_LOOKED_AT)
        .subquery()
    )
    is_endorsed = rows_of(AnswerRow.id).where(AnswerRow.post_id == PostRow.id).exists()
    return (
        rows_of(PostRow, QuestionRow)
        .join(latest, col(PostRow.id) == latest.c.id)
        .join(QuestionRow, col(QuestionRow.id) == PostRow.question_id)
        .where(among(QuestionRow.state, *WITHOUT_ANSWER), col(PostRow.deleted_at).is_(None), ~is_endorsed)
    )


def _announcements() -> Any:
    return (
        rows_of(AnnouncementRow, EmployeeRow.name)
        .outerjoin(EmployeeRow, col(EmployeeRow.id) == AnnouncementRow.proposed_by)
        .where(AnnouncementRow.state == AnnouncementState.PROPOSED)
    )


def _scores() -> Any:
    return (
        rows_of(SurveyRow, QuestionRow, PostRow.text)
        .join(QuestionRow, col(QuestionRow.id) == SurveyRow.question_id)
        .outerjoin(PostRow, col(PostRow.id) == SurveyRow.post_id)
        .where(col(SurveyRow.waits_since).is_not(None))
    )


def _statements() -> Any:
    return (
        rows_of(StatementRow, MatterRow, EmployeeRow.name)
        .join(MatterRow, col(MatterRow.id) == StatementRow.matter_id)
        .outerjoin(EmployeeRow, col(EmployeeRow.id) == StatementRow.written_by)
        .where(StatementRow.state == StatementState.PROPOSED)
    )


_QUESTION: dict[str, Any] = {
    "table": QuestionRow,
    "line": drawing.question_line,
    "topic": is_about,
    "department": _is_departments,
    "platform": col(QuestionRow.platform),
    "language": col(QuestionRow.language),
}
_MESSAGE: dict[str, Any] = {
    **_QUESTION,
    "table": DeliveryRow,
    "line": drawing.message_line,
    "platform": col(DeliveryRow.platform),
}
_POST: dict[str, Any] = {
    "table": PostRow,
    "line": drawing.post_line,
    "platform": col(PostRow.platform),
    "language": col(PostRow.language),
}
_ENTRY: dict[str, Any] = {
    "table": EntryRow,
    "line": drawing.entry_line,
    "order": (col(EntryRow.updated_at),),
    "topic": lambda slug: among(EntryRow.topic, slug),
    "department": _topic_is_departments(EntryRow.topic),
    "platform": col(EntryRow.platform),
    "language": col(EntryRow.language),
}
_MATTER_TOPIC: dict[str, Any] = {
    "topic": lambda slug: among(MatterRow.topic, slug),
    "department": _matter_is_departments,
}

SOURCES: tuple[BoardSource, ...] = (
    BoardSource(
        "mu",
        BoardKind.MESSAGE,
        Pressing.AT_ONCE,
        rows=lambda now, _: _messages(DeliveryState.UNKNOWN, stays_unknown(now)),
        **_MESSAGE,
    ),
    BoardSource(
        "mr",
        BoardKind.MESSAGE,
        Pressing.AT_ONCE,
        rows=lambda *_: _messages(DeliveryState.REJECTED),
        **_MESSAGE,
    ),
    BoardSource(
        "mq",
        BoardKind.MESSAGE,
        Pressing.AT_ONCE,
        rows=lambda *_: _messages(DeliveryState.QUARANTINED),
        **_MESSAGE,
    ),
    BoardSource(
        "qu",
        BoardKind.QUESTION,
        Pressing.AT_ONCE,
        rows=lambda *_: _nobody_took(col(QuestionRow.priority) >= _URGENT_FROM),
        **_QUESTION,
    ),
    BoardSource(
        "qn",
        BoardKind.QUESTION,
        Pressing.NOW,
        rows=lambda *_: _nobody_took(col(QuestionRow.priority) < _URGENT_FROM),
        **_QUESTION,
    ),
    BoardSource(
        "qf",
        BoardKind.QUESTION,
        Pressing.NOW,
        rows=lambda *_: _questions(QuestionRow.state == QuestionState.QUARANTINED),
        **_QUESTION,
    ),
    BoardSource(
        "br",
        BoardKind.BREACHING,
        Pressing.NOW,
        rows=lambda _, ladder: _questions(
            col(QuestionRow.state) == said(QuestionState.OFFERED), QuestionRow.rung == ladder.last_rung
        ),
        order=(col(QuestionRow.due_at),),
        **_QUESTION,
    ),
    BoardSource(
        "bw",
        BoardKind.BREACHING,
        Pressing.NOW,
        rows=lambda now, ladder: _questions(
            col(QuestionRow.waits_since) <= now - timedelta(seconds=ladder.long_wait_seconds),
            # who is at the last rung too stands above
            is_so((col(QuestionRow.state) != QuestionState.OFFERED) | (QuestionRow.rung != ladder.last_rung)),
        ),
        order=(col(QuestionRow.waits_since),),
        **_QUESTION,
    ),
    BoardSource(
        "an",
        BoardKind.ANSWER,
        Pressing.NOW,
        rows=lambda *_: _held(),
        **{**_QUESTION, "table": AnswerRow, "line": drawing.answer_line},
    ),
    BoardSource(
        "ch",
        BoardKind.CHALLENGE,
        Pressing.NOW,
        rows=lambda *_: _challenges(),
        **{**_QUESTION, "table": ChallengeRow, "line": drawing.challenge_line},
    ),
    BoardSource("pu", BoardKind.UNMATCHED, Pressing.NOW, rows=lambda *_: _posts(is_unmatched()), **_POST),
    BoardSource(
        "ps",
        BoardKind.POST,
        Pressing.NOW,
        rows=lambda *_: _posts(col(PostRow.state) == PostState.QUARANTINED),
        **_POST,
    ),
    BoardSource(
        "ap",
        BoardKind.ANNOUNCEMENT,
        Pressing.NOW,
        table=AnnouncementRow,
        rows=lambda *_: _announcements(),
        line=drawing.announcement_line,
        language=col(AnnouncementRow.language),
    ),
    BoardSource(
        "sp",
        BoardKind.STATEMENT,
        Pressing.NOW,
        table=StatementRow,
        rows=lambda *_: _statements(),
        line=drawing.statement_line,
        **_MATTER_TOPIC,
    ),
    BoardSource(
        "su",
        BoardKind.SURGE,
        Pressing.NOW,
        table=MatterRow,
        rows=lambda *_: rows_of(MatterRow).where(col(MatterRow.surge) != said("")),
        line=drawing.surge_line,
        **_MATTER_TOPIC,
    ),
    BoardSource(
        "co",
        BoardKind.CAMPAIGN,
        Pressing.NOW,
        table=MatterRow,
        rows=lambda now, _: (
            rows_of(MatterRow, CampaignRow)
            .join(CampaignRow, col(CampaignRow.matter_id) == MatterRow.id)
            .where(is_overdue(now))
        ),
        line=drawing.campaign_line,
        **_MATTER_TOPIC,
    ),
    BoardSource(
        "go",
        BoardKind.GOAL,
        Pressing.NOW,
        table=GoalRow,
        rows=lambda *_: rows_of(GoalRow).where(col(GoalRow.missed_since).is_not(None)),
        line=drawing.goal_line,
        topic=lambda slug: among(GoalRow.topic, slug),
        department=_topic_is_departments(GoalRow.topic),
    ),
    BoardSource(
        "sc",
        BoardKind.SCORE,
        Pressing.NOW,
        rows=lambda *_: _scores(),
        **{
            **_QUESTION,
            "table": SurveyRow,
            "line": drawing.score_line,
            "order": (col(SurveyRow.waits_since),),
        },
    ),
    BoardSource(
        "er",
        BoardKind.REVIEW,
        Pressing.NOW,
        rows=lambda *_: rows_of(EntryRow).where(is_to_review(), is_reported()),
        **_ENTRY,
    ),
    BoardSource(
        "ev",
        BoardKind.REVIEW,
        Pressing.LATER,
        rows=lambda *_: rows_of(EntryRow).where(is_to_review(), ~is_reported()),
        **_ENTRY,
    ),
    BoardSource(
        "co",
        BoardKind.COMMUNITY,
        Pressing.LATER,
        rows=lambda *_: _community(),
        **{**_QUESTION, "table": PostRow, "line": drawing.community_line},
    ),
    BoardSource(
        "eh",
        BoardKind.HELD_BACK,
        Pressing.LATER,
        rows=lambda *_: rows_of(EntryRow).where(EntryRow.state == EntryState.HELD_BACK),
        **_ENTRY,
    ),
    *HOUSE_SOURCES,
)
"""The sources in the order in which lines stand that press as much for as long."""
