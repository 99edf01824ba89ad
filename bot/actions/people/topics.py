"""The topics of the house: adding, editing and removing them. Every change reaches the router at once."""

import difflib
import re
from collections.abc import Sequence
from datetime import datetime

from bot.actions.people.details import Invalid, check_storable, closest
from bot.actions.undecidable import Undecidable
from bot.states import ChangeKind
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.row_locks import locked_row
from bot.store.tables.people import TopicRow
from bot.store.topics import moves
from bot.store.topics import named as topics

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""How a topic is called in addresses."""
_LONGEST_SLUG = 40
_MOST_KEYWORDS = 200


_SPELLINGS = """
    4G 5G AC API CD DNS DSL DVD FAQ GPS HDMI HDR ID IP IT LCD LED NAS NFC OLED PC PDF PIN QR RAM SD SIM SMS
    SSD TV UHD UPS URL USB UV VAT VPN VR WLAN eSIM iOS iPad iPhone macOS Wi-Fi
"""
"""Words that nobody writes the way other words are written."""
_SPELLED = {word.replace("-", "").lower(): word for word in _SPELLINGS.split()}


def name_from(typed: str) -> str:
    """A topic's name for people, of its short name: ``smart-tv`` is Smart TV.

    Somebody who wrote capitals meant them: what holds any is kept as it was typed.
    """
    if typed != typed.lower():
        return typed.strip()
    words = [_SPELLED.get(word, word) for word in typed.split("-") if word]
    name = " ".join(words)
    return name if not words or words[0] != words[0].lower() else name[:1].upper() + name[1:]


def add_topic(
    session: Session,
    slug: str,
    name: str,
    *,
    keywords: Sequence[str] = (),
    description: str = "",
    parent: str | None = None,
    now: datetime,
) -> TopicRow:
    """A new topic. Raises Invalid."""
    slug = slug.strip().lower()
    check_slug(session, slug)
    row = TopicRow(slug=slug, name=slug)
    edit_topic(session, row, name=name, keywords=keywords, description=description, parent=parent, now=now)
    return row


def check_slug(session: Session, slug: str) -> None:
    """Raises Invalid where a topic cannot get this short name."""
    if not SLUG.fullmatch(slug) or len(slug) > _LONGEST_SLUG:
        raise Invalid("slug", f"“{slug}” is no short name: use a-z, 0-9 and single hyphens, like smart-home.")
    if topics.by_slug(session, slug) is not None:
        raise Invalid("slug", f"There is a topic “{slug}” already.")
    now = topics.slug_now(session, slug)
    if now != slug:
        raise Invalid(
            "slug",
            f"Addresses with “{slug}” lead to the topic “{now}”, which was called that or took it in. "
            f"Let go of it on the page of “{now}” first, if nobody needs them any more.",
        )


def ensure_topics(session: Session, typed: Sequence[str], now: datetime) -> list[TopicRow]:
    """Make the topics that are not there yet, and return these; a slip of the pen is refused. Raises Invalid.

    ``typed`` are their short names as somebody wrote them, in any case: a new one keeps its capitals.
    """
    known, made = {*topics.ids(session), *topics.former_slugs(session)}, []
    for text in typed:
        slug = text.lower()
        if slug in known:
            continue
        near = difflib.get_close_matches(slug, known, n=1, cutoff=0.75)
        if near:
            raise Invalid("topics", f"There is no topic “{slug}”. Did you mean {near[0]}?")
        words = [slug.replace("-", " ")]
        made.append(add_topic(session, slug, name_from(text), keywords=words, now=now))
        known.add(slug)
    return made


def edit_topic(
    session: Session,
    row: TopicRow,
    *,
    name: str,
    keywords: Sequence[str],
    description: str,
    parent: str | None,
    now: datetime,
) -> None:
    """Replace what is known of a topic; its slug stays, since addresses contain it. Raises Invalid."""
    for field, text in (("name", name), ("description", description), ("keywords", "".join(keywords))):
        check_storable(field, text)
    name = " ".join(name.split())
    if not name or len(name) > 80:
        raise Invalid("name", "A topic's name has 1 to 80 characters.")
    words = tidy_words(keywords)
    if len(words) > _MOST_KEYWORDS or any(len(word) > 60 for word in words):
        raise Invalid("keywords", f"At most {_MOST_KEYWORDS} keywords of up to 60 characters each.")
    _check_parent(session, row.slug, parent)
    row.name, row.keywords, row.description, row.parent = (
        name,
        words,
        description.strip()[:500],
        parent or None,
    )
    rows.keep(session, row)
    changes.append(session, ChangeKind.ROSTER, row.id, now)


def tidy_words(typed: Sequence[str]) -> list[str]:
    """Words and phrases as keywords: in small letters, each once."""
    return list(dict.fromkeys(" ".join(word.split()).lower() for word in typed if word.strip()))


def remove_topic(session: Session, row: TopicRow, now: datetime) -> None:
    """A topic goes; what people declared of it goes too, what was archived under it keeps its slug.

    Raises Undecidable while questions are on their way to or from it, and where it is gone already.
    """
    if locked_row(session, TopicRow, row.id) is None:
        raise Undecidable("This topic is not there any more: somebody else was quicker.")
    if moves.going_of(session, row.slug) is not None:
        raise Undecidable("Questions are still on their way to or from this topic: wait until that is done.")
    topics.remove(session, row)
    changes.append(session, ChangeKind.ROSTER, row.id, now)


def _check_parent(session: Session, slug: str, parent: str | None) -> None:
    """A broader topic exists, and nobody is their own ancestor."""
    seen = {slug}
    current = parent or None
    while current is not None:
        if current in seen:
            raise Invalid("parent", f"“{slug}” cannot be below itself.")
        seen.add(current)
        above = topics.by_slug(session, current)
        if above is None:
            known = list(topics.ids(session))
            raise Invalid("parent", f"There is no topic “{current}”.{closest(current, known)}")
        current = above.parent
