"""R13: a webhook that the platform gave up on raises an alarm, is mended, and its gap is filled."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from app.wiring.adapters import health_checks
from app.wiring.settings import Settings
from bot.listener import Listener
from bot.platforms.health import follows_wait
from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.platforms.x.health import XHealth
from bot.posts import Author, Page, Post, PostEvent, Reconnect, Retry, Visibility
from bot.states import ConnectionState
from bot.steps.watch import Watch
from bot.store.conversations.ingest import Ingest
from bot.store.engine import Database
from bot.store.house import connections
from bot.store.people import identities
from bot.store.tables.conversations import PostRow
from bot.store.tables.people import EmployeeRow
from tests.bot.platforms.mastodon.fake_mastodon import FakeMastodon
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.x import fake_x
from tests.bot.platforms.x.fake_x import FakeX
from tests.conftest import FakeClock
from tests.ledger_platform import LedgerPlatform

HOOK = "https://chorus.example/webhooks/x"


class XWatch:
    """The watch over X, looked at whenever a test wants."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database = database
        self.fake = FakeX()
        account = XAccount(user_id=fake_x.BRAND, handle="ExampleBrand", bearer_token="app-token")
        store = MemoryTokens(access_token="access-1")
        self.x = X(account, store, clock, transport=self.fake.transport())

    def look(self) -> None:
        Watch(self.database, {"x": self.x}, {"x": XHealth(self.x.calls, HOOK)}).check()

    def state(self) -> tuple[str | None, str | None, str]:
        with self.database.read() as session:
            row = connections.of(session, "x")
        assert row is not None
        return row.webhook, row.alarm, row.state


@pytest.fixture
def watch(sqlite_database: Database, clock: FakeClock) -> XWatch:
    clock.at = fake_x.NOW
    return XWatch(sqlite_database, clock)


def test_a_webhook_nobody_registered_is_no_alarm(watch: XWatch) -> None:
    watch.look()
    assert watch.state() == ("missing", None, ConnectionState.CONNECTED)


def test_r13_an_invalid_webhook_is_checked_again_and_its_gap_replayed(
    watch: XWatch, clock: FakeClock
) -> None:
    watch.fake.webhooks["h1"] = {"id": "h1", "url": HOOK, "valid": True}
    watch.look()
    assert watch.state()[0] == "valid"
    clock.advance(timedelta(hours=3))
    watch.fake.webhooks["h1"]["valid"] = False
    watch.look()
    assert watch.state() == ("valid", None, ConnectionState.CONNECTED)
    [replay] = watch.fake.replays
    assert replay["webhook_id"] == "h1"
    assert (replay["from_date"], replay["to_date"]) == ("202611221150", "202611221500")


def test_r13_a_webhook_that_stays_invalid_is_an_alarm_until_it_works_again(
    watch: XWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.fake.webhooks["h1"] = {"id": "h1", "url": HOOK, "valid": False}
    with monkeypatch.context() as patch:
        patch.setattr("bot.platforms.x.setup.XSetup._revalidate", lambda _self, webhook: webhook)
        watch.look()
    webhook, alarm, _ = watch.state()
    assert webhook == "invalid"
    assert "Mentions are polled meanwhile" in (alarm or "")
    watch.look()
    assert watch.state()[:2] == ("valid", None)


def test_an_app_that_x_refuses_waits_for_a_person(watch: XWatch) -> None:
    class Refused:
        def check(self, since: object, now: object) -> None:
            raise Reconnect("The app's credit on X is used up.")

    Watch(watch.database, {}, {"x": Refused()}).check()  # type: ignore[dict-item]
    assert watch.state()[2] == ConnectionState.RECONNECT


def test_only_x_with_its_bearer_token_is_looked_after(watch: XWatch) -> None:
    def checked(**x: object) -> list[str]:
        return list(health_checks(Settings.model_validate({"x": x}), {"x": watch.x}))

    assert checked(client_id="a") == []
    assert checked(client_id="a", bearer_token="t") == ["x"]


class Following(LedgerPlatform):
    """A platform whose brand follows employees."""

    def follow(self, employees: Sequence[Author]) -> None:
        self.followed = [*getattr(self, "followed", []), *(one.id for one in employees)]

    def not_yet_let_in(self, employees: Sequence[Author]) -> set[str]:
        return set()


def hire(database: Database, clock: FakeClock, number: int) -> None:
    with database.write() as session:
        row = EmployeeRow(name=f"E{number}", email=f"e{number}@example.com", created_at=clock())
        session.add(row)
        session.flush()
        identities.link(session, row.id, "x", f"id{number}", f"h{number}", proof="code", now=clock())


def test_who_is_linked_is_followed_once(sqlite_database: Database, clock: FakeClock, tmp_path: Path) -> None:
    platform = Following(tmp_path / "ledger")
    watch = Watch(sqlite_database, {"x": platform}, {})
    for number in (1, 2):
        hire(sqlite_database, clock, number)
        watch.follow()
        watch.follow()
    assert platform.followed == ["id1", "id2"]


def test_a_limit_of_the_searches_does_not_stop_the_mentions(
    sqlite_database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    hire(sqlite_database, clock, 1)
    calls: list[str] = []

    class Limited(LedgerPlatform):
        def poll(self, cursor: str | None) -> Page:
            calls.append("mentions")
            return Page((), cursor)

        def poll_answers(self, handles: Sequence[Author], cursor: str | None) -> Page:
            calls.append("answers")
            raise Retry("slow down", clock() + timedelta(minutes=15))

    ingest = Ingest(sqlite_database)
    listener = Listener(sqlite_database, Limited(tmp_path / "l"), ingest, "me", 1.0)
    for _ in range(3):
        listener.look()
    ingest.close()
    assert calls == ["mentions", "answers", "mentions", "mentions"]


def test_more_of_a_round_waits_for_the_next_look_where_searches_are_scarce(
    sqlite_database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    hire(sqlite_database, clock, 1)
    pages: list[str | None] = []

    class Round(LedgerPlatform):
        def poll_answers(self, handles: Sequence[Author], cursor: str | None) -> Page:
            pages.append(cursor)
            return Page((), str(len(pages)), more=True)

    ingest = Ingest(sqlite_database)
    listener = Listener(
        sqlite_database, Round(tmp_path / "l"), ingest, "me", 1.0, answers_poll_interval=60.0, answer_pages=1
    )
    listener.look()
    listener.look()
    ingest.close()
    assert pages == [None]


def test_an_edit_brings_the_new_version_to_reply_to(sqlite_database: Database, clock: FakeClock) -> None:
    ingest = Ingest(sqlite_database)
    post = Post("x", "1", Author("2", "sam"), "old", visibility=Visibility.PUBLIC, posted_at=clock())
    ingest.write([post])
    edited = Post(
        "x", "1", Author("2", "sam"), "new", event=PostEvent.EDITED, visibility=Visibility.PUBLIC,
        posted_at=clock(), edited_at=clock(), refs={"version": "9"}, url="https://x.com/sam/status/9",
    )  # fmt: skip
    ingest.write([edited])
    ingest.close()
    with sqlite_database.read() as session:
        row = session.get_one(PostRow, 1)
    assert (row.text, row.refs, row.url) == ("new", {"version": "9"}, "https://x.com/sam/status/9")


# -- accounts that admit followers by hand ---------------------------------------------------------------


class Village:
    """A Mastodon server where Jane admits followers by hand and Ravi lets everybody in."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database = database
        self.fake = FakeMastodon(clock)  # type: ignore[arg-type]
        adapter = self.fake.adapter()
        self.watch = Watch(database, {"mastodon": adapter}, {})
        with database.write() as session:
            for number, name in enumerate(("jane", "ravi"), start=1):
                account = self.fake.sign_up(name)
                employee = EmployeeRow(name=name, email=f"{name}@example.com", created_at=clock())
                session.add(employee)
                session.flush()
                author = adapter.identify(name)
                identities.link(
                    session, number, "mastodon", author.id, author.handle, proof="operator", now=clock()
                )
                if name == "jane":
                    self.fake.locked.add(account["id"])
                    self.jane = account

    def look(self) -> list[str]:
        """Who has not let the brand in."""
        self.watch.follow()
        self.watch.note_waiting()
        with self.database.read() as session:
            return list(identities.waiting_follows(session, "mastodon"))


def test_a_follow_that_waits_for_its_answer_is_noted_until_it_is_let_in(
    database: Database, clock: FakeClock
) -> None:
    village = Village(database, clock)
    assert village.look() == ["jane@example.social"]
    assert village.look() == ["jane@example.social"]
    village.fake.requested.clear()
    village.fake.followed.append(village.jane["id"])
    assert village.look() == []


def test_who_has_let_the_brand_in_is_not_asked_about_again(database: Database, clock: FakeClock) -> None:
    village = Village(database, clock)
    village.fake.locked.clear()
    village.look()
    asked = len(village.fake.requests)
    village.look()
    assert len(village.fake.requests) == asked


def test_what_is_said_of_those_who_have_not_let_the_brand_in_names_ten_of_them() -> None:
    assert follows_wait([]) == ""
    assert "follow @jane@example.social, and has not been let in" in follows_wait(["jane@example.social"])
    assert "@p9 and 3 more" in follows_wait([f"p{number}" for number in range(13)])
