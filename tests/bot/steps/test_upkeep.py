"""The archive lives: what is old, has expired or has dead links comes before somebody's eyes again."""

from datetime import timedelta

import httpcore
import httpx
import pytest
from sqlmodel import select

from bot.actions.archive import review
from bot.actions.archive.imports import ImportedAnswer, PastEntry, import_entry
from bot.states import ChangeKind
from bot.steps.looks.links_check import LinkChecker, LinkResult, links_of
from bot.steps.upkeep import Upkeep
from bot.store import changes
from bot.store.archive import care
from bot.store.engine import Database
from bot.store.tables.conversations import AnswerRow, EntryRow
from bot.store.tables.house import EntryCareRow, LinkCheckRow
from tests.conftest import FakeClock


class Web(LinkChecker):
    """A web in which some links are dead."""

    def __init__(self) -> None:
        super().__init__(httpx.MockTransport(lambda _request: httpx.Response(200)))
        self.dead: set[str] = set()
        self.asked: list[str] = []

    def check(self, url: str) -> LinkResult:
        self.asked.append(url)
        return LinkResult(url, "the page is gone (404)" if url in self.dead else None)


class Timer:
    """Goes with the clock; every host has had its rest when it is asked for again."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.more = clock, 0.0

    def __call__(self) -> float:
        self.more += 30.0
        return self.clock().timestamp() + self.more


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def upkeep(database: Database, web: Web, clock: FakeClock) -> Upkeep:
    return Upkeep(database, "node", web, timer=Timer(clock))


def entry(database: Database, clock: FakeClock, text: str = "Press it.") -> None:
    with database.write() as session:
        past = PastEntry("A title", "a question", clock(), [ImportedAnswer(text, "^Jane", clock())])
        import_entry(session, past, clock())


def only(database: Database) -> EntryRow:
    with database.read() as session:
        return session.exec(select(EntryRow)).one()


def run(upkeep: Upkeep) -> None:
    for _ in range(20):
        if not upkeep.put_up() + upkeep.run():
            return


def reviewed(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        review.reviewed(session, session.exec(select(EntryRow)).one(), "Ada", clock())


def test_an_entry_that_nobody_touched_for_a_year_is_put_up_once_a_year(
    database: Database, upkeep: Upkeep, clock: FakeClock
) -> None:
    entry(database, clock)
    clock.advance(timedelta(days=364))
    run(upkeep)
    assert only(database).review is None
    clock.advance(timedelta(days=1))
    run(upkeep)
    assert only(database).review == "Nobody has touched it since 2026-03-04."
    reviewed(database, clock)
    clock.advance(timedelta(days=300))
    run(upkeep)
    assert only(database).review is None
    clock.advance(timedelta(days=65))
    run(upkeep)
    assert only(database).review is not None


def test_age_alone_is_no_reason_where_nobody_wants_it(database: Database, web: Web, clock: FakeClock) -> None:
    entry(database, clock)
    clock.advance(timedelta(days=4000))
    run(Upkeep(database, "node", web, review_after=None))
    assert only(database).review is None


def test_an_entry_past_its_date_is_put_up_once_for_that_date(
    database: Database, upkeep: Upkeep, clock: FakeClock
) -> None:
    entry(database, clock)
    with database.write() as session:
        row = session.exec(select(EntryRow)).one()
        row.valid_until = clock() + timedelta(days=2)
        session.add(row)
    run(upkeep)
    assert only(database).review is None
    clock.advance(timedelta(days=2))
    run(upkeep)
    assert only(database).review == "It was valid until 2026-03-06."
    reviewed(database, clock)
    clock.advance(timedelta(hours=1))
    run(upkeep)
    assert only(database).review is None


def test_a_link_counts_as_dead_when_it_fails_twice_a_day_apart(
    database: Database, upkeep: Upkeep, web: Web, clock: FakeClock
) -> None:
    entry(database, clock, "See https://help.example.com/a and https://help.example.com/b.")
    web.dead.add("https://help.example.com/a")
    run(upkeep)
    assert sorted(web.asked) == ["https://help.example.com/a", "https://help.example.com/b"]
    assert only(database).review is None
    clock.advance(timedelta(hours=25))
    run(upkeep)
    assert web.asked[2:] == ["https://help.example.com/a"]
    assert only(database).review == "A link is dead: https://help.example.com/a: the page is gone (404)."


def test_a_link_that_recovers_is_forgiven(
    database: Database, upkeep: Upkeep, web: Web, clock: FakeClock
) -> None:
    entry(database, clock, "See https://help.example.com/a")
    web.dead.add("https://help.example.com/a")
    run(upkeep)
    web.dead.clear()
    clock.advance(timedelta(hours=25))
    run(upkeep)
    assert only(database).review is None
    with database.read() as session:
        assert session.exec(select(LinkCheckRow.failures)).one() == 0


def test_a_working_link_is_left_alone_for_a_month_and_shared_by_entries(
    database: Database, upkeep: Upkeep, web: Web, clock: FakeClock
) -> None:
    entry(database, clock, "See https://help.example.com/a")
    entry(database, clock, "Also https://help.example.com/a")
    run(upkeep)
    clock.advance(timedelta(days=29))
    run(upkeep)
    assert len(web.asked) == 1
    clock.advance(timedelta(days=1, seconds=1))
    run(upkeep)
    assert len(web.asked) == 2


def test_one_host_is_asked_at_most_every_twenty_seconds(
    database: Database, web: Web, clock: FakeClock
) -> None:
    at = [0.0]
    upkeep = Upkeep(database, "node", web, timer=lambda: at[0])
    entry(
        database,
        clock,
        "See https://help.example.com/a and https://help.example.com/b and https://b.example/",
    )
    for _ in range(5):
        upkeep.run()
    assert web.asked == ["https://help.example.com/a", "https://b.example/"]
    at[0] = 20.0
    upkeep.run()
    assert web.asked[2:] == ["https://help.example.com/b"]


def test_only_one_node_does_it(database: Database, web: Web, clock: FakeClock) -> None:
    entry(database, clock, "See https://help.example.com/a")
    first, second = Upkeep(database, "one", web), Upkeep(database, "two", web)
    first.run()
    second.run()
    assert len(web.asked) == 1


@pytest.fixture
def answers() -> dict[tuple[str, str], httpx.Response | Exception]:
    return {}


def checker(answers: dict[tuple[str, str], httpx.Response | Exception]) -> LinkChecker:
    def answer(request: httpx.Request) -> httpx.Response:
        found = answers.get((request.method, str(request.url)), httpx.Response(200))
        if isinstance(found, Exception):
            raise found
        return found

    return LinkChecker(httpx.MockTransport(answer))


URL = "https://help.example.com/a"


@pytest.mark.parametrize(
    ("head", "get", "is_dead"),
    [
        (200, None, False),
        (404, 404, True),
        (404, 200, False),
        (410, None, True),
        (405, 206, False),
        (403, 403, False),
        (429, None, False),
        (500, 503, True),
        (500, 200, False),
        (401, None, False),
    ],
)
def test_what_a_status_means(
    answers: dict[tuple[str, str], httpx.Response | Exception], head: int, get: int | None, is_dead: bool
) -> None:
    answers["HEAD", URL] = httpx.Response(head)
    answers["GET", URL] = httpx.Response(get) if get else AssertionError("GET was not needed")
    assert (checker(answers).check(URL).problem is not None) == is_dead


def test_redirects_are_followed_to_their_end(
    answers: dict[tuple[str, str], httpx.Response | Exception],
) -> None:
    answers["HEAD", URL] = httpx.Response(301, headers={"location": "/b"})
    answers["HEAD", "https://help.example.com/b"] = httpx.Response(302, headers={"location": "//c.example/"})
    answers["HEAD", "https://c.example/"] = httpx.Response(410)
    assert checker(answers).check(URL).problem == "the page is gone (410)"
    answers["HEAD", "https://c.example/"] = httpx.Response(302, headers={"location": URL})
    assert checker(answers).check(URL).problem == "it redirects in circles"
    answers["HEAD", "https://c.example/"] = httpx.Response(302, headers={"location": "mailto:a@b.example"})
    assert checker(answers).check(URL).problem is None


@pytest.mark.parametrize(
    "error",
    [httpcore.ConnectError("no such name"), httpcore.ReadTimeout(), httpcore.RemoteProtocolError("x")],
)
def test_a_server_that_does_not_answer_is_a_problem(
    answers: dict[tuple[str, str], httpx.Response | Exception], error: Exception
) -> None:
    answers["HEAD", URL] = error
    assert "help.example.com" in (checker(answers).check(URL).problem or "")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "http://169.254.169.254/latest",
        "http://[::1]/",
        "http://10.0.0.1/",
        "http://[bad",
    ],
)
def test_s15_links_into_private_networks_are_not_called(url: str) -> None:
    problem = LinkChecker().check(url).problem
    assert problem is not None
    assert "not on the public internet" in problem or "cannot be" in problem


def test_links_are_found_as_people_write_them() -> None:
    text = "See help.example.com/a, https://x.example/b. And https://x.example/b again, not a.that, readme.md"
    assert links_of(text) == ["https://help.example.com/a", "https://x.example/b"]


def links_due(database: Database) -> list[int]:
    with database.read() as session:
        due = select(EntryCareRow.entry_id).where(EntryCareRow.links_due_at != None)  # noqa: E711
        return list(session.exec(due))


def test_entries_without_links_keep_nobody_busy(
    database: Database, upkeep: Upkeep, web: Web, clock: FakeClock
) -> None:
    for _ in range(5):
        entry(database, clock)
    entry(database, clock, "See https://otter.example/help.")
    assert upkeep.run() == 1
    assert web.asked == ["https://otter.example/help"]
    assert links_due(database) == [6]
    run(upkeep)
    assert web.asked == ["https://otter.example/help"]


def test_an_entry_whose_link_was_taken_out_is_not_looked_at_again(
    database: Database, upkeep: Upkeep, web: Web, clock: FakeClock
) -> None:
    entry(database, clock, "See https://otter.example/help.")
    run(upkeep)
    with database.write() as session:
        answer = session.exec(select(AnswerRow)).one()
        answer.text = "Press it."
        changes.append(session, ChangeKind.ENTRY, 1, clock())
    run(upkeep)
    assert links_due(database) == []


def test_an_entry_without_links_that_is_due_from_former_times_is_looked_at_once(
    database: Database, upkeep: Upkeep, web: Web, clock: FakeClock
) -> None:
    entry(database, clock)
    run(upkeep)
    with database.write() as session:
        care.look_again(session, [1], clock())
    run(upkeep)
    assert links_due(database) == []
