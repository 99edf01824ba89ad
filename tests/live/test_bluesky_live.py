"""The round trip on a whole Bluesky network with AppView, run from npm on the loopback.

``LIVE_POSTGRES_URL`` names a PostgreSQL with the extension ``pg_trgm`` for its AppView.
"""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from bot.platforms.bluesky import Bluesky
from bot.posts import Outgoing, Post
from tests.bluesky_network.install import APPVIEW
from tests.platforms.bluesky_network import Network, Person, running_network

POSTGRES = os.environ.get("LIVE_POSTGRES_URL", "")
PATIENCE = 20.0

pytestmark = [
    pytest.mark.live,
    pytest.mark.timeout(900),  # the first run compiles
    pytest.mark.skipif(not POSTGRES, reason="set LIVE_POSTGRES_URL to a PostgreSQL that has pg_trgm"),
]
T = TypeVar("T")


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with running_network(APPVIEW, DB_POSTGRES_URL=POSTGRES) as running:
        yield running


@pytest.fixture
def brand(network: Network) -> Person:
    return network.person("brand")


@pytest.fixture
def sam(network: Network) -> Person:
    return network.person("sam")


@pytest.fixture
def bluesky(network: Network, brand: Person) -> Iterator[Bluesky]:
    adapter = network.adapter(brand)
    yield adapter
    adapter.close()


def test_question_tagged_answer_publication_follow_up_and_deletion(
    network: Network, bluesky: Bluesky, brand: Person, sam: Person
) -> None:
    jane = network.person("jane")
    question = network.post(sam, *_addressed(brand, "no picture 👩‍👩‍👧 since the update"))
    asked = _until(lambda: _with_id(bluesky.poll(None).posts, question["uri"]))
    assert asked.author.id == sam.did
    assert [mention.id for mention in asked.mentions] == [brand.did]

    network.post(jane, "Hold it for 10 s. #chorus", reply=_below(question, question))
    answer = _until(lambda: bluesky.poll_answers([bluesky.identify(jane.handle)], None).posts)[0]
    assert (answer.author.id, answer.in_reply_to) == (jane.did, question["uri"])

    now = datetime.now(UTC)
    outgoing = Outgoing(
        "bluesky",
        bluesky.new_key(now),
        "Hold it for 10 s. ^Jane",
        now,
        in_reply_to=asked.external_id,
        refs=asked.refs,
    )
    cursor = bluesky.poll(None).cursor
    published = bluesky.publish(outgoing, 20)
    seen = _until(lambda: next((one.post for one in bluesky.fetch([published.external_id])), None))
    assert (seen.in_reply_to, seen.text) == (question["uri"], outgoing.text)

    ours = {"uri": published.external_id, "cid": published.refs["cid"]}
    network.post(sam, "still broken", reply=_below(question, ours))
    follow_up = _until(lambda: bluesky.poll(cursor).posts)[0]
    assert (follow_up.text, follow_up.in_reply_to, follow_up.thread) == (
        "still broken",
        published.external_id,
        question["uri"],
    )
    deep = {"uri": follow_up.external_id, "cid": follow_up.refs["cid"]}
    network.post(network.person("kim"), "same here", reply=_below(question, deep))
    told = network.post(jane, "Then pull the plug. #chorus", reply=_below(question, deep))
    found = _until(lambda: _with_id(bluesky.poll(cursor).posts, told["uri"]))
    assert found.author.id == jane.did
    assert "same here" not in {post.text for post in bluesky.poll(cursor).posts}

    bluesky.delete(published)
    network.remove(sam, question["uri"])
    young = bluesky.fetch([question["uri"], published.external_id])
    assert not any(one.gone for one in young)
    later = network.adapter(brand, clock=lambda: datetime.now(UTC) + timedelta(minutes=5))
    gone = _until(
        lambda: [one for one in later.fetch([question["uri"], published.external_id]) if one.gone] or None
    )
    assert len(gone) == 2
    later.close()


def test_account_that_was_closed_is_gone(
    network: Network, bluesky: Bluesky, brand: Person, sam: Person
) -> None:
    question = network.post(sam, *_addressed(brand, "no picture"))
    _until(lambda: bluesky.fetch([question["uri"]]))
    network.call("com.atproto.server.deactivateAccount", {}, sam)
    later = network.adapter(brand, clock=lambda: datetime.now(UTC) + timedelta(minutes=5))
    assert _until(lambda: [one for one in later.fetch([question["uri"]]) if one.gone])
    later.close()


def test_wish_to_be_shown_only_to_people_signed_in_is_seen(
    network: Network, bluesky: Bluesky, brand: Person, sam: Person
) -> None:
    wish = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "!no-unauthenticated"}]}
    profile = {"$type": "app.bsky.actor.profile", "displayName": "Sam", "labels": wish}
    body = {"repo": sam.did, "collection": "app.bsky.actor.profile", "rkey": "self", "record": profile}
    network.call("com.atproto.repo.putRecord", body, sam)
    question = network.post(sam, *_addressed(brand, "no picture"))
    asked = _until(lambda: _with_id(bluesky.poll(None).posts, question["uri"]))
    assert asked.author.name == "Sam"
    assert not asked.author.indexable


def test_all_of_a_burst_is_read_although_its_posts_share_milliseconds(
    network: Network, bluesky: Bluesky, brand: Person, sam: Person
) -> None:
    start = bluesky.poll(None).cursor
    text, facets = _addressed(brand, "no picture")
    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    posted = {network.post(sam, text, facets, createdAt=moment)["uri"] for _ in range(60)}
    earlier = (
        (datetime.now(UTC) - timedelta(seconds=30)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )
    posted |= {network.post(sam, text, facets, createdAt=earlier)["uri"] for _ in range(60)}
    assert _until(lambda: {post.external_id for post in _all_after(bluesky, start)} >= posted)


def _all_after(bluesky: Bluesky, cursor: str | None) -> list[Post]:
    found: list[Post] = []
    more = True
    while more:
        page = bluesky.poll(cursor)
        found += page.posts
        cursor, more = page.cursor, page.more
    return found


def _addressed(brand: Person, text: str) -> tuple[str, list[dict[str, object]]]:
    """A text that mentions the brand as an app writes it."""
    start = f"@{brand.handle}"
    feature = {"$type": "app.bsky.richtext.facet#mention", "did": brand.did}
    return f"{start} {text}", [{"index": {"byteStart": 0, "byteEnd": len(start)}, "features": [feature]}]


def _below(root: dict[str, str], parent: dict[str, str]) -> dict[str, dict[str, str]]:
    return {
        name: {"uri": post["uri"], "cid": post["cid"]} for name, post in (("root", root), ("parent", parent))
    }


def _with_id(posts: tuple[Post, ...], uri: str) -> Post | None:
    return next((post for post in posts if post.external_id == uri), None)


def _until(check: "Callable[[], T | None]") -> "T":
    """What ``check`` says once it says something: the AppView is some tenths of a second behind."""
    ends_at = time.monotonic() + PATIENCE
    while time.monotonic() < ends_at:
        if found := check():
            return found
        time.sleep(0.2)
    raise AssertionError(f"it did not happen within {PATIENCE:.0f} s")
