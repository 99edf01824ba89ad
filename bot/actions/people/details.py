"""What is known of an employee, and the checks that it has to pass before it is stored.

What cannot be stored raises ``Invalid`` with a message for whoever typed it.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.roles import Role
from bot.store.engine import Session
from bot.store.people import staff
from bot.store.storable import is_storable
from bot.store.tables.people import EmployeeRow
from bot.store.tables.values import stored_shifts
from bot.store.topics import named as topics
from bot.text.mail_address import NotAnAddress, parse_address
from bot.text.times.hours import NotHours, NotZone, check_zone, format_hours, parse_hours
from bot.wording.languages.catalogues import languages as spoken_languages
from routing.model.domain import EmployeeState
from routing.model.phrases import phrase

LEVELS = range(1, 4)
_MOST_OFFERS = 1000
_CAP = phrase("This is a number from 0 (none at all) to %(most)s.", most=_MOST_OFFERS)
_LANGUAGE = re.compile(r"[a-z]{2}")


class Invalid(ValueError):
    """Something cannot be stored; ``field`` names what, ``str(error)`` says why and what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Details:
    """What is known of an employee. ``hours`` as ``times.hours`` reads them; ``topics``: slug -> level."""

    name: str
    email: str
    title: str = ""
    role: str = Role.EMPLOYEE
    timezone: str = "UTC"
    hours: str = ""
    languages: tuple[str, ...] = ()
    language: str = ""
    """What the desk and notices say things in; empty: as the browser asks, and English in notices."""
    listed: bool = True
    """Whether customers who ask are told that their linked accounts are ours."""
    digest: bool = True
    """Whether they get the weekly digest of what they are in charge of."""
    shortcuts: bool = True
    """Whether single keys do something at their desk."""
    daily_cap: int = 20
    open_cap: int = 3
    topics: Mapping[str, int] = field(default_factory=dict)


def parse_topics(texts: Sequence[str]) -> dict[str, int]:
    """Slugs and levels of ``tv`` or ``wifi:3`` (1 can help, 2 knows it, 3 is the expert; default 2)."""
    found: dict[str, int] = {}
    for text in texts:
        slug, colon, level = text.strip().partition(":")
        if colon and level not in {str(number) for number in LEVELS}:
            raise Invalid("topics", f"“{text}”: the level after the colon is 1, 2 or 3.")
        found[slug.strip().lower()] = int(level) if colon else 2
    return found


def parse_cap(named: str, text: str) -> int:
    """A cap as somebody typed it. Raises Invalid."""
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise Invalid(named, _CAP)
    return int(text)


def fill(session: Session, employee: EmployeeRow, details: Details) -> None:
    """Put the details into the row, once all of them have been checked. Raises Invalid."""
    for named, text in (("name", details.name), ("email", details.email), ("title", details.title)):
        check_storable(named, text)
    name = " ".join(details.name.split())
    if not name or len(name) > 80:
        raise Invalid("name", "A name has 1 to 80 characters.")
    email = _email(details.email)
    other = staff.by_email(session, email)
    if other is not None and other.id != employee.id:
        has_left = other.state == EmployeeState.LEFT
        raise Invalid(
            "email",
            f"{other.name} has the address {email} already"
            + (", and has left: bring them back on their page." if has_left else "."),
        )
    role = _one_of("role", details.role, [one.value for one in Role])
    shifts = _shifts(details.hours)
    languages = [_language(one) for one in details.languages if one.strip()]
    spoken = _one_of("language", details.language, spoken_languages()) if details.language else None
    check_timezone(details.timezone)
    for name_of_cap, cap in (("daily_cap", details.daily_cap), ("open_cap", details.open_cap)):
        if not 0 <= cap <= _MOST_OFFERS:
            raise Invalid(name_of_cap, _CAP)
    employee.name, employee.email, employee.title = name, email, " ".join(details.title.split())[:120]
    employee.role, employee.timezone, employee.shifts = role, details.timezone, shifts
    employee.languages, employee.language = list(dict.fromkeys(languages)), spoken
    employee.listed, employee.digest, employee.shortcuts = details.listed, details.digest, details.shortcuts
    employee.daily_cap, employee.open_cap = details.daily_cap, details.open_cap


def _email(text: str) -> str:
    try:
        return parse_address(text).lower()
    except NotAnAddress as error:
        raise Invalid("email", str(error)) from None


def check_storable(field: str, text: str) -> None:
    """Raises Invalid where a text holds what no database takes."""
    if not is_storable(text):
        raise Invalid(
            field, phrase("This holds a NUL, or half a character, which cannot be stored: type it anew.")
        )


def check_timezone(name: str) -> None:
    """Raises Invalid, with a suggestion, when there is no such time zone."""
    try:
        check_zone(name)
    except NotZone as error:
        raise Invalid("timezone", str(error)) from None


def _shifts(hours: str) -> list[list[int]]:
    try:
        return stored_shifts(parse_hours(hours))
    except NotHours as error:
        raise Invalid("hours", str(error)) from error


def _language(text: str) -> str:
    code = text.strip().lower()
    if not _LANGUAGE.fullmatch(code):
        raise Invalid("languages", _not_language(text.strip()))
    return code


def _not_language(text: str) -> str:
    return phrase("“%(text)s” is no language code: write two letters, like en or de.", text=text)


def _one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise Invalid(name, f"“{value}” is none of {', '.join(allowed)}.{closest(value, allowed)}")
    return str(value)


def closest(word: str, known: Sequence[str]) -> str:
    """A suggestion in words for a mistyped one; empty where nothing is near."""
    folded = {one.casefold(): one for one in known}
    near = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return f" Did you mean {folded[near[0]]}?" if near else ""


def set_topics(session: Session, employee: EmployeeRow, levels: Mapping[str, int]) -> None:
    """Make these, slug -> level, all that somebody declares to know. Raises Invalid."""
    ids = topics.ids(session)
    before = topics.former_slugs(session)
    levels = {slug if slug in ids else before.get(slug, slug): level for slug, level in levels.items()}
    for slug, level in levels.items():
        if slug not in ids:
            known = f" The topics are {', '.join(sorted(ids))}." if ids else " Add topics first."
            raise Invalid("topics", f"There is no topic “{slug}”.{closest(slug, sorted(ids)) or known}")
        if level not in LEVELS:
            raise Invalid("topics", f"The level of “{slug}” is 1, 2 or 3.")
    staff.declare(session, employee.id, {ids[slug]: level for slug, level in levels.items()})


def details_of(session: Session, employee: EmployeeRow) -> Details:
    """What is known of somebody, to show or to edit."""
    return Details(
        name=employee.name,
        email=employee.email,
        title=employee.title,
        role=employee.role,
        timezone=employee.timezone,
        hours=format_hours(employee.hours),
        languages=tuple(employee.languages),
        language=spoken if (spoken := employee.language) in spoken_languages() and spoken else "",
        listed=employee.listed,
        digest=employee.digest,
        shortcuts=employee.shortcuts,
        daily_cap=employee.daily_cap,
        open_cap=employee.open_cap,
        topics=staff.levels_of(session, employee.id),
    )
