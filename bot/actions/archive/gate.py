"""What enters the archive: what somebody with a like question would be glad to find, or what a person put in.

The judgement is made again whenever another answer is in front; what a person has decided stays.
"""

from datetime import datetime

from bot.states import EntryState
from bot.store.archive import entries
from bot.store.engine import Session
from bot.store.tables.conversations import AnswerRow, EntryRow, QuestionRow
from routing.dialogue.gate import HeldBack, worth

_JUDGED = (EntryState.PUBLIC, EntryState.HELD_BACK)


def why_held_back(question: QuestionRow, answer: AnswerRow | None) -> HeldBack | None:
    """Why a question with this accepted answer stays out; None: it enters."""
    if answer is None or not answer.would_help:
        return HeldBack.UNSOLVED
    return worth(question.text, answer.text).held_back


def weigh_entry(session: Session, entry: EntryRow, why: HeldBack | None, now: datetime) -> None:
    """The entry is in or out by this, unless a person has decided; all who follow it hear of it."""
    if entry.state in _JUDGED and not entry.decided:
        entry.held_back = why
        entry.state = EntryState.HELD_BACK if why else EntryState.PUBLIC
    entries.touch(session, entry, now)
