"""Questions of the past that the archive had the answer to already: they make no entries of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.actions.archive.imports import ImportedAnswer
from bot.states import AnswerKind, AnswerState, Via
from bot.store import rows
from bot.store.engine import Session
from bot.store.tables.conversations import AnswerRow, OfferRow, QuestionRow
from bot.store.tables.figures import SurveyRow
from bot.store.tables.values import stored_weights
from routing.figures.survey import SurveyKind
from routing.model.domain import OfferState, QuestionState, TopicWeight

_OPEN = timedelta(days=14)
_UNTIL_SAID = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class RepeatedQuestion:
    """A question as it ended. ``entry_id`` is the entry that answers it, ``offered_to`` who was asked.

    ``is_reuse`` says whether the entry's answer was repeated, or somebody wrote one anew; ``survey`` what
    came of asking its customer how it went, None where nobody did.
    """

    text: str
    asked_at: datetime
    customer: str
    topic: str
    language: str
    entry_id: int
    state: QuestionState
    answers: Sequence[ImportedAnswer] = ()
    offered_to: Sequence[int] = ()
    settled_at: datetime | None = None
    satisfied: bool | None = None
    is_reuse: bool = False
    survey: "PastSurvey | None" = None


@dataclass(frozen=True, slots=True)
class PastSurvey:
    """A customer was asked how it went: their ``score`` of 1 to 5, None where they said nothing.

    With ``waits`` nobody of those in charge has seen it yet.
    """

    asked_at: datetime
    score: int | None = None
    comment: str = ""
    waits: bool = False


def import_questions(session: Session, past: Sequence[RepeatedQuestion]) -> None:
    """Store them with their answers and offers, all over by now."""
    asked = [_question(one) for one in past]
    rows.keep(session, *asked)
    beside = [row for one, question in zip(past, asked, strict=True) for row in _beside(one, question.id)]
    rows.keep(session, *beside)
    rows.keep(
        session,
        *(_survey(question, one.survey) for one, question in zip(past, asked, strict=True) if one.survey),
    )


def _question(past: RepeatedQuestion) -> QuestionRow:
    return QuestionRow(
        platform="local",
        customer_id=past.customer.lower(),
        customer_handle=past.customer,
        text=past.text,
        language=past.language,
        state=past.state,
        topics=stored_weights([TopicWeight(past.topic, 1.0)]),
        asked_at=past.asked_at,
        answered_at=past.answers[0].written_at if past.answers else None,
        settled_at=past.settled_at,
        satisfied=past.satisfied,
        same_as_entry=past.entry_id if past.answers else None,
    )


def _beside(past: RepeatedQuestion, question_id: int) -> list[AnswerRow | OfferRow]:
    answerers = {one.employee_id for one in past.answers}
    ended_at = past.answers[0].written_at if past.answers else past.asked_at
    offers: list[AnswerRow | OfferRow] = [
        OfferRow(
            question_id=question_id,
            employee_id=employee,
            state=OfferState.ANSWERED if employee in answerers else OfferState.EXPIRED,
            offered_at=past.asked_at,
            expires_at=ended_at,
            ended_at=ended_at,
        )
        for employee in past.offered_to
    ]
    return offers + [
        AnswerRow(
            question_id=question_id,
            employee_id=one.employee_id,
            via=Via.IMPORT,
            text=one.text,
            credit=one.credit,
            state=AnswerState.PUBLISHED,
            kind=one.kind or AnswerKind.ANSWER,
            lead=number == 0,
            reuse_of=past.entry_id if past.is_reuse and number == 0 else None,
            written_at=one.written_at,
            published_at=one.written_at,
        )
        for number, one in enumerate(past.answers)
    ]


def _survey(question: QuestionRow, past: PastSurvey) -> SurveyRow:
    said_at = None if past.score is None else past.asked_at + _UNTIL_SAID
    return SurveyRow(
        question_id=question.id,
        platform=question.platform,
        customer_id=question.customer_id,
        kind=SurveyKind.CSAT,
        asked_at=past.asked_at,
        expires_at=past.asked_at + _OPEN,
        score=past.score,
        said_at=said_at,
        comment=past.comment,
        waits_since=said_at if past.waits else None,
    )
