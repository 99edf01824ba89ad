"""What the pages, the API and the feeds have in common: looking entries up and naming their addresses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from app.public.caches import TtlCache, kept_by_app
from app.web.forms import number_in
from app.web.problems import Problem
from app.wiring.composition import Chorus
from bot.archive.lexical.highlight import Highlighter
from bot.archive.lexical.query import Filters, QueryTooLong, parse
from bot.states import EntryState
from bot.store.archive import listed
from bot.store.archive.listed import ListedEntry
from bot.store.archive.records import Record
from bot.store.queries.pages import archive
from bot.store.queries.pages.archive import EntryFilter, PublicTopic, TopicSummary
from bot.store.topics import named as topics
from bot.text.characters import clean
from bot.text.display import plain
from routing.model.phrases import phrase

QueryText = Annotated[str, Query()]
"""What stands in the address, as somebody typed it; empty where nothing does."""

LATEST_IN_REACH = 10_000
"""How far back the list of all entries can be paged by number; cursors and the sitemap reach everything."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list: a record and, where it was searched for, why it is here.

    ``title`` and ``excerpt`` are HTML with the query's words marked; None in lists that nobody searched for.
    """

    record: ListedEntry
    score: float | None = None
    title: Markup | None = None
    excerpt: Markup | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a list. ``total`` is a lower bound unless ``total_is_exact``.

    ``likely`` is the entry that probably answers the query, and ``meant`` what was looked for, where that is
    not what was typed.
    """

    items: tuple[Item, ...]
    total: int
    total_is_exact: bool
    next_offset: int | None
    likely: int | None = None
    meant: str | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Overview:
    """The archive in figures. ``blocks`` are its sitemaps, each with the moment of its latest change."""

    topics: tuple[TopicSummary, ...]
    languages: tuple[str, ...]
    entries: int
    blocks: tuple[tuple[int, datetime], ...]


def topic_now(chorus: Chorus, text: str | None) -> str | None:
    """The slug of a topic that somebody filters by, of one that it has or had; None where none is named."""
    slug = tidy(text)
    if not slug:
        return None
    with chorus.database.read() as session:
        return topics.slug_now(session, slug)


def public_topic(chorus: Chorus, slug: str) -> PublicTopic | str:
    """The topic with this slug; where its page is another one's by now, the slug of that.

    Raises Problem 404 where there is none.
    """
    with chorus.database.read() as session:
        found = archive.topic(session, tidy(slug))
    if found is None:
        raise Problem(404, phrase("There is no such topic."))
    return found


def led_to(request: Request, path: str) -> Response:
    """It is here for good, with what was asked for; browsers keep it no longer than a day."""
    address = path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(address, 301, headers={"Cache-Control": "public, max-age=86400"})


def tidy(text: str | None) -> str:
    """What somebody typed, as one line without anything invisible or unstorable in it."""
    return " ".join(clean(text or "").split())


def look_up(
    chorus: Chorus,
    query: str,
    wanted: EntryFilter,
    *,
    limit: int,
    offset: int = 0,
    typing: bool = False,
    exact: bool = False,
    marked: bool = False,
) -> Found:
    """The best entries for a query, or the latest ones where nothing is asked.

    Args:
        chorus: The parts of this process.
        query: What is asked, tidied.
        wanted: What the entries must be like.
        limit: The most entries.
        offset: How many are left out at the beginning.
        typing: The last word may be unfinished.
        exact: Words that the archive does not know are left as they were typed.
        marked: Mark the query's words in every item's title and an excerpt, and tell the likely answer.

    Raises:
        QueryTooLong: ``str(error)`` is written for whoever typed it.
    """
    if not query:
        return _latest(chorus, wanted, limit, offset)
    filters = Filters(topic=wanted.topic, language=wanted.language, platform=wanted.platform)
    results = chorus.search.search(query, filters, limit=limit, offset=offset, typing=typing, exact=exact)
    with chorus.database.read() as session:
        records = listed.by_ids(session, [hit.entry_id for hit in results.hits])
    scores = {hit.entry_id: hit.score for hit in results.hits}
    mark = results.highlighter if marked else None
    items = tuple(_item(record, scores[record.id], mark) for record in records)
    titles = {record.id: record.title for record in records}
    return Found(
        items,
        results.total,
        results.total_is_exact,
        results.next_offset,
        chorus.search.answer_among(results, titles) if marked and offset == 0 else None,
        parse(query).corrected(results.corrected).text if results.corrected else None,
        results.complete,
    )


def _item(record: ListedEntry, score: float, mark: Highlighter | None) -> Item:
    if mark is None:
        return Item(record, score)
    shown = record.answer.warning or record.answer.text  # what is folded away is not shown unasked
    title, excerpt = mark.whole(plain(record.title)), mark.excerpt(plain(shown))
    return Item(record, score, title, excerpt)


def _latest(chorus: Chorus, wanted: EntryFilter, limit: int, offset: int) -> Found:
    if offset > LATEST_IN_REACH:
        return Found((), 0, total_is_exact=False, next_offset=None)
    with chorus.database.read() as session:
        records = archive.latest(session, wanted, limit + 1, offset=offset)
    more = len(records) > limit
    items = tuple(Item(record) for record in records[:limit])
    return Found(items, offset + len(records), not more, offset + limit if more else None)


def public_record(chorus: Chorus, reference: str) -> Record:
    """The public entry that ``reference`` (an id as somebody typed it) names.

    Raises:
        Problem: 404 where there never was one or it is out of sight, 410 where it is gone or taken back.
    """
    entry_id = number_in(reference) or 0
    with chorus.database.read() as session:
        record = archive.find(session, entry_id) if entry_id else None
    if record is not None and record.is_retracted:
        raise Problem(410)
    if record is None or record.state in (EntryState.HIDDEN, EntryState.HELD_BACK):
        raise Problem(404, phrase("There is no answer with this number."))
    if record.state == EntryState.GONE or not record.answers:
        raise Problem(410)
    return record


def in_conversation(chorus: Chorus, record: Record) -> tuple[list[ListedEntry], list[ListedEntry]]:
    """What the same customer asked in the thread before, and right after."""
    with chorus.database.read() as session:
        return archive.in_conversation(session, record.id)


def related(chorus: Chorus, record: Record, limit: int) -> list[ListedEntry]:
    """Entries like this one, the most similar first."""
    entry_ids: Sequence[int] = chorus.search.related(record.id, limit=limit)
    with chorus.database.read() as session:
        return listed.by_ids(session, entry_ids)


def overview(request: Request) -> Overview:
    """The archive in figures, counted now and then rather than at every request."""
    state = request.app.state
    return kept_by_app(request, "overview", lambda: TtlCache(lambda: _count(state.chorus))).get()


def _count(chorus: Chorus) -> Overview:
    with chorus.database.read() as session:
        summaries = tuple(archive.topics(session))
        languages = tuple(archive.languages(session))
        blocks = tuple(archive.sitemap_blocks(session))
        return Overview(summaries, languages, archive.count(session), blocks)


def too_long(error: QueryTooLong) -> Problem:
    """The answer to a query that nobody can mean."""
    return Problem(422, error.words, errors=[("q", error.words)])
