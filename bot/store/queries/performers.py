"""What the demo's personas look at before they speak: who was asked, and what the brand has said."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from bot.states import DeliveryKind, DeliveryState, StatementState
from bot.store.engine import Database
from bot.store.matters import campaigns, statements
from bot.store.matters.campaigns import Supporters
from bot.store.tables.conversations import DeliveryRow, OfferRow, PostRow, QuestionRow
from bot.store.tables.matters import MatterRow
from bot.store.tables.people import IdentityRow
from routing.model.domain import WITH_ANSWER, OfferState, QuestionState


def question(database: Database, post_id: str) -> int | None:
    """The number of a post's question; None while the post has not been read."""
    with database.read() as session:
        found = _question(session, post_id)
        return None if found is None else found.id


def offered(database: Database, post_id: str) -> list[str]:
    """Handles of those who hold an open offer of a post's question."""
    with database.read() as session:
        return list(
            session.exec(
                select(IdentityRow.handle)
                .join(OfferRow, col(OfferRow.employee_id) == IdentityRow.employee_id)
                .join(PostRow, col(PostRow.question_id) == OfferRow.question_id)
                .where(
                    PostRow.platform == "local",
                    PostRow.external_id == post_id,
                    IdentityRow.platform == "local",
                    OfferRow.state == OfferState.OPEN,
                )
            )
        )


def is_routed(database: Database, post_id: str) -> bool:
    """Whether the question of a post has been put in front of anybody, or was set aside."""
    with database.read() as session:
        question = _question(session, post_id)
        return question is not None and question.state != QuestionState.OPEN


def latest_publication(database: Database, post_id: str) -> str | None:
    """The brand's latest post about a post's question; None while something is still on its way."""
    with database.read() as session:
        question = _question(session, post_id)
        if question is None or question.state not in WITH_ANSWER:
            return None
        return session.exec(
            select(DeliveryRow.external_id)
            .where(
                DeliveryRow.question_id == question.id,
                DeliveryRow.kind == DeliveryKind.PUBLICATION,
                DeliveryRow.state == DeliveryState.SENT,
            )
            .order_by(col(DeliveryRow.id).desc())
        ).first()


def matters(database: Database, post_ids: Sequence[str]) -> list[int]:
    """The matters of the questions that these posts opened, the one of most of them in front."""
    with database.read() as session:
        rows = session.exec(
            select(QuestionRow.matter_id, func.count())
            .join(PostRow, col(PostRow.question_id) == QuestionRow.id)
            .where(
                PostRow.platform == "local",
                col(PostRow.external_id).in_(post_ids),
                col(QuestionRow.matter_id).is_not(None),
            )
            .group_by(col(QuestionRow.matter_id))
            .order_by(func.count().desc(), col(QuestionRow.matter_id))
        ).all()
        return [number for number, _ in rows if number is not None]


def is_surging(database: Database, matter_id: int) -> bool:
    """Whether more people than usual were noticed there, and still are."""
    with database.read() as session:
        matter = session.get(MatterRow, matter_id)
        return matter is not None and matter.surge != ""


def proposed(database: Database, matter_id: int) -> int | None:
    """The statement on a matter that waits for a second person."""
    with database.read() as session:
        said = statements.of_matter(session, matter_id)
        return next((one.id for one in said if one.state == StatementState.PROPOSED), None)


def told(database: Database, matter_id: int) -> int:
    """How many people were told what was said last on a matter."""
    with database.read() as session:
        said = [one.id for one in statements.of_matter(session, matter_id) if one.approved_at]
        return statements.told_counts(session, said[:1]).get(said[0], 0) if said else 0


def supporters(database: Database, matter_id: int) -> int:
    """How many people asked about a matter or joined it, each counted once."""
    with database.read() as session:
        return campaigns.supporters(session, [matter_id]).get(matter_id, Supporters()).joined


def _question(session: Session, post_id: str) -> QuestionRow | None:
    return session.exec(
        select(QuestionRow)
        .join(PostRow, col(PostRow.question_id) == QuestionRow.id)
        .where(PostRow.platform == "local", PostRow.external_id == post_id)
    ).first()
