"""What is said about the brand without addressing it: hashtags, and what the server's search finds.

A hashtag's timeline is read forward by ``min_id``, as far as the brand's server knows the posts at all.
Search finds posts only on servers that have it (Mastodon with Elasticsearch; GoToSocial finds one's own
alone), and of people who let themselves be found; a server or a token that does not search is not asked
again.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

import orjson

from bot.platforms.mastodon.api import Api
from bot.platforms.mastodon.content import Json, id_of, is_status, post_from
from bot.platforms.mastodon.reading.notifications import oldest_first
from bot.platforms.mastodon.reading.token_bucket import TokenBucket
from bot.platforms.search_rounds import FIRST, LONGEST
from bot.platforms.wire.listing import readable
from bot.platforms.wire.timestamps import time_of
from bot.posts import Page, Post, Reconnect, Rejected
from routing.dialogue.brand_words import BrandWord

PAGE_SIZE = 40
_TAG, _FOUND = "tag", "found"

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Places:
    """How far each word has been read, by its id and the way it is read: the latest id and its time.

    ``after`` is the id of the word that was read last in this round.
    """

    after: int = 0
    places: dict[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def from_cursor(cls, cursor: str | None) -> "_Places":
        try:
            told = orjson.loads(cursor or "{}")
            places = {str(name): (str(one[0]), str(one[1])) for name, one in told.get("places", {}).items()}
            return cls(int(told.get("after", 0)), places)
        except (orjson.JSONDecodeError, AttributeError, TypeError, ValueError, IndexError, KeyError):
            return cls()

    def cursor(self) -> str:
        return orjson.dumps({"after": self.after, "places": self.places}).decode()

    def only(self, words: Sequence[BrandWord]) -> None:
        """What is not listened for any more is forgotten."""
        names = {f"{word.id}:{way}" for word in words for way in (_TAG, _FOUND)}
        self.places = {name: one for name, one in self.places.items() if name in names}


class Listening:
    """Reads words on the brand's server, some at a time, in the pace that is left for it."""

    def __init__(self, api: Api, pace: TokenBucket) -> None:
        self._api = api
        self._pace = pace
        self._searches = True

    def after(self, words: Sequence[BrandWord], cursor: str | None, most: int) -> Page:
        """At most ``most`` posts with the next few of these words, the oldest first.

        ``more`` while the round is not over and more may be asked. Where the server was asked often enough
        for now, the round simply stands still.

        Raises:
            Retry: when the server does not answer.
            Reconnect: when the brand's token is not accepted any more.
            Rejected: when it shows hashtags to nobody.
        """
        turn = _Places.from_cursor(cursor)
        turn.only(words)
        waiting = [word for word in words if word.id > turn.after]
        found: dict[str, Post] = {}
        cut = False
        for word in waiting:
            calls = 2 if self._searches else 1
            if self._pace.left() < calls or len(found) >= most:
                break
            cut = self._read(word, turn, found, most) or cut
            turn.after = word.id
        is_over = not waiting or turn.after == waiting[-1].id
        turn.after = 0 if is_over else turn.after
        now = self._api.clock()
        posts = sorted(found.values(), key=lambda post: post.posted_at or now)
        may_go_on = not is_over and len(found) < most and self._pace.left() > 1
        return Page(tuple(posts), turn.cursor(), more=may_go_on, cut=cut)

    def _read(self, word: BrandWord, turn: _Places, found: dict[str, Post], most: int) -> bool:
        """Read one word on; whether something of before was left out."""
        cut = False
        if word.hashtag:
            path = f"/api/v1/timelines/tag/{quote(word.hashtag, safe='')}"
            self._take(
                turn, f"{word.id}:{_TAG}", found, self._page(path, turn, f"{word.id}:{_TAG}", {}, most)
            )
        if self._searches and len(found) < most:
            statuses = self._search(word, turn, most)
            cut = len(statuses) >= PAGE_SIZE and f"{word.id}:{_FOUND}" in turn.places
            self._take(turn, f"{word.id}:{_FOUND}", found, statuses)
        return cut

    def _page(self, path: str, turn: _Places, place: str, query: Mapping[str, str], most: int) -> list[Json]:
        self._pace.take()
        asked = {**query, **self._since(turn, place), "limit": str(max(min(PAGE_SIZE, most), 1))}
        return self._api.read_list(path, asked)

    def _search(self, word: BrandWord, turn: _Places, most: int) -> list[Json]:
        self._pace.take()
        place = f"{word.id}:{_FOUND}"
        asked = {
            "q": f'"{word.text}"',
            "type": "statuses",
            "limit": str(max(min(PAGE_SIZE, most), 1)),
            **self._since(turn, place),
        }
        try:
            told = self._api.read("/api/v2/search", asked).get("statuses")
        except (Rejected, Reconnect) as error:  # whether the token works at all, the mentions tell
            self._searches = False
            _log.info("The server is not searched for words: %s", error)
            return []
        return (
            [one for one in told if isinstance(one, dict) and one.get("id")] if isinstance(told, list) else []
        )

    def _since(self, turn: _Places, place: str) -> dict[str, str]:
        """From where on to read; from the newest page, where nothing was read yet or so long ago."""
        known = turn.places.get(place)
        if known is None:
            return {}
        at = time_of(known[1])
        return {"min_id": known[0]} if at is not None and self._api.clock() - at < LONGEST else {}

    def _take(self, turn: _Places, place: str, found: dict[str, Post], statuses: Sequence[Json]) -> None:
        ordered = [one for one in oldest_first(statuses) if is_status(one)]
        now = self._api.clock()
        floor = now - (FIRST if not self._since(turn, place) else timedelta(days=365))
        for post in self._posts(ordered, floor):
            found.setdefault(post.external_id, post)
        if ordered:
            turn.places[place] = (str(ordered[-1]["id"]), now.isoformat())
        elif place in turn.places:
            turn.places[place] = (turn.places[place][0], now.isoformat())

    def _posts(self, statuses: Sequence[Json], floor: datetime) -> Iterator[Post]:
        def read(status: Json) -> Post | None:
            post = post_from(status, self._api.server)
            return post if post.posted_at is None or post.posted_at >= floor else None

        return readable("mastodon", statuses, read, id_of)
