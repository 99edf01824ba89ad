"""The guide names every setting, its default and every kind of reason."""

from dataclasses import fields
from pathlib import Path

from routing.ladder.policy import Policy
from routing.ladder.reasons import ReasonKind

GUIDE = (Path(__file__).parents[3] / "docs" / "ladder.md").read_text(encoding="utf-8")


def test_every_setting_of_the_policy_is_documented():
    assert not [field.name for field in fields(Policy) if f"| `{field.name}` |" not in GUIDE]


def test_plain_defaults_are_documented_as_they_are():
    rows = {
        line.split("|")[1].strip(" `"): line.split("|")[2].strip()
        for line in GUIDE.splitlines()
        if line.startswith("| `")
    }
    policy = Policy()
    for field in fields(Policy):
        value = getattr(policy, field.name)
        if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool)):
            assert rows[field.name] == f"{value:,}", field.name


def test_every_kind_of_reason_is_documented():
    assert not [kind for kind in ReasonKind if f"`{kind.value}`" not in GUIDE]
