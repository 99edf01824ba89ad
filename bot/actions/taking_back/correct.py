"""Other words for an answer that is out: its posts are edited, or it is put right by the operator's rule.

The correction is an answer of its own, by and credited to whoever writes it. Once it is out it takes the
place of the one that was wrong, in the archive and in front of the customer's next words. What is out only in
part is put right all the same, its rest stays in; what the archive alone says is put right there, at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.actions.conversations import reuse
from bot.actions.conversations.answer import Answering
from bot.actions.conversations.audience import Audience
from bot.actions.conversations.hold_or_publish import (
    Around,
    Decision,
    Said,
    decide_answer,
    decide_entry,
    words_of,
)
from bot.actions.conversations.tell import tell_author
from bot.actions.dialogue.accept import weigh_again
from bot.actions.dialogue.thread import Thread
from bot.actions.rules import Rules
from bot.actions.steering.given import NOTHING_GIVEN, GivenLately
from bot.actions.taking_back.corrected import take_places
from bot.actions.taking_back.under_way import correction_under_way, give_up_refused
from bot.actions.taking_back.way import send_that_way, way_of
from bot.actions.undecidable import NotAsGiven, Undecidable
from bot.states import (
    NOT_STARTED,
    UNSURE,
    AnswerKind,
    AnswerState,
    ChangeKind,
    CorrectionWay,
    DeliveryCode,
    DeliveryState,
    Via,
)
from bot.store import changes, rows
from bot.store.conversations import answers, deliveries, offers, questions
from bot.store.conversations.publications import surroundings
from bot.store.engine import Session
from bot.store.people import identities
from bot.store.row_locks import lock_row, supersede
from bot.store.tables.conversations import AnswerRow, DeliveryRow, PostRow, QuestionRow
from bot.store.tables.house import ChallengeRow
from bot.store.tables.people import EmployeeRow
from bot.store.taking_back import retractions
from bot.wording import by_itself
from bot.wording.attachments import own_warning
from bot.wording.compose import credit_line
from routing.model.domain import WITHOUT_ANSWER, OfferState, QuestionState
from routing.model.lifecycle import Event
from routing.model.phrases import phrase

CORRECTABLE = (AnswerKind.ANSWER, AnswerKind.ADDITION, AnswerKind.CORRECTION)
"""What has words of somebody's that others can take the place of."""
_NEVER_OUT = (DeliveryState.REJECTED, DeliveryState.QUARANTINED)
_IN_PART = (AnswerState.QUEUED, AnswerState.FAILED)


@dataclass(frozen=True, slots=True)
class Rewording:
    """How an answer is to be put right; ``why`` is for its author, ``by`` is whose words they are.

    Without ``is_named`` nobody is credited. ``own`` is the post of the author's that says it otherwise now.
    """

    text: str
    why: str
    by: EmployeeRow
    is_named: bool = True
    own: PostRow | None = None
    challenge: ChallengeRow | None = None
    """What somebody said of it, where that is accepted."""


@dataclass(frozen=True, slots=True)
class PlannedCorrection:
    """What a correction would be: its words, how it is published, what the guard would have a person look at.

    ``decision`` has the posts that it becomes, ``wrong`` are the posts that are out, ``rest`` is what of the
    former words has not gone out and stays in.
    """

    text: str
    warning: str
    credit: str
    way: CorrectionWay
    decision: Decision
    around: Around
    objections: tuple[str, ...]
    wrong: tuple[DeliveryRow, ...]
    rest: tuple[DeliveryRow, ...] = ()


def plan_correction(
    session: Session, answering: Answering, answer: AnswerRow, wanted: Rewording, now: datetime
) -> PlannedCorrection:
    """What would become of these words; nothing is written. Raises Undecidable where it cannot be."""
    question = rows.one(session, QuestionRow, answer.question_id)
    parts = deliveries.of_answer(session, answer.id)
    _check(session, answer, question, parts)
    rules, by, own = answering.rules, wanted.by, wanted.own
    words = words_of(wanted.text, own, by.name, rules)
    warning = own_warning(own.warning, *rules.unsaid_tags) if own is not None else answer.warning
    if not words or (words, warning) == (answer.text, answer.warning):
        raise NotAsGiven(phrase("Write what it should say instead."))
    if own is not None and reuse.is_number(words):
        raise NotAsGiven(phrase("A number alone repeats an entry: write here in words what it should say."))
    handle = identities.handles(session, [by.id]).on(question.platform, by.id)
    credit = credit_line(by.name, handle, rules.credit) if wanted.is_named else ""
    posts = surroundings(session, question, own)
    around = Around(
        question,
        answering.platforms.get(question.platform),
        posts.target,
        Audience.among(posts),
        author=by,
        own=own,
        given=GivenLately.by(session, by.id, rules, now) if own is not None else NOTHING_GIVEN,
    )
    wrong = [one for one in parts if one.state == DeliveryState.SENT]
    way, decision = _decided(Said(words, warning, credit), around, rules, wrong)
    if decision.why_not is not None:
        raise Undecidable(phrase("It cannot be published like that. %(why)s", why=decision.why_not))
    rest = tuple(one for one in parts if one.state in (*NOT_STARTED, *_NEVER_OUT))
    return PlannedCorrection(
        words, warning, credit, way, decision, around, decision.holds, tuple(wrong), rest
    )


def correct(
    session: Session,
    answering: Answering,
    answer: AnswerRow,
    wanted: Rewording,
    now: datetime,
    *,
    reuse_of: int | None = None,
) -> AnswerRow:
    """Put the words of an answer right. Raises Undecidable.

    ``reuse_of`` is the entry that says the same from now on, where this answer repeats it.
    """
    question = questions.held_one(session, answer.question_id)
    lock_row(session, answer)
    retractions.held_parts(session, answer.id)
    if not wanted.why:
        raise NotAsGiven("Say why it is corrected: its author reads that.")
    give_up_refused(session, answer, now)
    planned = plan_correction(session, answering, answer, wanted, now)
    by = wanted.by
    correction = AnswerRow(
        question_id=question.id,
        employee_id=by.id,
        via=Via.DESK,
        text=planned.text,
        warning=planned.warning,
        round=question.round,
        credit=planned.credit,
        kind=AnswerKind.ADDITION if answer.kind == AnswerKind.ADDITION else AnswerKind.CORRECTION,
        said=answer.said
        if answer.said_by_person
        else Thread.of(session, question).judge_answer(planned.text),
        said_by_person=answer.said_by_person,
        for_archive=answer.for_archive and not (wanted.own and answering.rules.keeps_out(wanted.text)),
        reuse_of=reuse_of,
        corrects_id=answer.id,
        correction=planned.way,
        written_at=now,
    )
    rows.keep(session, correction)
    if wanted.challenge is not None:
        wanted.challenge.correction_id = correction.id
        rows.keep(session, wanted.challenge)
    if planned.way is CorrectionWay.ENTRY:
        _say_in_archive(session, question, answer, correction, wanted.why, now)
    else:
        _keep_rest_in(session, question, answer, planned.rest, now)
        _queue(session, answering, question, correction, planned, now)
        answer.held_for = wanted.why
        rows.keep(session, answer)
    if answer.employee_id != by.id:
        tell_author(session, answering.rules, answer, now)
    changes.append(session, ChangeKind.WORK, question.id, now)
    return correction


def _check(session: Session, answer: AnswerRow, question: QuestionRow, parts: Sequence[DeliveryRow]) -> None:
    in_part = answer.state in _IN_PART and any(one.state == DeliveryState.SENT for one in parts)
    if (answer.state != AnswerState.PUBLISHED and not in_part) or answer.kind not in CORRECTABLE:
        raise Undecidable(phrase("Only an answer of ours that is out can be corrected."))
    if question.state in (QuestionState.WITHDRAWN, QuestionState.JOINED):
        raise Undecidable(phrase("Its question is not there any more: take the answer back instead."))
    if any(one.state in UNSURE for one in parts):
        raise Undecidable(
            phrase("Nobody knows yet whether a part of it is out: it is being sent or looked up. Try again.")
        )
    if correction_under_way(session, answer) is not None:
        raise Undecidable(phrase("A correction of it is on its way already, or out in part."))


def _decided(
    said: Said, around: Around, rules: Rules, wrong: Sequence[DeliveryRow]
) -> tuple[CorrectionWay, Decision]:
    if not wrong:
        return CorrectionWay.ENTRY, decide_entry(said, around, rules)
    decision = decide_answer(said, around, rules)
    way = way_of(wrong, len(decision.parts), rules)
    if way is CorrectionWay.BELOW:
        below = by_itself.correction(around.question.language, said.text)
        decision = decide_answer(replace(said, text=below), around, rules)
    return way, decision


def _say_in_archive(
    session: Session,
    question: QuestionRow,
    answer: AnswerRow,
    correction: AnswerRow,
    why: str,
    now: datetime,
) -> None:
    """There is nothing to send: the correction takes its place at once."""
    answer.held_for = why
    take_places(session, [correction], now)
    answers.publish_all(session, [(correction, None)], now)
    weigh_again(session, question, now)


def _keep_rest_in(
    session: Session, question: QuestionRow, answer: AnswerRow, rest: Sequence[DeliveryRow], now: datetime
) -> None:
    """Of what is out only in part, the rest does not go out any more: the correction does instead."""
    if answer.state == AnswerState.PUBLISHED:
        return
    gone = {"state": DeliveryState.WITHDRAWN, "code": DeliveryCode.TAKEN_BACK, "due_at": None}
    for part in rest:
        supersede(session, part, reason=phrase("Other words take its place."), **gone)
    answer.state = AnswerState.FAILED
    offers.end_of_question(session, question.id, OfferState.WITHDRAWN, now)
    if question.state in WITHOUT_ANSWER:
        questions.move(session, question, Event.ANSWER_STORED)


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
