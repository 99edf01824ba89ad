"""What a platform says about its rate limits, and a gate that keeps us to it.

Sources: X ``x-rate-limit-*`` and ``x-user-limit-24hour-*`` (epoch seconds), Mastodon and GoToSocial
``X-RateLimit-*`` (ISO 8601, an epoch on others), Bluesky ``ratelimit-*`` (epoch seconds, no Retry-After),
RFC 9110 ``Retry-After`` (seconds or an HTTP date).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Lock

from bot.posts import Retry

FAMILIES = (
    "x-rate-limit",
    "x-user-limit-24hour",
    "x-app-limit-24hour",
    "x-ratelimit",
    "ratelimit",
)
LONGEST_WAIT = timedelta(hours=24)
"""No platform's window is longer; a reset beyond it is a mistake that must not stop the queue for years."""
_FIRST_EPOCH = 1e8
"""Numbers below are seconds from now (the IETF draft's reading), above an epoch; see ``_MILLISECONDS``."""
_MILLISECONDS = 1e11


def retry_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When to call again after a refusal, aware and in UTC, never before ``now``; None where nothing tells.

    ``Retry-After`` and the resets of all exhausted windows count; the latest wins.
    """
    times = [_moment(headers.get("retry-after", ""), now)]
    times += [
        _moment(headers.get(f"{family}-reset", ""), now) for family in FAMILIES if _is_spent(headers, family)
    ]
    known = [time for time in times if time is not None]
    return max(known) if known else None


def exhausted_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the window that an accepted call has just used up begins anew; None where calls are left."""
    spent = [family for family in FAMILIES if headers.get(f"{family}-remaining", "").strip() == "0"]
    times = [_moment(headers.get(f"{family}-reset", ""), now) for family in spent]
    known = [time for time in times if time is not None]
    return max(known) if known else None


def _is_spent(headers: Mapping[str, str], family: str) -> bool:
    """Whether a refusal may come from this window: it says 0 calls left, or does not say."""
    return headers.get(f"{family}-remaining", "0").strip() in {"0", ""}


def _moment(value: str, now: datetime) -> datetime | None:
    """One header's time: seconds from now, an epoch in (milli)seconds, ISO 8601 or an HTTP date."""
    text = value.strip()
    for read in (_from_number, _from_iso, _from_http_date):
        try:
            moment = read(text, now)
        except (ValueError, TypeError, OverflowError, IndexError, OSError):
            continue
        return min(max(moment, now), now + LONGEST_WAIT)
    return None


def _from_number(text: str, now: datetime) -> datetime:
    number = float(text)
    if number < _FIRST_EPOCH:
        return now + timedelta(seconds=number)
    return datetime.fromtimestamp(number / 1000 if number > _MILLISECONDS else number, tz=UTC)


def _from_iso(text: str, now: datetime) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def _from_http_date(text: str, _now: datetime) -> datetime:
    moment = parsedate_to_datetime(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


class Gate:
    """Remembers, per bucket of calls, until when a platform wants to hear nothing. Thread-safe."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._closed: dict[str, datetime] = {}
        self._lock = Lock()

    def check(self, bucket: str) -> None:
        """Raise Retry, without a call, while ``bucket`` is closed."""
        with self._lock:
            until = self._closed.get(bucket)
        if until is not None and until > self._clock():
            raise Retry("The platform's rate limit is used up.", until)

    def close(self, bucket: str, until: datetime | None) -> None:
        """Let no call through before ``until``; None changes nothing, and an earlier time never opens it."""
        if until is None:
            return
        with self._lock:
            self._closed[bucket] = max(until, self._closed.get(bucket, until))
