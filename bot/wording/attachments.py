"""What stands beside a post's words: its content warning and a poll's choices (pure).

``Post.text`` holds everything in one text; here it is put together and taken apart again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.text.characters import clean
from bot.text.lengths import Measure
from bot.text.links import find_links
from bot.wording.compose import neutralise
from bot.wording.guard import GuardPolicy, ObjectionCode, examine
from bot.wording.languages.speaking import said
from routing.model.phrases import phrase, phrases
from routing.model.text import mentions, own_words

LONGEST_WARNING = 200
"""Characters of a content warning that the brand repeats; it counts against the length of each post."""
NEUTRAL_WARNING = phrase("Content warning")
"""Instead of a customer's warning that the brand does not repeat."""
_LONGEST_KEPT = 100


def whole(text: str, *, warning: str = "", choices: Sequence[str] = ()) -> str:
    """Everything a post says: the warning in front, the words, a poll's choices line by line."""
    options = "\n".join(f"• {choice}" for choice in choices)
    return "\n\n".join(part for part in (warning, text, options) if part)


def unwarned(text: str, warning: str) -> str:
    """A post's text without the content warning that it begins with."""
    if not warning:
        return text
    head, rest = text[: len(warning)], text[len(warning) :]
    return rest.lstrip() if head == warning and (not rest or rest[0].isspace()) else text


def own_warning(warning: str, *tags: str) -> str:
    """An answer's content warning as the brand may say it: one line, no tag, no greeting, no live mention."""
    return neutralise(" ".join(clean(own_words(warning, *tags)).split()))


def kept_warning(own: str, asked: str, policy: GuardPolicy, language: str | None = None) -> str:
    """The content warning of the brand's reply.

    The answer's own where it has one, for its author saw the question's; else the question's, so that nobody
    reads on unwarned what the customer folded away. What must not come out of the brand's mouth (a link, a
    mention, a long speech, anything the guard finds) is replaced by neutral words, in the customer's
    ``language``.
    """
    if own or not asked:
        return own
    words = " ".join(clean(asked).split())
    if not words or len(words) > _LONGEST_KEPT:
        return said(NEUTRAL_WARNING, language)
    found = [one for one in examine(words, policy).findings if one.code is not ObjectionCode.EMPTY]
    if found or find_links(words) or mentions(words):
        return said(NEUTRAL_WARNING, language)
    return words


def not_carried(pictures: Sequence[str], choices: Sequence[str]) -> str | None:
    """Why an answer with a picture or a poll waits for a person; None where there is neither."""
    if choices:
        return phrase(
            "It comes with a poll, which the brand's reply does not carry: its author can post it again in "
            "words alone, or somebody approves the words as they are."
        )
    if not pictures:
        return None
    return phrases(
        "It comes with a picture, which the brand's reply does not carry: its author can post it again in "
        "words alone, or somebody approves the words as they are.",
        "It comes with %(number)s pictures, which the brand's reply does not carry: its author can post it "
        "again in words alone, or somebody approves the words as they are.",
        len(pictures),
    )


@dataclass(frozen=True, slots=True)
class Folded:
    """How long a post behind a content warning may be: platforms count the warning with the text.

    Of the warning every character: an address in it is no link, so it counts in full (Mastodon's
    ``StatusLengthValidator``).
    """

    measure: Measure
    warning: str

    @property
    def most_cashtags(self) -> int | None:
        """As the platform has it."""
        return self.measure.most_cashtags

    @property
    def links_file_names(self) -> bool:
        """As the platform has it."""
        return self.measure.links_file_names

    def length(self, text: str) -> int:
        """Of both together, in the platform's own units."""
        return self.measure.length(self._both(text))

    def fits(self, text: str) -> bool:
        """Whether the platform accepts both together."""
        return self.measure.fits(self._both(text))

    def _both(self, text: str) -> str:
        return f"{'x' * len(self.warning)}\n{text}"
