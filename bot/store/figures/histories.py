"""What is known of questions that is counted, from the rows as they are now."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from bot.states import NO_ANSWER, AnswerKind, AnswerState
from bot.store.tables import values
from bot.store.tables.columns import table_of
from bot.store.tables.conversations import AnswerRow, OfferRow, QuestionRow
from bot.store.tables.figures import SurveyRow
from routing.dialogue.turns import TurnKind
from routing.figures.history import AnswerHistory, QuestionHistory
from routing.figures.survey import NOT_ASKED, SurveyKind, survey_code
from routing.model.domain import QuestionState

_QUESTION, _ANSWER, _OFFER = table_of(QuestionRow).c, table_of(AnswerRow).c, table_of(OfferRow).c
_SURVEY = table_of(SurveyRow).c
_KINDS = {str(kind): kind for kind in SurveyKind}
_WRONG_ANSWER = table_of(AnswerRow).alias("wrong")
_WRONG = _WRONG_ANSWER.c
_STATES = {str(state): state for state in QuestionState}
_BY_NOBODY = (*NO_ANSWER, AnswerKind.COMMUNITY)
"""What Chorus says by itself, and what another customer said."""


def histories(session: Session, questions: Collection[int]) -> list[QuestionHistory]:
    """The histories of those of these questions that are there.

    A row that nobody can make sense of is passed over: it must not keep the others from being counted.
    """
    if not questions:
        return []
    ids = sorted(questions)
    answers, offers, surveys = _answers(session, ids), _offers(session, ids), _surveys(session, ids)
    rows = session.execute(
        select(
            _QUESTION.id,
            _QUESTION.asked_at,
            _QUESTION.state,
            _QUESTION.platform,
            _QUESTION.customer_id,
            _QUESTION.text,
            _QUESTION.language,
            _QUESTION.topics,
            _QUESTION.settled_at,
            _QUESTION.satisfied,
        ).where(_QUESTION.id.in_(ids))
    ).all()
    return [
        QuestionHistory(
            id=row.id,
            asked_at=row.asked_at,
            state=_STATES[row.state],
            platform=row.platform,
            customer=f"{row.platform}:{row.customer_id}" if row.customer_id else "",
            text=row.text,
            language=row.language or "",
            topic=_main_topic(row.topics),
            settled_at=row.settled_at,
            satisfied=row.satisfied,
            offers=offers.get(row.id, 0),
            survey=surveys.get(row.id, NOT_ASKED),
            answers=answers.get(row.id, ()),
        )
        for row in rows
        if row.state in _STATES
    ]


def _main_topic(stored: Any) -> str:
    """What a question is mainly about; nothing where nobody can tell from the row."""
    try:
        return next((one.slug for one in values.weights(stored)), "")
    except (TypeError, ValueError, LookupError):
        return ""


def ids_after(session: Session, last: int, limit: int) -> list[int]:
    """The ids of the next questions, in order."""
    return list(
        session.execute(
            select(_QUESTION.id).where(_QUESTION.id > last).order_by(_QUESTION.id).limit(limit)
        ).scalars()
    )


def newest_id(session: Session) -> int:
    """The id of the last question; 0 where there is none."""
    return session.execute(select(func.max(_QUESTION.id))).scalar_one() or 0


def _answers(session: Session, ids: Sequence[int]) -> dict[int, list[AnswerHistory]]:
    """Each question's answers in the order of their ids: it says who was first at one moment."""
    rows = session.execute(
        select(
            _ANSWER.question_id,
            _ANSWER.employee_id,
            _ANSWER.published_at,
            _ANSWER.state,
            _ANSWER.kind,
            _ANSWER.said,
            _ANSWER.reuse_of,
            _ANSWER.corrects_id,
            _WRONG.employee_id.label("wrong_by"),
        )
        .select_from(table_of(AnswerRow).outerjoin(_WRONG_ANSWER, _WRONG.id == _ANSWER.corrects_id))
        .where(_ANSWER.question_id.in_(ids))
        .order_by(_ANSWER.id)
    ).all()
    found: dict[int, list[AnswerHistory]] = defaultdict(list)
    for row in rows:
        found[row.question_id].append(_answer(row))
    return found


def _answer(row: Any) -> AnswerHistory:
    return AnswerHistory(
        employee=row.employee_id,
        published_at=row.published_at,
        is_published=row.state == AnswerState.PUBLISHED,
        is_retracted=row.state == AnswerState.RETRACTED,
        is_full=row.kind == AnswerKind.ANSWER,
        is_correction=_contradicts(row),
        asks_back=row.said == TurnKind.QUESTION_BACK,
        by_person=row.kind not in _BY_NOBODY,
        is_reuse=row.reuse_of is not None,
    )


def _contradicts(row: Any) -> bool:
    """Whether it puts somebody else's answer right; who corrects themselves contradicts nobody."""
    if row.corrects_id is None:
        return bool(row.kind == AnswerKind.CORRECTION)
    return row.employee_id is None or row.wrong_by != row.employee_id


def _offers(session: Session, ids: Sequence[int]) -> dict[int, int]:
    rows = session.execute(
        select(_OFFER.question_id, func.count())
        .where(_OFFER.question_id.in_(ids))
        .group_by(_OFFER.question_id)
    ).all()
    return {row[0]: row[1] for row in rows}


def _surveys(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """What came of asking; who was to be asked and was not (yet) counts only where they said something."""
    rows = session.execute(
        select(_SURVEY.question_id, _SURVEY.kind, _SURVEY.score, _ANSWER.state)
        .select_from(_SURVEY.id.table.outerjoin(_ANSWER.id.table, _ANSWER.id == _SURVEY.answer_id))
        .where(_SURVEY.question_id.in_(ids))
    ).all()
    return {
        row.question_id: survey_code(_KINDS[row.kind], row.score)
        for row in rows
        if row.kind in _KINDS and (row.score is not None or row.state == AnswerState.POINTED)
    }
