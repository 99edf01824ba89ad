import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.platforms.base import Platform
from bot.platforms.bluesky.adapter import Bluesky
from bot.platforms.bluesky.api import BlueskyAccount
from bot.platforms.bluesky.length import BlueskyLength
from bot.posts import (
    Absence,
    Ambiguous,
    Author,
    Forged,
    KnownPost,
    Malformed,
    Outgoing,
    Post,
    PostEvent,
    Published,
    Reconnect,
    Rejected,
    Retry,
)
from tests.bot.platforms.bluesky.fake_bluesky import APP_PASSWORD, POST, FakeBluesky, Json
from tests.bot.platforms.fake_clock import FakeClock
from tests.bot.platforms.memory_tokens import MemoryTokens


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def network(clock: FakeClock) -> FakeBluesky:
    return FakeBluesky(clock)


@pytest.fixture
def bluesky(network: FakeBluesky) -> Bluesky:
    return network.adapter()


def _answer_to(
    question: Json, network: FakeBluesky, bluesky: Bluesky, text: str = "@sam.example Hold it. ^Jane"
) -> Outgoing:
    """What delivery freezes: the refs are those of the question's post."""
    now = network.clock()
    refs = {"cid": question["cid"], "handle": "sam.example"}
    return Outgoing(
        "bluesky", bluesky.new_key(now), text, now, in_reply_to=question["uri"], refs=refs, language="en"
    )


def _read(bluesky: Platform, cursor: str | None) -> tuple[list[str], str | None]:
    """Everything there is after ``cursor``."""
    found: list[str] = []
    more = True
    while more:
        page = bluesky.poll(cursor)
        found += [post.external_id for post in page.posts]
        cursor, more = page.cursor, page.more
    return found, cursor


# -- receiving ----------------------------------------------------------------------------------------


def test_mentions_come_once_from_the_oldest(network: FakeBluesky, bluesky: Bluesky, clock: FakeClock) -> None:
    sam = network.sign_up("sam.example")
    first = network.post(sam, "@brand.example first")
    found, cursor = _read(bluesky, None)
    assert found == [first["uri"]]

    later = []
    for number in range(250):
        clock.pass_by(seconds=1)
        later.append(network.post(sam, f"@brand.example question {number}")["uri"])
    found, cursor = _read(bluesky, cursor)
    assert found == later
    assert _read(bluesky, cursor)[0] == []


def test_posts_of_one_millisecond_are_not_lost_at_a_pages_border(
    network: FakeBluesky, bluesky: Bluesky, clock: FakeClock
) -> None:
    sam = network.sign_up("sam.example")
    network.post(sam, "@brand.example first")
    _, cursor = _read(bluesky, None)
    clock.pass_by(seconds=1)
    posted = {network.post(sam, f"@brand.example early {number}")["uri"] for number in range(30)}
    clock.pass_by(seconds=1)
    posted |= {network.post(sam, f"@brand.example late {number}")["uri"] for number in range(90)}
    found, _ = _read(bluesky, cursor)
    assert set(found) == posted
    assert len(found) == len(posted)


def test_burst_after_an_empty_beginning_is_read_completely(
    network: FakeBluesky, bluesky: Bluesky, clock: FakeClock
) -> None:
    sam = network.sign_up("sam.example")
    _, cursor = _read(bluesky, None)
    clock.pass_by(seconds=10)
    posted = {network.post(sam, f"@brand.example {number}")["uri"] for number in range(90)}
    clock.pass_by(seconds=10)
    posted |= {network.post(sam, f"@brand.example {number}")["uri"] for number in range(60)}
    assert set(_read(bluesky, cursor)[0]) == posted


def test_post_that_turns_up_behind_the_newest_is_still_read(
    network: FakeBluesky, bluesky: Bluesky, clock: FakeClock
) -> None:
    sam = network.sign_up("sam.example")
    for number in range(150):
        clock.pass_by(seconds=10)
        network.post(sam, f"@brand.example {number}")
    _, cursor = _read(bluesky, None)
    a_little = network.post(sam, "@brand.example from a slow phone", at=clock() - timedelta(minutes=5))
    found, cursor = _read(bluesky, cursor)
    assert found == [a_little["uri"]]

    much = network.post(sam, "@brand.example from the train", at=clock() - timedelta(hours=20))
    assert _read(bluesky, cursor)[0] == []
    clock.pass_by(hours=1, minutes=1)
    assert much["uri"] in _read(bluesky, cursor)[0]


def test_long_backlog_is_read_in_several_calls(
    network: FakeBluesky, bluesky: Bluesky, clock: FakeClock
) -> None:
    sam = network.sign_up("sam.example")
    network.post(sam, "@brand.example first")
    _, cursor = _read(bluesky, None)
    posted = []
    for number in range(1500):
        clock.pass_by(seconds=1)
        posted.append(network.post(sam, f"@brand.example {number}")["uri"])
    page = bluesky.poll(cursor)
    assert page.more
    found, _ = _read(bluesky, cursor)
    assert sorted(found) == sorted(posted)


def test_replies_among_others_below_the_brands_post_are_not_for_it(
    network: FakeBluesky, bluesky: Bluesky
) -> None:
    sam, kim, jane = (network.sign_up(f"{name}.example") for name in ("sam", "kim", "jane"))
    ours = network.post(network.brand, "We are open again.")
    to_us = network.post(sam, "finally", parent=ours)
    network.post(kim, "I think so too", parent=to_us)
    tagged = network.post(jane, "Until 8 pm. #chorus", parent=to_us)
    mention = network.post(kim, "@brand.example really?", parent=to_us)
    assert set(_read(bluesky, None)[0]) == {to_us["uri"], tagged["uri"], mention["uri"]}


def test_what_was_read_is_never_marked_as_seen(network: FakeBluesky, bluesky: Bluesky) -> None:
    _read(bluesky, None)
    assert not any("updateSeen" in str(request.url) for request in network.requests)


def test_for_a_while_after_a_change_both_tags_make_answers(network: FakeBluesky) -> None:
    jane = network.sign_up("jane.example")
    tags = ["#otter", "#chorus"]
    bluesky = network.adapter(tags=lambda: tuple(tags))
    both = [network.post(jane, f"Hold it. {tag}")["uri"] for tag in tags]
    employees = [bluesky.identify("jane.example")]
    assert sorted(post.external_id for post in bluesky.poll_answers(employees, None).posts) == sorted(both)
    del tags[1]
    assert [post.external_id for post in bluesky.poll_answers(employees, None).posts] == both[:1]


def test_tagged_answers_are_read_from_the_employees_own_repositories(
    network: FakeBluesky, bluesky: Bluesky, clock: FakeClock
) -> None:
    sam, jane = network.sign_up("sam.example"), network.sign_up("jane.example")
    others = [network.sign_up(f"other{number}.example") for number in range(15)]
    question = network.post(sam, "@brand.example no picture")
    for number in range(70):
        network.post(jane, f"about other things {number}")
    answer = network.post(jane, "Hold it. #Chorus", parent=question)
    handles = ["jane.example", *(f"other{number}.example" for number in range(15))]
    employees = [bluesky.identify(handle) for handle in handles]

    found: list[Post] = []
    cursor, more = None, True
    while more:
        page = bluesky.poll_answers(employees, cursor)
        found += page.posts
        cursor, more = page.cursor, page.more
    assert [post.external_id for post in found] == [answer["uri"]]
    assert found[0].in_reply_to == question["uri"]
    assert found[0].author.id == jane

    clock.pass_by(minutes=1)
    second = network.post(jane, "And now? #chorus", parent=question)
    pages: list[Post] = []
    for _ in range(2):
        page = bluesky.poll_answers(employees, cursor)
        cursor = page.cursor
        pages += page.posts
    assert [post.external_id for post in pages] == [second["uri"]]
    assert others


def test_employee_whose_account_is_gone_does_not_stop_the_others(
    network: FakeBluesky, bluesky: Bluesky
) -> None:
    gone, jane = network.sign_up("ann.example"), network.sign_up("jane.example")
    employees = [bluesky.identify("ann.example"), bluesky.identify("jane.example")]
    network.statuses[gone] = "deleted"
    answer = network.post(jane, "Hold it. #chorus")
    assert [post.external_id for post in bluesky.poll_answers(employees, None).posts] == [answer["uri"]]


def test_a_reply_that_quotes_the_brand_is_heard_as_a_quote(network: FakeBluesky, bluesky: Bluesky) -> None:
    sam = network.sign_up("sam.example")
    ours = network.post(network.brand, "Hold it. ^Jane")
    network.post(sam, "That did not help", parent=ours, quote=ours)
    network.post(sam, "Nor does this", quote=ours)
    network.post(sam, "not about the brand", quote=network.post(sam, "something"))
    assert [one["reason"] for one in network.notifications] == ["quote", "quote"]
    posts = bluesky.poll(None).posts
    assert [post.in_reply_to for post in posts] == [ours["uri"]] * 2
    assert posts[0].text == "That did not help"


def test_r22_one_notification_that_cannot_be_read_costs_itself_alone(
    network: FakeBluesky, bluesky: Bluesky, clock: FakeClock
) -> None:
    sam = network.sign_up("sam.example")
    _, cursor = _read(bluesky, None)
    odd = network.post(sam, "@brand.example odd")
    clock.pass_by(seconds=1)
    asked = network.post(sam, "@brand.example no picture")
    network.oddities[odd["uri"]] = {"author": {"handle": "nobody"}}
    page = bluesky.poll(cursor)
    assert [(post.external_id, bool(post.problem)) for post in page.posts] == [
        (odd["uri"], True),
        (asked["uri"], False),
    ]
    assert bluesky.poll(page.cursor).posts == ()


@pytest.mark.parametrize(
    "service",
    [
        "x",
        [None, 7],
        [{"id": "#atproto_pds", "serviceEndpoint": "https://[bad"}],
        [{"id": "#atproto_pds", "serviceEndpoint": "https://a:99999"}],
        [{"id": "#atproto_pds", "serviceEndpoint": {"x": 1}}],
        [{"id": "#atproto_pds", "serviceEndpoint": "https://exa mple.org"}],
    ],
)
def test_r22_an_employee_with_an_odd_document_does_not_stop_the_others(
    network: FakeBluesky, service: object
) -> None:
    odd, jane = network.sign_up("odd.example"), network.sign_up("jane.example")
    network.documents[odd]["service"] = service
    told = network.post(jane, "Hold it. #chorus")
    page = network.adapter().poll_answers([Author(odd, "odd.example"), Author(jane, "jane.example")], None)
    assert [post.external_id for post in page.posts] == [told["uri"]]


@pytest.mark.parametrize("error", ["AccountDeactivated", "AccountTakedown", "AuthenticationRequired"])
def test_a_server_that_refuses_an_employee_does_not_end_the_brands_connection(
    network: FakeBluesky, bluesky: Bluesky, error: str
) -> None:
    jane = network.sign_up("jane.example")
    network.fail("com.atproto.repo.listRecords", httpx.Response(400, json={"error": error, "message": "no"}))
    assert bluesky.poll_answers([Author(jane, "jane.example")], None).posts == ()


def test_an_answer_dated_ahead_was_not_given_later_than_now(
    network: FakeBluesky, bluesky: Bluesky, clock: FakeClock
) -> None:
    jane = network.sign_up("jane.example")
    network.post(jane, "Hold it. #chorus", at=clock() + timedelta(days=400))
    [post] = bluesky.poll_answers([Author(jane, "jane.example")], None).posts
    assert post.posted_at == clock()


def test_nothing_comes_by_webhook_or_stream(bluesky: Bluesky) -> None:
    assert list(bluesky.stream()) == []
    with pytest.raises(Forged):
        bluesky.verify(b"{}", {})
    with pytest.raises(Malformed):
        bluesky.parse(b"{}")


# -- publishing ---------------------------------------------------------------------------------------


def test_record_is_the_same_in_every_attempt(
    network: FakeBluesky, bluesky: Bluesky, clock: FakeClock
) -> None:
    sam = network.sign_up("sam.example")
    question = network.post(sam, "@brand.example no picture")
    outgoing = _answer_to(question, network, bluesky)

    published = bluesky.publish(outgoing, 5)
    clock.pass_by(minutes=1)
    again = bluesky.publish(outgoing, 5)

    assert again == published
    assert network.commits == 1
    record = network.ledger[0]["value"]
    assert record["createdAt"] == "2026-06-01T12:00:00.000Z"
    assert record["langs"] == ["en"]
    assert record["reply"] == {"root": question, "parent": question}
    assert record["facets"][0]["features"][0]["did"] == sam
    assert published.external_id == f"at://{network.brand}/{POST}/{outgoing.key}"
    assert published.refs["root_uri"] == question["uri"]


def test_thread_goes_on_below_its_first_part(network: FakeBluesky, bluesky: Bluesky) -> None:
    question = network.post(network.sign_up("sam.example"), "@brand.example no picture")
    first = bluesky.publish(_answer_to(question, network, bluesky), 5)
    now = network.clock()
    second = Outgoing(
        "bluesky", bluesky.new_key(now), "(2/2)", now, in_reply_to=first.external_id, refs=first.refs
    )
    bluesky.publish(second, 5)
    reply = network.ledger[1]["value"]["reply"]
    assert reply["root"] == question
    assert reply["parent"] == {"uri": first.external_id, "cid": first.refs["cid"]}


def test_version_of_the_question_is_asked_for_when_it_is_not_known(
    network: FakeBluesky, bluesky: Bluesky
) -> None:
    question = network.post(network.sign_up("sam.example"), "@brand.example no picture")
    bluesky.publish(replace(_answer_to(question, network, bluesky), refs={}), 5)
    assert network.ledger[0]["value"]["reply"]["parent"] == question


def test_a_link_longer_than_a_post_is_put_cut_short_and_found_again(
    network: FakeBluesky, bluesky: Bluesky
) -> None:
    question = network.post(network.sign_up("sam.example"), "@brand.example no picture")
    address = "https://help.example.com/" + "a" * 400
    outgoing = _answer_to(question, network, bluesky, f"See {address} ^Jane")
    published = bluesky.publish(outgoing, 5)
    assert bluesky.find(outgoing) == published
    [record] = [one["value"] for one in network.ledger]
    assert record["text"] == f"See {address[:60]}… ^Jane"
    assert record["facets"][0]["features"][0]["uri"] == address


@pytest.mark.parametrize(("told", "sent"), [("de-AT", ["de-AT"]), ("no_language!", None), ("", None)])
def test_only_a_language_is_sent_as_one(
    network: FakeBluesky, bluesky: Bluesky, told: str, sent: list[str] | None
) -> None:
    question = network.post(network.sign_up("sam.example"), "@brand.example no picture")
    bluesky.publish(replace(_answer_to(question, network, bluesky), language=told), 5)
    assert network.ledger[0]["value"].get("langs") == sent


def test_another_post_under_the_key_is_a_conflict(network: FakeBluesky, bluesky: Bluesky) -> None:
    question = network.post(network.sign_up("sam.example"), "@brand.example no picture")
    outgoing = _answer_to(question, network, bluesky)
    bluesky.publish(outgoing, 5)
    with pytest.raises(Rejected) as conflict:
        bluesky.publish(replace(outgoing, text="Something else."), 5)
    assert conflict.value.code == "conflict"
    assert network.commits == 1


def test_same_words_under_the_key_are_taken_for_ours(
    network: FakeBluesky, bluesky: Bluesky, clock: FakeClock
) -> None:
    question = network.post(network.sign_up("sam.example"), "@brand.example no picture")
    outgoing = _answer_to(question, network, bluesky)
    published = bluesky.publish(outgoing, 5)
    moved = replace(outgoing, created_at=outgoing.created_at + timedelta(seconds=1))
    assert bluesky.publish(moved, 5) == published


@pytest.mark.parametrize(
    "lost", [httpx.ReadTimeout("slow"), httpx.Response(500), httpx.Response(200, text="{")]
)
def test_r2_lost_answer_is_settled_by_putting_it_again(
    network: FakeBluesky, bluesky: Bluesky, lost: httpx.Response | Exception
) -> None:
    question = network.post(network.sign_up("sam.example"), "@brand.example no picture")
    outgoing = _answer_to(question, network, bluesky)
    network.fail("com.atproto.repo.putRecord", lost, accepted=True)
    with pytest.raises(Ambiguous):
        bluesky.publish(outgoing, 5)
    assert bluesky.publish(outgoing, 5) == bluesky.find(outgoing)
    assert network.commits == 1


def test_late_attempt_looks_for_the_post_first(
    network: FakeBluesky, bluesky: Bluesky, clock: FakeClock
) -> None:
    question = network.post(network.sign_up("sam.example"), "@brand.example no picture")
    outgoing = _answer_to(question, network, bluesky)
    published = bluesky.publish(outgoing, 5)
    clock.pass_by(hours=1)
    puts = [request for request in network.requests if "putRecord" in str(request.url)]
    assert bluesky.publish(outgoing, 5) == published
    assert [request for request in network.requests if "putRecord" in str(request.url)] == puts


def test_too_long_text_is_rejected_for_good(network: FakeBluesky, bluesky: Bluesky) -> None:
    now = network.clock()
    with pytest.raises(Rejected) as refused:
        bluesky.publish(Outgoing("bluesky", bluesky.new_key(now), "x" * 301, now), 5)
    assert refused.value.code == "too_long"
    assert bluesky.measure == BlueskyLength()


def test_r8_no_call_is_made_before_the_limits_reset(
    network: FakeBluesky, bluesky: Bluesky, clock: FakeClock
) -> None:
    now = clock()
    outgoing = Outgoing("bluesky", bluesky.new_key(now), "We are open again.", now)
    reset = int((now + timedelta(minutes=4)).timestamp())
    network.fail(
        "com.atproto.repo.putRecord",
        httpx.Response(429, headers={"ratelimit-remaining": "0", "ratelimit-reset": str(reset)}),
    )
    with pytest.raises(Retry) as refused:
        bluesky.publish(outgoing, 5)
    assert refused.value.at == now + timedelta(minutes=4)
    calls = len(network.requests)
    with pytest.raises(Retry):
        bluesky.publish(outgoing, 5)
    assert len(network.requests) == calls
    clock.pass_by(minutes=4)
    bluesky.publish(outgoing, 5)


def test_repost_is_made_found_and_taken_back(network: FakeBluesky, bluesky: Bluesky) -> None:
    answer = network.post(network.sign_up("jane.example"), "Hold it. #chorus")
    now = network.clock()
    outgoing = Outgoing("bluesky", bluesky.new_key(now), "", now, repost_of=answer["uri"])
    assert bluesky.find(outgoing) is None
    published = bluesky.publish(outgoing, 5)
    assert bluesky.publish(outgoing, 5) == published == bluesky.find(outgoing)
    assert network.ledger[0]["value"]["subject"] == answer
    bluesky.delete(published)
    bluesky.delete(published)
    assert network.ledger == []


def test_edits_are_not_offered(network: FakeBluesky, bluesky: Bluesky) -> None:
    outgoing = Outgoing("bluesky", bluesky.new_key(network.clock()), "text", network.clock())
    with pytest.raises(Rejected) as refused:
        bluesky.edit(Published("at://x"), outgoing, 5)
    assert refused.value.code == "unsupported"


def test_wrong_address_is_rejected_before_any_call(network: FakeBluesky, bluesky: Bluesky) -> None:
    outgoing = Outgoing(
        "bluesky", bluesky.new_key(network.clock()), "text", network.clock(), in_reply_to="nonsense"
    )
    with pytest.raises(Rejected):
        bluesky.publish(outgoing, 5)
    with pytest.raises(Rejected):
        bluesky.delete(Published("nonsense"))


# -- looking up ---------------------------------------------------------------------------------------


def test_lookups_tell_what_is_there_deleted_or_taken_down(
    network: FakeBluesky, bluesky: Bluesky, clock: FakeClock
) -> None:
    sam, kim = network.sign_up("sam.example"), network.sign_up("kim.example")
    kept = [network.post(sam, f"@brand.example {number}") for number in range(30)]
    deleted, closed = network.post(sam, "@brand.example gone"), network.post(kim, "@brand.example closed")
    network.remove(deleted)
    network.statuses[kim] = "deleted"
    clock.pass_by(minutes=10)

    told = bluesky.fetch([one["uri"] for one in (*kept, deleted, closed)] + ["nonsense"])

    assert {one.external_id for one in told if one.gone} == {deleted["uri"], closed["uri"]}
    assert len(told) == 32
    assert all(one.post and one.post.event is PostEvent.CREATED for one in told if not one.gone)


def test_post_that_is_not_shown_yet_is_not_taken_for_gone(
    network: FakeBluesky, bluesky: Bluesky, clock: FakeClock
) -> None:
    post = network.post(network.sign_up("sam.example"), "@brand.example just now")
    network.hidden.add(post["uri"])
    assert bluesky.fetch([post["uri"]]) == []
    clock.pass_by(minutes=2)
    assert [(one.gone, one.absence) for one in bluesky.fetch([post["uri"]])] == [(False, Absence.UNKNOWN)]


def test_a_post_deleted_at_once_is_gone_at_once(network: FakeBluesky, bluesky: Bluesky) -> None:
    post = network.post(network.sign_up("sam.example"), "@brand.example oh, never mind")
    [told] = bluesky.poll(None).posts
    network.remove(post)
    looked_up = bluesky.fetch([post["uri"]], {post["uri"]: KnownPost(told.author.id, told.refs)})
    assert [(one.gone, one.absence) for one in looked_up] == [(True, Absence.DELETED)]


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("deactivated", Absence.DEACTIVATED),
        ("takendown", Absence.TAKEN_DOWN),
        ("suspended", Absence.TAKEN_DOWN),
        ("deleted", Absence.ACCOUNT_DELETED),
    ],
)
def test_the_true_reason_why_an_account_is_not_seen_is_told(
    network: FakeBluesky, bluesky: Bluesky, status: str, why: Absence
) -> None:
    sam = network.sign_up("sam.example")
    post = network.post(sam, "@brand.example no picture")
    network.statuses[sam] = status
    for hidden in (False, True):  # the AppView may hear of it later
        network.hidden = {post["uri"]} if hidden else set()
        [told] = bluesky.fetch([post["uri"]])
        assert (told.absence, told.gone) == (why, why is Absence.ACCOUNT_DELETED)


def test_a_block_is_no_deletion(network: FakeBluesky, bluesky: Bluesky) -> None:
    sam = network.sign_up("sam.example")
    post = network.post(sam, "@brand.example no picture")
    network.blocking.add(sam)
    assert [(one.gone, one.absence) for one in bluesky.fetch([post["uri"]])] == [(False, Absence.BLOCKED)]


def test_a_post_that_was_taken_down_is_no_deletion(network: FakeBluesky, bluesky: Bluesky) -> None:
    post = network.post(network.sign_up("sam.example"), "@brand.example no picture")
    network.taken_down.add(post["uri"])
    known = {post["uri"]: KnownPost(refs={"cid": post["cid"]})}
    told = bluesky.fetch([post["uri"]], known)
    assert [(one.gone, one.absence) for one in told] == [(False, Absence.TAKEN_DOWN)]


def test_an_account_that_moved_to_another_server_is_not_gone(
    network: FakeBluesky, bluesky: Bluesky, clock: FakeClock
) -> None:
    sam = network.sign_up("sam.example")
    post = network.post(sam, "@brand.example no picture")
    bluesky.fetch([post["uri"]])  # now it is known where she lives
    network.documents[sam]["service"][0]["serviceEndpoint"] = "https://new.example"
    network.moved[sam] = "new.example"
    assert [one.absence for one in bluesky.fetch([post["uri"]])] == [None]


def test_a_server_that_is_silent_makes_nothing_a_deletion(
    network: FakeBluesky, bluesky: Bluesky, clock: FakeClock
) -> None:
    post = network.post(network.sign_up("sam.example"), "@brand.example no picture")
    network.remove(post)
    clock.pass_by(minutes=10)
    for name in ("com.atproto.sync.getRepoStatus", "com.atproto.repo.getRecord"):
        network.fail(name, httpx.ConnectError("down"))
    assert [one.absence for one in bluesky.fetch([post["uri"]])] == [Absence.UNKNOWN]


def test_a_post_closed_to_the_brands_replies_says_so(network: FakeBluesky, bluesky: Bluesky) -> None:
    sam = network.sign_up("sam.example")
    shut, open_ = (network.post(sam, f"@brand.example {name}")["uri"] for name in ("shut", "open"))
    network.closed.add(shut)
    told = {one.external_id: one.takes_replies for one in bluesky.fetch([shut, open_])}
    assert told == {shut: False, open_: True}


def test_another_version_of_a_post_is_an_edit(network: FakeBluesky, bluesky: Bluesky) -> None:
    post = network.post(network.sign_up("sam.example"), "@brand.example no picture")
    known = {post["uri"]: KnownPost(refs={"cid": post["cid"]})}
    assert [one.post.event for one in bluesky.fetch([post["uri"]], known) if one.post] == [PostEvent.CREATED]
    network.rewrite(post, "@brand.example no sound")
    [told] = bluesky.fetch([post["uri"]], known)
    assert told.post is not None
    assert (told.post.event, told.post.text) == (PostEvent.EDITED, "@brand.example no sound")


def test_an_account_that_was_taken_down_is_no_matter_of_the_brands(
    network: FakeBluesky, bluesky: Bluesky
) -> None:
    network.statuses[network.sign_up("sam.example")] = "takendown"
    assert bluesky.identify("sam.example").handle == "sam.example"


def test_wish_to_be_shown_only_to_people_signed_in_is_kept(network: FakeBluesky, bluesky: Bluesky) -> None:
    sam = network.sign_up("sam.example")
    network.labels[sam] = [{"val": "!no-unauthenticated"}]
    post = network.post(sam, "@brand.example no picture")
    assert [one.author.indexable for one in bluesky.poll(None).posts] == [False]
    looked_up = bluesky.fetch([post["uri"]])[0].post
    assert looked_up is not None
    assert not looked_up.author.indexable
    assert not bluesky.identify("sam.example").indexable


# -- identities ---------------------------------------------------------------------------------------


def test_handle_is_proved_both_ways(network: FakeBluesky, bluesky: Bluesky) -> None:
    jane = network.sign_up("jane.example")
    assert bluesky.identify("@Jane.Example").id == jane
    assert bluesky.identify(jane).handle == "jane.example"
    with pytest.raises(Rejected) as unknown:
        bluesky.identify("nobody.example")
    assert unknown.value.code == "unknown_account"


def test_s2_handle_that_is_not_named_back_is_refused(network: FakeBluesky, bluesky: Bluesky) -> None:
    network.handles["ceo.example"] = network.sign_up("impostor.example")
    with pytest.raises(Rejected) as refused:
        bluesky.identify("ceo.example")
    assert refused.value.code == "handle_mismatch"


def test_s15_server_named_by_a_did_must_be_called_securely(network: FakeBluesky, bluesky: Bluesky) -> None:
    jane = network.sign_up("jane.example")
    employee = bluesky.identify("jane.example")
    network.documents[jane]["service"][0]["serviceEndpoint"] = "http://169.254.169.254"
    calls = len(network.requests)
    fresh = network.adapter()
    assert fresh.poll_answers([employee], None).posts == ()
    assert all(request.url.host != "169.254.169.254" for request in network.requests[calls:])


# -- the session --------------------------------------------------------------------------------------


def test_r17_session_is_renewed_once_for_all_callers(network: FakeBluesky) -> None:
    tokens = network.tokens()
    adapters = [network.adapter(tokens) for _ in range(4)]
    for one in adapters:
        one.brand()
    network.end_session()

    threads = [threading.Thread(target=one.poll, args=(None,)) for one in adapters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    refreshes = [request for request in network.requests if "refreshSession" in str(request.url)]
    assert len(refreshes) == 1
    assert tokens.renewals == 1
    assert not any("createSession" in str(request.url) for request in network.requests)


def test_r17_lost_refresh_is_tried_again(network: FakeBluesky, bluesky: Bluesky) -> None:
    network.end_session()
    network.fail("com.atproto.server.refreshSession", httpx.ReadTimeout("slow"))
    with pytest.raises(Retry):
        bluesky.poll(None)
    assert bluesky.poll(None).posts == ()


def test_session_that_ended_for_good_asks_for_a_new_connection(network: FakeBluesky) -> None:
    tokens = network.tokens()
    network.end_session()
    network.refresh = "another"
    with pytest.raises(Reconnect):
        network.adapter(tokens).poll(None)


def test_app_password_signs_in_again_when_the_session_ended(network: FakeBluesky) -> None:
    tokens = network.tokens()
    network.end_session()
    network.refresh = "another"
    bluesky = network.adapter(tokens, identifier="brand.example", app_password=APP_PASSWORD)
    assert bluesky.poll(None).posts == ()
    assert tokens.load()["access"] == network.access


def test_account_that_was_never_connected_says_what_to_do(network: FakeBluesky) -> None:
    with pytest.raises(Reconnect, match="chorus connect bluesky"):
        network.adapter(MemoryTokens()).brand()


def test_wrong_app_password_asks_for_a_new_connection(network: FakeBluesky) -> None:
    with pytest.raises(Reconnect):
        network.adapter(MemoryTokens(), identifier="brand.example", app_password="wrong").brand()


def test_brand_is_known_by_its_did(network: FakeBluesky, bluesky: Bluesky) -> None:
    assert bluesky.brand().id == network.brand
    network.fail("app.bsky.actor.getProfile", httpx.Response(502, json={"error": "UpstreamFailure"}))
    assert network.adapter().brand().handle == "brand.example"


def test_keys_are_record_keys_that_rise(bluesky: Bluesky) -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    keys = [bluesky.new_key(now) for _ in range(50)]
    assert keys == sorted(set(keys))


def test_app_password_does_not_show_in_the_settings() -> None:
    assert APP_PASSWORD not in repr(BlueskyAccount(app_password=APP_PASSWORD))
