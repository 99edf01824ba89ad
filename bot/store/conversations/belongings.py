"""What belongs to a question: its posts, answers and publications; and moving them to another question."""

from dataclasses import dataclass

from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.states import AnswerState, DeliveryKind
from bot.store.row_locks import supersede_all
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, PostRow, QuestionRow
from routing.model.domain import QuestionState

NOT_JOINED = (QuestionState.WITHDRAWN, QuestionState.JOINED)
"""States of a question that cannot be joined with another one, or parted."""


@dataclass(frozen=True, slots=True)
class Belongings:
    """Posts of customers and employees, answers, and the publications of these, of one question."""

    posts: tuple[PostRow, ...]
    answers: tuple[AnswerRow, ...]
    publications: tuple[DeliveryRow, ...]

    @property
    def is_going_out(self) -> bool:
        """Whether one of the answers is on its way, or may be."""
        return any(one.state == AnswerState.QUEUED for one in self.answers)

    def below(self, post: PostRow) -> "Belongings":
        """The post, and what was said in reply to it or further below."""
        ids, posts, answers = {post.external_id}, {post.id}, set[int]()
        size = 0
        while size != len(ids):
            size = len(ids)
            for one in self.posts:
                if one.in_reply_to in ids:
                    ids.add(one.external_id)
                    posts.add(one.id)
            for sent in self.publications:
                if sent.sends.in_reply_to in ids or sent.answer_id in answers:
                    answers.add(sent.answer_id or 0)
                    ids |= {sent.external_id} if sent.external_id else set()
            answers |= {one.id for one in self.answers if one.post_id in posts}
        return Belongings(
            tuple(one for one in self.posts if one.id in posts),
            tuple(one for one in self.answers if one.id in answers),
            tuple(one for one in self.publications if one.answer_id in answers),
        )


def of_question(session: Session, question_id: int) -> Belongings:
    """Everything of a question, which is held, in the order it came."""
    posts = session.exec(
        select(PostRow).where(PostRow.question_id == question_id).order_by(col(PostRow.id)),
        execution_options={"populate_existing": True},
    ).all()
    answers = session.exec(
        select(AnswerRow).where(AnswerRow.question_id == question_id).order_by(col(AnswerRow.id)),
        execution_options={"populate_existing": True},
    ).all()
    publications = session.exec(
        select(DeliveryRow)
        .where(DeliveryRow.question_id == question_id, DeliveryRow.kind == DeliveryKind.PUBLICATION)
        .order_by(col(DeliveryRow.id)),
        execution_options={"populate_existing": True},
    ).all()
    return Belongings(tuple(posts), tuple(answers), tuple(publications))


def move(session: Session, what: Belongings, to: QuestionRow) -> None:
    """Let these belong to another question, the answers in its present round.

    Whoever has one of the posts in hand loses it: what they decide is about the question it was in.
    """
    for answer in what.answers:
        answer.question_id, answer.round, answer.lead = to.id, to.round, False
    session.flush()
    supersede_all(session, what.publications, question_id=to.id)
    supersede_all(session, what.posts, question_id=to.id)


def lead_on(session: Session, question_id: int, to: int) -> None:
    """What came up in a question's thread came up in that of another one."""
    session.execute(
        update(QuestionRow).where(col(QuestionRow.follows_id) == question_id).values(follows_id=to)
    )


def lead_readers_on(session: Session, entry: EntryRow, to: EntryRow) -> None:
    """Questions that this entry answers are answered by another one, and readers are led there."""
    entry.moved_to = to.id
    session.execute(update(EntryRow).where(col(EntryRow.moved_to) == entry.id).values(moved_to=to.id))
    session.execute(
        update(QuestionRow).where(col(QuestionRow.same_as_entry) == entry.id).values(same_as_entry=to.id)
    )


def others_of_customer(session: Session, question: QuestionRow, limit: int) -> list[QuestionRow]:
    """Other questions of the same customer that this one could be joined with, the latest first."""
    if not question.customer_id or question.state in NOT_JOINED:
        return []
    return list(
        session.exec(
            select(QuestionRow)
            .where(
                QuestionRow.platform == question.platform,
                QuestionRow.customer_id == question.customer_id,
                QuestionRow.id != question.id,
                col(QuestionRow.state).not_in(NOT_JOINED),
            )
            .order_by(col(QuestionRow.id).desc())
            .limit(limit)
        ).all()
    )


def opened_by(session: Session, post_id: int) -> QuestionRow | None:
    """The question that a post opened."""
    return session.exec(select(QuestionRow).where(QuestionRow.post_id == post_id)).first()
