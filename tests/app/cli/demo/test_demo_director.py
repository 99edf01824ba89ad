"""The outage of the demo: two people in charge, each deed when it is possible, and way for visitors."""

from dataclasses import dataclass, field

import httpx
import pytest

from app.cli.demo.director import Director
from app.cli.demo.story import Outage, load_outage, load_story
from bot.platforms.local.adapter import LONGEST_POST

SCRIPT = load_outage()
STORY = load_story()
LATE = 10_000.0


@dataclass
class FakeSite:
    """The pages behind HTTP, and what Chorus would have made of the posts: a matter for each language."""

    posts: list[dict[str, str]] = field(default_factory=list)
    deeds: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    surge: bool = True
    refuses: str = "never"
    waits: int | None = 1
    _merged: bool = False
    _signed_in: str = "nobody"

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self._answer), base_url="http://demo.test")

    def matters(self, posts: list[str]) -> list[int]:
        if not posts:
            return []
        return [5] if posts[0] == "1" else ([6] if self._merged else [6, 7])

    def is_surging(self, matter: int) -> bool:
        return self.surge and matter == 6

    def proposed(self, matter: int) -> int | None:
        return self.waits

    def told(self, matter: int) -> int:
        return 24

    def supporters(self, matter: int) -> int:
        return 17

    def sign_in(self, handle: str) -> str:
        return f"http://demo.test/sign-in/{handle}"

    def email(self, handle: str) -> str:
        return f"{handle}@example.com"

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path, form = request.url.path, dict(httpx.QueryParams(request.content.decode()))
        if path == "/local/posts":
            self.posts.append(httpx.Response(200, content=request.content).json())
            return httpx.Response(201, json={"id": str(len(self.posts))})
        if path.startswith("/sign-in/"):
            self._signed_in = path.removeprefix("/sign-in/")
        elif path == "/sign-out":
            self._signed_in = "nobody"
        elif self.refuses in path:
            return httpx.Response(409)
        else:
            self.deeds.append((self._signed_in, path, form))
            self._merged = self._merged or path == "/admin/matters/6/merge"
        made = "/3?done=added" if path == "/admin/departments" else ""
        return httpx.Response(303, headers={"location": path + made})


def play(site: FakeSite, until: float = LATE, script: Outage = SCRIPT) -> tuple[Director, list[str]]:
    said: list[str] = []
    director = Director(script, "brand", "mei", site.client(), site, said.append)
    now = 0.0
    while now <= until and not director.is_over:
        director.perform_due(now)
        now += 1.0
    return director, said


def test_the_whole_story_is_told_within_five_minutes() -> None:
    site = FakeSite()
    director, said = play(site, until=300)
    assert director.is_over
    told = [*SCRIPT.wishes, *SCRIPT.outage, *SCRIPT.late, *((who, "") for who in SCRIPT.joiners)]
    assert sorted(post["author"] for post in site.posts) == sorted(who for who, _ in told)
    assert any("http://demo.test/m/6" in line for line in said)
    assert any("17 people have joined" in line for line in said)


def test_one_writes_and_the_other_approves() -> None:
    site = FakeSite()
    play(site)
    by = {
        path.rpartition("/")[2]: {who for who, each, _ in site.deeds if each == path}
        for _, path, _ in site.deeds
    }
    assert by["approve"] == {SCRIPT.second}
    assert by["statements"] == by["merge"] == by["campaign"] == by["open"] == {"mei"}
    written = [form for _, path, form in site.deeds if path.endswith("/statements")]
    assert [form["kind"] for form in written] == ["statement", "settled", "looked_at"]
    assert written[0]["text-es"] == SCRIPT.statement["es"]


def test_who_joins_posts_what_the_campaigns_page_has_ready() -> None:
    site = FakeSite()
    play(site)
    joined = [post["text"] for post in site.posts if "join-" in post["text"]]
    assert set(joined) == {f"@brand {SCRIPT.demand} join-5 http://demo.test/m/5"}
    assert len(joined) == len(SCRIPT.joiners)


def test_nothing_is_written_before_it_was_noticed() -> None:
    site = FakeSite(surge=False)
    _, said = play(site, until=100)
    assert site.deeds == []
    assert len(said) == 1


def test_a_department_is_in_charge_of_the_campaign_and_says_so() -> None:
    site = FakeSite()
    play(site)
    done = {path: (who, form) for who, path, form in site.deeds}
    put_in = {"who": f"{SCRIPT.second}@example.com", "leads": "yes"}
    assert done["/admin/departments/3/people"] == ("mei", put_in)
    assert done["/admin/matters/5/department"] == ("mei", {"department": "3"})
    assert done["/admin/matters/5/answers"] == (SCRIPT.second, {"kind": "seen"})


@pytest.mark.parametrize("refuses", ["/approve", "/statements", "/merge", "/campaign", "/departments"])
def test_what_a_visitor_has_decided_is_left_and_the_story_goes_on(refuses: str) -> None:
    director, _ = play(FakeSite(refuses=refuses))
    assert director.is_over


def test_what_a_visitor_has_approved_is_not_approved_again() -> None:
    site = FakeSite(waits=None)
    play(site)
    assert not any(path.endswith("/approve") for _, path, _ in site.deeds)


def test_the_script_fits_the_feed_and_its_people() -> None:
    everybody = [who for who, _ in (*SCRIPT.wishes, *SCRIPT.outage, *SCRIPT.late)] + list(SCRIPT.joiners)
    assert len(everybody) == len(set(everybody))
    ours = {one.handle for one in STORY.employees} | {STORY.brand.in_charge.handle, "brand"}
    assert ours.isdisjoint(everybody)
    assert STORY.employee(SCRIPT.second).handle == SCRIPT.second
    for _, text in (*SCRIPT.wishes, *SCRIPT.outage, *SCRIPT.late):
        assert text.startswith("@brand ")
        assert len(text) <= LONGEST_POST
    assert {"", "es", "de", "fr"} == set(SCRIPT.statement) == set(SCRIPT.settled)


def test_a_script_without_words_for_everybody_is_refused() -> None:
    with pytest.raises(ValueError, match="words for everybody"):
        Outage.model_validate({**SCRIPT.model_dump(), "statement": {"es": "Estamos en ello."}})
