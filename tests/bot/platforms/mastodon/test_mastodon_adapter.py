import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.platforms.base import Platform
from bot.platforms.mastodon.adapter import Mastodon
from bot.platforms.mastodon.api import MastodonAccount
from bot.platforms.mastodon.length import MastodonLength
from bot.platforms.mastodon.markup import html_to_text
from bot.posts import (
    Absence,
    Ambiguous,
    Forged,
    KnownPost,
    Malformed,
    Outgoing,
    PostEvent,
    Reconnect,
    Rejected,
    Retry,
    Visibility,
)
from tests.bot.platforms.fake_clock import FakeClock
from tests.bot.platforms.mastodon.fake_mastodon import BASE, FakeMastodon
from tests.bot.platforms.memory_tokens import MemoryTokens

SECRET = "webhook-secret"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=[False, True], ids=["mastodon", "gotosocial"])
def server(request: pytest.FixtureRequest, clock: FakeClock) -> FakeMastodon:
    return FakeMastodon(clock, gotosocial=request.param)


@pytest.fixture
def mastodon(server: FakeMastodon) -> Platform:
    return server.adapter(webhook_secrets=("old-secret", SECRET))


def _answer_to(
    question: dict[str, Any], server: FakeMastodon, text: str = "@sam@example.social Hold it. ^Jane"
) -> Outgoing:
    return Outgoing("mastodon", "key-1", text, server.clock(), in_reply_to=question["id"], language="en")


# -- receiving ----------------------------------------------------------------------------------------


def test_backlog_is_read_page_by_page_from_the_oldest(server: FakeMastodon, mastodon: Platform) -> None:
    sam = server.sign_up("sam")
    first = server.post(sam, "@brand first")
    cursor = mastodon.poll(None).cursor
    later = [server.post(sam, f"@brand question {number}")["id"] for number in range(100)]

    read: list[str] = []
    more = True
    while more:
        page = mastodon.poll(cursor)
        read += [post.external_id for post in page.posts]
        cursor, more = page.cursor, page.more

    assert read == later
    assert first["id"] not in read
    assert mastodon.poll(cursor).posts == ()


def test_filtered_mentions_are_asked_for_too(server: FakeMastodon, mastodon: Platform) -> None:
    mastodon.poll("7")
    asked = server.requests[-2 if server.requests[-1].url.path.endswith("instance") else -1].url.params
    assert asked["include_filtered"] == "true"
    assert asked["types[]"] == "mention"
    assert "since_id" not in asked


def test_polling_too_fast_is_told_when_to_go_on(server: FakeMastodon, clock: FakeClock) -> None:
    mastodon = server.adapter()
    for _ in range(40):
        mastodon.poll("7")
    with pytest.raises(Retry) as refused:
        mastodon.poll("7")
    assert refused.value.at is not None
    assert clock() < refused.value.at <= clock() + timedelta(seconds=7.5)
    clock.now = refused.value.at
    mastodon.poll("7")


def test_poll_every_eight_seconds_never_waits(server: FakeMastodon, clock: FakeClock) -> None:
    mastodon = server.adapter()
    for _ in range(200):
        mastodon.poll("7")
        clock.pass_by(seconds=8)


def test_for_a_while_after_a_change_both_tags_make_answers(server: FakeMastodon) -> None:
    jane = server.sign_up("jane")
    tags = ["#otter", "#chorus"]
    mastodon = server.adapter(tags=lambda: tuple(tags))
    employee = mastodon.identify(jane["acct"])
    both = [server.post(jane, f"Hold it. {tag}")["id"] for tag in tags]
    page = mastodon.poll_answers([employee], None)
    assert sorted(post.external_id for post in page.posts) == sorted(both)
    del tags[1]
    page = server.adapter(tags=lambda: tuple(tags)).poll_answers([employee], None)
    assert [post.external_id for post in page.posts] == both[:1]


def test_tagged_answers_are_found_once_and_their_authors_followed(
    server: FakeMastodon, mastodon: Platform, clock: FakeClock
) -> None:
    sam, jane = server.sign_up("sam"), server.sign_up("jane")
    others = [server.sign_up(f"other{number}") for number in range(12)]
    question = server.post(sam, "@brand no picture")
    answer = server.post(jane, "@sam Hold it. #Chorus", in_reply_to_id=question["id"])
    server.post(jane, "what a day")
    employees = [mastodon.identify(one["acct"]) for one in (*others, jane)]

    found: list[str] = []
    cursor, more = None, True
    while more:
        page = mastodon.poll_answers(employees, cursor)
        found += [post.external_id for post in page.posts]
        cursor, more = page.cursor, page.more
    assert found == [answer["id"]]
    assert set(server.followed) == {one["id"] for one in (*others, jane)}

    clock.pass_by(minutes=5)
    later = server.post(jane, "@sam And now? #chorus", in_reply_to_id=question["id"])
    while True:
        page = mastodon.poll_answers(employees, cursor)
        cursor = page.cursor
        if page.posts:
            break
    assert [post.external_id for post in page.posts] == [later["id"]]
    assert len(server.followed) == 13


def test_round_over_many_employees_stands_still_instead_of_asking_too_often(
    server: FakeMastodon, mastodon: Platform, clock: FakeClock
) -> None:
    people = [server.sign_up(f"person{number}") for number in range(60)]
    employees = [mastodon.identify(one["acct"]) for one in people]

    def asked() -> int:
        return len([one for one in server.requests if one.url.params.get("tagged")])

    cursor = None
    for _ in range(10):
        cursor = mastodon.poll_answers(employees, cursor).cursor
    assert asked() == 20
    clock.pass_by(minutes=10)
    for _ in range(10):
        cursor = mastodon.poll_answers(employees, cursor).cursor
    assert asked() == 40


def test_s23_the_visibility_of_answers_comes_with_them(server: FakeMastodon, clock: FakeClock) -> None:
    mastodon = server.adapter(webhook_secrets=(SECRET,))
    jane = server.sign_up("jane")
    told = [
        server.post(jane, f"@brand {wire} #chorus", visibility=wire)
        for wire in ("public", "unlisted", "private", "direct", "circles")
    ]
    expected = [
        Visibility.PUBLIC,
        Visibility.UNLISTED,
        Visibility.FOLLOWERS,
        Visibility.PRIVATE,
        Visibility.PRIVATE,
    ]
    employee = mastodon.identify("jane")
    by_poll = mastodon.poll(None).posts
    by_tag = sorted(mastodon.poll_answers([employee], None).posts, key=lambda post: post.external_id)
    by_webhook = [
        post
        for one in told
        for post in mastodon.parse(json.dumps({"event": "status.created", "object": one}).encode())
    ]
    events = [{"event": "update", "payload": json.dumps(one)} for one in told]
    by_stream = [post for one in events for post in mastodon._stream._posts_of(one)]
    for posts in (by_poll, by_tag, by_webhook, by_stream):
        assert [post.visibility for post in posts] == expected


def test_r22_one_status_that_cannot_be_read_costs_itself_alone(
    server: FakeMastodon, mastodon: Mastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(markup: str) -> str:
        if "odd" in markup:
            raise RecursionError("nested too deeply")
        return html_to_text(markup)

    monkeypatch.setattr("bot.platforms.mastodon.content.html_to_text", read)
    sam, jane = server.sign_up("sam"), server.sign_up("jane")
    odd, asked = server.post(sam, "@brand odd"), server.post(sam, "@brand no picture")
    told, answer = server.post(jane, "odd #chorus"), server.post(jane, "Hold it. #chorus")
    employee = mastodon.identify("jane")
    posts = mastodon.poll(None).posts
    assert [(post.external_id, bool(post.problem)) for post in posts] == [
        (odd["id"], True),
        (asked["id"], False),
    ]
    found = {post.external_id: bool(post.problem) for post in mastodon.poll_answers([employee], None).posts}
    assert found == {told["id"]: True, answer["id"]: False}
    looked_up = {one.external_id: one.post for one in mastodon.fetch([odd["id"], asked["id"]])}
    assert [bool(post and post.problem) for post in looked_up.values()] == [True, False]
    streamed = list(mastodon._stream._posts_of({"event": "update", "payload": odd}))
    assert [(post.external_id, bool(post.problem)) for post in streamed] == [(odd["id"], True)]


def test_server_that_does_not_stream_is_left_in_peace_for_an_hour(
    server: FakeMastodon, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mastodon = server.adapter()
    monkeypatch.setattr(server, "_instance", lambda: {"domain": "example.social"})
    assert list(mastodon.stream()) == []
    calls = len(server.requests)
    assert list(mastodon.stream()) == []
    assert len(server.requests) == calls


def test_employee_known_by_another_servers_id_is_found_by_handle(
    server: FakeMastodon, mastodon: Platform
) -> None:
    jane = server.sign_up("jane", "far.example")
    tagged = server.post(jane, "Like so. #chorus")
    stranger_id = replace(mastodon.identify("jane@far.example"), id="555@far.example")
    page = mastodon.poll_answers([stranger_id], None)
    assert [post.external_id for post in page.posts] == [tagged["id"]]


# -- admin webhooks -----------------------------------------------------------------------------------


def _signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"x-hub-signature": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def test_webhook_of_the_admin_brings_only_what_concerns_the_brand(
    server: FakeMastodon, mastodon: Platform
) -> None:
    sam = server.sign_up("sam")
    to_brand = json.dumps({"event": "status.created", "object": server.post(sam, "@brand help")}).encode()
    to_world = json.dumps({"event": "status.created", "object": server.post(sam, "good morning")}).encode()
    edited = json.dumps({"event": "status.updated", "object": server.post(sam, "@brand please")}).encode()
    other = json.dumps({"event": "account.created", "object": {}}).encode()

    mastodon.verify(to_brand, _signed(to_brand))
    mastodon.verify(to_brand, _signed(to_brand, "old-secret"))
    assert [post.text for post in mastodon.parse(to_brand)] == ["@brand help"]
    assert mastodon.parse(to_world) == []
    assert [post.event for post in mastodon.parse(edited)] == [PostEvent.EDITED]
    assert mastodon.parse(other) == []


@pytest.mark.parametrize("headers", [{}, {"x-hub-signature": "sha256=00"}, {"x-hub-signature": "é"}])
def test_s1_forged_webhook_is_refused(mastodon: Platform, headers: dict[str, str]) -> None:
    with pytest.raises(Forged):
        mastodon.verify(b"{}", headers)


def test_s1_webhook_without_any_secret_set_is_refused(server: FakeMastodon) -> None:
    with pytest.raises(Forged):
        server.adapter().verify(b"{}", _signed(b"{}", ""))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"nope", b'{"event":"status.created","object":{}}'])
def test_webhook_with_a_strange_body_is_malformed(mastodon: Platform, body: bytes) -> None:
    with pytest.raises(Malformed):
        mastodon.parse(body)


# -- publishing ---------------------------------------------------------------------------------------


def test_reply_is_published_under_its_key_and_found_again(server: FakeMastodon, mastodon: Platform) -> None:
    question = server.post(server.sign_up("sam"), "@brand no picture")
    outgoing = _answer_to(question, server)
    assert mastodon.find(outgoing) is None

    published = mastodon.publish(outgoing, 5)

    sent = next(one for one in server.requests if one.method == "POST")
    assert sent.headers["idempotency-key"] == "key-1"
    assert json.loads(sent.content) == {
        "status": outgoing.text,
        "visibility": "public",
        "in_reply_to_id": question["id"],
        "language": "en",
    }
    assert mastodon.find(outgoing) == published
    assert [one["id"] for one in server.ledger] == [published.external_id]


@pytest.mark.parametrize(
    ("visibility", "wire"),
    [
        (Visibility.PUBLIC, "public"),
        (Visibility.UNLISTED, "unlisted"),
        (Visibility.FOLLOWERS, "private"),
        (Visibility.PRIVATE, "direct"),
    ],
)
def test_s23_an_answer_is_as_visible_as_it_is_meant_to_be(
    server: FakeMastodon, mastodon: Platform, visibility: Visibility, wire: str
) -> None:
    question = server.post(server.sign_up("sam"), "@brand no picture")
    mastodon.publish(replace(_answer_to(question, server), visibility=visibility), 5)
    assert [one["visibility"] for one in server.ledger] == [wire]


def test_s24_a_content_warning_folds_the_words_and_stays_with_an_edit(
    server: FakeMastodon, mastodon: Platform
) -> None:
    question = server.post(server.sign_up("sam"), "@brand no picture")
    outgoing = replace(_answer_to(question, server), warning="Electricity")
    published = mastodon.publish(outgoing, 5)
    [sent] = server.ledger
    assert (sent["spoiler_text"], "Electricity" in sent["content"]) == ("Electricity", False)
    assert mastodon.find(outgoing) == published
    mastodon.edit(published, replace(outgoing, text="Hold it for 20 s. ^Jane"), 5)
    assert sent["spoiler_text"] == "Electricity"
    mastodon.edit(published, replace(outgoing, warning=""), 5)
    assert sent["spoiler_text"] == ""


def test_only_a_language_is_sent_as_one(server: FakeMastodon, mastodon: Platform) -> None:
    question = server.post(server.sign_up("sam"), "@brand no picture")
    mastodon.publish(replace(_answer_to(question, server), language="no_language!"), 5)
    sent = next(one for one in server.requests if one.method == "POST")
    assert "language" not in json.loads(sent.content)


@pytest.mark.parametrize(
    "lost",
    [
        httpx.ReadTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.Response(500),
        httpx.Response(200, text='{"id": "4'),
    ],
    ids=["timeout", "reset", "500", "truncated"],
)
def test_r2_lost_answer_is_ambiguous_and_the_post_is_found(
    server: FakeMastodon, mastodon: Platform, lost: httpx.Response | Exception
) -> None:
    outgoing = _answer_to(server.post(server.sign_up("sam"), "@brand no picture"), server)
    server.fail("POST", "/api/v1/statuses", lost, accepted=True)

    with pytest.raises(Ambiguous):
        mastodon.publish(outgoing, 5)

    found = mastodon.find(outgoing)
    assert found is not None
    assert [one["id"] for one in server.ledger] == [found.external_id]


def test_late_attempt_is_read_back_first_because_keys_do_not_last(
    server: FakeMastodon, mastodon: Platform, clock: FakeClock
) -> None:
    outgoing = _answer_to(server.post(server.sign_up("sam"), "@brand no picture"), server)
    server.fail("POST", "/api/v1/statuses", httpx.ReadTimeout("slow"), accepted=True)
    with pytest.raises(Ambiguous):
        mastodon.publish(outgoing, 5)
    server.keys.clear()
    clock.pass_by(hours=2)

    published = mastodon.publish(outgoing, 5)

    assert [one["id"] for one in server.ledger] == [published.external_id]


def test_post_is_found_among_the_brands_own_when_the_question_is_gone(
    server: FakeMastodon, mastodon: Platform
) -> None:
    question = server.post(server.sign_up("sam"), "@brand no picture")
    outgoing = _answer_to(question, server)
    published = mastodon.publish(outgoing, 5)
    server.remove(question)
    assert mastodon.find(outgoing) == published


def test_same_words_to_somebody_else_or_long_ago_are_another_post(
    server: FakeMastodon, mastodon: Platform, clock: FakeClock
) -> None:
    sam = server.sign_up("sam")
    one, two = server.post(sam, "@brand one"), server.post(sam, "@brand two")
    mastodon.publish(_answer_to(one, server), 5)
    assert mastodon.find(_answer_to(two, server)) is None

    notice = Outgoing("mastodon", "key-2", "We are closed today.", clock())
    mastodon.publish(notice, 5)
    clock.pass_by(days=7)
    assert mastodon.find(replace(notice, key="key-3", created_at=clock())) is None


@pytest.mark.parametrize(
    ("reply", "error", "code"),
    [
        (httpx.Response(422, json={"error": "Validation failed: Text is too long"}), Rejected, "too_long"),
        (httpx.Response(400, json={"error": "status exceeded 500"}), Rejected, "too_long"),
        (httpx.Response(422, json={"error": "Validation failed"}), Rejected, "invalid"),
        (httpx.Response(403, json={"error": "This action is not allowed"}), Rejected, "not_permitted"),
        (httpx.Response(404, json={"error": "Record not found"}), Rejected, "not_found"),
        (httpx.Response(403, json={"error": "Your login is currently disabled"}), Reconnect, ""),
        (httpx.Response(403, json={"error": "This action is outside the authorized scopes"}), Reconnect, ""),
        (httpx.Response(503), Ambiguous, ""),
        (httpx.Response(429), Retry, ""),
        (httpx.ConnectError("refused"), Retry, ""),
    ],
)
def test_refusals_are_sorted(
    server: FakeMastodon,
    mastodon: Platform,
    reply: httpx.Response | Exception,
    error: type[Exception],
    code: str,
) -> None:
    outgoing = _answer_to(server.post(server.sign_up("sam"), "@brand no picture"), server)
    server.fail("POST", "/api/v1/statuses", reply)
    with pytest.raises(error) as raised:
        mastodon.publish(outgoing, 5)
    if isinstance(raised.value, Rejected):
        assert raised.value.code == code
    assert server.ledger == []


def test_too_long_text_is_rejected_for_good(server: FakeMastodon, mastodon: Platform) -> None:
    question = server.post(server.sign_up("sam"), "@brand no picture")
    with pytest.raises(Rejected) as refused:
        mastodon.publish(_answer_to(question, server, "x" * 501), 5)
    assert refused.value.code == "too_long"


@pytest.mark.parametrize("reset", ["2026-06-01T12:03:00.000Z", "1780315380"], ids=["iso", "epoch"])
def test_r8_no_call_is_made_before_the_limits_reset(
    server: FakeMastodon, mastodon: Platform, clock: FakeClock, reset: str
) -> None:
    outgoing = _answer_to(server.post(server.sign_up("sam"), "@brand no picture"), server)
    limits = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
    server.fail("POST", "/api/v1/statuses", httpx.Response(429, headers=limits))

    with pytest.raises(Retry) as refused:
        mastodon.publish(outgoing, 5)
    assert refused.value.at == clock() + timedelta(minutes=3)

    calls = len(server.requests)
    with pytest.raises(Retry):
        mastodon.publish(outgoing, 5)
    assert len(server.requests) == calls
    clock.pass_by(minutes=3)
    mastodon.publish(outgoing, 5)


def test_repost_is_made_once_found_and_taken_back(server: FakeMastodon, mastodon: Platform) -> None:
    answer = server.post(server.sign_up("jane"), "Hold it. #chorus")
    outgoing = Outgoing("mastodon", "key-1", "", server.clock(), repost_of=answer["id"])
    assert mastodon.find(outgoing) is None
    published = mastodon.publish(outgoing, 5)
    assert mastodon.publish(outgoing, 5) == published == mastodon.find(outgoing)
    assert len(server.ledger) == 1
    mastodon.delete(published)
    assert server.ledger == []


def test_edit_replaces_the_text_and_delete_may_come_twice(server: FakeMastodon, mastodon: Platform) -> None:
    outgoing = _answer_to(server.post(server.sign_up("sam"), "@brand no picture"), server)
    published = mastodon.publish(outgoing, 5)
    edited = mastodon.edit(published, replace(outgoing, text="@sam Hold it for 10 s. ^Jane"), 5)
    assert edited.external_id == published.external_id
    assert "10 s" in server.ledger[0]["content"]
    mastodon.delete(published)
    mastodon.delete(published)
    assert server.ledger == []


# -- looking up ---------------------------------------------------------------------------------------


def test_lookups_tell_what_is_there_edited_or_gone(server: FakeMastodon, mastodon: Platform) -> None:
    sam = server.sign_up("sam")
    kept, gone, private = (server.post(sam, f"@brand {name}") for name in ("kept", "gone", "private"))
    server.remove(gone)
    private["visibility"] = "private"
    kept["edited_at"] = server.clock().isoformat()

    ids = [kept["id"], gone["id"], private["id"]]
    told = {one.external_id: one for one in mastodon.fetch(ids, _by(sam, ids))}

    assert told[gone["id"]].gone
    post = told[kept["id"]].post
    assert post is not None
    assert post.event is PostEvent.EDITED
    hidden = told[private["id"]].post
    assert hidden is not None
    assert hidden.visibility is Visibility.FOLLOWERS


def _by(author: dict[str, Any], ids: Iterable[str]) -> dict[str, KnownPost]:
    return dict.fromkeys(ids, KnownPost(f"{author['id']}@social.example"))


def test_a_block_is_no_deletion(server: FakeMastodon, mastodon: Platform) -> None:
    sam = server.sign_up("sam")
    ids = [server.post(sam, f"@brand {number}")["id"] for number in range(2)]
    server.blocking.add(sam["id"])
    told = mastodon.fetch(ids, _by(sam, ids))
    assert [(one.gone, one.absence) for one in told] == [(False, Absence.BLOCKED)] * 2


def test_a_block_is_seen_without_knowing_the_author_where_strangers_are_shown_posts(clock: FakeClock) -> None:
    server = FakeMastodon(clock)
    sam = server.sign_up("sam")
    question = server.post(sam, "@brand no picture")
    server.blocking.add(sam["id"])
    assert [one.absence for one in server.adapter().fetch([question["id"]])] == [Absence.BLOCKED]


def test_a_suspended_account_may_come_back_and_a_closed_one_does_not(
    server: FakeMastodon, mastodon: Platform
) -> None:
    sam, kim = server.sign_up("sam"), server.sign_up("kim")
    suspended, closed = server.post(sam, "@brand one")["id"], server.post(kim, "@brand two")["id"]
    sam["suspended"] = True
    del server.accounts[kim["id"]]
    told = mastodon.fetch([suspended, closed], _by(sam, [suspended]) | _by(kim, [closed]))
    assert [(one.gone, one.absence) for one in told] == [
        (False, Absence.TAKEN_DOWN),
        (True, Absence.ACCOUNT_DELETED),
    ]


def test_what_nobody_can_tell_is_not_taken_for_a_deletion(server: FakeMastodon, mastodon: Platform) -> None:
    gone = server.post(server.sign_up("sam"), "@brand no picture")
    server.remove(gone)
    assert [(one.gone, one.absence) for one in mastodon.fetch([gone["id"]])] == [(False, Absence.UNKNOWN)]


def test_post_that_cannot_be_looked_up_now_is_left_out(server: FakeMastodon, mastodon: Platform) -> None:
    sam = server.sign_up("sam")
    one, two = server.post(sam, "@brand one"), server.post(sam, "@brand two")
    server.batches = False
    server.fail("GET", f"/api/v1/statuses/{one['id']}", httpx.Response(502))
    assert [told.external_id for told in mastodon.fetch([one["id"], two["id"]])] == [two["id"]]


def test_handles_lead_to_ids_on_the_brands_server(server: FakeMastodon, mastodon: Platform) -> None:
    jane, far = server.sign_up("jane"), server.sign_up("kim", "far.example")
    assert mastodon.identify("@jane").id == f"{jane['id']}@social.example"
    assert mastodon.identify("jane@example.social").handle == "jane@example.social"
    assert mastodon.identify("@Kim@far.example".lower()).id == f"{far['id']}@social.example"
    with pytest.raises(Rejected) as unknown:
        mastodon.identify("nobody@far.example")
    assert unknown.value.code == "unknown_account"


def test_length_is_counted_by_the_servers_own_rules(server: FakeMastodon, mastodon: Platform) -> None:
    assert mastodon.measure == MastodonLength(500, None if server.gotosocial else 23)


def test_length_falls_back_while_the_server_is_silent(server: FakeMastodon, clock: FakeClock) -> None:
    mastodon = server.adapter()
    server.fail("GET", "/api/v2/instance", httpx.ConnectError("refused"))
    assert mastodon.measure == MastodonLength()
    clock.pass_by(minutes=2)
    assert mastodon.measure == MastodonLength(500, None if server.gotosocial else 23)


# -- the account --------------------------------------------------------------------------------------


def test_r17_token_replaced_by_another_process_is_picked_up(server: FakeMastodon) -> None:
    tokens = MemoryTokens(access_token=server.token)
    mastodon = Mastodon(MastodonAccount(BASE), tokens, server.clock, httpx.MockTransport(server.handle))
    mastodon.poll("7")
    server.token = "new-token"
    with pytest.raises(Reconnect):
        mastodon.poll("7")
    tokens.tokens = {"access_token": "new-token"}
    mastodon.poll("7")


def test_account_that_was_never_connected_says_what_to_do(server: FakeMastodon) -> None:
    mastodon = Mastodon(
        MastodonAccount(BASE), MemoryTokens(), server.clock, httpx.MockTransport(server.handle)
    )
    with pytest.raises(Reconnect, match="chorus connect mastodon"):
        mastodon.brand()


def test_brand_is_known_by_its_id_and_host(server: FakeMastodon, mastodon: Platform) -> None:
    brand = mastodon.brand()
    assert brand.id == f"{server.brand['id']}@social.example"
    assert brand.handle == "brand@example.social"


def test_keys_differ(server: FakeMastodon, clock: FakeClock) -> None:
    mastodon = server.adapter()
    assert mastodon.new_key(clock()) != mastodon.new_key(clock())


def test_secrets_do_not_show_in_the_settings() -> None:
    assert SECRET not in repr(MastodonAccount(BASE, webhook_secrets=(SECRET,)))
