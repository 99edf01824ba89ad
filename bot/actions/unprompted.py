"""What the brand says in a conversation although no employee has said it; each None where it has no place."""

from datetime import datetime

from bot.actions.conversations import reuse
from bot.actions.conversations.answer import Answering
from bot.states import AnswerKind
from bot.store.engine import Session
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.wording import by_itself
from routing.dialogue.turns import TurnKind


def point_to_archive(
    answering: Answering, session: Session, question: QuestionRow, entry_id: int, now: datetime
) -> AnswerRow | None:
    """A first reply with the link of an entry; whoever was offered the question still is."""
    found = reuse.of_entry(session, entry_id)
    if found is None:
        return None
    text = reuse.pointer(found.entry, answering.rules.archive_url, question.language)
    return answering.say(session, question, text, now, kind=AnswerKind.POINTER)


def ask_what(
    answering: Answering, session: Session, question: QuestionRow, now: datetime
) -> AnswerRow | None:
    """The brand asks back what a post without words is about; its question waits for the customer."""
    text = by_itself.greeting(question.language)
    return answering.say(session, question, text, now, said=TurnKind.QUESTION_BACK)


def remind(answering: Answering, session: Session, question: QuestionRow, now: datetime) -> AnswerRow | None:
    """The brand reminds the customer of what was asked back."""
    text = by_itself.reminder(question.language)
    return answering.say(session, question, text, now, kind=AnswerKind.POINTER)
