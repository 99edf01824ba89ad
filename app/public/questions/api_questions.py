"""Questions as JSON, for programs with a token: what came in, how it stands, what was answered."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from app.identity.tokens import NeedsScope
from app.public import cursors
from app.public.questions.question_models import (
    QuestionAnswer,
    QuestionAnswers,
    QuestionItem,
    QuestionPage,
)
from app.web.addresses import entry_path, is_web
from app.web.forms import number_in
from app.web.problem_models import LIMITED, problem_response
from app.web.problems import there
from app.wiring.composition import Chorus, Here
from bot.platforms.registry import traits_of
from bot.roles import Scope
from bot.store.archive.records import PublishedReply, Record
from bot.store.engine import Session
from bot.store.queries.pages import api_questions as reads
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.text.display import plain
from routing.model.domain import QuestionState

_PRIVATE = {"Cache-Control": "no-store"}
_MISSING: dict[int | str, dict[str, Any]] = {404: problem_response("There is no such question.")}

router = APIRouter(
    prefix="/api/v1",
    tags=["Questions"],
    responses={
        401: problem_response("No token, or one that does not work (any more)."),
        403: problem_response("The token may not read this."),
        **LIMITED,
    },
)

_ReadsQuestions = Depends(NeedsScope(Scope.QUESTIONS_READ))
_ReadsAnswers = Depends(NeedsScope(Scope.ANSWERS_READ))


@router.get(
    "/questions",
    summary="Questions, the latest first",
    response_model=QuestionPage,
    dependencies=[_ReadsQuestions],
)
def questions(
    chorus: Here,
    state: Annotated[QuestionState | None, Query(description="Only those in this state.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Items on one page.")] = 20,
    cursor: Annotated[str, Query(description="`next` of the page before.")] = "",
) -> Response:
    """Every question that was ever asked here, by number. Follow `next` until it is null.

    Needs `questions:read`.
    """
    before = cursors.number_of(cursor) if cursor else None
    with chorus.database.read() as session:
        rows = reads.questions(session, state, before, limit + 1)
        shown = rows[:limit]
        items = _items(chorus, session, shown)
    following = cursors.of_number(shown[-1].id) if len(rows) > limit else None
    return _json(QuestionPage(items=items, next=following))


@router.get(
    "/questions/{id}",
    summary="One question",
    response_model=QuestionItem,
    responses=_MISSING,
    dependencies=[_ReadsQuestions],
)
def question(chorus: Here, id: str) -> Response:  # noqa: A002 - the name in the address
    """How it stands now. Needs `questions:read`."""
    with chorus.database.read() as session:
        row = there(reads.question(session, _number(id)), "such question")
        (item,) = _items(chorus, session, [row])
    return _json(item)


@router.get(
    "/questions/{id}/answers",
    summary="The answers to a question",
    response_model=QuestionAnswers,
    responses=_MISSING,
    dependencies=[_ReadsAnswers],
)
def answers(chorus: Here, id: str) -> Response:  # noqa: A002 - the name in the address
    """All of them, also those that are held or never went out, the earliest first. Needs `answers:read`."""
    with chorus.database.read() as session:
        row = there(reads.question(session, _number(id)), "such question")
        record = reads.public_records(session, [row.id]).get(row.id)
        given = reads.answers(session, row.id)
    public = {one.id: one for one in record.answers} if record is not None else {}
    return _json(QuestionAnswers(items=[_answer(one, public) for one in given]))


def _items(chorus: Chorus, session: Session, rows: Sequence[QuestionRow]) -> list[QuestionItem]:
    records = reads.public_records(session, [one.id for one in rows])
    return [_item(chorus, one, records.get(one.id)) for one in rows]


def _item(chorus: Chorus, row: QuestionRow, record: Record | None) -> QuestionItem:
    words = record.quotation if record is not None and traits_of(row.platform).hands_on_words else None
    source = record.source_url if record is not None else None
    return QuestionItem(
        id=str(row.id),
        state=row.state,
        platform=row.platform,
        topic=row.main_topic,
        language=row.language,
        asked_at=row.asked_at,
        answered_at=row.answered_at,
        settled_at=row.settled_at,
        satisfied=row.satisfied,
        matter=str(row.matter_id) if row.matter_id else None,
        entry=str(record.id) if record is not None else None,
        title=plain(record.title) if record is not None else None,
        question=plain(words) if words else None,
        url=chorus.settings.base_url + entry_path(record.id, record.title) if record is not None else None,
        source_url=source if is_web(source) else None,
    )


def _answer(row: AnswerRow, public: Mapping[int, PublishedReply]) -> QuestionAnswer:
    shown = public.get(row.id)
    source = shown.url if shown is not None else None
    return QuestionAnswer(
        id=str(row.id),
        state=row.state,
        kind=row.kind,
        written_at=row.written_at,
        published_at=row.published_at,
        accepted=shown is not None and shown.lead,
        text=plain(shown.text) if shown is not None else None,
        answered_by=plain(shown.credit) or None if shown is not None else None,
        source_url=source if is_web(source) else None,
    )


def _number(reference: str) -> int:
    """A question's number as somebody typed it; 0, which none has, for anything else."""
    return number_in(reference) or 0


def _json(body: BaseModel) -> Response:
    return Response(
        body.model_dump_json().encode("utf-8", "replace"), headers=_PRIVATE, media_type="application/json"
    )
