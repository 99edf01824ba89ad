"""How a question appears in the archive: a title in few words, and the quotation or why there is none (pure).

A title derived from the customer's words goes when those go. Where the platform forbids to hand those on, or
they hold personal data, a derived title is made of the topic and our own answer.
"""

from collections.abc import Sequence

from bot.text.personal import find
from bot.wording.title_sentences import shorten
from bot.wording.titles import opening_words, title_of
from routing.model.phrases import phrase
from routing.model.text import strip_leading_handles

LONGEST_TITLE = 110
"""Characters of a title, whoever wrote it."""

WITHHELD_PERSONAL = phrase("The question is not shown because it holds personal data.")
WITHHELD_ACCOUNT = phrase("The question is not shown because its author asks not to be shown to the public.")


def quotation(
    text: str, *, beside: Sequence[str] = (), indexable: bool = True
) -> tuple[str | None, str | None]:
    """The customer's words as the public may read them, or None and the reason why not.

    The handles in front go: they are how a feed addresses somebody. ``beside`` is what would be shown with
    the words, a content warning or the descriptions of pictures: all of it is shown, or nothing.
    """
    if not indexable:
        return None, WITHHELD_ACCOUNT
    if any(find(one) for one in (text, *beside)):
        return None, WITHHELD_PERSONAL
    return strip_leading_handles(text) or text.strip(), None


def derived_title(
    question: str, answer: str, *, topic: str | None, quotable: bool, language: str | None = None
) -> str:
    """A title from the customer's own words, or, where those may not be used or hold none, topic and answer.

    ``language`` is the question's, as an ISO 639 code.
    """
    title = title_of(question, answer=answer, language=language) if quotable else None
    return title or stand_in_title(answer, topic)


def stand_in_title(answer: str, topic: str | None) -> str:
    """The topic and the first words of an answer, where no words of the customer's are a title."""
    words = opening_words(answer) or "An answer"
    return shorten(f"{topic}: {words}" if topic else words, LONGEST_TITLE)
