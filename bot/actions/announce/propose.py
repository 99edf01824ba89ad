"""Proposing an announcement, and changing it as long as nobody has approved it.

What cannot be proposed raises ``Invalid`` with a message for whoever typed it.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.actions.announce.brief import Brief, put_brief
from bot.actions.announce.shown import AnnouncedWords, shown_on_each
from bot.actions.people.details import Invalid
from bot.actions.rules import Rules
from bot.actions.undecidable import Undecidable
from bot.platforms.base import Platform
from bot.platforms.registry import traits_of
from bot.states import CHANGEABLE, AnnouncementState, ChangeKind
from bot.store import changes, rows
from bot.store.departments import directory
from bot.store.engine import Session
from bot.store.row_locks import lock_row
from bot.store.tables.announcements import AnnouncementRow
from bot.text.language import language_of
from bot.wording.attachments import own_warning
from routing.model.phrases import phrase, sentences

LONGEST = 5_000
"""Characters of an announcement, and of its other words for a platform."""
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody wants the brand to say. ``language`` empty: as the words are."""

    text: str
    platforms: tuple[str, ...]
    variants: Mapping[str, str]
    warning: str = ""
    language: str = ""
    brief: Brief = field(default_factory=Brief)


def words_of(proposal: Proposal, rules: Rules) -> AnnouncedWords:
    """What would be said: the words of a proposal, with other ones only where they go out."""
    variants = {name: text for name, text in proposal.variants.items() if text and name in proposal.platforms}
    return AnnouncedWords(
        proposal.text, proposal.platforms, own_warning(proposal.warning, *rules.unsaid_tags), variants
    )


def propose(
    session: Session,
    proposal: Proposal,
    platforms: Mapping[str, Platform],
    rules: Rules,
    author_id: int,
    now: datetime,
) -> AnnouncementRow:
    """Put an announcement in front of those who may approve it. Raises Invalid."""
    row = AnnouncementRow(text="", proposed_by=author_id, created_at=now, changed_at=now)
    _write(row, proposal, platforms, rules, directory.names(session))
    rows.keep(session, row)
    changes.append(session, ChangeKind.WORK, 0, now)
    return row


def change(
    session: Session,
    row: AnnouncementRow,
    proposal: Proposal,
    platforms: Mapping[str, Platform],
    rules: Rules,
    now: datetime,
) -> None:
    """Other words, by whoever proposed it; one that was declined is proposed again.

    Raises Invalid, and Undecidable where it has been approved or taken back meanwhile.
    """
    lock_row(session, row)
    check_changeable(row)
    _write(row, proposal, platforms, rules, directory.names(session))
    row.revision, row.state, row.note, row.changed_at = (
        row.revision + 1,
        AnnouncementState.PROPOSED,
        "",
        now,
    )
    rows.keep(session, row)
    changes.append(session, ChangeKind.WORK, 0, now)


def check_changeable(row: AnnouncementRow) -> None:
    """Raise Undecidable where somebody has decided about it: its words stand."""
    if row.state not in CHANGEABLE or row.corrects_id is not None:
        raise Undecidable(phrase("It cannot be changed any more: somebody has decided about it meanwhile."))


def _write(
    row: AnnouncementRow,
    proposal: Proposal,
    platforms: Mapping[str, Platform],
    rules: Rules,
    known: Collection[int],
) -> None:
    """Take the words over. Raises Invalid."""
    if not proposal.text:
        raise Invalid("text", phrase("Write what the brand is to say."))
    for name, text in {"text": proposal.text, **proposal.variants}.items():
        check_length(name, text)
    if not proposal.platforms:
        raise Invalid("platforms", phrase("Choose where it is to go out."))
    if proposal.language and not _LANGUAGE.fullmatch(proposal.language):
        raise Invalid("language", phrase("A language has two letters, like en or de."))
    words = words_of(proposal, rules)
    for one in shown_on_each(words, platforms, rules):
        if one.impossible is not None:
            field = f"text-{one.platform}" if one.platform in (words.variants or {}) else "text"
            raise Invalid(field, sentences(f"{traits_of(one.platform).label}:", one.impossible))
    words = words.as_said(rules)
    row.text, row.platforms, row.variants = words.text, list(words.platforms), dict(words.variants or {})
    row.warning = words.warning
    row.language = proposal.language or language_of(words.text)
    put_brief(row, proposal.brief, known)


def check_length(name: str, text: str) -> None:
    """Raise Invalid for words that are too long; ``name`` is a platform's, or ``text`` for all of them."""
    if len(text) > LONGEST:
        field = name if name == "text" else f"text-{name}"
        raise Invalid(
            field,
            phrase(
                "At most %(most)s characters are allowed; these are %(length)s.",
                most=LONGEST,
                length=len(text),
            ),
        )
