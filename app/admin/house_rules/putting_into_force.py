"""A new version of the rules, by whichever page it is made; and what still counts from before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.admin.house_rules.rule_fields import as_typed
from app.identity.auth import Person, actor
from app.identity.decisions import change
from app.web.forms import number_in
from app.wiring.composition import Chorus
from app.wiring.steering.rules import CHANGEABLE, changed
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
    number = _followed(typed)
    with change(chorus, person) as at:
        opened = rule_versions.find(at.session, number)
        former = opened.values if opened is not None else {}
        others = {} if names is None else {name: one for name, one in former.items() if name not in names}
        wanted = {**others, **values}
        change_rules(at.session, number, wanted, actor(person), typed.get("why", ""), at.now)
    chorus.rulebook.look()


def on_top_of_newest(
    chorus: Chorus, typed: Mapping[str, str], names: Iterable[str] = CHANGEABLE
) -> tuple[dict[str, str], dict[str, str]]:
    """What was typed on a page that shows the rules of before, on top of those in force by now.

    What was left as it was shown is as it is now. What both have changed stays as typed, and what is in force
    is told beside it: the second of what is returned, by the rule's name.
    """
    with chorus.database.read() as session:
        newest, opened = rule_versions.newest(session), rule_versions.find(session, _followed(typed))
    before = as_typed(changed(chorus.given, opened.values if opened is not None else {}))
    today = as_typed(changed(chorus.given, newest.values if newest is not None else {}))
    merged, told = {**typed, "follows": str(newest.id if newest is not None else 0)}, {}
    for name in names:
        if name not in typed or today[name] in (before[name], typed[name]):
            continue
        if typed[name] == before[name]:
            merged[name] = today[name]
        else:
            told[name] = f"Somebody else has put into force: {_in_a_line(today[name])}."
    return merged, told


def _in_a_line(value: str) -> str:
    return ", ".join(value.split("\n")) or "nothing"


def _followed(typed: Mapping[str, str]) -> int:
    """The version that was shown to whoever typed this; 0: there was none."""
    return number_in(typed.get("follows", "")) or 0


def former_tags(chorus: Chorus) -> list[FormerTag]:
    """The tags from before that still count, each as long as it does."""
    known = set(chorus.rules.former_tags)
    told: dict[str, FormerTag] = {}
    for one in chorus.rulebook.former:
        tag = changed(chorus.given, one.values).tag
        if tag in known:
            told.setdefault(tag, FormerTag(tag, counts_until(one.ended_at)))
    return list(told.values())
