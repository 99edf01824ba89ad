"""Publishing on X: no idempotency key, duplicates that say nothing, replies that an app may not write."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.platforms.x.publishing import same_words
from bot.posts import Ambiguous, Outgoing, Published, Reconnect, Rejected, Retry
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.x.fake_x import BRAND, CUSTOMER, EMPLOYEE, NOW, FakeX, lost, server_error, truncated

ACCOUNT = XAccount(user_id=BRAND, handle="ExampleBrand", client_id="client")
ANSWER = "Hold the button for ten seconds: https://help.example.com/reset/ & try again ^Jane"


def adapter(fake: FakeX) -> X:
    store = MemoryTokens(access_token="access-1", refresh_token="refresh-1")
    return X(ACCOUNT, store, lambda: fake.now, transport=fake.transport())


def reply(parent: str | None, text: str = ANSWER, **changes: object) -> Outgoing:
    return Outgoing("x", "key-1", text, NOW, in_reply_to=parent, **changes)  # type: ignore[arg-type]


@pytest.fixture
def fake() -> FakeX:
    return FakeX()


def asked(fake: FakeX) -> str:
    return fake.post(CUSTOMER, "@ExampleBrand no picture")


def test_a_reply_goes_to_the_customers_post(fake: FakeX) -> None:
    question = asked(fake)
    published = adapter(fake).publish(reply(question), 10)
    (post,) = fake.by_brand()
    assert (post.id, post.parent, post.text) == (published.external_id, question, ANSWER)
    assert published.url == f"https://x.com/ExampleBrand/status/{post.id}"


@pytest.mark.parametrize("fault", [lost, server_error, truncated])
def test_r02_whatever_happens_to_the_answer_there_is_one_post(fake: FakeX, fault: object) -> None:
    fake.faults.append(fault)  # type: ignore[arg-type]
    outgoing, x = reply(asked(fake)), adapter(fake)
    with pytest.raises(Ambiguous):
        x.publish(outgoing, 10)
    found = x.find(outgoing)
    assert found is not None
    assert [post.id for post in fake.by_brand()] == [found.external_id]


def test_r02_a_duplicate_that_is_ours_is_adopted(fake: FakeX) -> None:
    outgoing, x = reply(asked(fake)), adapter(fake)
    first = x.publish(outgoing, 10)
    assert x.publish(outgoing, 10) == first
    assert len(fake.by_brand()) == 1


def test_a_duplicate_that_is_not_shown_yet_is_ambiguous_and_one_that_never_is_becomes_final(
    fake: FakeX,
) -> None:
    x = adapter(fake)
    x.publish(reply(asked(fake)), 10)
    other = Outgoing("x", "key-2", ANSWER, NOW, in_reply_to=fake.post(CUSTOMER, "@ExampleBrand still none"))
    with pytest.raises(Ambiguous):
        x.publish(other, 10)
    assert x.find(other) is None
    with pytest.raises(Rejected) as refused:
        x.publish(other, 10)
    assert refused.value.code == "duplicate"
    assert len(fake.by_brand()) == 1


def test_a_reply_nobody_asked_for_is_rejected_with_a_link_to_post_by_hand(fake: FakeX) -> None:
    unmentioned = fake.post(CUSTOMER, "still no picture")
    with pytest.raises(Rejected) as refused:
        adapter(fake).publish(reply(unmentioned), 10)
    assert refused.value.code == "not_permitted"
    assert refused.value.link is not None
    assert refused.value.link in str(refused.value)
    link = urlsplit(refused.value.link)
    assert (link.hostname, link.path) == ("x.com", "/intent/post")
    assert parse_qs(link.query) == {"in_reply_to": [unmentioned], "text": [ANSWER]}
    assert fake.by_brand() == []


def test_a_reply_to_a_post_that_is_gone_is_rejected(fake: FakeX) -> None:
    with pytest.raises(Rejected) as refused:
        adapter(fake).publish(reply("12345"), 10)
    assert refused.value.code == "gone"


def test_a_thread_replies_to_itself(fake: FakeX) -> None:
    x = adapter(fake)
    first = x.publish(reply(asked(fake), "One (1/2)"), 10)
    second = x.publish(Outgoing("x", "key-2", "Two (2/2)", NOW, in_reply_to=first.external_id), 10)
    assert [post.parent for post in fake.by_brand()][1] == first.external_id
    assert x.find(Outgoing("x", "key-2", "Two (2/2)", NOW, in_reply_to=first.external_id)) == second


def test_an_edited_question_is_answered_at_its_latest_version(fake: FakeX) -> None:
    question = asked(fake)
    edited = fake.edit(question, "@ExampleBrand no picture, no sound")
    x = adapter(fake)
    (post,) = x.parse(fake.activity("post.mention.create", edited))
    outgoing = reply(post.external_id, refs=post.refs)
    x.publish(outgoing, 10)
    assert (post.external_id, fake.by_brand()[0].parent) == (question, edited)
    assert x.find(outgoing) is not None


def test_r08_the_limits_in_the_headers_are_kept(fake: FakeX) -> None:
    fake.posts_per_window = 1
    question, x = asked(fake), adapter(fake)
    x.publish(reply(question, "one"), 10)
    calls = len(fake.requests)
    with pytest.raises(Retry) as refused:
        x.publish(reply(question, "two"), 10)
    assert refused.value.at == NOW + timedelta(minutes=15)
    assert len(fake.requests) == calls
    fake.now += timedelta(minutes=15)
    fake.published_in_window = 0
    x.publish(reply(question, "two"), 10)
    assert len(fake.by_brand()) == 2


def test_more_than_one_cashtag_is_refused_here(fake: FakeX) -> None:
    with pytest.raises(Rejected) as refused:
        adapter(fake).publish(reply(asked(fake), "Neither $ABC nor $XYZ"), 10)
    assert refused.value.code == "cashtags"
    adapter(fake).publish(reply(asked(fake), "It costs $5 and $10, see $ABC"), 10)


def test_a_repost_is_made_once_found_and_undone(fake: FakeX) -> None:
    answer = fake.post(EMPLOYEE, "Hold the button #chorus")
    outgoing, x = reply(None, "", repost_of=answer), adapter(fake)
    assert x.find(outgoing) is None
    published = x.publish(outgoing, 10)
    assert x.publish(outgoing, 10) == published == x.find(outgoing)
    assert len(fake.by_brand()) == 1
    x.delete(published)
    assert fake.by_brand() == []


def test_deleting_twice_is_fine(fake: FakeX) -> None:
    x = adapter(fake)
    published = x.publish(reply(asked(fake)), 10)
    x.delete(published)
    x.delete(published)
    assert fake.by_brand() == []


@pytest.mark.parametrize(
    "body",
    [
        {"type": "https://api.x.com/2/problems/client-forbidden", "reason": "client-not-enrolled"},
        {"errors": [{"code": 261, "message": "Application cannot perform write actions."}]},
    ],
)
def test_a_refused_app_asks_for_a_person(body: dict[str, object]) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(403, json=body))
    x = X(ACCOUNT, MemoryTokens(access_token="a"), lambda: NOW, transport=transport)
    with pytest.raises(Reconnect):
        x.publish(reply("1"), 10)


def test_x_lets_no_app_edit(fake: FakeX) -> None:
    with pytest.raises(Rejected) as refused:
        adapter(fake).edit(Published("1"), reply("1"), 10)
    assert refused.value.code == "unsupported"


@pytest.mark.parametrize(
    ("shown", "sent", "same"),
    [
        ("@Sam_Asks Try  this", "Try this", True),
        ("Try https://example.com/", "Try example.com", True),
        ("Cafe\u0301", "Café", True),
        ("Try this", "Try that", False),
        ("@Sam_Asks", "Try this", False),
    ],
)
def test_texts_are_compared_as_a_reader_would(shown: str, sent: str, same: bool) -> None:
    assert same_words(shown, sent) is same


@given(st.text(min_size=1, max_size=60))
def test_a_text_is_the_same_as_itself_with_a_handle_in_front(text: str) -> None:
    assert same_words(f"@Sam_Asks {text}", text)
