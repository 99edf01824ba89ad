"""How the brand is called: what the environment says, and the lines that say what it does not say yet.

These are settings of the environment, like all others: one place for all processes. So nothing is stored
here; what somebody types is judged like a setting and given back as lines for ``.env``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request, Response
from pydantic import BaseModel

from app.identity.auth import MayManagePeople, Person, guarded
from app.web.forms import Fields
from app.web.html import render
from app.wiring.composition import Chorus, Here
from app.wiring.environment import PREFIX, UnusableSettings
from app.wiring.settings import Settings, load_settings

router = guarded("/admin/first-run")

_ASKED = {
    "BRAND_NAME": ("The brand's name", "On the pages, in mails and in the archive."),
    "TAG": ("The tag", "An employee's post with it is an answer."),
    "LOCAL__HANDLE": ("The brand's name on the built-in feed", "Without @."),
    "BASE_URL": ("The public address of this site", "Links in mails and replies begin with it."),
    "TIMEZONE": ("The brand's time zone", "For pages, and for new employees."),
}
_NOWHERE = Path("/nonexistent")
"""A directory without a ``.env``: what is judged is what was typed, and nothing beside it."""
_NEEDS_QUOTES = frozenset(" #'\"\\$`")


@dataclass(frozen=True, slots=True)
class BrandSetting:
    """A setting as it is in force, and whether the environment says so."""

    name: str
    """As the environment calls it."""
    label: str
    hint: str
    value: str
    is_set: bool


@router.get("/brand")
def shown(request: Request, chorus: Here, person: MayManagePeople) -> Response:
    """What is in force, and a form for what is by default."""
    return _page(request, chorus, person)


@router.post("/brand")
def judged(request: Request, chorus: Here, person: MayManagePeople, fields: Fields) -> Response:
    """The lines to write where the settings stand, once all of them could be settings."""
    asked = {one.name for one in _settings(chorus.settings, chorus) if not one.is_set}
    typed = {name: text for name, text in fields.items() if name in asked}
    errors = {name: problem for name, text in typed.items() if (problem := _problem(name, text))}
    changed = {name: text for name, text in typed.items() if text != _value(chorus.settings, name)}
    lines = [env_line(name, text) for name, text in changed.items()] if not errors else []
    return _page(request, chorus, person, typed=typed, errors=errors, lines=lines, is_answer=True)


def env_line(name: str, value: str) -> str:
    """A line of ``.env`` with this value, quoted where it has to be."""
    if not _NEEDS_QUOTES & set(value):
        return f"{name}={value}"
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{escaped}'"


def _problem(name: str, text: str) -> str:
    """What is wrong with a value, as the start would say it; empty where nothing is."""
    try:
        load_settings({name: text}, _NOWHERE)
    except UnusableSettings as error:
        return str(error).removeprefix(name).strip()
    return ""


def _settings(settings: Settings, chorus: Chorus) -> list[BrandSetting]:
    return [
        BrandSetting(PREFIX + name, label, hint, _value(settings, PREFIX + name), _is_set(settings, name))
        for name, (label, hint) in _ASKED.items()
        if name != "LOCAL__HANDLE" or chorus.local is not None
    ]


def _value(settings: Settings, name: str) -> str:
    group, field = _found(settings, name.removeprefix(PREFIX))
    return str(getattr(group, field))


def _is_set(settings: Settings, name: str) -> bool:
    group, field = _found(settings, name)
    return field in group.model_fields_set


def _found(settings: Settings, name: str) -> tuple[BaseModel, str]:
    place: BaseModel = settings
    *groups, field = name.lower().split("__")
    for one in groups:
        place = getattr(place, one)
    return place, field


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    lines: list[str] | None = None,
    is_answer: bool = False,
) -> Response:
    return render(
        request,
        "admin/first_run/brand.html",
        status=422 if errors else 200,
        person=person,
        brand=_settings(chorus.settings, chorus),
        typed=typed or {},
        errors=errors or {},
        lines=lines or [],
        is_answer=is_answer,
    )
