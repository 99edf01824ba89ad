"""The adapter, and the house behind it, on a whole Bluesky network from npm: PDS, DID directory, AppView."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.platforms.bluesky.adapter import Bluesky
from bot.posts import Absence, KnownPost, Lookup, Outgoing, Post, PostEvent
from bot.states import DeliveryState
from bot.store.tables.conversations import AnswerRow, DeliveryRow, QuestionRow
from routing.model.domain import QuestionState
from tests.bluesky_network.install import APPVIEW
from tests.bot.platforms.bluesky_network import Network, Person, addressed, below, running_network, until
from tests.bot.platforms.bluesky_network import addressed as addressed_to
from tests.bot.platforms.real_deeds import DEEDS, RealTown
from tests.bot.round_trip import RoundTrip
from tests.conftest import FakeClock

pytestmark = [
    pytest.mark.network,
    pytest.mark.xdist_group("bluesky-network"),
    pytest.mark.timeout(900),  # the first run compiles
]
LINK = "app.bsky.richtext.facet#link"
FULL = "https://help.example.com/tv/picture/reset-the-picture-mode?model=a1"
SHOWN = "help.example.com/tv/picture..."


@pytest.fixture(scope="module")
def network(postgresql_url: str) -> Iterator[Network]:
    address = postgresql_url.replace("postgresql+psycopg://", "postgresql://", 1)
    with running_network(APPVIEW, DB_POSTGRES_URL=address) as running:
        yield running


def test_question_tagged_answer_publication_follow_up_and_deletion(
    network: Network, bluesky: Bluesky, brand: Person, sam: Person
) -> None:
    jane = network.person("jane")
    question = network.post(sam, *addressed(brand, "no picture 👩‍👩‍👧 since the update"))
    asked = until(lambda: _with_id(bluesky.poll(None).posts, question["uri"]))
    assert asked.author.id == sam.did
    assert [mention.id for mention in asked.mentions] == [brand.did]

    network.post(jane, "Hold it for 10 s. #chorus", reply=below(question))
    answer = until(lambda: bluesky.poll_answers([bluesky.identify(jane.handle)], None).posts)[0]
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
    seen = until(lambda: next((one.post for one in bluesky.fetch([published.external_id])), None))
    assert (seen.in_reply_to, seen.text) == (question["uri"], outgoing.text)

    ours = {"uri": published.external_id, "cid": published.refs["cid"]}
    network.post(sam, "still broken", reply=below(question, ours))
    follow_up = until(lambda: bluesky.poll(cursor).posts)[0]
    assert (follow_up.text, follow_up.in_reply_to, follow_up.thread) == (
        "still broken",
        published.external_id,
        question["uri"],
    )
    deep = {"uri": follow_up.external_id, "cid": follow_up.refs["cid"]}
    network.post(network.person("kim"), "same here", reply=below(question, deep))
    told = network.post(jane, "Then pull the plug. #chorus", reply=below(question, deep))
    found = until(lambda: _with_id(bluesky.poll(cursor).posts, told["uri"]))
    assert found.author.id == jane.did
    assert "same here" not in {post.text for post in bluesky.poll(cursor).posts}

    bluesky.delete(published)
    network.remove(sam, question["uri"])
    for uri in (question["uri"], published.external_id):
        assert until(lambda uri=uri: [one for one in bluesky.fetch([uri]) if one.absence is Absence.DELETED])


def looked_up(bluesky: Bluesky, post: dict[str, str], why: Absence | None) -> Lookup:
    """What the network says of a post once it says ``why``."""
    known = {post["uri"]: KnownPost(refs={"cid": post["cid"]})}

    def check() -> Lookup | None:
        return next((one for one in bluesky.fetch([post["uri"]], known) if one.absence is why), None)

    return until(check)


def test_a_rest_of_the_account_passes_and_its_end_does_not(
    network: Network, bluesky: Bluesky, brand: Person, sam: Person
) -> None:
    question = network.post(sam, *addressed(brand, "no picture"))
    looked_up(bluesky, question, None)
    network.call("com.atproto.server.deactivateAccount", {}, sam)
    assert not looked_up(bluesky, question, Absence.DEACTIVATED).gone
    network.call("com.atproto.server.activateAccount", None, sam)
    assert looked_up(bluesky, question, None).post is not None
    network.remove_account(sam)
    assert looked_up(bluesky, question, Absence.ACCOUNT_DELETED).gone


def test_what_a_moderator_takes_down_is_not_deleted(
    network: Network, bluesky: Bluesky, brand: Person, sam: Person
) -> None:
    question = network.post(sam, *addressed(brand, "no picture"))
    other = network.post(sam, *addressed(brand, "no sound"))
    looked_up(bluesky, question, None)
    network.take_down(sam, question)
    assert not looked_up(bluesky, question, Absence.TAKEN_DOWN).gone
    network.take_down(sam)
    assert not looked_up(bluesky, other, Absence.TAKEN_DOWN).gone


def test_a_block_is_no_deletion(network: Network, bluesky: Bluesky, brand: Person, sam: Person) -> None:
    question = network.post(sam, *addressed(brand, "no picture"))
    looked_up(bluesky, question, None)
    network.put(sam, "app.bsky.graph.block", "3m3zk5rbsr22h", subject=brand.did)
    assert not looked_up(bluesky, question, Absence.BLOCKED).gone
    network.remove(sam, f"at://{sam.did}/app.bsky.graph.block/3m3zk5rbsr22h")
    assert looked_up(bluesky, question, None).post is not None


def test_a_post_deleted_at_once_is_gone_at_once(
    network: Network, bluesky: Bluesky, brand: Person, sam: Person
) -> None:
    question = network.post(sam, *addressed(brand, "oh, never mind"))
    looked_up(bluesky, question, None)
    network.remove(sam, question["uri"])
    assert looked_up(bluesky, question, Absence.DELETED).gone


def test_an_edited_record_is_seen(network: Network, bluesky: Bluesky, brand: Person, sam: Person) -> None:
    question = network.post(sam, *addressed(brand, "no picture"))
    looked_up(bluesky, question, None)
    text, facets = addressed(brand, "no sound, I mean")
    network.put(sam, "app.bsky.feed.post", question["uri"].rpartition("/")[2], text=text, facets=facets)
    known = {question["uri"]: KnownPost(refs={"cid": question["cid"]})}

    def edited() -> Post | None:
        posts = [one.post for one in bluesky.fetch([question["uri"]], known) if one.post is not None]
        return next((post for post in posts if post.event is PostEvent.EDITED), None)

    assert until(edited).text == text


def test_a_reply_that_quotes_the_brand_is_heard(
    network: Network, bluesky: Bluesky, brand: Person, sam: Person
) -> None:
    ours = network.post(brand, "Hold it for 10 s. ^Jane")
    looked_up(bluesky, ours, None)
    quote = {"$type": "app.bsky.embed.record", "record": {"uri": ours["uri"], "cid": ours["cid"]}}
    told = network.post(sam, "That did not help", reply=below(ours), embed=quote)
    other = network.post(sam, "Nor does that", embed=quote)
    heard = until(lambda: _with_id(bluesky.poll(None).posts, told["uri"]))
    assert (heard.text, heard.in_reply_to) == ("That did not help", ours["uri"])
    assert until(lambda: _with_id(bluesky.poll(None).posts, other["uri"])).in_reply_to == ours["uri"]


def test_a_link_shown_cut_short_and_a_card_are_read_whole(
    network: Network, bluesky: Bluesky, brand: Person, sam: Person
) -> None:
    text, facets = addressed(brand, f"is it this: {SHOWN}")
    card = {"uri": "https://other.example/x", "title": "Other", "description": ""}
    embed = {"$type": "app.bsky.embed.external", "external": card}
    question = network.post(sam, text, [*facets, _link(text, SHOWN, FULL)], embed=embed)
    asked = until(lambda: _with_id(bluesky.poll(None).posts, question["uri"]))
    assert asked.text == f"@{brand.handle} is it this: {FULL}\nhttps://other.example/x"


# -- the house ----------------------------------------------------------------------------------------


class Town:
    """A brand with a house behind it, a customer, and Jane who answers, on the network."""

    def __init__(self, network: Network, house: RoundTrip, people: tuple[Person, Person, Person]) -> None:
        self.network, self.house = network, house
        self.brand, self.sam, self.jane = people

    def ask(self, **fields: Any) -> dict[str, str]:
        question = self.network.post(self.sam, *addressed(self.brand, "no picture on my TV"), **fields)
        until(lambda: self.turn() or self.house.rows(QuestionRow))
        return question

    def answer(self, question: dict[str, str], text: str, facets: tuple[Any, ...] = ()) -> None:
        self.network.post(self.jane, f"{text} #chorus", facets, reply=below(question))
        until(lambda: self.turn() or self.house.rows(AnswerRow))

    def turn(self) -> None:
        """Listen and work, now."""
        self.house.clock.at = datetime.now(UTC)
        self.house.turn()


@pytest.fixture
def town(network: Network, brand: Person, sam: Person, sqlite_url: str, tmp_path: Path) -> Iterator[Town]:
    jane, clock = network.person("jane"), FakeClock(datetime.now(UTC))
    adapter = network.adapter(brand, clock=clock)
    settings = {"publish": {"domains": ["help.example.com"]}}
    with RoundTrip(sqlite_url, clock, adapter, **settings) as house:
        house.hire("bluesky", jane.did, jane.handle)
        yield Town(network, house, (brand, sam, jane))


def test_a_shortened_link_is_published_as_a_link_to_the_whole_address(town: Town) -> None:
    question = town.ask()
    text = f"👩‍👩‍👧 Reset the picture mode: {SHOWN}"
    town.answer(question, text, (_link(text, SHOWN, FULL),))
    [published] = [one["value"] for one in town.network.records(town.brand)]
    assert published["reply"]["parent"]["uri"] == question["uri"]
    [facet] = published["facets"]
    index = facet["index"]
    assert facet["features"][0]["uri"] == FULL
    assert published["text"].encode()[index["byteStart"] : index["byteEnd"]].decode() == FULL


def test_what_its_author_closed_to_replies_is_not_answered(town: Town) -> None:
    question = town.ask()
    key = question["uri"].rpartition("/")[2]
    town.network.put(town.sam, "app.bsky.feed.threadgate", key, post=question["uri"], allow=[])
    adapter = town.house.chorus.platforms["bluesky"]
    until(lambda: not adapter.fetch([question["uri"]])[0].takes_replies or None)
    town.answer(question, "Hold the power button.")
    [row] = town.house.rows(DeliveryRow)
    assert town.network.records(town.brand) == []
    assert (row.state, row.code) == (DeliveryState.REJECTED, "replies_closed")
    assert row.link == f"https://bsky.app/profile/{town.sam.did}/post/{key}"
    assert row.link in town.house.rows(AnswerRow)[0].held_for
    assert [one.state for one in town.house.rows(QuestionRow)] == [QuestionState.ESCALATED]


def test_a_gate_that_lets_whoever_is_mentioned_answer_lets_the_brand(town: Town) -> None:
    question = town.ask()
    key = question["uri"].rpartition("/")[2]
    allow = [{"$type": "app.bsky.feed.threadgate#mentionRule"}]
    town.network.put(town.sam, "app.bsky.feed.threadgate", key, post=question["uri"], allow=allow)
    town.answer(question, "Hold the power button.")
    assert len(town.network.records(town.brand)) == 1


def test_somebody_who_blocked_the_brand_is_not_answered(town: Town) -> None:
    question = town.ask()
    town.network.put(town.sam, "app.bsky.graph.block", "3m3zk5rbsr22h", subject=town.brand.did)
    adapter = town.house.chorus.platforms["bluesky"]
    until(lambda: adapter.fetch([question["uri"]])[0].absence)
    town.answer(question, "Hold the power button.")
    [row] = town.house.rows(DeliveryRow)
    assert town.network.records(town.brand) == []
    assert (row.state, row.code) == (DeliveryState.REJECTED, "blocked")
    assert town.house.rows(QuestionRow)[0].text


def test_the_customers_quoting_reply_opens_the_question_again(town: Town) -> None:
    question = town.ask()
    town.answer(question, "Hold the power button.")
    [answer] = town.network.records(town.brand)
    quote = {"$type": "app.bsky.embed.record", "record": {"uri": answer["uri"], "cid": answer["cid"]}}
    town.network.post(town.sam, "That did not help. What now?", reply=below(question, answer), embed=quote)

    def reopened() -> bool:
        town.turn()
        return bool(town.house.rows(QuestionRow)[0].round)

    assert until(reopened)


def _link(text: str, shown: str, uri: str) -> dict[str, Any]:
    start = len(text[: text.index(shown)].encode())
    index = {"byteStart": start, "byteEnd": start + len(shown.encode())}
    return {"index": index, "features": [{"$type": LINK, "uri": uri}]}


# -- reading ------------------------------------------------------------------------------------------


def test_wish_to_be_shown_only_to_people_signed_in_is_seen(
    network: Network, bluesky: Bluesky, brand: Person, sam: Person
) -> None:
    wish = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "!no-unauthenticated"}]}
    network.put(sam, "app.bsky.actor.profile", "self", displayName="Sam", labels=wish)
    question = network.post(sam, *addressed(brand, "no picture"))
    asked = until(lambda: _with_id(bluesky.poll(None).posts, question["uri"]))
    assert asked.author.name == "Sam"
    assert not asked.author.indexable


def test_all_of_a_burst_is_read_although_its_posts_share_milliseconds(
    network: Network, bluesky: Bluesky, brand: Person, sam: Person
) -> None:
    start = bluesky.poll(None).cursor
    text, facets = addressed(brand, "no picture")
    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    posted = {network.post(sam, text, facets, createdAt=moment)["uri"] for _ in range(60)}
    earlier = (
        (datetime.now(UTC) - timedelta(seconds=30)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )
    posted |= {network.post(sam, text, facets, createdAt=earlier)["uri"] for _ in range(60)}
    assert until(lambda: {post.external_id for post in _all_after(bluesky, start)} >= posted)


def _all_after(bluesky: Bluesky, cursor: str | None) -> list[Post]:
    found: list[Post] = []
    more = True
    while more:
        page = bluesky.poll(cursor)
        found += page.posts
        cursor, more = page.cursor, page.more
    return found


def _with_id(posts: tuple[Post, ...], uri: str) -> Post | None:
    return next((post for post in posts if post.external_id == uri), None)


# -- what the house does beside answering -------------------------------------------------------------


class OnBluesky:
    """The network, as people use it."""

    name = "bluesky"

    def __init__(self, network: Network, brand: Person) -> None:
        self._network, self.brand = network, brand
        self._people: dict[str, Person] = {}
        self._posts: dict[str, dict[str, str]] = {}

    def posts(self, who: str, text: str, to: str | None = None, *, addressed: bool = True) -> str:
        if who not in self._people:
            self._people[who] = self._network.person(who)
        words, facets = addressed_to(self.brand, text) if addressed else (text, [])
        fields = {"reply": below(self._posts[to])} if to else {}
        post = self._network.post(self._people[who], words, facets, **fields)
        self._posts[post["uri"]] = post
        return post["uri"]

    def by_brand(self) -> list[tuple[str, str | None]]:
        values = [one["value"] for one in self._network.records(self.brand)]
        return [(one["text"], one.get("reply", {}).get("parent", {}).get("uri")) for one in values]

    def liked(self) -> list[str]:
        likes = self._network.records(self.brand, "app.bsky.feed.like")
        return [one["value"]["subject"]["uri"] for one in likes]


@pytest.fixture
def real_town(network: Network, brand: Person, sqlite_url: str) -> Iterator[RealTown]:
    clock = FakeClock(datetime.now(UTC))
    with RoundTrip(sqlite_url, clock, network.adapter(brand, clock=clock)) as house:
        yield RealTown(house, OnBluesky(network, brand))


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_on_a_whole_network(real_town: RealTown, deed: Callable[[RealTown], None]) -> None:
    deed(real_town)
