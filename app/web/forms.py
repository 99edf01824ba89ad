"""What people type into forms, as it may be stored, and the ids of rows in addresses."""

from typing import Annotated

from fastapi import Depends, Form, Query, Request
from pydantic import AfterValidator, Field


def _storable(text: str) -> str:
    """Without NUL, which no database takes, and with plain line ends."""
    return text.replace("\0", "").replace("\r\n", "\n").strip()


_MOST = 2**62
RowId = Annotated[int, Field(gt=0, lt=_MOST)]
"""The id of a row in an address: no larger than any database counts."""
PageStart = Annotated[int | None, Query(gt=0, lt=_MOST)]
"""The id of the row behind which a page of a list begins; None: the first page."""
ShortText = Annotated[str, Form(max_length=500), AfterValidator(_storable)]
"""A short field."""
LongText = Annotated[str, Form(max_length=20_000), AfterValidator(_storable)]
"""A text of several lines."""


async def _fields(request: Request) -> dict[str, str]:
    """All fields of a form whose names are not known beforehand."""
    form = await request.form(max_fields=2000)
    return {name: _storable(value) for name, value in form.items() if isinstance(value, str)}


Fields = Annotated[dict[str, str], Depends(_fields)]
"""A form as it came, by the names of its fields."""
