"""The mail to whoever was given something to look after."""

from collections.abc import Sequence

from bot.channels.messages import BrandProfile, Message, one_line, written
from routing.model.phrases import phrase, phrases


def given_message(
    house: BrandProfile, name: str, places: Sequence[str], number: int, language: str | None = None
) -> Message:
    """Tell somebody that so many things were given to them to look after; ``places`` are their pages."""
    return written(
        language,
        phrases(
            "Something was given to you to look after",
            "%(number)s things were given to you to look after",
            number,
        ),
        phrase("Hello %(name)s,", name=one_line(name)),
        phrase("You, or a department that you are in charge of, are to look after this:"),
        "\n".join(f"{house.base_url}{one}" for one in places),
    )
