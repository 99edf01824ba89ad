"""What a delivery's outcome means for the answer, the question and the archive: one transaction with it."""

from datetime import datetime

from bot.posts import Visibility
from bot.restate import derived_title, quotation
from bot.states import AnswerState, DeliveryKind, TitleSource
from bot.steps.reuse import count_again
from bot.store import answers, changes, deliveries, entries, questions
from bot.store.engine import Session
from bot.store.tables import AnswerRow, DeliveryRow, EntryRow, PostRow, QuestionRow
from bot.store.topics import name_of
from routing.domain import QuestionState
from routing.lifecycle import Event


def record_sent(session: Session, row: DeliveryRow, now: datetime) -> None:
    """The last part is out: the answer is published, the question answered, the entry public."""
    answer = session.get(AnswerRow, row.answer_id) if row.answer_id else None
    question = session.get(QuestionRow, row.question_id) if row.question_id else None
    if row.kind != DeliveryKind.PUBLICATION or answer is None or question is None:
        return
    first = deliveries.of_answer(session, answer.id or 0)[0]
    if answer.kind == "pointer":  # nobody's answer, so nothing to archive or to learn from
        answer.state, answer.published_at, answer.url = AnswerState.POINTED, now, first.url
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
    own = session.get(PostRow, answer.post_id) if answer.post_id else None
    for post in (opening, own):
        if post is not None and not Visibility(post.visibility).is_public:
            return None
    return entries.publish(session, question, answer, shown(session, question, answer, opening), now)


def shown(
    session: Session, question: QuestionRow, answer: AnswerRow, opening: PostRow | None
) -> entries.Shown:
    """Title and quotation of a question for the public."""
    words, why = quotation(question.text, indexable=opening.indexable if opening else True)
    if question.title and question.title_source:
        return entries.Shown(question.title, TitleSource(question.title_source), words, why)
    topic = name_of(session, str(question.topics[0][0])) if question.topics else None
    title = derived_title(
        question.text, answer.text, platform=question.platform, topic=topic, quotable=words is not None
    )
    return entries.Shown(title, TitleSource.DERIVED, words, why)


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
    answer = session.get(AnswerRow, row.answer_id) if row.answer_id else None
    question = session.get(QuestionRow, row.question_id) if row.question_id else None
    if row.kind != DeliveryKind.PUBLICATION or answer is None or question is None:
        return
    if not undecided:
        answer.state = AnswerState.WITHDRAWN if withdrawn else AnswerState.FAILED
        answer.held_for = why
        session.add(answer)
        deliveries.stop_rest(session, row, why)
    changes.append(session, "work", row.id or 0, now)
    if question.state == QuestionState.WITHDRAWN:
        return
    question.note = why
    session.add(question)
    if withdrawn:
        questions.move(session, question, Event.ANSWER_DROPPED, due_at=now)
    elif not undecided:
        questions.move(session, question, Event.PUBLICATION_FAILED)
