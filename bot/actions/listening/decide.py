"""What a person decides about a post on the tray: it is let be, or a question is made of it.

Nothing is ever said to its author by itself. Two at one post are decided by the database: whoever comes
second reads that somebody was quicker.
"""

from datetime import datetime

from bot.actions.conversations.audience import HOLDS_PERSONAL_DATA
from bot.actions.undecidable import Undecidable
from bot.posts import Visibility
from bot.states import ChangeKind, ListenedState, PostKind, PostState
from bot.store import changes
from bot.store.conversations import questions
from bot.store.conversations.questions import Opening
from bot.store.engine import Session
from bot.store.listening import tray
from bot.store.tables.conversations import PostRow
from bot.store.tables.listening import ListenedRow
from bot.wording.restate import quotation
from routing.model.domain import QuestionState
from routing.model.phrases import phrase

TOO_LATE = phrase(
    "This post is not on the tray any more: somebody has made a question of it, or its author has changed or "
    "deleted it."
)
LET_BE = phrase("Somebody has let it be already.")
UNSEEN = phrase(
    "Nobody could look for a day whether this post is still there. It comes back once somebody has."
)


def let_be(session: Session, number: int, employee_id: int, now: datetime) -> ListenedRow:
    """Nothing needs to be said to this. Raises Undecidable."""
    row, _ = _on_the_tray(session, number, now)
    if row.state == ListenedState.LET_BE:
        raise Undecidable(LET_BE)
    row.state, row.decided_by, row.decided_at = ListenedState.LET_BE, employee_id, now
    changes.append(session, ChangeKind.WORK, 0, now)
    return row


def put_back(session: Session, number: int, now: datetime) -> ListenedRow:
    """It waits on the tray again. Raises Undecidable."""
    row, _ = _on_the_tray(session, number, now)
    if row.state == ListenedState.OPEN:
        raise Undecidable(phrase("It is on the tray."))
    row.state, row.decided_by, row.decided_at = ListenedState.OPEN, None, None
    changes.append(session, ChangeKind.WORK, 0, now)
    return row


def ask(session: Session, number: int, now: datetime, *, let_be: bool = False) -> int:
    """Make a question of it, as if it had been asked, marked as one that nobody asked; its id.

    With ``let_be`` whoever asks for that knows that it was let be. Raises Undecidable.
    """
    row, post = _on_the_tray(session, number, now)
    if row.state == ListenedState.LET_BE and not let_be:
        raise Undecidable(LET_BE)
    words, _ = quotation(post.text, beside=(post.warning,), indexable=True)
    note = "" if words is not None else HOLDS_PERSONAL_DATA
    opening = Opening(post, QuestionState.OPEN, row.language, note, unasked=True)
    (question_id,) = questions.open_all(session, [opening], now)
    post.verdict, post.question_id = PostKind.QUESTION, question_id
    tray.take_out(session, [post.id])
    changes.append(session, ChangeKind.WORK, question_id, now)
    return question_id


def _on_the_tray(session: Session, number: int, now: datetime) -> tuple[ListenedRow, PostRow]:
    """The row and its post, held, as long as everybody may read the post. Raises Undecidable."""
    found = tray.held(session, number)
    if found is None:
        raise Undecidable(TOO_LATE)
    row, post = found
    is_as_it_was = post.state == PostState.DONE and post.verdict == PostKind.LISTENED
    if not is_as_it_was or post.deleted_at is not None or post.visibility != Visibility.PUBLIC:
        raise Undecidable(TOO_LATE)
    if not tray.was_seen(row, now):
        raise Undecidable(UNSEEN)
    return row, post
