"""The last look before a message goes out: whether it still may, and to whom.

Asked when ``sending`` is committed and no byte has gone out. It reads posts as they are stored, also where
intake has not yet looked at what happened to them.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.actions.audience import Audience, own_post
from bot.actions.withdraw import DELETED, OWN_DELETED
from bot.posts import Visibility
from bot.states import DeliveryKind, DeliveryState, PostState
from bot.store import rows
from bot.store.conversations import deliveries, posts
from bot.store.engine import Session
from bot.store.people.identities import may_answer
from bot.store.running import switches
from bot.store.tables.conversations import AnswerRow, DeliveryRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import EmployeeState, QuestionState

EDIT_SET_ASIDE = (
    "Its author has edited the post, and the new words could not be handled: decide first about the post, "
    "which is among those that were set aside."
)


class Turn(StrEnum):
    """What is to be done with a message that was about to go out."""

    GO = "go"
    PAUSED = "paused"
    """Nothing goes out for now."""
    LATER = "later"
    """Something has happened to the answer's post that intake has to look at first."""
    QUIETER = "quieter"
    """It goes out to fewer people than it was composed for."""
    HOLD = "hold"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Look:
    """``why`` is for the author; ``visibility`` is the most visible that the message may be."""

    turn: Turn
    why: str = ""
    visibility: Visibility = Visibility.PRIVATE

    @property
    def holds(self) -> bool:
        """Whether the answer waits for a person rather than being withdrawn."""
        return self.turn is Turn.HOLD


@dataclass(frozen=True, slots=True)
class Unheard:
    """What the platform shows of a message's post and nobody has told us: it is gone, or less visible.

    ``why`` is for the author.
    """

    external_id: str
    why: str
    visibility: Visibility | None = None

    @property
    def holds(self) -> bool:
        """As of a look: what is not public may become so again."""
        return self.visibility is not None


def look(session: Session, row: DeliveryRow) -> Look:
    """Whether this message may go out now."""
    if switches.is_paused(session):
        return Look(Turn.PAUSED)
    current = rows.find(session, DeliveryRow, row.id, anew=True)
    if current is None or current.fence != row.fence or current.state != DeliveryState.SENDING:
        return Look(Turn.WITHDRAW, "It was taken over by somebody else.")
    if row.kind != DeliveryKind.PUBLICATION:
        return Look(Turn.GO)
    employee = rows.find(session, EmployeeRow, row.employee_id)
    if row.employee_id is not None and (employee is None or employee.state == EmployeeState.LEFT):
        return Look(Turn.WITHDRAW, "Its author has left.")
    if employee is not None and not may_answer(employee):
        return Look(Turn.WITHDRAW, "Its author may not answer any more.")
    question = rows.find(session, QuestionRow, row.question_id)
    answer = rows.find(session, AnswerRow, row.answer_id)
    if question is None or answer is None:
        return Look(Turn.WITHDRAW, "Its question or its answer is not there any more.")
    return _of_posts(session, row, question, own_post(session, answer))


def _of_posts(session: Session, row: DeliveryRow, question: QuestionRow, own: PostRow | None) -> Look:
    """What has become of the customer's posts and the answer's own."""
    if question.state == QuestionState.WITHDRAWN or _is_gone(session, question.post_id):
        return Look(Turn.WITHDRAW, DELETED)
    first = next(iter(deliveries.of_answer(session, row.answer_id or 0)), row)
    replied_to = first.sends.in_reply_to
    target = posts.by_external_id(session, row.platform, replied_to) if replied_to else None
    if target is not None and target.deleted_at is not None:
        return Look(Turn.HOLD, "The customer deleted the post that this replies to.")
    if own is not None and own.deleted_at is not None:
        return Look(Turn.WITHDRAW, OWN_DELETED)
    audience = Audience.of(session, question, own, target)
    if audience.why_not is not None:
        return Look(Turn.HOLD, audience.why_not)
    if own is not None and own.edited_at is not None and own.state in (PostState.NEW, PostState.WAITING):
        return Look(Turn.LATER)
    if own is not None and own.edited_at is not None and own.state == PostState.QUARANTINED:
        return Look(Turn.HOLD, EDIT_SET_ASIDE)
    planned = row.sends.visibility
    allowed = Visibility.least(planned, audience.visibility)
    return Look(Turn.GO if allowed is planned else Turn.QUIETER, visibility=allowed)


def _is_gone(session: Session, post_id: int | None) -> bool:
    post = rows.find(session, PostRow, post_id)
    return post is not None and post.deleted_at is not None
