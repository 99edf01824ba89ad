"""The adapters of the platforms that the settings turn on, with their tokens and storage.

A platform's front and its adapter are imported only where it is on: none costs the others' start anything.
"""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

import structlog

from app.wiring.keys import derive, sealer_of, secret_key
from app.wiring.settings import Settings
from bot.platforms.base import AnswerTags, Clock, Platform
from bot.platforms.health import Checked
from bot.platforms.registry import traits_of
from bot.posts import Read
from bot.states import ConnectionState
from bot.store.engine import Database
from bot.store.house import connections, reading
from bot.store.house.budgets import Terms
from bot.store.house.connections import StoredTokens

if TYPE_CHECKING:
    from app.wiring.platforms.front import Front
    from bot.platforms.local.adapter import LocalFeed

log = structlog.get_logger(__name__)


def front_of(settings: Settings, platform: str, tags: AnswerTags | None = None) -> "Front":
    """What the front does for a platform: what is called ``front`` in the folder of its name.

    ``tags`` tells an adapter which tags make answers, where that may change while it works.
    """
    from app.wiring.platforms.front import House

    group = settings.groups[platform]
    house = House(
        settings.brand_name,
        tags or (lambda: (settings.tag,)),
        settings.base_url,
        lambda what: derive(secret_key(settings), what),
    )
    made: Front = import_module(f"app.wiring.platforms.{platform}.front").front(group, house)
    return made


def connect_platforms(
    settings: Settings,
    database: Database,
    feed: "LocalFeed | None",
    clock: Clock,
    tags: AnswerTags | None = None,
) -> dict[str, Platform]:
    """One adapter for each platform that is on, and the built-in feed's where its storage is given.

    ``tags`` tells which tags make answers; without it those of the settings do. Nothing is sent yet.
    Raises UnusableSettings.
    """
    from app.wiring.platforms.front import Ports

    adapters: dict[str, Platform] = {}
    for name in settings.platforms_on:
        if feed is None and traits_of(name).own_record:
            continue
        ports = Ports(
            partial(stored_tokens, settings, database, name),
            clock,
            feed,
            on_revoked=_revoked(database, name),
            on_read=_charged(settings, database, name),
        )
        adapters[name] = front_of(settings, name, tags).adapter(ports)
    return adapters


def health_checks(settings: Settings, platforms: Mapping[str, Platform]) -> dict[str, Checked]:
    """What looks after the platforms' ways of receiving, where there is something to look after.

    An adapter that was handed in by itself, of a platform without settings, has no front that could.
    """
    found = {
        name: front_of(settings, name).health(adapter)
        for name, adapter in platforms.items()
        if name in settings.groups
    }
    return {name: check for name, check in found.items() if check is not None}


def terms_of(settings: Settings) -> dict[str, Terms]:
    """The terms of the platforms that have any; the others may be sent whatever is due."""
    terms = {name: Terms(group.budget, group.prices) for name, group in settings.groups.items()}
    return {name: one for name, one in terms.items() if one.budget.windows or one.prices}


def stored_tokens(settings: Settings, database: Database, platform: str) -> StoredTokens:
    """Where a platform's tokens are kept, encrypted. Raises UnusableSettings without a secret key."""
    given = front_of(settings, platform).tokens()
    return StoredTokens(database, platform, sealer_of(settings), given)


def _charged(settings: Settings, database: Database, platform: str) -> Callable[[Mapping[Read, int]], None]:
    """Where what a platform charges for reading is noted."""
    prices = settings.groups[platform].prices

    def note(reads: Mapping[Read, int]) -> None:
        if prices is not None:
            with database.write() as session:
                reading.note(session, platform, reads, prices, database.now(session))

    return note


def _revoked(database: Database, platform: str) -> Callable[[], None]:
    """What happens when a platform tells that the brand account withdrew its permission."""

    def mark() -> None:
        log.error("the brand account withdrew its permission", platform=platform)
        with database.write() as session:
            connections.mark(
                session,
                platform,
                ConnectionState.RECONNECT,
                f"The brand account withdrew its permission on {traits_of(platform).label}.",
                database.now(session),
            )

    return mark
