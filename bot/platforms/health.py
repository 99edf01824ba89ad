"""What an adapter can say about its own receiving, and mend."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.posts import Author


@dataclass(frozen=True, slots=True)
class Health:
    """How receiving goes: ``webhook`` is ``valid``, ``invalid`` or ``missing``; ``alarm`` what is wrong.

    ``note`` tells what was mended.
    """

    webhook: str | None = None
    alarm: str | None = None
    note: str | None = None


class Checked(Protocol):
    """Looks after one platform's way of receiving."""

    def check(self, since: datetime | None, now: datetime) -> Health:
        """Look, and mend what can be mended; ``since`` is when all was last seen to be well.

        Raises Retry, Reconnect or Rejected when the platform does not tell.
        """


@runtime_checkable
class Follows(Protocol):
    """An adapter whose brand account has to follow employees to receive their posts."""

    def follow(self, employees: Sequence[Author]) -> None:
        """Let the brand follow these accounts, where it does not yet. Raises Retry or Reconnect."""
