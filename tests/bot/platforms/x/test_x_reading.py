"""Reading X: mentions after an id, tagged answers in batches, posts that are gone."""

import re
import socket
from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.platforms.x.search import LAG, Walk, id_at, queries, time_of
from bot.posts import Absence, Author, KnownPost, PostEvent, Reconnect, Rejected, Retry
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.raw_server import answer, read_request, serving
from tests.bot.platforms.x.fake_x import BRAND, CUSTOMER, EMPLOYEE, NOW, STRANGER, FakeX

JANE = Author(EMPLOYEE, "JaneKnows")


def adapter(fake: FakeX, **changes: object) -> X:
    account = XAccount(user_id=BRAND, handle="ExampleBrand", bearer_token="app-token", **changes)  # type: ignore[arg-type]
    store = MemoryTokens(access_token="access-1", refresh_token="refresh-1")
    return X(account, store, lambda: fake.now, transport=fake.transport())


def test_mentions_come_oldest_first_over_all_pages_and_never_twice() -> None:
    fake = FakeX()
    ids = [fake.post(CUSTOMER, f"@ExampleBrand question {number}") for number in range(250)]
    x = adapter(fake)
    page = x.poll(None)
    assert [post.external_id for post in page.posts] == ids
    assert page.cursor == ids[-1]
    assert x.poll(page.cursor).posts == ()
    assert x.poll(page.cursor).cursor == page.cursor
    later = fake.post(CUSTOMER, "@ExampleBrand one more")
    assert [post.external_id for post in x.poll(page.cursor).posts] == [later]


def test_the_first_poll_leaves_old_mentions_alone() -> None:
    fake = FakeX()
    fake.post(CUSTOMER, "@ExampleBrand last week", at=NOW - timedelta(days=7))
    recent = fake.post(CUSTOMER, "@ExampleBrand just now", at=NOW - timedelta(minutes=30))
    assert [post.external_id for post in adapter(fake).poll(None).posts] == [recent]


def test_r13_the_gap_after_hours_of_downtime_is_filled_by_polling() -> None:
    fake = FakeX()
    x = adapter(fake)
    fake.post(CUSTOMER, "@ExampleBrand before")
    cursor = x.poll(None).cursor
    fake.now += timedelta(hours=9)
    missed = [fake.post(CUSTOMER, f"@ExampleBrand while you were away {number}") for number in range(5)]
    assert [post.external_id for post in x.poll(cursor).posts] == missed


def test_tagged_answers_of_linked_employees_are_found_and_strangers_are_not() -> None:
    fake = FakeX()
    question = fake.post(CUSTOMER, "@ExampleBrand no picture")
    answer = fake.post(EMPLOYEE, "@Sam_Asks hold the button #Chorus", question)
    fake.post(EMPLOYEE, "@Sam_Asks good luck", question)
    fake.post(STRANGER, "@Sam_Asks buy a new one #chorus", question)
    page = adapter(fake).poll_answers([JANE], None)
    assert [(post.external_id, post.in_reply_to) for post in page.posts] == [(answer, question)]
    assert not page.more


def test_a_thousand_employees_are_asked_for_in_queries_of_the_longest_length_some_at_a_time() -> None:
    fake = FakeX()
    staff = [Author(str(10**18 + number)) for number in range(1000)] + [JANE]
    x = adapter(fake, batches_per_poll=10)
    cursor, found, polls = None, [], 0
    question = fake.post(CUSTOMER, "@ExampleBrand no picture")
    answer = fake.post(EMPLOYEE, "hold the button #chorus", question)
    while True:
        page = x.poll_answers(staff, cursor)
        found += [post.external_id for post in page.posts]
        cursor, polls = page.cursor, polls + 1
        if not page.more:
            break
    asked = [request.url.params["query"] for request in fake.requests]
    assert max(map(len, asked)) <= 512
    assert found == [answer]
    assert polls == -(-len(asked) // 10)


def test_a_post_between_the_batches_of_a_round_is_found_in_the_next() -> None:
    fake = FakeX()
    staff = [Author(str(5 * 10**18 + number)) for number in range(200)] + [JANE]
    assert f"from:{EMPLOYEE}" in queries(("#chorus",), staff, 512)[0]
    x = adapter(fake, batches_per_poll=1)
    page = x.poll_answers(staff, None)
    fake.now += timedelta(minutes=5)
    posted = fake.post(EMPLOYEE, "hold the button #chorus")
    while page.more:
        fake.now += timedelta(minutes=5)
        page = x.poll_answers(staff, page.cursor)
        assert page.posts == ()
    assert [post.external_id for post in x.poll_answers(staff, page.cursor).posts] == [posted]


def test_for_a_while_after_a_change_both_tags_are_searched_for() -> None:
    fake = FakeX()
    tags = ["#chorus"]
    x = adapter(fake, tags=lambda: tuple(tags))
    cursor = x.poll_answers([JANE], None).cursor
    tags[:] = ["#otter", "#chorus"]
    fake.now += timedelta(minutes=5)
    both = [fake.post(EMPLOYEE, f"hold the button {tag}") for tag in tags]
    page = x.poll_answers([JANE], cursor)
    assert [post.external_id for post in page.posts] == both
    assert fake.requests[-1].url.params["query"].startswith("(#otter OR #chorus) -is:retweet (from:")


def test_a_round_of_other_queries_than_before_begins_again_so_that_nobody_is_passed_over() -> None:
    fake = FakeX()
    staff = [Author(str(10**18 + number)) for number in range(60)]
    tags = ["#chorus", "#a_former_tag_that_takes_room_in_each_query"]
    x = adapter(fake, tags=lambda: tuple(tags), batches_per_poll=1)
    last = staff[len(re.findall("from:", queries(tags, staff, 512)[0]))]  # the first of the second query
    fake.now += timedelta(minutes=5)
    posted = fake.post(last.id, "hold the button #chorus")
    fake.now += timedelta(minutes=5)
    page = x.poll_answers(staff, None)
    assert page.posts == ()
    del tags[1]  # from now on this account is asked for in the first query
    found: list[str] = []
    for _ in range(10):
        page = x.poll_answers(staff, page.cursor)
        found += [post.external_id for post in page.posts]
        if not page.more:
            break
    assert found == [posted]


def test_a_cursor_older_than_a_week_is_moved_up_instead_of_failing() -> None:
    fake = FakeX()
    old = Walk(since=id_at(NOW - timedelta(days=30)), began=id_at(NOW - timedelta(days=30)))
    assert adapter(fake).poll_answers([JANE], old.cursor()).cursor is not None


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), timedelta(days=1)])
def test_r12_what_a_clock_ahead_of_time_skipped_is_found_again(ahead: timedelta) -> None:
    fake = FakeX()
    x = adapter(fake)
    cursor = x.poll_answers([JANE], None).cursor
    fake.now += ahead
    cursor = x.poll_answers([JANE], cursor).cursor
    fake.now -= ahead
    missed = fake.post(EMPLOYEE, "hold the button #chorus", at=NOW - timedelta(seconds=90))
    assert [post.external_id for post in x.poll_answers([JANE], cursor).posts] == [missed]


@pytest.mark.parametrize("cursor", ["", "nonsense", "[]", "{}", '{"since": "x"}', None])
def test_an_unreadable_cursor_begins_anew(cursor: str | None) -> None:
    walk = Walk.resume(cursor, NOW, timedelta(hours=1))
    assert (walk.at, time_of(walk.since)) == (0, NOW - timedelta(hours=1))
    assert time_of(walk.began) == NOW - LAG


@given(st.lists(st.integers(1, 10**19).map(str), unique=True, max_size=80), st.integers(80, 1024))
def test_every_account_is_in_exactly_one_query_and_none_is_too_long(ids: list[str], longest: int) -> None:
    every = queries(("#chorus",), [Author(one) for one in ids], longest)
    named = [name for query in every for name in query.partition("(")[2].rstrip(")").split(" OR ")]
    assert sorted(named) == sorted(f"from:{one}" for one in ids)
    assert all(len(query) <= longest for query in every)


def test_s12_deleted_posts_are_told_in_batches_and_edits_carry_the_latest_text() -> None:
    fake = FakeX()
    ids = [fake.post(CUSTOMER, f"@ExampleBrand question {number}") for number in range(150)]
    del fake.posts[ids[3]]
    fake.edit(ids[5], "@ExampleBrand said better")
    found = {one.external_id: one for one in adapter(fake).fetch(ids)}
    assert len(found) == 150
    assert [one for one in ids if found[one].gone] == [ids[3]]
    edited = found[ids[5]].post
    assert edited is not None
    assert (edited.external_id, edited.text, edited.event) == (
        ids[5],
        "@ExampleBrand said better",
        PostEvent.EDITED,
    )
    sizes = [len(request.url.params["ids"].split(",")) for request in fake.requests]
    assert sizes == [100, 1, 50]


def test_an_id_that_is_none_of_xs_does_not_cost_the_others() -> None:
    fake = FakeX()
    question = fake.post(CUSTOMER, "@ExampleBrand no picture")
    assert [one.external_id for one in adapter(fake).fetch(["repost-7", question])] == [question]


def test_a_post_that_x_says_nothing_about_is_left_out() -> None:
    answer = {"errors": [{"resource_id": "1", "type": "https://api.x.com/2/problems/something-else"}]}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=answer))
    x = X(XAccount(user_id=BRAND), MemoryTokens(access_token="a"), lambda: NOW, transport=transport)
    assert x.fetch(["1", "2"]) == []


def test_a_reply_to_an_edited_post_names_its_identity() -> None:
    fake = FakeX()
    question = fake.post(CUSTOMER, "@ExampleBrand no picture")
    edited = fake.edit(question, "@ExampleBrand no picture at all")
    fake.post(EMPLOYEE, "hold the button #chorus", edited)
    (answer,) = adapter(fake).poll_answers([JANE], None).posts
    assert answer.in_reply_to == question


@pytest.mark.parametrize("handle", ["nobody_here", "two words", "", "häns"])
def test_an_unknown_handle_is_rejected(handle: str) -> None:
    with pytest.raises(Rejected) as refused:
        adapter(FakeX()).identify(handle)
    assert refused.value.code == "unknown_account"


def test_the_brand_is_asked_from_x_once_when_the_settings_do_not_say() -> None:
    fake = FakeX()
    x = X(XAccount(), MemoryTokens(access_token="access-1"), lambda: NOW, transport=fake.transport())
    assert x.brand() == x.brand()
    assert (x.brand().id, len(fake.requests)) == (BRAND, 1)


def test_the_stream_gives_events_and_survives_a_line_that_is_none() -> None:
    fake = FakeX()
    question = fake.post(CUSTOMER, "@ExampleBrand no picture")
    event = fake.activity("post.mention.create", question)
    lines = b"\r\n".join([event, b"", b"nonsense", event, b""])
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=lines))
    x = X(XAccount(bearer_token="app"), MemoryTokens(), lambda: NOW, transport=transport)
    assert [post.external_id for post in x.stream()] == [question, question]


def test_a_stream_that_is_refused_is_sorted() -> None:
    for status, kind in ((429, Retry), (503, Retry), (401, Reconnect)):
        transport = httpx.MockTransport(lambda request, status=status: httpx.Response(status))
        x = X(XAccount(bearer_token="app"), MemoryTokens(), lambda: NOW, transport=transport)
        with pytest.raises(kind):
            next(x.stream())
    assert list(X(XAccount(), MemoryTokens(), lambda: NOW).stream()) == []


def test_an_answer_that_is_no_json_is_a_retry() -> None:
    for content in (b"<html>", b"[]", b"[" * 100_000):
        transport = httpx.MockTransport(lambda request, content=content: httpx.Response(200, content=content))
        x = X(XAccount(user_id=BRAND), MemoryTokens(access_token="a"), lambda: NOW, transport=transport)
        with pytest.raises(Retry):
            x.fetch(["1"])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"created_at": "9999-12-31T23:59:59-12:00"}, ""),
        ({"created_at": "yesterday"}, ""),
        ({"created_at": 5}, ""),
        ({"author_id": None, "referenced_tweets": [{"type": "quoted"}]}, "cannot be read"),
        ({"id": "none of X's", "edit_history_tweet_ids": []}, ""),
    ],
    ids=["overflowing", "no date", "number", "poison", "odd id"],
)
def test_r22_an_odd_post_costs_neither_the_others_of_its_page_nor_the_cursor(
    change: dict[str, object], problem: str
) -> None:
    fake = FakeX()
    first = fake.post(CUSTOMER, "@ExampleBrand no picture")
    odd = fake.post(CUSTOMER, "@ExampleBrand no sound")
    tell = fake.tell
    fake.tell = lambda post, **more: tell(post, **{**more, **(change if post.id == odd else {})})  # type: ignore[method-assign]
    page = adapter(fake).poll(None)
    found = {post.text: post for post in page.posts}
    assert found["@ExampleBrand no picture"].external_id == first
    assert problem in found["@ExampleBrand no sound"].problem
    assert bool(problem) == bool(found["@ExampleBrand no sound"].problem)
    assert page.cursor is not None
    assert int(page.cursor) >= int(first)


@pytest.mark.parametrize(
    "known", [{}, {"1": KnownPost(CUSTOMER), "2": KnownPost(CUSTOMER)}], ids=["new", "known"]
)
def test_only_a_deletion_is_final_what_is_hidden_from_the_brand_may_come_back(
    known: dict[str, KnownPost],
) -> None:
    kinds = {"1": "resource-not-found", "2": "not-authorized-for-resource", "3": "something-else"}
    errors = [
        {"resource_id": one, "type": f"https://api.x.com/2/problems/{kind}"} for one, kind in kinds.items()
    ]
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"errors": errors}))
    x = X(XAccount(user_id=BRAND), MemoryTokens(access_token="a"), lambda: NOW, transport=transport)
    looks = {look.external_id: (look.gone, look.absence) for look in x.fetch(["1", "2"], known)}
    assert looks == {"1": (True, Absence.DELETED), "2": (False, Absence.UNKNOWN)}


@pytest.mark.parametrize("allowed", [True, False])
def test_s15_a_stand_in_on_this_machine_is_called_only_where_a_setting_allows_it(allowed: bool) -> None:
    def user(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer(b'{"data":{"id":"200","username":"Sam_Asks"}}'))

    with serving(user) as address:
        account = XAccount(base_url=address, allow_loopback=allowed)
        x = X(account, MemoryTokens(access_token="a"), lambda: NOW)
        if allowed:
            assert x.identify("Sam_Asks").id == "200"
        else:
            with pytest.raises(Retry, match="not on the public internet"):
                x.identify("Sam_Asks")
        x.close()
