"""The house's deeds beside answering, on a real server process (``mastodon-mock``)."""

import html
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from tests.bot.platforms.mastodon.mastodon_server import MastodonServer, Person, running_mastodon
from tests.bot.platforms.real_deeds import DEEDS, RealTown
from tests.bot.round_trip import RoundTrip
from tests.conftest import FakeClock

_MARKUP = re.compile("<[^>]+>")


class OnMastodon:
    """The server, as people use it."""

    name = "mastodon"

    def __init__(self, server: MastodonServer) -> None:
        self._server = server
        self.brand = server.person("brand")
        self._people: dict[str, Person] = {}

    def posts(self, who: str, text: str, to: str | None = None, *, addressed: bool = True) -> str:
        person = self._people.setdefault(who, self._server.person(who))
        words = f"@{self.brand.username} {text}" if addressed else text
        fields = {"in_reply_to_id": to} if to else {}
        return str(self._server.post(person, words, visibility="public", **fields)["id"])

    def by_brand(self) -> list[tuple[str, str | None]]:
        return [
            (html.unescape(_MARKUP.sub("", one["content"])), one["in_reply_to_id"])
            for one in self._server.statuses_of(self.brand)
        ]

    def liked(self) -> list[str]:
        return [one["id"] for one in self._server.liked_by(self.brand)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MastodonServer]:
    with running_mastodon(tmp_path_factory.mktemp("mastodon")) as server:
        yield server


@pytest.fixture
def town(running: MastodonServer, sqlite_url: str) -> Iterator[RealTown]:
    network, clock = OnMastodon(running), FakeClock(datetime.now(UTC))
    with RoundTrip(sqlite_url, clock, running.adapter(network.brand)) as house:
        yield RealTown(house, network)


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_on_a_real_server(town: RealTown, deed: Callable[[RealTown], None]) -> None:
    deed(town)
