"""A token store in memory, single flight like the real one."""

from collections.abc import Callable, Mapping
from threading import Lock


class MemoryTokens:
    """Keeps one account's tokens and counts how often they were renewed."""

    def __init__(self, **tokens: str) -> None:
        self.tokens: Mapping[str, str] = tokens
        self.renewals = 0
        self._lock = Lock()

    def load(self) -> Mapping[str, str]:
        return dict(self.tokens)

    def refresh(
        self, seen: Mapping[str, str], exchange: Callable[[Mapping[str, str]], Mapping[str, str]]
    ) -> Mapping[str, str]:
        with self._lock:
            if dict(self.tokens) == dict(seen):
                self.tokens = exchange(self.tokens)
                self.renewals += 1
            return dict(self.tokens)
