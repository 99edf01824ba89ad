"""The adapter against the real server software: a PDS and a DID directory from npm, on the loopback."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.platforms.bluesky.adapter import Bluesky
from bot.platforms.bluesky.api import sign_in
from bot.platforms.wire.http import Caller
from bot.posts import Outgoing, Reconnect, Rejected, Retry
from tests.bot.platforms.bluesky_network import PASSWORD, Network, Person, running_network
from tests.bot.platforms.memory_tokens import MemoryTokens

pytestmark = [
    pytest.mark.network,
    pytest.mark.xdist_group("bluesky-network"),
    pytest.mark.timeout(900),  # the first run compiles
]
FAMILY = "👩‍👩‍👧"


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with running_network() as running:
        yield running


def _now() -> datetime:
    return datetime.now(UTC)


def _outgoing(
    bluesky: Bluesky, text: str, question: dict[str, str] | None = None, asker: Person | None = None
) -> Outgoing:
    now = _now()
    refs = {"cid": question["cid"], "handle": asker.handle if asker else ""} if question else {}
    return Outgoing(
        "bluesky",
        bluesky.new_key(now),
        text,
        now,
        in_reply_to=question["uri"] if question else None,
        refs=refs,
        language="en",
    )


def _reply_to(post: dict[str, str]) -> dict[str, dict[str, str]]:
    reference = {"uri": post["uri"], "cid": post["cid"]}
    return {"root": reference, "parent": reference}


def test_six_at_once_make_one_commit(network: Network, bluesky: Bluesky, brand: Person, sam: Person) -> None:
    question = network.post(sam, "no picture")
    outgoing = _outgoing(bluesky, "Hold it for 10 s. ^Jane", question)
    with ThreadPoolExecutor(6) as pool:
        published = list(pool.map(lambda _: bluesky.publish(outgoing, 20), range(6)))
    assert len({one.refs["cid"] for one in published}) == 1
    assert [one["uri"] for one in network.records(brand)] == [published[0].external_id]

    revision = network.commit(brand)
    assert bluesky.publish(outgoing, 20) == published[0]
    assert network.commit(brand) == revision
    assert bluesky.find(outgoing) == published[0]


def test_another_body_under_the_key_changes_nothing(
    network: Network, bluesky: Bluesky, brand: Person
) -> None:
    outgoing = _outgoing(bluesky, "We are open again.")
    bluesky.publish(outgoing, 20)
    revision = network.commit(brand)
    with pytest.raises(Rejected) as conflict:
        bluesky.publish(replace(outgoing, text="We are closed."), 20)
    assert conflict.value.code == "conflict"
    later = replace(outgoing, created_at=outgoing.created_at + timedelta(seconds=1))
    assert bluesky.publish(later, 20) == bluesky.find(outgoing)
    assert network.commit(brand) == revision


def test_facets_and_references_are_as_the_network_wants_them(
    network: Network, bluesky: Bluesky, brand: Person, sam: Person
) -> None:
    root = network.post(sam, "my television")
    question = network.post(sam, "no picture", reply=_reply_to(root))
    text = f"{FAMILY} Café @{sam.handle}: https://help.example/tv #Größe ^Jane"
    refs = {"cid": question["cid"], "root_uri": root["uri"], "root_cid": root["cid"], "handle": sam.handle}
    published = bluesky.publish(replace(_outgoing(bluesky, text, question, sam), refs=refs), 20)

    record = network.records(brand)[0]["value"]
    cut = [
        text.encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
        for facet in record["facets"]
    ]
    assert cut == [f"@{sam.handle}", "https://help.example/tv", "#Größe"]
    assert record["facets"][0]["features"][0]["did"] == sam.did
    assert record["reply"]["root"] == {"uri": root["uri"], "cid": root["cid"]}
    assert record["reply"]["parent"] == {"uri": question["uri"], "cid": question["cid"]}
    assert published.refs["root_uri"] == root["uri"]


def test_deleted_post_is_gone_and_deleting_again_is_fine(
    network: Network, bluesky: Bluesky, brand: Person
) -> None:
    outgoing = _outgoing(bluesky, "We are open again.")
    published = bluesky.publish(outgoing, 20)
    bluesky.delete(published)
    bluesky.delete(published)
    assert bluesky.find(outgoing) is None
    assert network.records(brand) == []


def test_repost_is_a_record_of_its_own(
    network: Network, bluesky: Bluesky, brand: Person, sam: Person
) -> None:
    answer = network.post(sam, "Hold it. #chorus")
    now = _now()
    outgoing = Outgoing(
        "bluesky", bluesky.new_key(now), "", now, repost_of=answer["uri"], refs={"cid": answer["cid"]}
    )
    assert bluesky.publish(outgoing, 20) == bluesky.publish(outgoing, 20) == bluesky.find(outgoing)
    assert len(network.records(brand, "app.bsky.feed.repost")) == 1


def test_length_is_counted_as_the_server_counts_it(bluesky: Bluesky) -> None:
    longest = FAMILY * 160 + "é" * 60  # 220 grapheme clusters, 3,000 bytes
    most = "नी" * 300
    for text in (longest, most):
        assert bluesky.measure.fits(text)
        bluesky.publish(_outgoing(bluesky, text), 20)
    for text in (longest + "é", most + "x", "x" * 301):
        assert not bluesky.measure.fits(text)
        with pytest.raises(Rejected) as refused:
            bluesky.publish(_outgoing(bluesky, text), 20)
        assert refused.value.code == "too_long"


def test_tagged_answers_are_read_from_the_employees_repository(
    network: Network, bluesky: Bluesky, sam: Person
) -> None:
    jane = network.person("jane")
    question = network.post(sam, "no picture")
    network.post(jane, "nobody's business")
    answer = network.post(jane, "Hold it. #chorus", reply=_reply_to(question))
    employee = bluesky.identify(jane.handle)
    page = bluesky.poll_answers([employee], None)
    assert [(post.external_id, post.in_reply_to) for post in page.posts] == [(answer["uri"], question["uri"])]
    assert bluesky.poll_answers([employee], page.cursor).posts == ()


def test_handle_and_did_prove_each_other(bluesky: Bluesky, sam: Person) -> None:
    assert bluesky.identify(sam.handle).id == sam.did
    assert bluesky.identify(sam.did).handle == sam.handle
    with pytest.raises(Rejected) as unknown:
        bluesky.identify("nobody.test")
    assert unknown.value.code == "unknown_account"


def test_spent_access_token_is_renewed_and_kept(network: Network, brand: Person) -> None:
    tokens = network.tokens(brand)
    tokens.tokens = {**tokens.tokens, "access": "spent"}
    bluesky = network.adapter(brand, tokens)
    bluesky.publish(_outgoing(bluesky, "We are open again."), 20)
    assert tokens.renewals == 1
    assert tokens.load()["access"] not in ("spent", "")
    bluesky.publish(_outgoing(bluesky, "Until 8 pm."), 20)
    assert tokens.renewals == 1
    bluesky.close()


def test_session_without_any_valid_token_asks_for_a_new_connection(network: Network, brand: Person) -> None:
    tokens = MemoryTokens(did=brand.did, handle=brand.handle, access="spent", refresh="spent")
    bluesky = network.adapter(brand, tokens)
    with pytest.raises(Reconnect):
        bluesky.publish(_outgoing(bluesky, "We are open again."), 20)
    bluesky.close()
    with_password = network.adapter(brand, tokens, identifier=brand.handle, app_password=PASSWORD)
    with_password.publish(_outgoing(with_password, "We are open again."), 20)
    assert len(network.records(brand)) == 1
    with_password.close()


def test_account_that_was_taken_down_asks_for_a_new_connection(network: Network) -> None:
    closed = network.person("closed")
    bluesky = network.adapter(closed)
    network.take_down(closed)
    with pytest.raises(Reconnect):
        bluesky.publish(_outgoing(bluesky, "We are open again."), 20)
    bluesky.close()


def test_r8_sign_ins_wait_for_the_limits_reset(network: Network, sam: Person) -> None:
    caller = Caller(network.pds, "Bluesky", _now, allow_loopback=True)
    with pytest.raises(Retry) as limited:  # noqa: PT012 - which of them is the first is the server's choice
        for _ in range(60):
            sign_in(caller, sam.handle, PASSWORD)
    assert limited.value.at is not None
    assert timedelta() < limited.value.at - _now() <= timedelta(days=1)
    caller.close()
