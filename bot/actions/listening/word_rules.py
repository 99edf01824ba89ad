"""The words that are listened for, as the people in charge set them. Posts that come from now on count."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.actions.people.details import Invalid, check_storable
from bot.states import ChangeKind
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.listening import tray, words
from bot.store.row_locks import lock_row
from bot.store.tables.listening import BrandWordRow
from routing.model.entities import normalise

MOST_WORDS = 100
LONGEST_WORD = 60
_MOST_EXCLUDED = 20
_LANGUAGE = re.compile(r"[a-z]{2}")


@dataclass(frozen=True, slots=True)
class WordRule:
    """A word as somebody typed it; languages, excluded words and platforms empty for any, none and all."""

    text: str
    languages: Sequence[str] = ()
    excluded: Sequence[str] = ()
    platforms: Sequence[str] = ()
    is_on: bool = True


def add(session: Session, rule: WordRule, known: Collection[str], now: datetime) -> BrandWordRow:
    """Listen for another word; ``known`` are the platforms there are. Raises Invalid."""
    if len(words.listed(session)) >= MOST_WORDS:
        raise Invalid("text", f"At most {MOST_WORDS} words are listened for: remove one first.")
    row = BrandWordRow(key="", text="", changed_at=now)
    edit(session, row, rule, known, now)
    return row


def edit(session: Session, row: BrandWordRow, rule: WordRule, known: Collection[str], now: datetime) -> None:
    """Listen for this instead. What is on the tray stays there. Raises Invalid."""
    if row.id is not None:
        lock_row(session, row)
    text = _phrase("text", rule.text)
    key = normalise(text)
    other = words.by_key(session, key)
    if other is not None and other.id != row.id:
        raise Invalid("text", f"“{other.text}” is listened for already: change it there.")
    languages = list(dict.fromkeys(_language(one) for one in rule.languages if one.strip()))
    excluded = list(dict.fromkeys(_phrase("excluded", one) for one in rule.excluded if one.strip()))
    if len(excluded) > _MOST_EXCLUDED:
        raise Invalid("excluded", f"At most {_MOST_EXCLUDED} words can be excluded.")
    if key in map(normalise, excluded):
        raise Invalid("excluded", "A word that excludes itself is never found.")
    row.key, row.text, row.languages, row.excluded = key, text, languages, excluded
    row.platforms = [name for name in known if name in rule.platforms]
    row.is_on, row.changed_at = rule.is_on, now
    rows.keep(session, row)
    changes.append(session, ChangeKind.WORK, 0, now)


def remove(session: Session, row: BrandWordRow, now: datetime) -> None:
    """Do not listen for it any more; what is on the tray because of it alone goes. Raises RowGone."""
    lock_row(session, row)
    tray.remove_word(session, row)
    changes.append(session, ChangeKind.WORK, 0, now)


def _phrase(field: str, text: str) -> str:
    check_storable(field, text)
    words_of_it = " ".join(text.replace('"', " ").lstrip("#＃@ ").split())
    letters = sum(map(str.isalnum, words_of_it))
    if letters < 2 or len(words_of_it) > LONGEST_WORD:
        raise Invalid(
            field,
            f"A word or phrase has 2 letters or digits at least, and {LONGEST_WORD} characters at most.",
        )
    return words_of_it


def _language(text: str) -> str:
    code = text.strip().lower()
    if not _LANGUAGE.fullmatch(code):
        raise Invalid("languages", f"“{text.strip()}” is no language code: write two letters, like en or de.")
    return code
