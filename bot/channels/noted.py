"""The mail to whoever a colleague's note on a question is meant for. It holds no word of the note."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.channels.messages import BrandProfile, Message, one_line, written
from bot.wording.languages.speaking import said
from routing.model.phrases import phrase, phrases


@dataclass(frozen=True, slots=True)
class Noted:
    """A note: whose it is, on which question, and the page on which it is read."""

    author: str
    question_id: int
    place: str


def noted_message(
    house: BrandProfile, name: str, notes: Sequence[Noted], language: str | None = None
) -> Message:
    """Tell somebody of notes that colleagues wrote for them."""
    return written(
        language,
        phrases(
            "%(brand)s: A colleague wrote a note for you",
            "%(brand)s: Colleagues wrote %(number)s notes for you",
            len(notes),
            brand=house.brand,
        ),
        phrase("Hello %(name)s,", name=one_line(name)),
        *(_line(house, one, language) for one in notes),
    )


def _line(house: BrandProfile, note: Noted, language: str | None) -> str:
    told = phrase(
        "%(name)s wrote a note for you on question %(question)s:",
        name=one_line(note.author),
        question=str(note.question_id),
    )
    return f"{said(told, language)}\n{house.base_url}{note.place}"
