"""Every spelling of a reset is read; nonsense never stops the queue for years."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.wire.limits import LONGEST_WAIT, Gate, exhausted_until, retry_at
from bot.posts import Retry

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "300"},
        {"retry-after": "Sun, 22 Nov 2026 12:05:00 GMT"},
        {"x-rate-limit-reset": str(int(SOON.timestamp()))},
        {"x-rate-limit-reset": str(int(SOON.timestamp())), "x-rate-limit-remaining": "0"},
        {"x-ratelimit-reset": "2026-11-22T12:05:00.000000Z"},
        {"x-ratelimit-reset": "2026-11-22T13:05:00+01:00"},
        {"x-ratelimit-reset": str(int(SOON.timestamp()))},
        {"x-ratelimit-reset": str(int(SOON.timestamp() * 1000))},
        {"ratelimit-reset": str(int(SOON.timestamp()))},
        {"ratelimit-reset": "300"},
    ],
)
def test_r08_a_reset_is_read_in_every_spelling(headers: dict[str, str]) -> None:
    assert retry_at(headers, NOW) == SOON


def test_the_latest_of_the_exhausted_windows_counts() -> None:
    headers = {
        "x-rate-limit-remaining": "7",
        "x-rate-limit-reset": str(int(SOON.timestamp())),
        "x-user-limit-24hour-remaining": "0",
        "x-user-limit-24hour-reset": str(int((NOW + timedelta(hours=3)).timestamp())),
    }
    assert retry_at(headers, NOW) == NOW + timedelta(hours=3)


def test_an_accepted_call_that_was_the_last_one_tells_when_the_next_may_come() -> None:
    reset = str(int(SOON.timestamp()))
    assert exhausted_until({"ratelimit-remaining": "0", "ratelimit-reset": reset}, NOW) == SOON
    assert exhausted_until({"ratelimit-remaining": "1", "ratelimit-reset": reset}, NOW) is None
    assert exhausted_until({}, NOW) is None


@given(st.text() | st.floats().map(str) | st.integers().map(str))
def test_any_reset_is_nothing_or_between_now_and_a_day(value: str) -> None:
    at = retry_at({"retry-after": value, "x-ratelimit-reset": value}, NOW)
    assert at is None or NOW <= at <= NOW + LONGEST_WAIT


def test_a_gate_never_opens_early() -> None:
    now = [NOW]
    gate = Gate(lambda: now[0])
    gate.close("a", SOON)
    gate.close("a", NOW)
    gate.close("a", None)
    gate.check("b")
    with pytest.raises(Retry) as refused:
        gate.check("a")
    assert refused.value.at == SOON
    now[0] = SOON
    gate.check("a")
