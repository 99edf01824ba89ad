"""What a person decides about a message that is stuck: it is out, it goes out again, or it never will.

Everything happens in the caller's transaction. What cannot be decided like that raises ``Undecidable`` with a
message for whoever tried.
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.actions.announce.progress import follow
from bot.actions.deliveries.outcome import failed, sent
from bot.actions.taking_back.take_down import gone
from bot.actions.undecidable import NotAsGiven, Undecidable
from bot.platforms.registry import traits_of
from bot.posts import Published
from bot.states import STUCK, AnswerState, ChangeKind, DeliveryCode, DeliveryKind, DeliveryState
from bot.store import changes
from bot.store.conversations import deliveries, offers, questions
from bot.store.conversations.publications import taken_back
from bot.store.conversations.threads import roots_of
from bot.store.engine import Session
from bot.store.row_locks import lock_row, locked_row, locked_rows, supersede
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.conversations import AnswerRow, DeliveryRow, QuestionRow
from bot.store.taking_back import retractions
from routing.model.domain import OfferState, QuestionState
from routing.model.lifecycle import Event

_HOLD = timedelta(minutes=1)


def mark_sent(session: Session, delivery: DeliveryRow, url: str, now: datetime) -> None:
    """A person saw it on the platform, or posted it by hand: ``url`` is where."""
    _hold_stuck(session, delivery)
    if delivery.kind == DeliveryKind.RETRACTION:
        raise Undecidable("This message takes a post down: say that the post is gone.")
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.netloc or len(parts.path) < 2:
        raise NotAsGiven("Give the full address of the post, like https://example.social/@brand/1234.")
    # Whoever is just looking it up finds out too late.
    supersede(session, delivery, owner="person", lease_until=now + _HOLD)
    published = Published(traits_of(delivery.platform).post_id(parts.path, parts.fragment), url.strip())
    sent(session, delivery, published, now)


def mark_gone(session: Session, delivery: DeliveryRow, now: datetime) -> None:
    """A person has deleted the post that was to be taken down, or saw that it is gone."""
    _hold_stuck(session, delivery)
    if delivery.kind != DeliveryKind.RETRACTION:
        raise Undecidable("This message takes no post down.")
    supersede(session, delivery, **gone(now))
    changes.append(session, ChangeKind.WORK, delivery.question_id or 0, now)
    retractions.release_next(session, delivery, now)


def send_again(session: Session, delivery: DeliveryRow, now: datetime) -> None:
    """A person is sure that it is not out: it is sent once more, exactly as it was.

    Of what takes a post down: that the post is still there.
    """
    question = _hold_stuck(session, delivery)
    _not_being_looked_up(delivery, now)
    answer = locked_row(session, AnswerRow, delivery.answer_id)
    if taken_back(session, [delivery]):
        raise Undecidable("It has been taken back: it does not go out any more.")
    is_retraction = delivery.kind == DeliveryKind.RETRACTION
    if question is not None and question.state == QuestionState.WITHDRAWN and not is_retraction:
        raise Undecidable("The customer has deleted the question meanwhile.")
    supersede(
        session,
        delivery,
        state=DeliveryState.READY,
        due_at=now,
        reason=None,
        code=None,
        link=None,
        absent_at=None,
        attempts=0,
    )
    changes.append(session, ChangeKind.WORK, delivery.question_id or 0, now)
    for part in deliveries.of_thread(session, delivery):
        if part.part > delivery.part and part.state == DeliveryState.WITHDRAWN:
            part.state, part.code = DeliveryState.HELD, DeliveryCode.EARLIER_PART
    if answer is not None and question is not None and delivery.kind == DeliveryKind.PUBLICATION:
        answer.state, answer.held_for = AnswerState.QUEUED, None
        offers.end_of_question(session, question.id, OfferState.WITHDRAWN, now)
        questions.move(session, question, Event.ANSWER_STORED)
    follow(session, [delivery], now)


def give_up(session: Session, delivery: DeliveryRow, why: str, now: datetime) -> None:
    """It will not be sent: the answer failed, the question is with the people in charge."""
    _hold_stuck(session, delivery)
    _not_being_looked_up(delivery, now)
    already = delivery.state == DeliveryState.REJECTED
    supersede(
        session, delivery, state=DeliveryState.WITHDRAWN, reason=why, code=DeliveryCode.GIVEN_UP, due_at=None
    )
    changes.append(session, ChangeKind.WORK, delivery.question_id or 0, now)
    if not already:
        failed(session, delivery, why, now)
    if delivery.kind == DeliveryKind.RETRACTION:
        retractions.release_next(session, delivery, now)


def _hold_stuck(session: Session, delivery: DeliveryRow) -> QuestionRow | None:
    """A message about which a person decides is held, and its question, which is returned.

    Raises Undecidable.
    """
    question = locked_row(session, QuestionRow, delivery.question_id)
    if delivery.announcement_id is not None:
        roots = roots_of(session, [delivery.announcement_id])
        locked_rows(session, AnnouncementRow, {*roots, *roots.values()})
    lock_row(session, delivery)
    if delivery.state not in STUCK:
        raise Undecidable(f"This message is {delivery.state} meanwhile: there is nothing to decide.")
    return question


def _not_being_looked_up(delivery: DeliveryRow, now: datetime) -> None:
    """Raise Undecidable while somebody asks the platform: it may turn out any moment that it is there."""
    if delivery.lease_until is not None and delivery.lease_until > now:
        raise Undecidable("This message is being looked up on the platform right now: try again in a minute.")
