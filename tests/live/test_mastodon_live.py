"""The round trip at a real server that speaks Mastodon's API, whichever it is.

``LIVE_MASTODON_URL`` names it, ``LIVE_MASTODON_TOKENS`` holds the tokens of three accounts there, parted by
commas: the brand's, an employee's, a customer's. They post in public; what they post is deleted again.
"""

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import pytest

from bot.platforms.mastodon.adapter import Mastodon
from bot.platforms.mastodon.api import MastodonAccount
from bot.posts import Outgoing, Post, PostEvent, Rejected, Retry
from tests.bot.platforms.memory_tokens import MemoryTokens

URL = os.environ.get("LIVE_MASTODON_URL", "").rstrip("/")
TOKENS = [token.strip() for token in os.environ.get("LIVE_MASTODON_TOKENS", "").split(",") if token.strip()]
PATIENCE = 60.0

pytestmark = [
    pytest.mark.live,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not URL or len(TOKENS) != 3,
        reason="set LIVE_MASTODON_URL and LIVE_MASTODON_TOKENS (brand, employee, customer)",
    ),
]
T = TypeVar("T")


@dataclass
class Person:
    """Somebody who posts by an app of their own, and clears up afterwards."""

    token: str
    posted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        headers = {"authorization": f"Bearer {self.token}"}
        self._client = httpx.Client(base_url=URL, headers=headers, timeout=30)
        self.account: dict[str, Any] = self._send("GET", "/api/v1/accounts/verify_credentials")

    def post(self, text: str, **fields: str) -> str:
        status: str = self._send("POST", "/api/v1/statuses", {"status": text, **fields})["id"]
        self.posted.append(status)
        return status

    def delete(self, status: str) -> None:
        self._send("DELETE", f"/api/v1/statuses/{status}")
        self.posted.remove(status)

    def answers_by(self, account: str, status: str) -> list[dict[str, Any]]:
        """What an account has replied to a post, as others see it."""
        below = self._send("GET", f"/api/v1/statuses/{status}/context")["descendants"]
        return [one for one in below if one["account"]["id"] == account]

    def close(self) -> None:
        for status in reversed(list(self.posted)):
            self.delete(status)
        self._client.close()

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        response = self._client.request(method, path, json=body)
        response.raise_for_status()
        return response.json()


@pytest.fixture
def employee() -> Iterator[Person]:
    person = Person(TOKENS[1])
    yield person
    person.close()


@pytest.fixture
def customer() -> Iterator[Person]:
    person = Person(TOKENS[2])
    yield person
    person.close()


@pytest.fixture
def mastodon() -> Iterator[Mastodon]:
    settings = MastodonAccount(URL, allow_loopback=True)
    adapter = Mastodon(settings, MemoryTokens(access_token=TOKENS[0]), lambda: datetime.now(UTC))
    yield adapter
    adapter.close()


def test_question_offer_tagged_answer_publication_edit_and_deletion(
    mastodon: Mastodon, employee: Person, customer: Person
) -> None:
    brand = mastodon.brand()
    jane = mastodon.identify(str(employee.account["acct"]))
    assert jane.id.partition("@")[0] == employee.account["id"]
    start = mastodon.poll(None).cursor
    answers_from = mastodon.poll_answers([jane], None).cursor
    mark = uuid4().hex[:10]

    with _listening(mastodon) as heard:
        name = brand.handle.partition("@")[0]
        question = customer.post(f"@{name} no picture since the update {mark}", visibility="public")
        asked = _until(lambda: _with_id(mastodon.poll(start).posts, question))
        assert mark in asked.text
        assert asked.visibility.is_public
        assert brand.id in {mention.id for mention in asked.mentions}

        answer = employee.post(
            f"@{customer.account['acct']} Hold the button for 10 s. #chorus {mark}",
            in_reply_to_id=question,
            visibility="public",
        )
        told = _until(lambda: _with_id(mastodon.poll_answers([jane], answers_from).posts, answer))
        assert (told.author.id, told.in_reply_to) == (jane.id, question)
        streamed = _heard(heard, {question, answer}) if mastodon.instance().streaming else {question}
        assert question in streamed

    reader = Mastodon(
        MastodonAccount(URL, allow_loopback=True),
        MemoryTokens(access_token=TOKENS[0]),
        lambda: datetime.now(UTC),
    )
    text = f"@{asked.author.handle} Hold the button for 10 s. See https://example.com/help ({mark}) ^Jane"
    outgoing = _outgoing(reader, text, question)
    assert reader.find(outgoing) is None
    published = reader.publish(outgoing, 30)
    assert _until(lambda: reader.find(outgoing)) == published
    late = replace(outgoing, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert reader.publish(late, 30) == published
    assert len(_until(lambda: customer.answers_by(brand.id.partition("@")[0], question))) == 1

    edited = reader.edit(published, replace(outgoing, text=text.replace("10 s", "20 s")), 30)
    assert edited.external_id == published.external_id
    seen = _until(lambda: next((one.post for one in reader.fetch([published.external_id])), None))
    assert "20 s" in seen.text
    assert seen.event is PostEvent.EDITED

    too_long = "x" * (reader.instance().max_characters + 1)
    assert not reader.measure.fits(too_long)
    with pytest.raises(Rejected) as refused:
        reader.publish(_outgoing(reader, too_long, question), 30)
    assert refused.value.code == "too_long"

    reader.delete(published)
    reader.delete(published)
    customer.delete(question)
    assert _until(lambda: [one for one in reader.fetch([question]) if one.gone])
    reader.close()


def test_text_as_long_as_the_server_takes_is_taken(mastodon: Mastodon) -> None:
    limit = mastodon.instance().max_characters
    text = "é" * limit
    assert mastodon.measure.length(text) == limit
    mastodon.delete(mastodon.publish(_outgoing(mastodon, text, None), 30))


def _outgoing(mastodon: Mastodon, text: str, in_reply_to: str | None) -> Outgoing:
    now = datetime.now(UTC)
    return Outgoing("mastodon", mastodon.new_key(now), text, now, in_reply_to=in_reply_to, language="en")


def _with_id(posts: tuple[Post, ...], status: str) -> Post | None:
    return next((post for post in posts if post.external_id == status), None)


@contextmanager
def _listening(mastodon: Mastodon) -> Iterator["queue.Queue[Post]"]:
    """What the stream brings; it ends with the adapter."""
    heard: queue.Queue[Post] = queue.Queue()

    def listen() -> None:
        for post in mastodon.stream():
            heard.put(post)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    time.sleep(2)  # the connection has to stand before anything happens
    try:
        yield heard
    finally:
        mastodon.close()
        thread.join(30)


def _heard(heard: "queue.Queue[Post]", wanted: set[str]) -> set[str]:
    """Which of the wanted posts the stream brought in time."""
    found: set[str] = set()
    ends_at = time.monotonic() + PATIENCE
    while not wanted <= found and time.monotonic() < ends_at:
        try:
            found.add(heard.get(timeout=1).external_id)
        except queue.Empty:
            continue
    return found & wanted


def _until(check: "Callable[[], T | None]") -> "T":
    """What ``check`` says once it says something; servers take a moment, and limits are kept."""
    ends_at = time.monotonic() + PATIENCE
    while time.monotonic() < ends_at:
        try:
            if found := check():
                return found
        except Retry as error:
            if error.at is None:
                raise
        time.sleep(1)
    raise AssertionError(f"it did not happen within {PATIENCE:.0f} s")
