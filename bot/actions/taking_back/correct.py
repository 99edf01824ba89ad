"""Other words for an answer that is out: its posts are edited, or it is put right by the operator's rule.

The correction is an answer of its own, by and credited to whoever writes it. Once it is out it takes the
place of the one that was wrong, in the archive and in front of the customer's next words.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.actions.conversations.answer import Answering
from bot.actions.conversations.audience import Audience
from bot.actions.conversations.hold_or_publish import Around, Decision, Said, decide_answer, words_of
from bot.actions.conversations.tell import tell_author
from bot.actions.dialogue.thread import Thread
from bot.actions.taking_back.way import send_that_way, way_of
from bot.actions.undecidable import Undecidable
from bot.states import AnswerKind, AnswerState, ChangeKind, CorrectionWay, DeliveryState, Via
from bot.store import changes, rows
from bot.store.conversations import answers, deliveries, questions
from bot.store.conversations.publications import surroundings
from bot.store.engine import Session
from bot.store.people import identities
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import AnswerRow, DeliveryRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from bot.store.taking_back import retractions
from bot.wording import by_itself
from bot.wording.compose import credit_line
from routing.model.domain import QuestionState

_CORRECTABLE = (AnswerKind.ANSWER, AnswerKind.ADDITION, AnswerKind.CORRECTION)


@dataclass(frozen=True, slots=True)
class PlannedCorrection:
    """What a correction would be: its words, how it is published, what the guard would have a person look at.

    ``decision`` has the posts that it becomes.
    """

    text: str
    credit: str
    way: CorrectionWay
    decision: Decision
    around: Around
    objections: tuple[str, ...]
    wrong: tuple[DeliveryRow, ...]


def plan_correction(
    session: Session, answering: Answering, answer: AnswerRow, text: str, by: EmployeeRow
) -> PlannedCorrection:
    """What would become of these words; nothing is written. Raises Undecidable where it cannot be."""
    question = rows.one(session, QuestionRow, answer.question_id)
    wrong = deliveries.of_answer(session, answer.id)
    _check(session, answer, question, wrong)
    rules = answering.rules
    words = words_of(text, None, by.name, rules)
    if not words or words == answer.text:
        raise Undecidable("Write what it should say instead.")
    handle = identities.handles(session, [by.id]).on(question.platform, by.id)
    credit = credit_line(by.name, handle, rules.credit)
    posts = surroundings(session, question, None)
    platform = answering.platforms.get(question.platform)
    around = Around(question, platform, posts.target, Audience.among(posts), author=by)
    said = Said(words, answer.warning, credit)
    decision = decide_answer(said, around, rules)
    way = way_of(wrong, len(decision.parts), rules)
    if way is CorrectionWay.BELOW:
        below = by_itself.correction(question.language, words)
        decision = decide_answer(replace(said, text=below), around, rules)
    if decision.why_not is not None:
        raise Undecidable(f"It cannot be published like that. {decision.why_not}")
    return PlannedCorrection(words, credit, way, decision, around, decision.holds, tuple(wrong))


def correct(
    session: Session,
    answering: Answering,
    answer: AnswerRow,
    text: str,
    why: str,
    by: EmployeeRow,
    now: datetime,
) -> AnswerRow:
    """Put the words of an answer right; ``why`` is for its author. Raises Undecidable."""
    question = questions.held_one(session, answer.question_id)
    lock_row(session, answer)
    retractions.held_parts(session, answer.id)
    if not why:
        raise Undecidable("Say why it is corrected: its author reads that.")
    planned = plan_correction(session, answering, answer, text, by)
    correction = AnswerRow(
        question_id=question.id,
        employee_id=by.id,
        via=Via.DESK,
        text=planned.text,
        warning=answer.warning,
        round=question.round,
        credit=planned.credit,
        kind=AnswerKind.ADDITION if answer.kind == AnswerKind.ADDITION else AnswerKind.CORRECTION,
        said=answer.said
        if answer.said_by_person
        else Thread.of(session, question).judge_answer(planned.text),
        said_by_person=answer.said_by_person,
        for_archive=answer.for_archive,
        corrects_id=answer.id,
        correction=planned.way,
        written_at=now,
    )
    rows.keep(session, correction)
    _queue(session, answering, question, correction, planned, now)
    answer.held_for = why
    rows.keep(session, answer)
    if answer.employee_id != by.id:
        tell_author(session, answering.rules, answer, now)
    changes.append(session, ChangeKind.WORK, question.id, now)
    return correction


def _check(session: Session, answer: AnswerRow, question: QuestionRow, wrong: list[DeliveryRow]) -> None:
    if answer.state != AnswerState.PUBLISHED or answer.kind not in _CORRECTABLE:
        raise Undecidable("Only an answer of ours that is out can be corrected.")
    if question.state in (QuestionState.WITHDRAWN, QuestionState.JOINED):
        raise Undecidable("Its question is not there any more: take the answer back instead.")
    if not wrong or any(one.state != DeliveryState.SENT for one in wrong):
        raise Undecidable("It was not published from here: take it back, and answer anew.")
    if answers.corrections_under_way(session, answer.id):
        raise Undecidable("A correction of it is on its way already.")


def _queue(
    session: Session,
    answering: Answering,
    question: QuestionRow,
    correction: AnswerRow,
    planned: PlannedCorrection,
    now: datetime,
) -> None:
    new_key = answering.platforms[question.platform].new_key
    parts = [
        (new_key(now + timedelta(microseconds=n)), part) for n, part in enumerate(planned.decision.parts)
    ]
    publication = deliveries.Publication(
        correction,
        question,
        planned.around.reply_to,
        parts,
        visibility=planned.around.audience.visibility,
        warning=planned.decision.warning,
    )
    deliveries.queue_all(session, [publication], now=now, due_at=now)
    queued = deliveries.of_answer(session, correction.id)
    send_that_way(queued, planned.wrong, planned.way)
    rows.keep(session, *queued)
