"""What the demo's personas look at before they speak: who was asked, and what the brand has said."""

from sqlmodel import Session, col, select

from bot.states import DeliveryKind, DeliveryState
from bot.store.engine import Database
from bot.store.tables.conversations import DeliveryRow, OfferRow, PostRow, QuestionRow
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


def _question(session: Session, post_id: str) -> QuestionRow | None:
    return session.exec(
        select(QuestionRow)
        .join(PostRow, col(PostRow.question_id) == QuestionRow.id)
        .where(PostRow.platform == "local", PostRow.external_id == post_id)
    ).first()
