"""The guide names every setting, its default and every kind of reason."""

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

from routing.ladder.policy import Policy
from routing.ladder.reasons import ReasonKind

GUIDE = (Path(__file__).parents[3] / "docs" / "ladder.md").read_text(encoding="utf-8")


def test_every_setting_of_the_policy_is_documented():
    assert not [field.name for field in fields(Policy) if f"| `{field.name}` |" not in GUIDE]


ROWS = {
    line.split("|")[1].strip(" `"): line.split("|")[2].strip()
    for line in GUIDE.splitlines()
    if line.startswith("| `")
}


def test_plain_defaults_are_documented_as_they_are():
    policy = Policy()
    for field in fields(Policy):
        value = getattr(policy, field.name)
        if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool)):
            assert ROWS[field.name] == f"{value:,}", field.name


def test_the_rungs_and_the_longest_wait_are_documented_as_they_are():
    policy, minute = Policy(), timedelta(minutes=1)
    steps = [f"{rung.people} people {rung.patience / minute:g} min" for rung in policy.rungs]
    assert ROWS["rungs"] == ", ".join(steps)
    assert ROWS["wait_for_duty"] == f"{policy.wait_for_duty / timedelta(hours=1):g} h"


def test_every_kind_of_reason_is_documented():
    assert not [kind for kind in ReasonKind if f"`{kind.value}`" not in GUIDE]
