"""What X sends: signatures, both envelopes, edits, deletions, and events that cannot be read."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.platforms.x.content.tweets import account_made_at
from bot.platforms.x.signature import HEADER, signature
from bot.posts import Forged, Malformed, Post, PostEvent, Rejected, Visibility
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.x.fake_x import NOW

FIXTURES = Path(__file__).parents[3] / "fixtures" / "x"
SAMPLES = Path(os.environ.get("CHORUS_TEST_SAMPLES", "../shared/samples")) / "x"
RECORDED = sorted(SAMPLES.glob("*.json"))
ACCOUNT = XAccount(user_id="100", handle="ExampleBrand", consumer_secrets=("new-secret", "old-secret"))


def adapter(account: XAccount = ACCOUNT, revoked: list[str] | None = None) -> X:
    told = revoked if revoked is not None else []
    return X(account, MemoryTokens(), lambda: NOW, on_revoked=lambda: told.append("revoked"))


def read(name: str) -> list[Post]:
    return adapter().parse((FIXTURES / name).read_bytes())


def test_a_mention_is_read_whole() -> None:
    (post,) = read("mention.json")
    assert post == Post(
        platform="x",
        external_id="2090000000000000102",
        author=post.author,
        text="@ExampleBrand no sound since the #update & it hums https://example.com/a?b=1&c=2",
        posted_at=datetime(2026, 11, 22, 11, 59, tzinfo=UTC),
        in_reply_to="2090000000000000100",
        thread="2090000000000000100",
        mentions=post.mentions,
        tags=("update",),
        language="en",
        visibility=Visibility.PUBLIC,
        url="https://x.com/Sam_Asks/status/2090000000000000102",
    )
    assert (post.author.id, post.author.handle, post.author.name, post.author.followers) == (
        "200", "Sam_Asks", "Sam", 97,
    )  # fmt: skip
    assert [(one.handle, one.id) for one in post.mentions] == [("ExampleBrand", "100")]


def test_r03_an_edit_under_a_new_id_is_the_same_post() -> None:
    (first,) = read("mention.json")
    (edited,) = read("edited.json")
    assert edited.external_id == first.external_id
    assert (edited.event, edited.refs["version"]) == (PostEvent.EDITED, "2090000000000000105")
    assert edited.edited_at == datetime(2026, 11, 22, 12, 4, tzinfo=UTC)
    assert edited.language is None


def test_r04_a_deletion_is_read() -> None:
    (gone,) = read("delete.json")
    assert (gone.external_id, gone.event, gone.author.id) == ("2090000000000000102", PostEvent.DELETED, "200")


def test_s11_direct_messages_give_nothing() -> None:
    assert read("direct_message.json") == []


def test_s11_a_protected_accounts_post_is_private() -> None:
    event = json.loads((FIXTURES / "mention.json").read_text())
    event["data"]["includes"]["users"][0]["protected"] = True
    (post,) = adapter().parse(json.dumps(event).encode())
    assert not post.visibility.is_public


def test_a_withdrawn_permission_is_told_when_it_is_the_brands() -> None:
    told: list[str] = []
    body = (FIXTURES / "revoke.json").read_bytes()
    assert adapter(revoked=told).parse(body) == []
    assert adapter(XAccount(user_id="999"), told).parse(body) == []
    assert told == ["revoked"]


def test_r22_one_poisonous_event_is_set_aside_and_does_not_cost_the_others() -> None:
    first, poison, third = read("classic_three.json")
    assert (poison.external_id, "cannot be read" in poison.problem) == ("9", True)
    assert poison.url == "https://x.com/i/status/9", "where a person can look at it"
    assert (first.external_id, first.text, first.author.name) == ("1", "@ExampleBrand first", "Sam & Co")
    assert (third.external_id, third.event, third.in_reply_to) == ("2", PostEvent.EDITED, "1")
    assert (third.text, third.tags) == ("@ExampleBrand not cut off at all #chorus", ("chorus",))


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"a": NaN}', b"[" * 100_000, b'"text"', b'{"data": "\\ud800"}', b"\xff"],
    ids=["empty", "list", "other", "nan", "deep", "text", "surrogate", "bytes"],
)
def test_r11_what_is_no_event_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        adapter().parse(body)


_FLAT = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5)


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return inner | st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)


_JSON = _nested(_nested(_FLAT))
_PLACES = st.sampled_from(["id", "author_id", "text", "entities", "referenced_tweets", "created_at",
                           "edit_history_tweet_ids", "note_tweet", "conversation_id", "lang"])  # fmt: skip


@given(_PLACES, _JSON)
def test_any_value_in_any_place_is_read_or_left_out_but_never_a_crash(place: str, value: object) -> None:
    event = json.loads((FIXTURES / "mention.json").read_text())
    event["data"]["payload"][place] = value
    assert len(adapter().parse(json.dumps(event).encode())) <= 1


def test_s01_webhooks_are_signed_by_either_active_secret() -> None:
    body = (FIXTURES / "mention.json").read_bytes()
    for secret in ACCOUNT.consumer_secrets:
        adapter().verify(body, {HEADER: signature(secret, body)})


@pytest.mark.parametrize("given_signature", ["", "sha256=AAAA", "sha256=ä", signature("stranger", b"{}")])
def test_s01_a_forged_webhook_is_refused(given_signature: str) -> None:
    with pytest.raises(Forged):
        adapter().verify(b"{}", {HEADER: given_signature})


def test_s01_without_a_secret_every_webhook_is_refused() -> None:
    bare = adapter(XAccount())
    with pytest.raises(Forged):
        bare.verify(b"{}", {HEADER: signature("", b"{}")})
    with pytest.raises(Rejected):
        bare.crc_response("token")


def test_the_check_of_the_webhook_is_answered_with_the_newest_secret() -> None:
    # HMAC-SHA256 of "token" under "new-secret", computed with OpenSSL.
    expected = "sha256=nk7UrTDRn04iQ66VNSuG3cKgaYhjysOf+uWSUsx28pM="
    assert adapter().crc_response("token") == {"response_token": expected}


@given(st.text(max_size=300) | st.from_regex(r"[\\[{\"A-Za-z0-9+/_=-]{1,300}", fullmatch=True))
def test_s22_no_answer_to_a_challenge_is_ever_an_events_signature(token: str) -> None:
    try:
        answer = adapter().crc_response(token)["response_token"]
    except Rejected:
        return
    with pytest.raises(Forged):
        adapter().verify(token.encode("utf-8", "replace"), {HEADER: answer})


@pytest.mark.parametrize(
    "token",
    ["", " ", "a b", "a\n", "{}", '{"data":{}}', "[1]", '"text"', "a" * 257, "ä", "\ud800", "a=b", "a==="],
)
def test_s22_what_is_no_challenge_of_xs_is_not_signed(token: str) -> None:
    with pytest.raises(Rejected):
        adapter().crc_response(token)


@pytest.mark.skipif(not RECORDED, reason="the recorded payloads are not here (CHORUS_TEST_SAMPLES)")
@pytest.mark.parametrize("path", RECORDED, ids=[path.stem for path in RECORDED])
def test_the_recorded_payloads_are_read(path: Path) -> None:
    content = json.loads(path.read_text())
    posts = adapter().parse(json.dumps(content.get("body", content)).encode())
    expected = 1 if any(word in path.stem for word in ("post.", "tweet_delete", "mention_reply")) else 0
    assert len(posts) == (0 if path.stem == "xaa__event_envelope" else expected)
    for post in posts:
        assert post.external_id.isdecimal()
        assert post.author.id.isdecimal()
        assert post.is_repost == ("repost" in path.stem)


@pytest.mark.parametrize(
    ("account", "made"),
    [
        ("200", None),
        ("3290364847", None),
        ("1445078208190291973", datetime(2021, 10, 4, 17, 27, 47, tzinfo=UTC)),
        ("x", None),
        ("9" * 30, None),
    ],
)
def test_an_accounts_id_tells_when_it_was_made_since_those_are_snowflakes(
    account: str, made: datetime | None
) -> None:
    """The time is in the id's first 42 bits; ids of before were counted up, and tell nothing."""
    found = account_made_at(account)
    assert (found and found.replace(microsecond=0)) == made
