"""The rules as fields of a form: made from the settings, so that both say and take the same."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, get_origin

from pydantic import ValidationError

from app.wiring.environment import list_in
from app.wiring.rules import CHANGEABLE, locked, with_changes
from app.wiring.settings import PublishSettings, Settings, what_it_should_be

GROUPS: dict[str, tuple[str, ...]] = {
    "What an answer may hold": (
        "blocked_words",
        "domains",
        "contacts",
        "region",
        "hold_money",
        "second_look",
        "max_parts",
    ),
    "Whose answers wait": ("approve_first", "hourly_limit", "daily_limit", "second_answer"),
    "When and how they go out": ("hours", "undo_window", "credit", "correction"),
    "What the brand says by itself": ("first_reply", "ask_back"),
}
"""Where each rule stands on the page."""
_LABELS = {
    "approve_first": "A newcomer's first answers are approved",
    "ask_back": "Ask back by itself",
    "blocked_words": "Words that somebody has to approve",
    "contacts": "The brand's own phone numbers and mail addresses",
    "correction": "Corrections where a platform cannot edit",
    "credit": "How employees are credited",
    "daily_limit": "Answers per person and day",
    "domains": "The brand's own sites",
    "first_reply": "First reply from the archive",
    "hold_money": "Money",
    "hourly_limit": "Answers per person and hour",
    "hours": "The brand's hours",
    "max_parts": "The longest thread",
    "region": "Country of the brand's phone numbers",
    "second_answer": "A further answer to a question",
    "second_look": "Topics with a second pair of eyes",
    "undo_window": "Seconds to take an answer back",
}
_CODE = re.compile(r"``([^`]*)``")


@dataclass(frozen=True, slots=True)
class RuleField:
    """One rule on the page. ``value`` is what stands in the field, ``default`` what the settings say."""

    name: str
    label: str
    hint: str
    kind: str
    """``text``, ``number``, ``lines``, ``choice`` or ``switch``."""
    value: str
    default: str
    choices: tuple[str, ...] = ()
    is_locked: bool = False
    error: str | None = None


def label_of(name: str) -> str:
    """What a rule is called on the page."""
    return _LABELS.get(name, name)


def fields(
    settings: Settings, typed: Mapping[str, str], errors: Mapping[str, str]
) -> Iterator[tuple[str, list[RuleField]]]:
    """The groups of the page with their fields; ``typed`` is what stands in each."""
    kept = locked(settings)
    for title, names in GROUPS.items():
        yield title, [_field(settings, name, typed, name in kept, errors.get(name)) for name in names]


def _field(
    settings: Settings, name: str, typed: Mapping[str, str], is_locked: bool, error: str | None
) -> RuleField:
    model = PublishSettings.model_fields[name]
    default = shown(getattr(settings.publish, name))
    return RuleField(
        name,
        label_of(name),
        _CODE.sub(r"“\1”", " ".join((model.description or "").split())),
        _kind(model.annotation),
        default if is_locked else typed.get(name, ""),
        default,
        tuple(str(one.value) for one in model.annotation) if _kind(model.annotation) == "choice" else (),  # type: ignore[union-attr]
        is_locked,
        error,
    )


def _kind(annotation: Any) -> str:
    if annotation is bool:
        return "switch"
    if get_origin(annotation) is tuple:
        return "lines"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "choice"
    return "number" if annotation in (int, float) else "text"


def shown(value: Any) -> str:
    """A rule's value as it stands in its field, one thing a line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, list)):
        return "\n".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def in_force(publish: PublishSettings) -> dict[str, str]:
    """What stands in each field where these rules are in force."""
    return {name: shown(getattr(publish, name)) for name in CHANGEABLE}


def read(settings: Settings, typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What was typed as values that differ from the settings, and what is wrong with which field."""
    values: dict[str, Any] = {}
    for name in CHANGEABLE:
        if name in locked(settings):
            continue
        text, kind = typed.get(name, ""), _kind(PublishSettings.model_fields[name].annotation)
        values[name] = list_in(text) if kind == "lines" else text.strip()
        if kind == "switch":
            values[name] = text or "false"
        elif not values[name] and kind in ("number", "choice"):
            values[name] = shown(PublishSettings.model_fields[name].default)
        elif not values[name] and name == "region":
            values[name] = None
    try:
        checked = with_changes(settings, values)
    except ValidationError as error:
        return {}, {str(one["loc"][0]): f"It {what_it_should_be(one)}." for one in error.errors()}
    given, wanted = (one.model_dump(mode="json", include=set(values)) for one in (settings.publish, checked))
    return {name: value for name, value in wanted.items() if value != given[name]}, {}
