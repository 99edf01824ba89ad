"""Which of the pages' languages a reader gets: what their browser asks for (RFC 9110, 12.5.4)."""

from fastapi import Request

from app.web.languages.interface import Interface, interface
from bot.wording.languages.catalogues import SOURCE, languages

VARIES = "Accept-Language"
"""What a page for everybody depends on, for whoever keeps it."""
_MOST_RANGES = 32
"""Languages of one header that are looked at; a browser names a handful."""


def interface_of(request: Request) -> Interface:
    """The language in which a page for everybody is written for this reader."""
    return interface(best(",".join(request.headers.getlist("accept-language"))))


def best(accepted: str) -> str:
    """The language of ours that this header likes best; English where it likes none.

    ``pt-BR`` is served by ``pt`` (RFC 4647, 3.4), and of two that are liked equally the first one wins.
    """
    ours = languages()
    weighed = [_weighed(one) for one in accepted.split(",", _MOST_RANGES)[:_MOST_RANGES]]
    refused = {tag for tag, weight in weighed if weight == 0}
    for tag, weight in sorted(weighed, key=lambda one: -one[1]):
        code = SOURCE if tag == "*" else tag.partition("-")[0]
        if weight > 0 and code in ours and code not in refused:
            return code
    return SOURCE


def _weighed(language_range: str) -> tuple[str, float]:
    """A language range in small letters, and how much it is liked: 0 to 1, and 0 where that is no number."""
    tag, _, parameter = language_range.partition(";")
    name, _, value = parameter.replace(" ", "").partition("=")
    if name.lower() != "q":
        return tag.strip().lower(), 1.0
    try:
        weight = float(value)
    except ValueError:
        weight = 0.0
    return tag.strip().lower(), weight if 0 <= weight <= 1 else 0.0
