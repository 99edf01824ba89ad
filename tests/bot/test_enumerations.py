"""What is written into rows is a member of an enumeration, and each member is written by somebody."""

from enum import StrEnum
from pathlib import Path

import pytest

from bot.posts import Absence, Refusal
from bot.states import AnswerKind, ChangeKind, DeliveryCode

ROOT = Path(__file__).parents[2]
SOURCE = "\n".join(
    path.read_text(encoding="utf-8") for floor in ("app", "bot") for path in (ROOT / floor).rglob("*.py")
)
BY_ABSENCE = {Refusal(one) for one in Absence if one is not Absence.UNKNOWN}
"""The look at a question before an answer goes out says these by their ``Absence``."""


@pytest.mark.parametrize("kinds", [AnswerKind, ChangeKind, DeliveryCode, Refusal])
def test_every_member_is_used(kinds: type[StrEnum]) -> None:
    unused = [one.name for one in kinds if f"{kinds.__name__}.{one.name}" not in SOURCE]
    assert set(unused) <= {one.name for one in BY_ABSENCE} | {"REJECTED"} if kinds is Refusal else not unused


def test_a_code_of_ours_is_never_taken_for_a_platforms() -> None:
    assert not set(DeliveryCode) & set(Refusal)
