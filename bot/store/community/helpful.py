"""Customers whose answers to others somebody of the house has endorsed."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bot.states import AnswerKind, AnswerState
from bot.store.tables.columns import said
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow

_LATEST = 2_000
"""So many of the latest endorsed answers are read."""


@dataclass(frozen=True, slots=True)
class HelpfulCustomer:
    """Somebody who helped others in our customers' threads. ``topics`` are slugs, the most frequent first."""

    platform: str
    account_id: str
    handle: str
    answers: int
    topics: tuple[str, ...]
    language: str | None
    latest_at: datetime
    latest_question: int


def customers(session: Session, limit: int) -> list[HelpfulCustomer]:
    """Those with the most endorsed answers, of the latest ones, that are still there; the most in front.

    Nothing but what they posted in these threads is known of them.
    """
    rows = session.exec(
        select(AnswerRow, PostRow, QuestionRow)
        .join(PostRow, col(PostRow.id) == AnswerRow.post_id)
        .join(QuestionRow, col(QuestionRow.id) == AnswerRow.question_id)
        .where(
            AnswerRow.kind == said(AnswerKind.COMMUNITY),
            AnswerRow.state == said(AnswerState.PUBLISHED),
            PostRow.author_id != "",
            col(PostRow.deleted_at).is_(None),
            col(PostRow.absent).is_(None),
        )
        .order_by(col(AnswerRow.id).desc())
        .limit(_LATEST)
    ).all()
    topics: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    latest: dict[tuple[str, str], tuple[AnswerRow, PostRow, QuestionRow]] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for answer, post, question in rows:
        who = (post.platform, post.author_id)
        counts[who] += 1
        latest.setdefault(who, (answer, post, question))
        if question.main_topic is not None:
            topics[who][question.main_topic] += 1
    found = [
        HelpfulCustomer(
            platform=who[0],
            account_id=who[1],
            handle=latest[who][1].author_handle,
            answers=count,
            topics=tuple(slug for slug, _ in topics[who].most_common(3)),
            language=latest[who][1].language,
            latest_at=latest[who][0].written_at,
            latest_question=latest[who][2].id,
        )
        for who, count in counts.items()
    ]
    return sorted(found, key=lambda one: (-one.answers, one.platform, one.handle))[:limit]
