"""The built-in feed: its JSON as others script against it, its page, and how Chorus hears of it."""

import json
from typing import Any

import httpx
import pytest
from sqlmodel import select

from bot.posts import Outgoing
from bot.store.engine import Database
from bot.store.tables.conversations import PostRow, QuestionRow
from routing.model.domain import QuestionState
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    return WorkHouse(database, clock)


def _post(house: WorkHouse, body: Any, **headers: str) -> httpx.Response:
    return house.browser().request("POST", "/local/posts", json=body, headers=headers)


def _texts(house: WorkHouse, query: str = "") -> list[str]:
    return [one["text"] for one in house.browser().get(f"/local/posts{query}").json()["items"]]


def _posts(house: WorkHouse) -> list[PostRow]:
    with house.database.read() as session:
        return list(session.exec(select(PostRow).order_by("id")).all())


def test_a_post_is_stored_and_chorus_hears_of_it_at_once(house: WorkHouse) -> None:
    made = _post(house, {"author": "sam", "text": "@brand no picture"})
    assert made.status_code == 201
    number = made.json()["id"]
    assert made.json() == {"id": number, "url": f"http://answers.test/local#post-{number}"}

    listed = house.browser().get("/local/posts").json()["items"]
    assert listed == [
        {
            "id": number,
            "author": "sam",
            "text": "@brand no picture",
            "in_reply_to": None,
            "posted_at": listed[0]["posted_at"],
        }
    ]
    assert [(one.external_id, one.text, one.visibility) for one in _posts(house)] == [
        (number, "@brand no picture", "public")
    ]


def test_replies_name_the_post_they_answer(house: WorkHouse) -> None:
    first = _post(house, {"author": "sam", "text": "@brand no picture"}).json()["id"]
    second = _post(house, {"author": "jane", "text": "Reset it. #chorus", "in_reply_to": first})
    assert second.status_code == 201
    assert _posts(house)[1].in_reply_to == first


def test_the_same_key_posts_nothing_new(house: WorkHouse) -> None:
    body = {"author": "sam", "text": "@brand hello?"}
    first = _post(house, body, Idempotency_Key="abc").json()
    assert _post(house, body, Idempotency_Key="abc").json() == first
    assert _post(house, body, Idempotency_Key="abd").json() != first
    assert len(_texts(house)) == 2
    assert len(_posts(house)) == 2


def test_s1_a_clients_key_cannot_take_the_place_of_a_delivery(house: WorkHouse) -> None:
    key = house.chorus.local.new_key(house.clock())
    _post(house, {"author": "eve", "text": "mine"}, Idempotency_Key=key)
    published = house.chorus.local.publish(Outgoing("local", key, "ours", house.clock()), 5)
    assert _texts(house) == ["mine", "ours"]
    assert published.external_id == house.browser().get("/local/posts").json()["items"][1]["id"]


def test_posts_come_oldest_first_a_hundred_at_a_time(house: WorkHouse) -> None:
    for number in range(103):
        house.chorus.feed.append("sam" if number % 2 else "kim", f"post {number}")
    first = house.browser().get("/local/posts").json()["items"]
    assert [one["text"] for one in first] == [f"post {number}" for number in range(100)]
    assert _texts(house, f"?after={first[-1]['id']}") == ["post 100", "post 101", "post 102"]
    assert _texts(house, f"?after={first[-1]['id']}&author=sam") == ["post 101"]
    assert _texts(house, "?after=") == [one["text"] for one in first]
    assert _texts(house, "?author=nobody") == []


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"text": "hello"}, "author"),
        ({"author": "sam"}, "text"),
        ({"author": "", "text": "hello"}, "author"),
        ({"author": "no name", "text": "hello"}, "author"),
        ({"author": "sam\0", "text": "hello"}, "author"),
        ({"author": "brand", "text": "We give everything away!"}, "author"),
        ({"author": "@Brand", "text": "We give everything away!"}, "author"),
        ({"author": "sam", "text": "  "}, "text"),
        ({"author": "sam", "text": "a\0b"}, "text"),
        ({"author": "sam", "text": "x" * 501}, "text"),
        ({"author": "sam", "text": 7}, "text"),
        ({"author": "sam", "text": "hello", "in_reply_to": "999999"}, "in_reply_to"),
        ({"author": "sam", "text": "hello", "in_reply_to": "no id"}, "in_reply_to"),
        ({"author": "sam", "text": "hello", "mood": "good"}, "mood"),
        ([], "body"),
    ],
)
def test_wrong_posts_are_refused_by_the_name_of_the_field(
    sqlite_database: Database, clock: FakeClock, body: Any, named: str
) -> None:
    house = WorkHouse(sqlite_database, clock)
    answer = _post(house, body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert named in [one["name"] for one in answer.json()["errors"]]
    assert _texts(house) == []


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"author": "sam", "text": NaN}', 422),
        (b'{"author": "sam", "text": "\\ud800"}', 400),
        (b"[" * 100_000, 400),
        (b'{"author": "sam", "text": ' + b"[" * 100_000, 400),
        (b"\xff\xfe", 400),
        (b'{"author": "sam", "text": "' + b"x" * 2_000_000 + b'"}', 413),
    ],
)
def test_r11_no_body_brings_the_feed_down(
    sqlite_database: Database, clock: FakeClock, raw: bytes, status: int
) -> None:
    house = WorkHouse(sqlite_database, clock)
    answer = house.browser().request(
        "POST", "/local/posts", content=raw, headers={"content-type": "application/json"}
    )
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    assert _texts(house) == []


def test_only_json_is_taken_for_json(house: WorkHouse) -> None:
    answer = house.browser().request(
        "POST",
        "/local/posts",
        content=json.dumps({"author": "a", "text": "b"}),
        headers={"content-type": "text/plain"},
    )
    assert answer.status_code == 415


def test_a_wrong_cursor_is_said_to_be_one(house: WorkHouse) -> None:
    for wrong in ("abc", "-1", "1' OR 1", "9" * 40):
        answer = house.browser().get(f"/local/posts?after={wrong}")
        assert answer.status_code == 422, wrong


def test_r4_a_deleted_question_is_withdrawn_with_its_words(house: WorkHouse) -> None:
    number = _post(house, {"author": "sam", "text": "@brand my secret"}).json()["id"]
    house.take_in()
    browser = house.browser()
    assert browser.request("DELETE", f"/local/posts/{number}").status_code == 204
    assert browser.request("DELETE", f"/local/posts/{number}").status_code == 404
    assert browser.request("DELETE", "/local/posts/abc").status_code == 404
    house.take_in()
    post = _posts(house)[0]
    assert (post.text, post.deleted_at is not None) == ("", True)
    assert house.state_of(post.question_id or 0) == QuestionState.WITHDRAWN
    assert "my secret" not in browser.get("/local").text


@pytest.mark.parametrize("client", ["192.0.2.7", "2001:db8::7", ""])
def test_only_this_machine_may_post_as_anyone(
    sqlite_database: Database, clock: FakeClock, client: str
) -> None:
    body = {"author": "sam", "text": "hello"}
    house = WorkHouse(sqlite_database, clock)
    for method, path in (
        ("GET", "/local"),
        ("GET", "/local/live"),
        ("POST", "/local"),
        ("GET", "/local/posts"),
        ("POST", "/local/posts"),
        ("DELETE", "/local/posts/1"),
        ("POST", "/local/1/delete"),
    ):
        answer = house.browser(client=client).request(method, path, json=body)
        assert answer.status_code == 403, (method, path)
        assert "CHORUS_LOCAL__OPEN_TO_NETWORK" in answer.text
    house = WorkHouse(sqlite_database, clock, local={"open_to_network": True})
    assert house.browser(client=client).request("POST", "/local/posts", json=body).status_code == 201


def test_a_proxys_clients_and_rebound_names_are_not_this_machine(
    sqlite_database: Database, clock: FakeClock
) -> None:
    house = WorkHouse(sqlite_database, clock)
    browser = house.browser()
    assert browser.get("/local", x_forwarded_for="192.0.2.7").status_code == 403
    assert browser.get("/local", sec_fetch_site="none", host="evil.test").status_code == 403
    assert browser.get("/local", sec_fetch_site="none", host="localhost:8000").status_code == 200
    house = WorkHouse(sqlite_database, clock, trusted_proxies=("127.0.0.1",))
    assert house.browser().get("/local", x_forwarded_for="192.0.2.7").status_code == 403
    assert house.browser().get("/local", x_forwarded_for="127.0.0.1").status_code == 200


def test_one_can_post_from_the_page_without_script(house: WorkHouse) -> None:
    house.employee("Jane Doe", handle="jane")
    browser = house.browser()
    page = browser.get("/local").text
    assert '<option value="jane"' in page
    posted = browser.post("/local", {"persona": "sam", "text": "@brand no\r\npicture"})
    assert posted.status_code == 303
    number = posted.headers["location"].removeprefix("/local#post-")
    assert _posts(house)[0].text == "@brand no\npicture"

    reply = browser.get(f"/local?reply={number}").text
    assert f'name="in_reply_to" value="{number}"' in reply
    named = {"persona": "jane", "name": "robin", "text": "me too", "in_reply_to": number}
    browser.post("/local", named)
    assert [one["author"] for one in browser.get("/local/posts").json()["items"]] == ["sam", "robin"]


def test_what_is_wrong_on_the_page_comes_back_with_what_was_typed(house: WorkHouse) -> None:
    page = house.browser().post("/local", {"name": "brand", "text": "We give <everything> away"})
    assert page.status_code == 422
    assert "only Chorus posts as it" in page.text
    assert "We give &lt;everything&gt; away" in page.text


def test_the_page_shows_the_whole_way_of_a_question(house: WorkHouse) -> None:
    jane = house.employee("Jane Doe", handle="jane")
    number = _post(house, {"author": "sam", "text": "@brand no picture since the update"}).json()["id"]
    house.take_in()
    browser = house.browser()
    assert "Looking for somebody who knows" in browser.get("/local").text
    question = _posts(house)[0].question_id or 0
    house.offer(question, jane)
    with house.database.write() as session:
        row = session.get_one(QuestionRow, question)
        row.state = QuestionState.OFFERED
        session.add(row)
    assert "1 person is being asked" in browser.get("/local").text

    _post(house, {"author": "jane", "text": "Hold the power button. #chorus", "in_reply_to": number})
    house.take_in()
    assert "An answer is on its way" in browser.get("/local").text
    house.deliver()

    page = browser.get("/local").text
    assert "Hold the power button. ^Jane" in page
    assert "is-brand" in page
    assert "Taken as an answer" in page
    assert "works here" in page
    assert 'href="/q/1-' in page
    assert _texts(house, "?author=brand") == ["Hold the power button. ^Jane"]


def test_a_deleted_post_stays_only_as_the_place_others_replied_to(house: WorkHouse) -> None:
    feed = house.chorus.feed
    lonely, answered = feed.append("sam", "lonely words"), feed.append("kim", "answered words")
    feed.append("eve", "a reply", in_reply_to=answered.id)
    for post in (lonely, answered):
        feed.remove(post.id)
    page = house.browser().get("/local").text
    assert page.count("This post was deleted") == 1
    assert "a reply" in page


def test_deep_threads_stay_readable_and_old_ones_are_a_page_away(house: WorkHouse) -> None:
    feed = house.chorus.feed
    last = feed.append("sam", "the root")
    for number in range(6):
        last = feed.append("kim", f"level {number}", in_reply_to=last.id)
    for number in range(20):
        feed.append("sam", f"another {number}")
    newest = house.browser().get("/local").text
    assert "the root" not in newest
    older = house.browser().get("/local?before=8").text
    assert older.count('<ol class="thread') == 3
    assert older.index("level 4") < older.index("level 5")
    assert "Newest posts" in older


def test_s5_a_posts_markup_and_name_stay_text(house: WorkHouse) -> None:
    house.chorus.feed.append("<i>x</i>", "<script>alert(1)</script> javascript:alert(1) \u202egnp.exe")
    page = house.browser().get("/local").text
    assert "<script>alert" not in page
    assert "<i>x" not in page
    assert "\u202e" not in page
