"""The one protocol that every way to tell people something keeps."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from bot.channels.messages import Message


class Reach(StrEnum):
    """Whom a message on a channel reaches."""

    PERSON = "person"
    """One person: their offers, what became of their answers, and alarms where they are in charge."""
    TEAM = "team"
    """Whoever reads along: alarms alone, once for all."""


class Channel(Protocol):
    """A way to tell people something."""

    @property
    def name(self) -> str:
        """As it is stored with each notice: at most 20 characters, no platform's name, never changed."""

    @property
    def reaches(self) -> Reach:
        """Whom it reaches."""

    def send(self, to: str, message: Message, *, key: str, timeout: float) -> None:
        """Hand one message over within ``timeout`` seconds in all.

        ``to`` is the person's mail address, empty where the team is told; ``key`` is the same when the same
        message is sent again. Raises Retry (surely not accepted), Rejected (for good) or Ambiguous (it may
        have been accepted).
        """

    def close(self) -> None:
        """Give back what is held open."""


def reaching(channels: Mapping[str, Channel], whom: Reach) -> tuple[str, ...]:
    """The names of the channels that reach a person, or the team."""
    return tuple(name for name, channel in channels.items() if channel.reaches is whom)
