"""What people type into forms and choose there, as it may be stored, and the ids of rows in addresses."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Form, Query, Request
from pydantic import AfterValidator, Field

from app.web.problems import Problem
from bot.text.times.timestamps import NotMoment, on_the_clock_of
from routing.dialogue.turns import REPLIES, TurnKind
from routing.model.phrases import phrase

KIND_NOTED = phrase("Noted. The question and the archive go by it from now on.")
ACCEPTED = phrase("This is the accepted answer now, also in the archive.")
ENDORSED = phrase("Thank you: it answers the question, and the archive has it.")
JOINED = phrase("They are one question now, with everything that was said.")
NOTED = phrase("Noted: only colleagues see it.")
NOTE_REMOVED = phrase("The note is gone.")
PARTED = phrase("It is a question of its own now, with what was said in reply to it.")
OTHERS_SHOWN = 5
"""So many other questions of a customer stand beside one, to be joined with it."""
_LEVELS = ("1", "2", "3")
_KINDS = {kind.value: kind for kind in REPLIES}


def storable(text: str) -> str:
    """Without NUL, which no database takes, and with plain line ends."""
    return text.replace("\0", "").replace("\r\n", "\n").strip()


_MOST = 2**62
_MOST_DIGITS = 18
RowId = Annotated[int, Field(gt=0, lt=_MOST)]
"""The id of a row in an address: no larger than any database counts."""
PageStart = Annotated[int | None, Query(gt=0, lt=_MOST)]
"""The id of the row behind which a page of a list begins; None: the first page."""
ShortText = Annotated[str, Form(max_length=500), AfterValidator(storable)]
"""A short field."""
LongText = Annotated[str, Form(max_length=20_000), AfterValidator(storable)]
"""A text of several lines."""


async def _fields(request: Request) -> dict[str, str]:
    """All fields of a form whose names are not known beforehand."""
    form = await request.form(max_fields=2000)
    return {name: storable(value) for name, value in form.items() if isinstance(value, str)}


Fields = Annotated[dict[str, str], Depends(_fields)]
"""A form as it came, by the names of its fields."""


def levels(fields: Mapping[str, str]) -> dict[str, int]:
    """Topic -> level, from the form's fields ``topic-<slug>``."""
    return {
        name.removeprefix("topic-"): int(value)
        for name, value in fields.items()
        if name.startswith("topic-") and value in _LEVELS
    }


def number_in(text: str, most_digits: int = _MOST_DIGITS) -> int | None:
    """The number that a field or an address holds, and nothing beside; None: it is none that is meant.

    Of so many digits at the most: a row could have no greater one.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most_digits else None


def numbers_ticked(fields: Mapping[str, str], prefix: str) -> tuple[int, ...]:
    """The numbers of what is ticked, in the names of the fields, after the ``prefix``."""
    names = (name.removeprefix(prefix) for name in fields if name.startswith(prefix))
    return tuple(number for name in names if (number := number_in(name)) is not None)


def row_named(text: str) -> int:
    """The number of a row that somebody chose or typed, with or without a ``#``. Raises Problem 422."""
    number = number_in(text.lstrip("#"))
    if number is None:
        raise Problem(422, phrase("Choose the question, or give its number."))
    return number


def moment_typed(zone: ZoneInfo, text: str) -> datetime:
    """The moment that somebody typed, by the clock of that zone. Raises Problem 422."""
    try:
        return on_the_clock_of(zone, text)
    except NotMoment as error:
        raise Problem(422, str(error)) from error


def kind_named(name: str) -> TurnKind | None:
    """The kind of an answer that a form names; None where it leaves that to the judgement.

    Raises Problem 422.
    """
    if name and name not in _KINDS:
        raise Problem(422, phrase("Choose what it is: an answer, a question back, a redirect or a courtesy."))
    return _KINDS.get(name)
