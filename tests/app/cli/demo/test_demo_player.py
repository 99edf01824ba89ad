"""The demo's player: who speaks when, what it waits for, and how it gives way to visitors."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest

from app.cli.demo.player import Player
from app.cli.demo.story import Does, Scene, ScriptLine, Shows, Story, load_story

TOLD = load_story()
LATE = 10_000.0


@dataclass
class FakeHouse:
    """A feed and a desk behind HTTP, and what Chorus would have made of the posts."""

    posts: dict[str, dict[str, str]] = field(default_factory=dict)
    desk: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    brand: str | None = None
    down: bool = False
    _signed_in: str | None = None

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self._answer), base_url="http://demo.test")

    def said(self, author: str) -> list[str]:
        return [post["text"] for post in self.posts.values() if post["author"] == author]

    def question(self, post: str) -> int | None:
        return 7 if post in self.posts else None

    def offered(self, post: str) -> frozenset[str]:
        return frozenset(self.asked)

    def is_routed(self, post: str) -> bool:
        return bool(self.asked)

    def published(self, post: str) -> str | None:
        return self.brand

    def sign_in(self, handle: str) -> str:
        return f"http://demo.test/sign-in/{handle}"

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("nobody there", request=request)
        path = request.url.path
        if path.startswith("/sign-in/"):
            self._signed_in = path.removeprefix("/sign-in/")
        elif path.startswith("/desk/"):
            form = dict(httpx.QueryParams(request.content.decode()))
            self.desk.append((self._signed_in or "nobody", path, form))
        elif request.method == "DELETE":
            self.deleted.append(path)
            return httpx.Response(204)
        elif path == "/local/posts":
            return self._take(json.loads(request.content))
        return httpx.Response(303, headers={"location": "/"})

    def _take(self, post: dict[str, str]) -> httpx.Response:
        if f"/local/posts/{post.get('in_reply_to')}" in self.deleted:
            return httpx.Response(422)
        name = str(len(self.posts) + 1)
        self.posts[name] = post
        return httpx.Response(201, json={"id": name, "url": "/"})


def line(does: Does, *by: str, text: str = "Yes. #chorus", after: float = 10) -> ScriptLine:
    return ScriptLine(does=does, by=by, after=after, text=text)


def story(*lines: ScriptLine) -> Story:
    ask = line(Does.ASK, "rosie", text="@brand why?", after=0)
    scene = Scene(id="one", shows=Shows.ANSWER, topic="tv", after=0, lines=(ask, *lines))
    return TOLD.model_copy(update={"scenes": (scene,)})


def player(house: FakeHouse, *lines: ScriptLine, second: timedelta = timedelta(seconds=1)) -> Player:
    return Player(story(*lines), house.client(), house, second)


@pytest.fixture
def house() -> FakeHouse:
    return FakeHouse()


def test_player_says_a_line_only_when_it_is_due(house: FakeHouse) -> None:
    house.asked = {"maya"}
    playing = player(house, line(Does.ANSWER, "maya"))
    playing.perform_due(9.9)
    assert (house.said("rosie"), house.said("maya")) == (["@brand why?"], [])
    playing.perform_due(10)
    assert house.said("maya") == ["Yes. #chorus"]
    assert playing.is_over


def test_player_lets_somebody_answer_who_was_offered_the_question(house: FakeHouse) -> None:
    house.asked = {"tom"}
    playing = player(house, line(Does.ANSWER, "maya", "tom"))
    playing.perform_due(0)
    playing.perform_due(10)
    assert house.said("tom") == ["Yes. #chorus"]
    assert house.posts["2"]["in_reply_to"] == "1"


def test_player_waits_until_the_question_was_put_to_somebody(house: FakeHouse) -> None:
    playing = player(house, line(Does.ANSWER, "maya"))
    playing.perform_due(10)
    assert not playing.is_over
    house.asked = {"maya"}
    playing.perform_due(10.5)
    assert house.said("maya") == []
    playing.perform_due(11)
    assert house.said("maya") == ["Yes. #chorus"]


def test_player_leaves_out_what_does_not_become_possible(house: FakeHouse) -> None:
    playing = player(house, line(Does.THANK, "rosie", text="@brand thanks!"))
    for second in range(0, 140, 2):
        playing.perform_due(float(second))
    assert playing.is_over
    assert house.said("rosie") == ["@brand why?"]


def test_player_gives_a_fast_story_time_for_what_chorus_does_at_its_own_pace(house: FakeHouse) -> None:
    playing = player(house, line(Does.ANSWER, "maya"), second=timedelta(seconds=0.01))
    playing.perform_due(1000)
    playing.perform_due(1990)
    assert not playing.is_over
    playing.perform_due(2100)
    assert playing.is_over


def test_player_leaves_a_question_to_the_visitor_who_answered_it(house: FakeHouse) -> None:
    house.asked, house.brand = {"maya"}, "90"
    playing = player(house, line(Does.ANSWER, "maya"))
    playing.perform_due(LATE)
    playing.perform_due(LATE)
    assert playing.is_over
    assert house.said("maya") == []


def test_player_leaves_out_replies_to_what_a_visitor_deleted(house: FakeHouse) -> None:
    house.asked = {"maya"}
    playing = player(house, line(Does.ANSWER, "maya"))
    playing.perform_due(0)
    house.deleted.append("/local/posts/1")
    playing.perform_due(10)
    assert playing.is_over
    assert house.said("maya") == []


def test_player_tries_again_while_the_server_cannot_be_reached(house: FakeHouse) -> None:
    playing = player(house)
    house.down = True
    playing.perform_due(0)
    assert not playing.is_over
    house.down = False
    playing.perform_due(1)
    assert house.said("rosie") == ["@brand why?"]


def test_player_writes_a_long_answer_at_the_desk(house: FakeHouse) -> None:
    house.asked = {"priya"}
    long = "Begin with the hub. " * 40
    playing = player(house, line(Does.ANSWER, "priya", text=f"{long}#chorus"))
    playing.perform_due(0)
    playing.perform_due(10)
    [(who, path, form)] = house.desk
    assert (who, path) == ("priya", "/desk/questions/7/answer")
    assert form == {"text": f"{long}#chorus", "step": "send"}
    assert house.said("priya") == []


def test_player_passes_a_question_on_at_the_desk_and_somebody_else_answers(house: FakeHouse) -> None:
    house.asked = {"maya", "tom"}
    playing = player(house, line(Does.PASS, "maya"), line(Does.ANSWER, "maya", "tom"))
    for second in (0, 10, 20):
        playing.perform_due(second)
    assert [(who, path) for who, path, _ in house.desk] == [("maya", "/desk/questions/7/pass")]
    assert house.said("tom") == ["Yes. #chorus"]


def test_player_lets_everybody_pass_who_was_asked(house: FakeHouse) -> None:
    house.asked = {"maya", "tom"}
    playing = player(house, line(Does.PASS_ALL, "maya", "eli", "tom"))
    playing.perform_due(0)
    playing.perform_due(10)
    assert [who for who, _, _ in house.desk] == ["maya", "tom"]


def test_player_adds_to_an_answer_only_once_that_is_out_and_as_somebody_else(house: FakeHouse) -> None:
    house.asked = {"maya", "tom"}
    add = line(Does.ADD, "maya", "tom", text="Also. #chorus")
    playing = player(house, line(Does.ANSWER, "maya", "tom"), add)
    for second in (0, 10, 20):
        playing.perform_due(second)
    assert house.said("tom") == []
    house.brand = "90"
    playing.perform_due(21)
    assert house.said("tom") == ["Also. #chorus"]


def test_player_thanks_under_the_brands_post(house: FakeHouse) -> None:
    playing = player(house, line(Does.THANK, "rosie", text="@brand thanks!"))
    playing.perform_due(0)
    house.brand = "90"
    playing.perform_due(10)
    assert house.posts["2"] == {"author": "rosie", "text": "@brand thanks!", "in_reply_to": "90"}


def test_player_lets_strangers_intrude_and_customers_delete(house: FakeHouse) -> None:
    intrusion = line(Does.INTRUDE, "pliers_pete", text="Pliers! #chorus")
    playing = player(house, intrusion, line(Does.DELETE, "rosie", text=""))
    for second in (0, 10, 20):
        playing.perform_due(second)
    assert house.said("pliers_pete") == ["Pliers! #chorus"]
    assert house.deleted == ["/local/posts/1"]


def test_player_tells_the_whole_story_to_its_end() -> None:
    houses: dict[str, FakeHouse] = defaultdict(FakeHouse)
    for scene in TOLD.scenes:
        house = houses[scene.id]
        house.asked = {one.handle for one in TOLD.employees}
        playing = Player(TOLD.model_copy(update={"scenes": (scene,)}), house.client(), house)
        house.brand = "90" if scene.shows in (Shows.ADDITION, Shows.THANKS) else None
        for second in range(0, 700, 5):
            playing.perform_due(float(second))
        assert playing.is_over
    assert houses["moving-house"].desk[0][1].endswith("/answer")
    assert len(houses["robotics-club"].desk) == 3 * len(TOLD.employees)
