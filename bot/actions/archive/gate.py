"""What enters the archive: what somebody with a like question would be glad to find, or what a person put in.

The judgement is made again whenever another answer is in front; what a person has decided stays.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.states import EntryState, HookEvent
from bot.store import rows
from bot.store.archive import entries
from bot.store.conversations import answers, questions
from bot.store.engine import Database, Session
from bot.store.hooks.outbox import tell
from bot.store.tables.conversations import AnswerRow, EntryRow, QuestionRow
from routing.dialogue.gate import ArchiveGate, HeldBack, worth

_GATE = "archive gate"
_JUDGED = (EntryState.PUBLIC, EntryState.HELD_BACK)


def judge_by(database: Database, tell: Callable[[], ArchiveGate]) -> None:
    """Whatever this process writes into the archive of this database is judged by the rules ``tell`` says."""
    database.shared[_GATE] = tell


def gate_of(session: Session) -> ArchiveGate:
    """The rules that this session's archive is judged by."""
    database = Database.of(session)
    tell: Callable[[], ArchiveGate] = database.shared.get(_GATE, ArchiveGate) if database else ArchiveGate
    return tell()


def why_held_back(question: QuestionRow, answer: AnswerRow | None, gate: ArchiveGate) -> HeldBack | None:
    """Why a question with this accepted answer stays out; None: it enters."""
    if answer is None or not answer.would_help:
        return HeldBack.UNSOLVED
    if not answer.for_archive:
        return HeldBack.AUTHOR
    judged = worth(question.text, answer.text, is_accepted=answer.accepted_by is not None)
    return gate.why_out(question.main_topic, judged)


def weigh_entry(session: Session, entry: EntryRow, why: HeldBack | None, now: datetime) -> None:
    """The entry is in or out by this, unless a person has decided; all who follow it hear of it."""
    if entry.state in _JUDGED and not entry.decided:
        if why is None and entry.state == EntryState.HELD_BACK:
            tell(session, HookEvent.ENTRY_PUBLISHED, entry.id)
        entry.held_back = why
        entry.state = EntryState.HELD_BACK if why else EntryState.PUBLIC
    entries.touch(session, entry, now)


@dataclass(frozen=True, slots=True)
class Reweighed:
    """An entry that was judged anew: what it was before, and why it is to stay out now; None: it is in."""

    entry_id: int
    title: str
    was_out: bool
    why: HeldBack | None

    @property
    def changes(self) -> bool:
        """Whether it goes in, or out."""
        return self.was_out != (self.why is not None)


def reweigh(
    session: Session, after: int, limit: int, gate: ArchiveGate, now: datetime | None
) -> list[Reweighed]:
    """Judge the next entries behind number ``after`` anew, those aside that a person has decided.

    With ``now``, what is in and what is out follows; without, nothing is written.
    """
    found = entries.undecided_after(session, after, limit)
    ids = [entry.question_id for entry in found]
    if now is not None:
        asked = {one.id: one for one in questions.held_all(session, ids)}
    else:
        asked = rows.find_all(session, QuestionRow, ids)
    published = answers.published_in_order(session, ids)
    judged = []
    for entry in found:
        question = asked[entry.question_id]
        front = next((one for one in published[question.id] if one.lead), None)
        is_retracted = front is None and entry.held_back == HeldBack.RETRACTED
        why = HeldBack.RETRACTED if is_retracted else why_held_back(question, front, gate)
        one = Reweighed(entry.id, entry.title, entry.state == EntryState.HELD_BACK, why)
        if now is not None and (one.changes or entry.held_back != why):
            weigh_entry(session, entry, why, now)
        judged.append(one)
    return judged
