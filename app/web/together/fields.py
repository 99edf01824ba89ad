"""The fields of a form that was sent: what is chosen goes along, what is typed is shown by a label."""

from dataclasses import dataclass, replace

from app.web.together.markup import Pairs
from routing.model.phrases import phrase

_ONE_LINE = 30
_CHOSEN = frozenset(
    {
        "accept_anew",
        "afterwards",
        "agreed",
        "audience",
        "back",
        "by",
        "colleague",
        "counts",
        "deed",
        "department",
        "digest",
        "do",
        "follows",
        "helpful",
        "in_reply_to",
        "into",
        "kept",
        "kind",
        "language",
        "leads",
        "level",
        "like",
        "listed",
        "main",
        "measure",
        "message",
        "nets",
        "of",
        "on",
        "only_look",
        "opted_in",
        "parent",
        "person",
        "persona",
        "place",
        "platform",
        "private",
        "put_off",
        "query",
        "question",
        "revision",
        "role",
        "score",
        "seen",
        "seen_before",
        "shortcuts",
        "show",
        "state",
        "step",
        "successor",
        "sure",
        "template",
        "tracker",
        "unit",
        "unnamed",
        "what",
        "word",
    }
)
"""Fields that are chosen or come with the form: sent again as they are, not shown as words."""
_CHOSEN_KINDS = (
    "also-",
    "answer-",
    "chosen-",
    "copy-",
    "department-",
    "event-",
    "matter-",
    "on-",
    "pick-",
    "platform-",
    "question-",
    "scope-",
    "topic-",
)
_EITHER = frozenset({"other", "tell", "to"})
"""Fields that are chosen on one page, where they hold a number, a switch or a page, and typed on another."""
_LABELS = {
    "text": phrase("Your text"),
    "why": phrase("Because"),
    "below": phrase("What the brand says below it"),
    "server": phrase("Your server or handle"),
    "open_cap": phrase("At one time"),
}


@dataclass(frozen=True, slots=True)
class SubmittedField:
    """One field of a form that was sent. ``label`` is empty for what was chosen rather than typed."""

    name: str
    value: str
    label: str

    @property
    def is_long(self) -> bool:
        """Whether it wants a box of several lines."""
        return "\n" in self.value or len(self.value) > _ONE_LINE


def shown(fields: Pairs) -> tuple[SubmittedField, ...]:
    """The fields that somebody filled in, in their order: without the empty ones."""
    return tuple(SubmittedField(name, value, _label(name, value)) for name, value in fields if value.strip())


def _label(name: str, value: str) -> str:
    if name in _LABELS:
        return _LABELS[name]
    if name in _CHOSEN or name.startswith(_CHOSEN_KINDS) or (name in _EITHER and _is_choice(value)):
        return ""
    return name.replace("-", " ").replace("_", " ").capitalize()


def _is_choice(value: str) -> bool:
    return value.isdecimal() or value.startswith("/") or value in ("on", "off")


def typed_in_part(part: str, fields: Pairs) -> tuple[SubmittedField, ...]:
    """What stood in a part of a page's form, under the names that it has there."""
    return tuple(replace(one, name=f"{one.name}@{part}") for one in shown(fields))
