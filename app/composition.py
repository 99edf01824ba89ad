"""What one process is made of, put together in one place: tests hand in fakes by argument."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from app.settings import Settings
from bot.archive.search import Search
from bot.live import Live
from bot.platforms.base import Clock, Platform
from bot.store.engine import Database
from bot.store.ingest import Ingest
from bot.worker import Worker


@dataclass(frozen=True, slots=True)
class Chorus:
    """One process's parts. ``worker`` is None where another process does the work."""

    settings: Settings
    database: Database
    clock: Clock
    platforms: Mapping[str, Platform]
    ingest: Ingest
    search: Search
    live: Live
    worker: Worker | None = None


def chorus_of(request: Request) -> Chorus:
    """The parts that serve this request."""
    chorus: Chorus = request.app.state.chorus
    return chorus


Here = Annotated[Chorus, Depends(chorus_of)]
"""An endpoint's parameter of this type receives the parts of this process."""
