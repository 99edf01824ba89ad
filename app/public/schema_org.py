"""Structured data for search engines: schema.org's QAPage by Google's rules for pages with one question.

https://developers.google.com/search/docs/appearance/structured-data/qapage
"""

from typing import Any

import orjson
from markupsafe import Markup

from app.web.addresses import entry_path, is_web
from app.wiring.settings import Settings
from bot.platforms.registry import traits_of
from bot.states import AnswerKind
from bot.store.archive.records import PublishedReply, Record
from bot.text.display import plain

# Ends neither the script element nor opens a comment in it, wherever it stands.
_UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def qa_page(record: Record, settings: Settings) -> Markup:
    """The JSON-LD of a question's page, ready to stand in a script element.

    What a customer wrote on X appears on pages for people only, never in data for machines.
    """
    address = settings.base_url + entry_path(record.id, record.title)
    question: dict[str, Any] = {
        "@type": "Question",
        "@id": address,
        "name": plain(record.title),
        "text": _question_text(record),
        "datePublished": record.asked_at.isoformat(timespec="seconds"),
        "dateModified": record.updated_at.isoformat(timespec="seconds"),
        "answerCount": len(record.answers),
        "author": {"@type": "Person", "name": _asker(record)},
    }
    suggested = list(record.answers)
    if suggested[0].lead:
        accepted = suggested.pop(0)
        question["acceptedAnswer"] = _answer(accepted, record, address, settings, votes=record.helpful)
    if record.quotation and is_web(record.source_url):
        question["isBasedOn"] = record.source_url  # an author's url would have to be a page about the author
    if suggested:
        question["suggestedAnswer"] = [_answer(one, record, address, settings) for one in suggested]
    page = {"@context": "https://schema.org", "@type": "QAPage", "url": address, "mainEntity": question}
    if record.language:
        page["inLanguage"] = question["inLanguage"] = record.language
    return Markup(orjson.dumps(page).decode().translate(_UNSAFE))  # noqa: S704 - made safe on this line


def _question_text(record: Record) -> str:
    if record.quotation and traits_of(record.platform).hands_on_words:
        added = (_folded(one.words, one.warning) for one in record.details)
        return "\n".join(one for one in (_folded(record.quotation, record.warning), *added) if one)
    return plain(record.title)


def _folded(text: str, warning: str) -> str:
    """The words; nobody can open anything in a search result, so a content warning stands there instead."""
    return plain(warning or text)


def _asker(record: Record) -> str:
    return (plain(record.asker) if traits_of(record.platform).hands_on_words else "") or "A customer"


def _answer(
    reply: PublishedReply, record: Record, address: str, settings: Settings, votes: int = 0
) -> dict[str, Any]:
    author = _author(reply, settings)
    answer: dict[str, Any] = {
        "@type": "Answer",
        "text": _folded(reply.text, reply.warning),
        "datePublished": reply.at.isoformat(timespec="seconds"),
        "url": f"{address}#answer-{reply.id}",
        "upvoteCount": votes,
        "author": author,
    }
    return answer | ({"inLanguage": record.language} if record.language else {})


def _author(reply: PublishedReply, settings: Settings) -> dict[str, Any]:
    if reply.kind == AnswerKind.COMMUNITY:
        return {"@type": "Person", "name": "A customer"}
    if reply.credit:
        return {"@type": "Person", "name": plain(reply.credit), "worksFor": _brand(settings)}
    return _brand(settings)


def _brand(settings: Settings) -> dict[str, str]:
    return {"@type": "Organization", "name": settings.brand_name, "url": settings.base_url}
