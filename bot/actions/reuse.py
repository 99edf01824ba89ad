"""The same answer again: ``#chorus 123`` repeats entry 123's, and a first reply points to an entry."""

import re
from dataclasses import dataclass
from datetime import datetime

from bot.states import EntryState
from bot.store.archive import entries
from bot.store.conversations import answers
from bot.store.engine import Session
from bot.store.tables.conversations import AnswerRow, EntryRow
from bot.text.display import slug

_NUMBER = re.compile(r"#?(\d{1,12})")
POST_FROM = 0.95
"""From this probability on an entry may be pointed to before anybody has been asked."""


class NotThere(Exception):
    """There is no such public entry; ``str(error)`` tells whoever named it what to do."""


@dataclass(frozen=True, slots=True)
class Reused:
    """An entry's answer, to be said again."""

    entry: EntryRow
    answer: AnswerRow

    def credit(self, sender: str) -> str:
        """Author and sender: ``^Jane, Ravi``; one name where both are the same person."""
        author = self.answer.credit
        if not author or author == sender:
            return sender
        return f"{author}, {sender.removeprefix('^')}" if sender else author


def named(session: Session, words: str) -> Reused | None:
    """The entry that an answer of nothing but a number names; None for an answer in words.

    Raises NotThere.
    """
    match = _NUMBER.fullmatch(words.strip())
    if match is None:
        return None
    found = of_entry(session, int(match[1]))
    if found is None:
        raise NotThere(
            f"There is no entry {match[1]} in the archive. Use the number in the address of its page, "
            "or write the answer in words."
        )
    return found


def of_entry(session: Session, entry_id: int) -> Reused | None:
    """The accepted answer of a public entry."""
    entry = session.get(EntryRow, entry_id)
    if entry is None or entry.state != EntryState.PUBLIC:
        return None
    published = answers.published(session, entry.question_id)
    return Reused(entry, published[0]) if published else None


def pointer(entry: EntryRow, base_url: str) -> str:
    """The first reply that points to an entry."""
    words = slug(entry.title)
    address = f"{base_url}/q/{entry.id}-{words}" if words else f"{base_url}/q/{entry.id}"
    return f"This may help while somebody looks at it: {address}"


def count_again(session: Session, answer: AnswerRow, now: datetime) -> bool:
    """A repeated answer adds to its entry's count instead of making an entry of its own."""
    entry = session.get(EntryRow, answer.reuse_of) if answer.reuse_of else None
    if entry is None or entry.state != EntryState.PUBLIC:
        return False
    entries.asked_again(session, entry, now)
    return True
