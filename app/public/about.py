"""The public texts: what this is, terms, moderation policy, guidelines.

Those that nobody has published a version of yet are shown as they come with Chorus.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from app.web.languages.interface import ENGLISH, Interface
from app.wiring.settings import Settings
from bot.actions.archive.placeholders import fill
from bot.store.queries.pages.archive import PublicText

_DEFAULTS = Path(__file__).parents[1] / "texts" / "about.json"


@dataclass(frozen=True, slots=True)
class TextSection:
    """One text of the page. ``since`` says since when this version is in force, where it was published."""

    slug: str
    title: str
    paragraphs: tuple[str, ...]
    since: datetime | None = None


def sections(
    published: Mapping[str, PublicText], settings: Settings, spoken: Interface = ENGLISH
) -> list[TextSection]:
    """The texts in force as they are read: each placeholder is what it stands for."""
    return [filled(one, settings) for one in in_force(published, spoken)]


def in_force(published: Mapping[str, PublicText], spoken: Interface = ENGLISH) -> list[TextSection]:
    """The texts in force as they are written: a published version for the default one, and further ones.

    A published version is in the words of whoever wrote it; the default ones are in the reader's language.
    """
    found = [_of(published[one.slug]) if one.slug in published else _said(one, spoken) for one in _defaults()]
    known = {one.slug for one in found}
    found += [_of(text) for name, text in sorted(published.items()) if name not in known and text.paragraphs]
    return found


def retired(published: Mapping[str, PublicText], settings: Settings) -> list[TextSection]:
    """Further texts that are in force no more, without words; ``since`` says from when on."""
    return [filled(_of(text), settings) for _, text in sorted(published.items()) if not text.paragraphs]


def comes_with_chorus(name: str) -> bool:
    """Whether a text is one of those that are always there."""
    return any(one.slug == name for one in _defaults())


def _of(text: PublicText) -> TextSection:
    return TextSection(text.name, text.title, text.paragraphs, text.published_at)


@lru_cache(maxsize=1)
def _defaults() -> tuple[TextSection, ...]:
    written = json.loads(_DEFAULTS.read_text(encoding="utf-8"))["sections"]
    return tuple(TextSection(one["slug"], one["title"], tuple(one["paragraphs"])) for one in written)


def _said(section: TextSection, spoken: Interface) -> TextSection:
    return TextSection(section.slug, spoken.said(section.title), tuple(map(spoken.said, section.paragraphs)))


def filled(section: TextSection, settings: Settings) -> TextSection:
    """A text as it is read."""
    means = {"brand": settings.brand_name, "tag": settings.tag}
    title, *paragraphs = (fill(text, means) for text in (section.title, *section.paragraphs))
    return TextSection(section.slug, title, tuple(paragraphs), section.since)
