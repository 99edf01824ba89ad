"""The rules as fields of a form: made from the settings, so that both say and take the same."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, get_origin

from app.wiring.environment import list_in
from app.wiring.settings import Settings, what_it_should_be
from app.wiring.steering.rules import (
    CHANGEABLE,
    field_of,
    locked,
    problems_of,
    refusals_of,
    value_of,
    with_changes,
)
from bot.actions.steering.rulebook import FORMER_COUNTS
from bot.platforms.registry import TRAITS
from bot.text.times.closed_days import pasted_days

BRAND = ("brand_name", "tag", "private_tag", "timezone", "business_hours", "closed_days")
"""How the brand is called, and when and where it is."""
GROUPS: dict[str, tuple[str, ...]] = {
    "The brand": BRAND,
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
    "When and how they go out": ("hours", "undo_window", "credit", "mode", "correction", "author_edits"),
    "What the brand says by itself": ("first_reply", "ask_back", "announcement_mails"),
    "What the archive takes in": ("archive_topics_out", "archive_keeps_from"),
    "Who joins by themselves": ("joining", "joining_domains"),
}
"""Where each rule stands on the page."""
_LABELS = {
    "announcement_mails": "Customers are told of announcements first, by mail",
    "approve_first": "A newcomer's first answers are approved",
    "archive_keeps_from": "How likely others must be glad to find it",
    "archive_topics_out": "Topics that stay out of the archive",
    "ask_back": "Ask back by itself",
    "author_edits": "Posts that are edited or deleted after their answer is out",
    "blocked_words": "Words that somebody has to approve",
    "brand_name": "The brand's name",
    "business_hours": "The brand's business hours",
    "closed_days": "Days on which the brand is closed",
    "contacts": "The brand's own phone numbers and mail addresses",
    "correction": "Corrections where a platform cannot edit",
    "credit": "How employees are credited",
    "daily_limit": "Answers per person and day",
    "domains": "The brand's own sites",
    "first_reply": "First reply from the archive",
    "hold_money": "Money",
    "joining": "Employees join by themselves",
    "joining_domains": "Domains of the company's mail addresses",
    "hourly_limit": "Answers per person and hour",
    "hours": "The brand's hours",
    "max_parts": "The longest thread",
    "mode": "Reply, or repost the employee's own post",
    "private_tag": "The tag that keeps an answer out of the archive",
    "region": "Country of the brand's phone numbers",
    "second_answer": "A further answer to a question",
    "second_look": "Topics with a second pair of eyes",
    "tag": "The tag",
    "timezone": "The brand's time zone",
    "undo_window": "Seconds to take an answer back",
}
_REMARKS = {
    "announcement_mails": "Switched off, nobody can ask for it and nothing is mailed; whoever asked stays on "
    "the list.",
    "tag": f"After a change, posts with the former tag count for {FORMER_COUNTS.days} days more.",
    "mode": f"The feeds are called {', '.join(TRAITS)}.",
    "archive_topics_out": "What is in already stays in, until chorus archive gate judges it anew.",
    "business_hours": "Figures count by them; when answers go out is said by “The brand's hours”.",
    "closed_days": "A list from a spreadsheet can be pasted. Figures and goals count by it, and where the "
    "brand has hours, answers wait until they begin again.",
    "timezone": "Figures are counted anew by the days of another zone.",
    "joining": "Their page is “/join”.",
}
"""What is said of a rule beside what its setting says."""
_NO_MAIL = (
    "It cannot be opened here: no mail server is set (``CHORUS_MAIL__HOST``), by which addresses are proved."
)
_BY_MAIL = ("announcement_mails", "joining")
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


def groups(
    given: Settings, typed: Mapping[str, str], errors: Mapping[str, str]
) -> Iterator[tuple[str, list[RuleField]]]:
    """The groups of the page with their fields; ``typed`` is what stands in each."""
    for title, names in GROUPS.items():
        yield title, fields(given, names, typed, errors)


def fields(
    given: Settings, names: Iterable[str], typed: Mapping[str, str], errors: Mapping[str, str]
) -> list[RuleField]:
    """The fields of these rules; ``given`` is what the environment says."""
    kept = locked(given)
    return [_field(given, name, typed, name in kept, errors.get(name)) for name in names]


def _field(
    given: Settings, name: str, typed: Mapping[str, str], is_locked: bool, error: str | None
) -> RuleField:
    model = field_of(name)
    default = shown(value_of(given, name))
    return RuleField(
        name,
        label_of(name),
        _CODE.sub(r"“\1”", _hint(given, name, model.description or "")),
        _kind(model.annotation),
        default if is_locked else typed.get(name, ""),
        default,
        tuple(str(one.value) for one in model.annotation) if _kind(model.annotation) == "choice" else (),  # type: ignore[union-attr]
        is_locked,
        error,
    )


def _hint(given: Settings, name: str, meaning: str) -> str:
    why_not = _NO_MAIL if name in _BY_MAIL and given.mail.host is None else ""
    return " ".join(f"{meaning} {_REMARKS.get(name, '')} {why_not}".split())


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


def as_typed(settings: Settings) -> dict[str, str]:
    """What stands in each field where these settings are in force."""
    return {name: shown(value_of(settings, name)) for name in CHANGEABLE}


def read(
    given: Settings, typed: Mapping[str, str], names: Iterable[str] = CHANGEABLE
) -> tuple[dict[str, Any], dict[str, str]]:
    """What was typed of these rules as values that differ from the settings, and what is wrong with which.

    What is not there at all is as the settings say.
    """
    values: dict[str, Any] = {}
    for name in names:
        if name in locked(given) or name not in typed:
            continue
        text, kind = typed[name], _kind(field_of(name).annotation)
        values[name] = _lines(name, text) if kind == "lines" else text.strip()
        if kind == "switch":
            values[name] = text or "false"
        elif not values[name] and kind in ("number", "choice"):
            values[name] = shown(field_of(name).default)
        elif not values[name] and field_of(name).default is None:
            values[name] = None
    if problems := problems_of(given, values):
        return {}, {name: f"It {what_it_should_be(one)}." for name, one in problems.items()}
    wanted = with_changes(given, values)
    if refused := refusals_of(wanted, values):
        return {}, {name: f"It {why}." for name, why in refused.items()}
    return {name: _stored(value_of(wanted, name)) for name in values if _differs(given, wanted, name)}, {}


def _lines(name: str, text: str) -> list[str]:
    return pasted_days(text) if name == "closed_days" else list_in(text)


def _differs(given: Settings, wanted: Settings, name: str) -> bool:
    return bool(value_of(given, name) != value_of(wanted, name))


def _stored(value: Any) -> Any:
    """A rule's value as it is kept: in JSON."""
    return list(value) if isinstance(value, tuple) else value
