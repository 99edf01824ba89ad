"""Which answer of a question is the accepted one: the customer's thanks say it, or a person."""

from datetime import datetime

from bot.store.archive import entries
from bot.store.conversations import answers
from bot.store.engine import Session
from bot.store.tables.conversations import AnswerRow, QuestionRow


def accept(session: Session, question: QuestionRow, answer: AnswerRow | None, now: datetime) -> None:
    """This answer is in front of the others from now on, also in the archive. None: it stays as it is."""
    if answer is None or answer.lead:
        return
    answers.lead(session, answer)
    _tell_archive(session, question, now)


def no_longer_accept(
    session: Session, question: QuestionRow, answer: AnswerRow | None, now: datetime
) -> None:
    """The customer says that an answer did not help: the next one that goes out comes in front of it."""
    if answer is None or not answer.lead:
        return
    answers.follow(session, answer)
    _tell_archive(session, question, now)


def _tell_archive(session: Session, question: QuestionRow, now: datetime) -> None:
    entry = entries.of_question(session, question.id)
    if entry is not None:
        entries.touch(session, entry, now)
