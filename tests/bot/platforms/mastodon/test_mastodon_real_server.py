"""The adapter against a real server process (``mastodon-mock``), faults included."""

import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bot.platforms.mastodon.adapter import Mastodon
from bot.platforms.mastodon.api import MastodonAccount
from bot.platforms.mastodon.auth import authorize_url, exchange_code, handle_of, register_app, revoke
from bot.platforms.mastodon.instance import instance_from
from bot.platforms.wire.http import Caller
from bot.posts import Ambiguous, KnownPost, Outgoing, Post, PostEvent, Reconnect, Rejected, Retry
from tests.bot.platforms.mastodon.mastodon_server import MastodonServer, Person, running_mastodon
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.raw_server import Handle, answer, read_request, serving


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MastodonServer]:
    with running_mastodon(tmp_path_factory.mktemp("mastodon")) as server:
        yield server


@pytest.fixture
def server(running: MastodonServer) -> Iterator[MastodonServer]:
    yield running
    running.heal()


@pytest.fixture
def brand(server: MastodonServer) -> Person:
    return server.person("brand")


@pytest.fixture
def mastodon(server: MastodonServer, brand: Person) -> Iterator[Mastodon]:
    adapter = server.adapter(brand)
    yield adapter
    adapter.close()


def _outgoing(mastodon: Mastodon, text: str, in_reply_to: str | None = None) -> Outgoing:
    now = datetime.now(UTC)
    return Outgoing("mastodon", mastodon.new_key(now), text, now, in_reply_to=in_reply_to, language="en")


def test_mention_answer_publication_edit_and_deletion(
    server: MastodonServer, mastodon: Mastodon, brand: Person
) -> None:
    sam, jane = server.person("sam"), server.person("jane")
    question = server.post(sam, f"@{brand.username} no picture & no sound")
    server.post(jane, f"@{sam.username} Hold it for 10 s. #chorus", in_reply_to_id=question["id"])

    page = mastodon.poll(None)
    assert [post.external_id for post in page.posts] == [question["id"]]
    asked = page.posts[0]
    assert asked.text == f"@{brand.username} no picture & no sound"

    employee = mastodon.identify(jane.username)
    answers = mastodon.poll_answers([employee], None).posts
    assert [post.in_reply_to for post in answers] == [question["id"]]
    assert answers[0].author.id == employee.id

    outgoing = _outgoing(mastodon, f"@{asked.author.handle} Hold it for 10 s. ^Jane", question["id"])
    published = mastodon.publish(outgoing, 5)
    assert server.statuses_of(brand)[0]["in_reply_to_id"] == question["id"]

    mastodon.edit(published, _outgoing(mastodon, "Hold it for 20 s. ^Jane"), 5)
    assert "20 s" in server.statuses_of(brand)[0]["content"]
    mastodon.delete(published)
    assert server.statuses_of(brand) == []

    server.delete(sam, question["id"])
    known = {question["id"]: KnownPost(asked.author.id)}
    assert [one.gone for one in mastodon.fetch([question["id"]], known)] == [True]


def test_same_key_publishes_once(server: MastodonServer, mastodon: Mastodon, brand: Person) -> None:
    outgoing = _outgoing(mastodon, "We are open again.")
    assert mastodon.publish(outgoing, 5) == mastodon.publish(outgoing, 5)
    assert len(server.statuses_of(brand)) == 1


def test_r2_hang_after_accepting_is_ambiguous_and_read_back(server: MastodonServer, brand: Person) -> None:
    question = server.post(server.person("sam"), f"@{brand.username} no picture")
    with serving(_hanging_after(server.base_url)) as address:
        mastodon = server.adapter(brand, address)
        outgoing = _outgoing(mastodon, "Hold it for 10 s. ^Jane", question["id"])

        with pytest.raises(Ambiguous):
            mastodon.publish(outgoing, 1)

        found = mastodon.find(outgoing)
        assert found is not None
        assert [one["id"] for one in server.statuses_of(brand)] == [found.external_id]
        mastodon.close()


def test_r2_hang_before_accepting_is_ambiguous_and_published_later(
    server: MastodonServer, mastodon: Mastodon, brand: Person
) -> None:
    outgoing = _outgoing(mastodon, "We are open again.")
    mastodon.brand()
    server.fail("POST", "/api/v1/statuses", type="timeout")
    with pytest.raises(Ambiguous):
        mastodon.publish(outgoing, 0.3)
    assert mastodon.find(outgoing) is None
    mastodon.publish(outgoing, 5)
    assert len(server.statuses_of(brand)) == 1


def test_r2_answer_that_cannot_be_read_is_ambiguous(server: MastodonServer, mastodon: Mastodon) -> None:
    outgoing = _outgoing(mastodon, "We are open again.")
    server.fail("POST", "/api/v1/statuses", type="malformed")
    with pytest.raises(Ambiguous):
        mastodon.publish(outgoing, 5)
    assert mastodon.find(outgoing) is None


def test_r8_limit_is_kept_until_its_reset(server: MastodonServer, mastodon: Mastodon, brand: Person) -> None:
    server.fail("POST", "/api/v1/statuses", type="ratelimit")
    outgoing = _outgoing(mastodon, "We are open again.")
    with pytest.raises(Retry) as first:
        mastodon.publish(outgoing, 5)
    with pytest.raises(Retry):
        mastodon.publish(outgoing, 5)  # the rule is used up: it is the adapter that holds this one back
    assert first.value.at is not None
    assert 200 < (first.value.at - datetime.now(UTC)).total_seconds() <= 301
    assert server.statuses_of(brand) == []


def test_trouble_while_reading_is_worth_another_try(server: MastodonServer, mastodon: Mastodon) -> None:
    mastodon.brand()
    server.fail("GET", "/api/v1/notifications", type="status", status=503)
    with pytest.raises(Retry):
        mastodon.poll(None)
    assert mastodon.poll(None).posts == ()


def test_too_long_text_is_refused_for_good(mastodon: Mastodon) -> None:
    with pytest.raises(Rejected):
        mastodon.publish(_outgoing(mastodon, "x" * 501), 5)


def test_s15_server_in_a_private_network_is_not_called(server: MastodonServer) -> None:
    caller = Caller(server.base_url, "Mastodon", lambda: datetime.now(UTC))
    with pytest.raises(Retry, match="public"):
        register_app(caller, server.base_url)


def test_unknown_token_asks_for_a_new_connection(server: MastodonServer) -> None:
    settings = MastodonAccount(server.base_url, allow_loopback=True)
    adapter = Mastodon(settings, MemoryTokens(access_token="nobody's"), lambda: datetime.now(UTC))
    with pytest.raises(Reconnect):
        adapter.brand()
    with pytest.raises(Reconnect):
        next(adapter.stream())
    adapter.close()


def test_private_mention_arrives_as_private(
    server: MastodonServer, mastodon: Mastodon, brand: Person
) -> None:
    server.post(server.person("sam"), f"@{brand.username} my number is 5", visibility="direct")
    assert [post.visibility.is_public for post in mastodon.poll(None).posts] == [False]


@pytest.mark.parametrize("way", ["websocket", "sse"])
def test_stream_brings_mentions_answers_edits_and_deletions(
    server: MastodonServer, mastodon: Mastodon, brand: Person, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam, jane = server.person("sam"), server.person("jane")
    mastodon.poll_answers([mastodon.identify(jane.username)], None)
    missed = server.post(sam, f"@{brand.username} before the stream")
    if way == "sse":
        _without_websocket(mastodon, monkeypatch)

    with _listening(mastodon) as heard:
        assert heard.get(timeout=10).external_id == missed["id"]
        live = server.post(sam, f"@{brand.username} live")
        server.post(jane, "nobody's business")
        tagged = server.post(jane, "Hold it. #Chorus")
        server.edit(jane, tagged["id"], "Hold it longer. #chorus")
        server.delete(jane, tagged["id"])
        told = [heard.get(timeout=10) for _ in range(4)]

    assert [(post.event, post.external_id) for post in told] == [
        (PostEvent.CREATED, live["id"]),
        (PostEvent.CREATED, tagged["id"]),
        (PostEvent.EDITED, tagged["id"]),
        (PostEvent.DELETED, tagged["id"]),
    ]
    assert told[2].text == "Hold it longer. #chorus"


def test_r13_what_happened_while_the_stream_was_down_is_caught_up(
    server: MastodonServer, mastodon: Mastodon, brand: Person
) -> None:
    sam = server.person("sam")
    server.post(sam, f"@{brand.username} known already")
    mastodon.poll(mastodon.poll(None).cursor)
    missed = [server.post(sam, f"@{brand.username} {number}")["id"] for number in range(50)]
    with _listening(mastodon) as heard:
        assert [heard.get(timeout=10).external_id for _ in missed] == missed


def test_operator_connects_by_code(server: MastodonServer, brand: Person) -> None:
    caller = Caller(server.base_url, "Mastodon", lambda: datetime.now(UTC), allow_loopback=True)
    app = register_app(caller, server.base_url, "https://chorus.example/connect")
    asked = parse_qs(urlsplit(authorize_url(app, state="state-1")).query)
    assert asked["state"] == ["state-1"]
    assert "write:statuses" in asked["scope"][0].split()
    allowed = httpx.post(
        f"{server.base_url}/oauth/authorize",
        data={"username": brand.username, "redirect_uri": app.redirect_uri, "state": "state-1"},
    )
    code = parse_qs(urlsplit(allowed.headers["location"]).query)["code"][0]
    tokens = exchange_code(caller, app, code)
    with pytest.raises(Rejected):
        exchange_code(caller, app, "wrong")
    assert handle_of(caller, app, tokens["access_token"]).startswith(f"{brand.username}@localhost")
    revoke(caller, app, tokens["access_token"])
    with pytest.raises(Rejected):
        handle_of(caller, app, tokens["access_token"])
    tokens = exchange_code(caller, app, code)
    caller.close()
    adapter = Mastodon(
        MastodonAccount(server.base_url, allow_loopback=True),
        MemoryTokens(**tokens),
        lambda: datetime.now(UTC),
    )
    assert adapter.brand().id.startswith(f"{brand.id}@")
    assert "write:statuses" in adapter.permissions()
    adapter.mark_as_bot()
    adapter.close()


# -- listening ----------------------------------------------------------------------------------------


@contextmanager
def _listening(mastodon: Mastodon) -> Iterator["queue.Queue[Post]"]:
    """What the stream brings, read in a thread of its own that ends when the adapter is closed."""
    heard: queue.Queue[Post] = queue.Queue()

    def listen() -> None:
        for post in mastodon.stream():
            heard.put(post)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        mastodon.close()
        thread.join(5)
        assert not thread.is_alive()


def _hanging_after(base_url: str) -> Handle:
    """Passes requests on to a server; posts are accepted there, but nobody is told."""

    def handle(connection: socket.socket) -> None:
        while request := read_request(connection):
            head, _, body = request.partition(b"\r\n\r\n")
            first, *lines = head.decode().split("\r\n")
            method, path, _ = first.split(" ")
            headers = dict(line.split(": ", 1) for line in lines)
            told = httpx.request(method, f"{base_url}{path}", content=body, headers=headers)
            if method == "POST":
                connection.recv(1)  # until the other side gives up
                return
            connection.sendall(answer(told.content))

    return handle


def _without_websocket(mastodon: Mastodon, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server say that it streams at an address where only server-sent events are answered."""
    told = mastodon._api.instance()
    address = (told.streaming or "").replace("ws://", "http://")
    monkeypatch.setattr(mastodon._stream, "_by_websocket", _not_offered)
    body = {"domain": told.domain, "configuration": {"urls": {"streaming": address}}}
    monkeypatch.setattr(mastodon._api, "_instance", instance_from(body, told.domain))


def _not_offered(_: object) -> Iterator[Post]:
    from bot.platforms.mastodon.reading.stream import StreamNotOffered

    raise StreamNotOffered
