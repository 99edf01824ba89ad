"""What was said in a question's thread, in order: posts of customers and the answers that went out."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, or_
from sqlmodel import Session, col, select

from bot.states import NO_ANSWER, OF_CUSTOMERS, AnswerKind, AnswerState, DeliveryKind, PostKind
from bot.store.tables.columns import among
from bot.store.tables.conversations import AnswerRow, DeliveryRow, PostRow

_QUESTIONS: BindParameter[int] = bindparam("questions", expanding=True)
_POSTS = select(PostRow).where(
    col(PostRow.question_id).in_(_QUESTIONS),
    among(PostRow.verdict, *OF_CUSTOMERS, PostKind.COMMUNITY),
    col(PostRow.deleted_at).is_(None),
)
_ANSWERS = select(AnswerRow).where(
    col(AnswerRow.question_id).in_(_QUESTIONS),
    or_(
        (col(AnswerRow.state) == AnswerState.PUBLISHED)
        & col(AnswerRow.kind).not_in((*NO_ANSWER, AnswerKind.COMMUNITY)),
        (col(AnswerRow.state) == AnswerState.POINTED) & (AnswerRow.kind == AnswerKind.SURVEY),
    ),
)


@dataclass(frozen=True, slots=True)
class ThreadTurn:
    """A post of the customer's, another customer's answer, or one of ours, with the ids it has there."""

    at: datetime
    external_ids: frozenset[str]
    post: PostRow | None = None
    answer: AnswerRow | None = None


def of_questions(session: Session, question_ids: Collection[int]) -> dict[int, list[ThreadTurn]]:
    """The turns of threads as their customers have seen them; what the brand only pointed to is none.

    Nor is the question how it went: who replies to that replies to the answer before it.
    """
    said: dict[int, list[ThreadTurn]] = {one: [] for one in question_ids}
    if not said:
        return said
    asked = {"questions": list(said)}
    posts = session.exec(_POSTS, params=asked).all()
    answers = session.exec(_ANSWERS, params=asked).all()
    sent = _external_ids(session, {one.question_id for one in answers})
    for post in posts:
        turn = ThreadTurn(post.posted_at or post.received_at, frozenset((post.external_id,)), post=post)
        said[post.question_id or 0].append(turn)
    for answer in answers:
        ids = frozenset(sent.get(answer.id, ()))
        said[answer.question_id].append(
            ThreadTurn(answer.published_at or answer.written_at, ids, answer=answer)
        )
    return {question_id: _in_order(turns) for question_id, turns in said.items()}


def _in_order(turns: Sequence[ThreadTurn]) -> list[ThreadTurn]:
    ordered: list[ThreadTurn] = []
    for one in sorted(turns, key=lambda turn: turn.at):
        if one.answer is None or one.answer.kind != AnswerKind.SURVEY:
            ordered.append(one)
            continue
        answered = [place for place, turn in enumerate(ordered) if turn.answer is not None]
        if answered:
            before = ordered[answered[-1]]
            ordered[answered[-1]] = replace(before, external_ids=before.external_ids | one.external_ids)
    return ordered


def _external_ids(session: Session, question_ids: Collection[int]) -> dict[int | None, set[str]]:
    found: dict[int | None, set[str]] = defaultdict(set)
    if not question_ids:
        return found
    sent = session.exec(
        select(DeliveryRow.answer_id, DeliveryRow.external_id).where(
            col(DeliveryRow.question_id).in_(question_ids),
            DeliveryRow.kind == DeliveryKind.PUBLICATION,
            col(DeliveryRow.external_id).is_not(None),
        )
    )
    for answer_id, external_id in sent:
        found[answer_id].add(external_id or "")
    return found
