"""One post that does not fit costs nobody else anything, and a person sees it: the whole application."""

import json
from typing import Any

import httpx
import pytest
from sqlmodel import select

from bot.platforms.wire.signing import Signer
from bot.posts import Author, Post, Visibility
from bot.roles import Role
from bot.states import PostKind, PostState
from bot.store import paging
from bot.store.conversations import set_aside
from bot.store.engine import Database
from bot.store.house import audit
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.conversations import PostRow, QuestionRow
from bot.store.tables.house import AuditRow
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock
from tests.house import House

SECRET = "whsec_" + "c2VjcmV0" * 4
LONG_ID = "".join(chr(0x4E00 + number % 5000) for number in range(3600))


class Bridge(House):
    """The application with a bridge in front of it."""

    def __init__(self, url: str, clock: FakeClock) -> None:
        super().__init__(url, clock, platforms=None, generic={"secrets": [SECRET]})

    def send(self, *posts: dict[str, Any]) -> httpx.Response:
        body = json.dumps({"posts": posts}).encode()
        headers = Signer([SECRET]).sign(body, "m1", self.clock())
        return self.ask("POST", "/webhooks/generic", content=body, headers=headers)

    def metric(self, name: str) -> list[str]:
        return [line for line in self.ask("GET", "/metrics").text.splitlines() if line.startswith(name)]

    def by_id(self) -> dict[str, PostRow]:
        return {row.external_id: row for row in self.posts()}


@pytest.fixture
def site(database_url: str, clock: FakeClock) -> Bridge:
    return Bridge(database_url, clock)


def told(name: str, **values: Any) -> dict[str, Any]:
    return {"id": name, "author": {"id": "u1", "handle": "sam"}, "text": "@brand help", **values}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"posted_at": "9999-12-31T23:59:59-12:00"}, "posts.1.posted_at"),
        ({"posted_at": "0001-01-01T00:00:00+14:00"}, "posts.1.posted_at"),
        ({"author": {"id": "u1", "followers": 10**20}}, "posts.1.author.followers"),
        ({"language": "e\x00n"}, "posts.1.language"),
        ({"thread": "a\x00"}, "posts.1.thread"),
    ],
)
def test_r22_a_bridge_hears_which_field_can_never_be_stored(
    site: Bridge, values: dict[str, Any], field: str
) -> None:
    answer = site.send(told("p1"), told("p2", **values))
    assert answer.status_code == 422
    assert field in answer.json()["detail"]
    assert "refused again" in answer.json()["detail"]
    assert site.by_id() == {}


def test_r22_a_body_that_we_fail_on_is_never_asked_for_again(
    site: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_body: bytes) -> list[Post]:
        raise OverflowError("date value out of range")

    monkeypatch.setattr(site.chorus.platforms["generic"], "parse", fails)
    answer = site.send(told("p1"))
    assert answer.status_code == 422
    assert "OverflowError" in answer.json()["detail"]


def test_r22_what_was_not_foreseen_is_set_aside_and_not_sent_again(
    site: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter: Any = site.chorus.platforms["generic"]
    whole = adapter.parse
    odd = Post("generic", LONG_ID, Author("u2", "kim"), "@brand what now", visibility=Visibility.PUBLIC)
    monkeypatch.setattr(adapter, "parse", lambda body: [*whole(body), odd])
    assert site.send(told("p1")).json() == {"stored": 2}
    assert sorted(row.state for row in site.by_id().values()) == [PostState.NEW, PostState.QUARANTINED]
    assert site.metric('chorus_posts{state="quarantined"}') == ['chorus_posts{state="quarantined"} 1.0']
    assert any(
        'field="post",platform="generic"' in line or 'platform="generic",field="post"' in line
        for line in site.metric("chorus_posts_unfit_total")
    )


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    return WorkHouse(database, clock)


@pytest.fixture
def mei(house: WorkHouse) -> Browser:
    """The person in charge."""
    return house.browser(house.employee("Mei Tan", role=Role.MODERATOR))


def put_aside(house: WorkHouse, **values: Any) -> int:
    with house.database.write() as session:
        row = PostRow(
            **{
                "platform": "local",
                "external_id": "p1",
                "author_id": "sam",
                "author_handle": "sam",
                "text": "@brand no picture, what now?",
                "visibility": "public",
                "received_at": house.clock(),
                "state": PostState.QUARANTINED,
                "attempts": 8,
                "last_error": "RuntimeError: cannot read this",
                **values,
            }
        )
        session.add(row)
        session.flush()
        return row.id


def test_r22_a_person_sees_what_was_set_aside_and_why(house: WorkHouse, mei: Browser) -> None:
    put_aside(house)
    page = mei.get("/admin/posts").text
    assert "no picture, what now?" in page
    assert "RuntimeError: cannot read this" in page
    assert "/admin/posts" in mei.get("/admin").text
    overview = mei.get("/admin").text
    assert "1 thing waits for a person" in overview
    assert "<strong>1</strong>post set aside" in overview
    quiet = overview.partition("None of these: ")[2].partition("</p>")[0]
    assert "held answers" in quiet
    assert "posts set aside" not in quiet


@pytest.mark.parametrize("visibility", ["followers", "private", "whoever"])
def test_s23_words_that_are_not_known_to_be_public_are_not_shown_when_set_aside(
    house: WorkHouse, mei: Browser, visibility: str
) -> None:
    put_aside(house, visibility=visibility)
    page = mei.get("/admin/posts").text
    assert "no picture, what now?" not in page
    assert "not known to be public" in page
    assert "RuntimeError: cannot read this" in page, "what a person in charge has to know"


@pytest.mark.parametrize("visibility", [Visibility.UNLISTED, Visibility.FOLLOWERS])
def test_s23_a_post_that_cannot_be_stored_keeps_who_may_see_it(site: Bridge, visibility: Visibility) -> None:
    odd = Post("generic", LONG_ID, Author("u2", "kim"), "@brand what now", visibility=visibility)
    site.chorus.ingest.write([odd])
    [row] = site.by_id().values()
    assert (row.state, row.visibility) == (PostState.QUARANTINED, visibility.value)


def test_r16_what_was_in_the_way_is_mended_and_the_post_is_tried_again(
    house: WorkHouse, mei: Browser
) -> None:
    number = put_aside(house)
    assert mei.post(f"/admin/posts/{number}/again").headers["location"] == "/admin/posts?done=tried"
    row = house.row(PostRow, number)
    assert (row.state, row.attempts, row.due_at, row.last_error) == (PostState.NEW, 0, house.clock(), None)
    assert mei.post(f"/admin/posts/{number}/again").status_code == 409, "the second one comes too late"
    house.take_in()
    with house.database.read() as session:
        assert session.exec(select(QuestionRow)).one().customer_handle == "sam"
        assert session.exec(select(AuditRow.action)).all() == [AuditAction.POST_TRY_AGAIN]
        assert audit.verify(session) is None


def test_a_post_that_was_judged_before_is_not_judged_a_second_time(house: WorkHouse, mei: Browser) -> None:
    """It was set aside because it could no longer be looked at on its platform."""
    question = house.question()
    number = house.row(QuestionRow, question).post_id
    with house.database.write() as session:
        post = session.get_one(PostRow, number)
        post.state, post.attempts, post.checked_at = PostState.QUARANTINED, 8, house.clock()
        session.add(post)
    mei.post(f"/admin/posts/{number}/again")
    house.take_in()
    post = house.row(PostRow, number or 0)
    assert (post.state, post.verdict, post.question_id) == (PostState.DONE, PostKind.QUESTION, question)
    assert (post.text, post.checked_at) == ("@brand no picture", None)


def test_what_could_not_be_taken_in_is_only_seen_to(house: WorkHouse, mei: Browser) -> None:
    number = put_aside(house, attempts=0)
    assert f"/admin/posts/{number}/again" not in mei.get("/admin/posts").text
    assert mei.post(f"/admin/posts/{number}/again").status_code == 409
    mei.post(f"/admin/posts/{number}/dismiss")
    row = house.row(PostRow, number)
    assert (row.state, row.verdict, row.text) == (PostState.DONE, PostKind.NOT_FOR_US, "")
    assert "No post is set aside" in mei.get("/admin/posts").text
    assert mei.post("/admin/posts/777/dismiss").status_code == 404


def test_who_has_seen_to_a_quoted_post_keeps_its_words(house: WorkHouse, mei: Browser) -> None:
    number = put_aside(house, verdict=PostKind.QUESTION)
    mei.post(f"/admin/posts/{number}/dismiss")
    row = house.row(PostRow, number)
    assert (row.state, row.verdict, row.text) == (
        PostState.DONE,
        PostKind.QUESTION,
        "@brand no picture, what now?",
    )


def test_many_are_shown_page_by_page(house: WorkHouse, mei: Browser) -> None:
    for number in range(paging.PAGE + 3):
        put_aside(house, external_id=f"p{number}", text=f"number {number}.")
    first = mei.get("/admin/posts").text
    assert "number 52." in first
    assert "number 2." not in first
    with house.database.read() as session:
        _, older = set_aside.listed(session)
    assert f"/admin/posts?before={older}" in first
    assert "number 2." in mei.get(f"/admin/posts?before={older}").text
