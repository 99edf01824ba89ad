"""A new version of the rules, by whichever page it is made; and what still counts from before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.identity.auth import Person, actor
from app.identity.decisions import change
from app.wiring.composition import Chorus
from app.wiring.steering.rules import changed
from bot.actions.steering.change_rules import change_rules
from bot.actions.steering.rulebook import counts_until
from bot.store.house import rule_versions


@dataclass(frozen=True, slots=True)
class FormerTag:
    """A tag from before a change, with which posts count as answers until then."""

    tag: str
    until: datetime


def put_into_force(
    chorus: Chorus,
    person: Person,
    typed: Mapping[str, str],
    values: Mapping[str, Any],
    names: Iterable[str] | None = None,
) -> None:
    """These values as a new version, after the one that ``typed`` says was shown; in force here at once.

    Where ``names`` are given, the values are of these rules alone, and the others stay as they are.
    Raises Invalid.
    """
    follows = typed.get("follows", "")
    number = int(follows) if follows.isascii() and follows.isdigit() and len(follows) < 19 else 0
    with change(chorus, person) as at:
        shown = rule_versions.find(at.session, number)
        former = shown.values if shown is not None else {}
        others = {} if names is None else {name: one for name, one in former.items() if name not in names}
        wanted = {**others, **values}
        change_rules(at.session, number, wanted, actor(person), typed.get("why", ""), at.now)
    chorus.rulebook.look()


def former_tags(chorus: Chorus) -> list[FormerTag]:
    """The tags from before that still count, each as long as it does."""
    known = set(chorus.rules.former_tags)
    told: dict[str, FormerTag] = {}
    for one in chorus.rulebook.former:
        tag = changed(chorus.given, one.values).tag
        if tag in known:
            told.setdefault(tag, FormerTag(tag, counts_until(one.ended_at)))
    return list(told.values())
