"""What a delivery's outcome means for the answer, the question and the archive: one transaction with it."""

from datetime import datetime

from bot.actions.audience import Audience, own_post
from bot.actions.reuse import count_again
from bot.actions.rules import Rules
from bot.actions.tell import tell_author
from bot.actions.withdraw import keep_from_public
from bot.platforms.registry import traits_of
from bot.posts import Visibility
from bot.states import AnswerKind, AnswerState, ChangeKind, DeliveryKind, TitleSource
from bot.store import changes
from bot.store.archive import entries
from bot.store.conversations import answers, deliveries, questions
from bot.store.engine import Session
from bot.store.hold import held
from bot.store.house.topics import name_of
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, PostRow, QuestionRow
from bot.wording.beside import unwarned
from bot.wording.restate import derived_title, quotation
from routing.model.domain import QuestionState
from routing.model.lifecycle import Event


def record_sent(session: Session, row: DeliveryRow, now: datetime) -> None:
    """The last part is out: the answer is published, the question answered, the entry public."""
    question, answer = held(session, QuestionRow, row.question_id), held(session, AnswerRow, row.answer_id)
    if row.kind != DeliveryKind.PUBLICATION or answer is None or question is None:
        return
    first = deliveries.of_answer(session, answer.id)[0]
    if answer.kind == AnswerKind.POINTER:  # nobody's answer, so nothing to archive or to learn from
        answer.state, answer.published_at, answer.url = AnswerState.POINTED, now, first.url
        changes.append(session, ChangeKind.WORK, question.id, now)
        return
    answers.publish(session, answer, now, first.url)
    if question.state != QuestionState.WITHDRAWN:
        questions.move(
            session,
            question,
            Event.PUBLISHED,
            due_at=question.due_at if question.state in questions.WAITING else None,
        )
        question.answered_at = question.answered_at or now
        if not count_again(session, answer, now):
            archive(session, question, answer, now)


def archive(session: Session, question: QuestionRow, answer: AnswerRow, now: datetime) -> EntryRow | None:
    """Write the entry, unless the question or the answer was not said in public."""
    opening = session.get(PostRow, question.post_id) if question.post_id else None
    own = own_post(session, answer)
    said = [opening.visibility if opening else None, *([own.visibility] if own else [])]
    if not Visibility.least(*said).is_public:
        return None
    return entries.publish(session, question, answer, shown(session, question, answer, opening), now)


def shown(
    session: Session,
    question: QuestionRow,
    answer: AnswerRow | None,
    opening: PostRow | None,
    *,
    withheld: str | None = None,
) -> entries.Shown:
    """Title and quotation of a question for the public; ``answer`` is what a title may be made of.

    ``withheld`` is why there is to be no quotation whatever the words are.
    """
    warning = opening.warning if opening else ""
    pictures = tuple(one for one in opening.pictures if one) if opening else ()
    words, why = quotation(
        unwarned(question.text, warning),
        beside=(warning, *pictures),
        indexable=opening.indexable if opening else True,
    )
    if withheld is not None:
        words, why = None, withheld
    quoted = entries.Quotation(words, why, warning if words else "", pictures if words else ())
    if question.title and question.title_source:
        return entries.Shown(question.title, TitleSource(question.title_source), quoted)
    title = derived_title(
        question.text,
        answer.text if answer is not None and not answer.warning else "",
        topic=name_of(session, question.main_topic) if question.main_topic else None,
        quotable=words is not None and not warning and traits_of(question.platform).hands_on_words,
    )
    return entries.Shown(title, TitleSource.DERIVED, quoted)


def record_stopped(
    session: Session, rules: Rules, row: DeliveryRow, why: str, now: datetime, *, to_hold: bool = False
) -> None:
    """A message was kept back at the last look: its answer waits for its author, or is withdrawn.

    It can only wait where nothing of it may be out: at the first attempt to send its first part.
    """
    question, answer = held(session, QuestionRow, row.question_id), held(session, AnswerRow, row.answer_id)
    if not to_hold or row.part or row.attempts > 1 or answer is None or question is None:
        record_failed(session, row, why, now, withdrawn=True)
    else:
        finished = session.get_one(DeliveryRow, row.id, populate_existing=True)
        finished.first_sent_at = None
        answer.state, answer.held_for = AnswerState.HELD, why
        session.add_all([finished, answer])
        session.flush()
        deliveries.stop_rest(session, row, why)
        deliveries.discard(session, answer.id)  # the words are nobody else's to see
        changes.append(session, ChangeKind.WORK, row.id, now)
        questions.move(session, question, Event.ANSWER_DROPPED, due_at=now)
    if question is not None and not Audience.of(session, question, None).asked.is_public:
        keep_from_public(session, question, now)
    if answer is not None:
        tell_author(session, rules, answer, now)


def record_failed(
    session: Session,
    row: DeliveryRow,
    why: str,
    now: datetime,
    *,
    withdrawn: bool = False,
    undecided: bool = False,
) -> None:
    """A part will not go out, or a person has to find out: the question goes to a person in charge."""
    question, answer = held(session, QuestionRow, row.question_id), held(session, AnswerRow, row.answer_id)
    if row.kind != DeliveryKind.PUBLICATION or answer is None or question is None:
        return
    if not undecided:
        answer.state = AnswerState.WITHDRAWN if withdrawn else AnswerState.FAILED
        answer.held_for = why
        session.add(answer)
        deliveries.stop_rest(session, row, why)
    changes.append(session, ChangeKind.WORK, row.id, now)
    if question.state == QuestionState.WITHDRAWN:
        return
    question.note = why
    session.add(question)
    if withdrawn:
        questions.move(session, question, Event.ANSWER_DROPPED, due_at=now)
    elif not undecided:
        questions.move(session, question, Event.PUBLICATION_FAILED)
