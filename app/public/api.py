"""The archive as JSON: the same reads as the pages, for programs.

Texts that customers wrote on X appear nowhere in here, only the link to them.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from app.public import cursors
from app.public.api_models import (
    Added,
    Answer,
    AnswerDetail,
    AnswerPage,
    Correction,
    Reply,
    Suggestion,
    Suggestions,
)
from app.public.reading import look_up, public_record, tidy, too_long, topic_now
from app.web.addresses import entry_path, is_web
from app.web.html import cacheable
from app.web.problem_models import LIMITED, problem_response
from app.wiring.composition import Chorus, Here
from bot.archive.lexical.query import LONGEST_QUERY, QueryTooLong
from bot.platforms.registry import traits_of
from bot.store.archive import listed
from bot.store.archive.listed import ListedEntry
from bot.store.archive.records import PublishedReply as Published
from bot.store.archive.records import Record
from bot.store.queries.pages import archive
from bot.store.queries.pages.archive import EntryFilter, ListPosition
from bot.store.tables.values import Detail
from bot.text.display import plain

_KEPT = {"Cache-Control": "public, max-age=15"}
_SUGGESTIONS = 5


router = APIRouter(
    prefix="/api/v1",
    tags=["Answers"],
    responses={
        304: {"description": "You have this already (`If-None-Match`)."},
        **LIMITED,
    },
)

SearchQuery = Annotated[
    str,
    Query(
        description=f"What to search for, in any words; a phrase in quotation marks. At most {LONGEST_QUERY} "
        "characters. Empty: the latest answers.",
        examples=["no picture since the update"],
    ),
]


@router.get("/answers", summary="Search answers, or list the latest", response_model=AnswerPage)
def answers(
    request: Request,
    chorus: Here,
    q: SearchQuery = "",
    topic: Annotated[str, Query(description="A topic's slug.", examples=["wifi"])] = "",
    language: Annotated[str, Query(description="An ISO 639-1 code.", examples=["en"])] = "",
    exact: Annotated[
        bool, Query(description="Take words as they are typed, also those that no answer has.")
    ] = False,
    limit: Annotated[int, Query(ge=1, le=100, description="Items on one page.")] = 20,
    cursor: Annotated[str, Query(description="`next` of the page before.")] = "",
) -> Response:
    """Best first where something is searched for (with a `score`), else newest first.

    A word that no answer has is completed or corrected, and `meant` tells the query that was searched for
    instead; with `exact` it is not.
    Follow `next` until it is null. Every item is one question; `answer` is its accepted answer.
    """
    query = tidy(q)
    wanted = EntryFilter(topic=topic_now(chorus, topic), language=tidy(language) or None)
    page = (
        _found(chorus, query, wanted, limit, cursor, exact=exact)
        if query
        else _latest(chorus, wanted, limit, cursor)
    )
    return _json(request, page)


@router.get(
    "/answers/{id}",
    summary="One question with all its answers",
    response_model=AnswerDetail,
    responses={
        404: problem_response("There is no such answer."),
        410: problem_response("It was taken back for good."),
    },
)
def answer(request: Request, chorus: Here, id: str) -> Response:  # noqa: A002 - the name in the address
    """The accepted answer, further ones, and the customer's words where they may be shown.

    `question` is null where the platform's rules or the customer's privacy forbid to repeat them.
    """
    record = public_record(chorus, id)
    shown = traits_of(record.platform).hands_on_words
    detail = AnswerDetail(
        **_answer(chorus, record).model_dump(),
        question=plain(record.quotation) if shown and record.quotation else None,
        question_warning=plain(record.warning) or None if shown else None,
        question_pictures=[plain(one) for one in record.pictures] if shown else [],
        details=[_added(one) for one in record.details] if shown else [],
        asked_at=record.asked_at,
        asked_count=record.asked_count,
        updated_at=record.updated_at,
        answers=[_reply(one) for one in record.answers],
    )
    return _json(request, detail)


@router.get("/suggest", summary="Has this been answered before?", response_model=Suggestions)
def suggest(request: Request, chorus: Here, q: SearchQuery = "") -> Response:
    """The entries that most probably answer a question, the most probable first; for use while typing."""
    query = tidy(q)
    if not query:
        return _json(request, Suggestions(items=[]))
    try:
        suggested = {
            one.entry_id: one.probability for one in chorus.search.suggest(query, limit=_SUGGESTIONS)
        }
    except QueryTooLong as error:
        raise too_long(error) from None
    with chorus.database.read() as session:
        records = listed.by_ids(session, list(suggested))
    items = [
        Suggestion(**_answer(chorus, record).model_dump(), probability=round(suggested[record.id], 4))
        for record in records
    ]
    return _json(request, Suggestions(items=items))


def _found(
    chorus: Chorus, query: str, wanted: EntryFilter, limit: int, cursor: str, *, exact: bool
) -> AnswerPage:
    offset = cursors.offset_of(cursor) if cursor else 0
    try:
        found = look_up(chorus, query, wanted, limit=limit, offset=offset, exact=exact)
    except QueryTooLong as error:
        raise too_long(error) from None
    following = None if found.next_offset is None else cursors.of_offset(found.next_offset)
    return AnswerPage(
        items=[_answer(chorus, item.record, item.score) for item in found.items],
        next=following,
        meant=found.meant,
    )


def _latest(chorus: Chorus, wanted: EntryFilter, limit: int, cursor: str) -> AnswerPage:
    after = cursors.position_of(cursor) if cursor else None
    with chorus.database.read() as session:
        records = archive.latest(session, wanted, limit + 1, after=after)
    more, records = len(records) > limit, records[:limit]
    following = cursors.of_position(ListPosition(records[-1].published_at, records[-1].id)) if more else None
    return AnswerPage(items=[_answer(chorus, record) for record in records], next=following)


def _added(detail: Detail) -> Added:
    return Added(
        text=plain(detail.words),
        pictures=[plain(one) for one in detail.pictures],
        added_at=detail.at,
        warning=plain(detail.warning) or None,
    )


def _reply(answer: Published) -> Reply:
    return Reply(
        text=plain(answer.text),
        kind=answer.kind,
        answered_by=plain(answer.credit) or None,
        answered_at=answer.at,
        source_url=answer.url if is_web(answer.url) else None,
        warning=plain(answer.warning) or None,
        corrections=[
            Correction(corrected_at=one.at, thanks_to=plain(one.thanks) or None) for one in answer.put_right
        ],
    )


def _answer(chorus: Chorus, record: Record | ListedEntry, score: float | None = None) -> Answer:
    return Answer(
        id=str(record.id),
        title=plain(record.title),
        answer=plain(record.answer.text),
        topic=record.topic,
        language=record.language,
        platform=record.platform,
        url=chorus.settings.base_url + entry_path(record.id, record.title),
        source_url=record.source_url if is_web(record.source_url) else None,
        answered_by=plain(record.answer.credit) or None,
        answered_at=record.answer.at,
        score=None if score is None else round(score, 6),
        warning=plain(record.answer.warning) or None,
    )


def _json(request: Request, body: BaseModel) -> Response:
    return cacheable(request, body.model_dump_json().encode("utf-8", "replace"), "application/json", _KEPT)
