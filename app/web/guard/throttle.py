"""How much one client may ask for in a time: a bucket of tokens per client that fills up steadily.

The counters live in this process and are bounded, so that somebody with many addresses cannot fill the
memory. With N serving processes a client may use up to N times the limit.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from math import ceil
from threading import Lock


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``quota`` requests within ``window`` seconds; ``name`` is what the headers call it."""

    name: str
    quota: int
    window: int


@dataclass(frozen=True, slots=True)
class ThrottleResult:
    """Whether a request passes, how many more would, and in how many seconds the next one will."""

    limit: Limit
    passes: bool
    remaining: int
    reset: int

    @property
    def headers(self) -> dict[str, str]:
        """The header fields of draft-ietf-httpapi-ratelimit-headers-10, and Retry-After for a refusal."""
        name, quota, window = self.limit.name, self.limit.quota, self.limit.window
        found = {
            "RateLimit-Policy": f'"{name}";q={quota};w={window}',
            "RateLimit": f'"{name}";r={self.remaining};t={self.reset}',
        }
        return found if self.passes else {**found, "Retry-After": str(self.reset)}


class Throttle:
    """Token buckets by client. ``clock`` counts seconds and never goes back."""

    def __init__(self, limit: Limit, clock: Callable[[], float], *, most_clients: int = 50_000) -> None:
        self.limit = limit
        self._clock = clock
        self._most = most_clients
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, client: str) -> ThrottleResult:
        """Take one token from the client's bucket, if there is one."""
        quota, rate = self.limit.quota, self.limit.quota / self.limit.window
        now = self._clock()
        with self._lock:
            tokens, seen = self._buckets.pop(client, (float(quota), now))
            tokens = min(float(quota), tokens + (now - seen) * rate)
            passes = tokens >= 1
            tokens -= passes
            self._buckets[client] = (tokens, now)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        wait = ceil((quota - tokens) / rate) if passes else ceil((1 - tokens) / rate)
        return ThrottleResult(self.limit, passes, int(tokens), max(1, wait))


@lru_cache(maxsize=4_096)
def client_key(address: str) -> str:
    """Whom an address belongs to: an IPv6 customer holds a /64 network, and counts once."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return parsed.exploded[:19]
