"""What an adapter can say about its own receiving, and mend."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.posts import Author

_MOST_NAMED = 10


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

    def not_yet_let_in(self, employees: Sequence[Author]) -> set[str]:
        """The ids of those who admit followers by hand and have not admitted the brand.

        Raises as ``follow``.
        """


def follows_wait(handles: Sequence[str]) -> str:
    """A sentence for those in charge; empty when the brand waits for nobody."""
    if not handles:
        return ""
    named = [f"@{one}" for one in handles[:_MOST_NAMED]]
    rest = len(handles) - len(named)
    who = ", ".join(named) + (f" and {rest} more" if rest else "")
    return (
        f"The brand has asked to follow {who}, and has not been let in yet. Until then their answers are "
        "found by asking for them in turn, a few minutes later."
    )
