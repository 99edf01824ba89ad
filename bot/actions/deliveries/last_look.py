"""The last look before a message goes out: whether it still may, and to whom.

Asked when ``sending`` is committed and no byte has gone out. It reads posts as they are stored, also where
intake has not yet looked at what happened to them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.actions.conversations.audience import Audience
from bot.actions.conversations.withdraw import DELETED, OWN_DELETED
from bot.actions.survey.ask import LATEST
from bot.posts import Visibility
from bot.states import AnnouncementState, AnswerKind, AnswerState, DeliveryKind, DeliveryState, PostState
from bot.store.conversations.publications import About, Surroundings
from bot.store.people.identities import may_answer
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.conversations import DeliveryRow, PostRow, QuestionRow
from routing.model.domain import EmployeeState, QuestionState
from routing.model.phrases import phrase

EDIT_SET_ASIDE = phrase(
    "Its author has edited the post, and the new words could not be handled: decide first about the post, "
    "which is among those that were set aside."
)
ENDORSER_LEFT = phrase("Whoever said that it is right has left.")
ASKED_AGAIN = "The customer has asked again: nobody asks them now how it went."
TOO_LATE = "It could not go out for a day: nobody asks the customer any more how it went."
OUTDATED = "The brand has said something newer on this matter, or this is said no more."
TAKEN_BACK = "It was taken back before it went out."


class Turn(StrEnum):
    """What is to be done with a message that was about to go out."""

    GO = "go"
    PAUSED = "paused"
    """Nothing goes out for now."""
    LATER = "later"
    """Something has happened to the answer's post that intake has to look at first."""
    EARLY = "early"
    """The moment for which it is planned has not come."""
    QUIETER = "quieter"
    """It goes out to fewer people than it was composed for."""
    HOLD = "hold"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Look:
    """``why`` is for the author; ``visibility`` is the most visible that the message may be.

    ``at`` is when a message that is early may go out.
    """

    turn: Turn
    why: str = ""
    visibility: Visibility = Visibility.PRIVATE
    at: datetime | None = None

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


def look(row: DeliveryRow, about: About) -> Look:
    """Whether this message may go out now, by what it is about."""
    now = about.message
    if now is None or now.fence != row.fence or now.state != DeliveryState.SENDING:
        return Look(Turn.WITHDRAW, "It was taken over by somebody else.")
    if row.kind == DeliveryKind.ANNOUNCEMENT:
        return _of_announcement(row, about.announcement)
    if row.kind != DeliveryKind.PUBLICATION:
        return Look(Turn.GO)
    why_not = _why_not(row, about)
    if why_not is not None:
        return Look(Turn.WITHDRAW, why_not)
    return _of_posts(row.sends.visibility, about.posts)


def _why_not(row: DeliveryRow, about: About) -> str | None:
    """Why a publication does not go out any more; None where it may."""
    employee, question, answer = about.employee, about.question, about.answer
    is_endorsement = answer is not None and answer.kind == AnswerKind.ENDORSEMENT
    if row.employee_id is not None and (employee is None or employee.state == EmployeeState.LEFT):
        return ENDORSER_LEFT if is_endorsement else phrase("Its author has left.")
    if employee is not None and not is_endorsement and not may_answer(employee):
        return phrase("Its author may not answer any more.")
    if question is None or answer is None:
        return phrase("Its question or its answer is not there any more.")
    if answer.state == AnswerState.RETRACTED:
        return TAKEN_BACK
    if question.state == QuestionState.WITHDRAWN or _is_gone(about.posts.opening):
        return DELETED
    if about.is_outdated:
        return OUTDATED
    return _why_not_asked(row, question) if answer.kind == AnswerKind.SURVEY else None


def _why_not_asked(row: DeliveryRow, question: QuestionRow) -> str | None:
    """Why a customer is not asked any more how it went."""
    if question.state != QuestionState.SETTLED:
        return ASKED_AGAIN
    waited = row.first_sent_at - row.created_at if row.first_sent_at is not None else timedelta(0)
    return TOO_LATE if waited > LATEST else None


def _of_announcement(row: DeliveryRow, announcement: AnnouncementRow | None) -> Look:
    """Whatever made a message due (an account that is back, a backup), it keeps to the plan."""
    if announcement is None or announcement.state == AnnouncementState.WITHDRAWN:
        return Look(Turn.WITHDRAW, "The announcement was withdrawn.")
    planned_at, tried_at = announcement.planned_at, row.first_sent_at
    if planned_at is not None and tried_at is not None and tried_at < planned_at:
        return Look(Turn.EARLY, at=planned_at)
    return Look(Turn.GO)


def _of_posts(planned: Visibility, posts: Surroundings) -> Look:
    """What has become of the customer's latest post and the answer's own."""
    own = posts.own
    if _is_gone(posts.target):
        return Look(Turn.HOLD, phrase("The customer deleted the post that this replies to."))
    if _is_gone(own):
        return Look(Turn.WITHDRAW, OWN_DELETED)
    audience = Audience.among(posts)
    if audience.why_not is not None:
        return Look(Turn.HOLD, audience.why_not)
    if own is not None and own.edited_at is not None and own.state in (PostState.NEW, PostState.WAITING):
        return Look(Turn.LATER)
    if own is not None and own.edited_at is not None and own.state == PostState.QUARANTINED:
        return Look(Turn.HOLD, EDIT_SET_ASIDE)
    allowed = Visibility.least(planned, audience.visibility)
    return Look(Turn.GO if allowed is planned else Turn.QUIETER, visibility=allowed)


def _is_gone(post: PostRow | None) -> bool:
    return post is not None and post.deleted_at is not None
