"""The same answer again: ``#chorus 123`` repeats entry 123's, and a first reply points to an entry.

And whether the archive's suggestions helped: the first answer that is given beside them tells.
"""

import difflib
import re
from dataclasses import dataclass
from datetime import datetime

from bot.actions.archive.entries import asked_again
from bot.states import EntryState, Via
from bot.store import rows
from bot.store.archive import entries, suggestions
from bot.store.conversations import answers
from bot.store.engine import Session
from bot.store.tables.conversations import AnswerRow, EntryRow, QuestionRow
from bot.text.display import slug
from bot.wording.languages.speaking import said
from routing.model.phrases import phrase
from routing.model.text import normalise

_NUMBER = re.compile(r"#?(\d{1,12})")
_ADAPTED = 0.6
"""Similarity word by word (0 to 1) from which an answer is an adaptation of another, and no longer chance."""
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
            phrase(
                "There is no entry %(entry)s in the archive. Use the number in the address of its page, or "
                "write the answer in words.",
                entry=match[1],
            )
        )
    return found


def is_number(words: str) -> bool:
    """Whether these words are nothing but an entry's number."""
    return _NUMBER.fullmatch(words.strip()) is not None


def of_entry(session: Session, entry_id: int) -> Reused | None:
    """The accepted answer of a public entry."""
    entry = entries.present(session, entry_id)
    if entry is None or entry.state != EntryState.PUBLIC:
        return None
    published = answers.published(session, entry.question_id)
    return Reused(entry, published[0]) if published else None


def pointer(entry: EntryRow, base_url: str, language: str | None) -> str:
    """The first reply that points to an entry, to a customer who writes in ``language``."""
    words = slug(entry.title)
    address = f"{base_url}/q/{entry.id}-{words}" if words else f"{base_url}/q/{entry.id}"
    return said(phrase("This may help while somebody looks at it: %(address)s", address=address), language)


def count_again(session: Session, answer: AnswerRow, now: datetime) -> bool:
    """A repeated answer adds to its entry's count instead of making an entry of its own."""
    entry = rows.find(session, EntryRow, answer.reuse_of)
    if entry is None or entry.state != EntryState.PUBLIC:
        return False
    if answer.corrects_id is None:
        asked_again(session, entry, now)
    return True


def note_help(session: Session, question: QuestionRow, answer: AnswerRow, now: datetime) -> None:
    """Record what a question's first answer says of the entries that were suggested for it.

    Entries that it repeats or adapts have helped; about the others nothing is known then. If it does neither,
    none has helped. Entries that were not to be seen are left out.

    Only answers from the desk count, for better or worse: there the suggestions stand beside the form, while
    the author of a tagged post may never have seen them. Counting such posts only where they repeat an entry
    would make every suggestion look better than it is, and a sure one may be posted by itself.
    """
    suggested = question.suggested
    if not suggested or answer.via != Via.DESK or not answers.is_first(session, answer):
        return
    shown = [found for one in suggested if (found := of_entry(session, one.entry_id)) is not None]
    helped = {one.entry.id: True for one in shown if _draws_on(answer, one)}
    suggestions.judge(session, question, helped or {one.entry.id: False for one in shown}, now)


def _draws_on(answer: AnswerRow, reused: Reused) -> bool:
    if answer.reuse_of is not None:
        return answer.reuse_of == reused.entry.id
    words, others = normalise(answer.text).split(), normalise(reused.answer.text).split()
    return difflib.SequenceMatcher(None, words, others, autojunk=False).ratio() >= _ADAPTED
