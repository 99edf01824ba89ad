"""``chorus connect``: keys are checked before they are kept, and nothing is ever posted."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli.root import app
from app.wiring.adapters import front_of, stored_tokens
from app.wiring.platforms.bluesky.front import BlueskyFront
from app.wiring.platforms.front import Connected, NotConnected
from app.wiring.platforms.x.front import XFront
from app.wiring.settings import Settings, load_settings
from bot.store.engine import Database, open_engine
from bot.store.house import connections
from bot.store.sealing import Tokens
from bot.store.tables.house import ConnectionRow
from tests.bot.platforms.bluesky import fake_bluesky
from tests.bot.platforms.bluesky.fake_bluesky import FakeBluesky
from tests.bot.platforms.mastodon.mastodon_server import MastodonServer, Person, running_mastodon
from tests.bot.platforms.x import fake_x
from tests.bot.platforms.x.fake_x import FakeX
from tests.conftest import FakeClock

KEY = "k" * 40


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MastodonServer]:
    with running_mastodon(tmp_path_factory.mktemp("mastodon")) as running:
        yield running


@pytest.fixture
def home(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a migrated database and a secret key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHORUS_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("CHORUS_SECRET_KEY", KEY)
    monkeypatch.setenv("CHORUS_MASTODON__ALLOW_LOOPBACK", "true")
    return tmp_path


def run(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(app, ["connect", *arguments], input=answer)


def stored(url: str) -> ConnectionRow | None:
    database = Database(open_engine(url))
    with database.read() as session:
        row = connections.of(session, "mastodon")
    database.close()
    return row


def test_a_token_of_the_brand_is_checked_kept_encrypted_and_the_account_marked_as_a_bot(
    home: Path, server: MastodonServer, sqlite_url: str
) -> None:
    brand = server.person("brand")
    done = run("mastodon", "--server", server.base_url, "--token", brand.token)
    assert done.exit_code == 0, done.output
    assert f"Connected as @{brand.username}" in done.output
    row = stored(sqlite_url)
    assert row is not None
    assert row.sealed
    assert brand.token.encode() not in (home / "chorus.db").read_bytes()
    settings = load_settings()
    assert settings.mastodon.base_url == server.base_url  # from the .env that was written
    database = Database(open_engine(sqlite_url))
    assert stored_tokens(settings, database, "mastodon").load() == {"access_token": brand.token}
    database.close()
    assert server.statuses_of(brand) == []


def test_the_operator_is_led_through_the_sign_in(
    home: Path, server: MastodonServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    brand = server.person("brand")

    def allow(text: str, **_: object) -> str:
        """What the operator does: open the address, allow, copy the code."""
        if "server" in text:
            return f"{server.base_url}/"
        return code_for(server, brand)

    monkeypatch.setattr("typer.prompt", allow)
    done = run("mastodon")
    assert done.exit_code == 0, done.output
    assert re.search(r"http://\S+/oauth/authorize\?\S*scope=read\+write%3Astatuses", done.output)
    assert f"Connected as @{brand.username}" in done.output
    assert "chorus employee add" in done.output
    assert server.statuses_of(brand) == []


def code_for(server: MastodonServer, person: Person) -> str:
    answer = httpx.post(
        f"{server.base_url}/oauth/authorize",
        data={"username": person.username, "redirect_uri": "urn:ietf:wg:oauth:2.0:oob"},
    )
    found = re.search(r"Authorization code: (\S+?)<", answer.text)
    assert found is not None, answer.text
    return found[1]


def test_a_token_that_does_not_work_is_not_kept_and_the_operator_reads_why(
    home: Path, server: MastodonServer, sqlite_url: str
) -> None:
    done = run("mastodon", "--server", server.base_url, "--token", "nobody's")
    assert done.exit_code != 0
    assert "Not connected" in str(done.exception)
    assert stored(sqlite_url) is None
    assert not (home / ".env").exists()


@pytest.mark.parametrize(
    ("server", "said"),
    [("mailto:brand", "no server's address"), ("https://social.example/about", "no server's address")],
)
def test_an_address_that_is_none_is_refused(home: Path, server: str, said: str) -> None:
    done = run("mastodon", "--server", server, "--token", "t")
    assert said in str(done.exception)


def test_s15_a_server_in_a_private_network_is_not_called(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_MASTODON__ALLOW_LOOPBACK", "false")
    done = run("mastodon", "--server", "http://127.0.0.1:9", "--token", "t")
    assert "public" in str(done.exception)


@pytest.mark.parametrize(
    ("words", "setting"),
    [
        (
            ("mastodon", "--server", "http://127.0.0.1:9", "--token", "t"),
            "CHORUS_MASTODON__ALLOW_LOOPBACK=true",
        ),
        (("mastodon", "--server", "localhost:3000", "--token", "t"), "CHORUS_MASTODON__ALLOW_LOOPBACK=true"),
        (
            ("bluesky", "--server", "http://[::1]:9", "--handle", "brand.test", "--app-password", "t"),
            "CHORUS_BLUESKY__ALLOW_LOOPBACK=true",
        ),
    ],
)
def test_a_server_on_this_machine_names_the_setting_that_allows_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], setting: str
) -> None:
    monkeypatch.setenv("CHORUS_MASTODON__ALLOW_LOOPBACK", "false")
    assert setting in str(run(*words).exception)
    assert not (home / ".env").exists()


def test_a_server_without_encryption_is_refused_before_it_is_remembered(home: Path) -> None:
    done = run("mastodon", "--server", "http://social.example", "--token", "t")
    assert "CHORUS_MASTODON__BASE_URL should be a server's address like https://" in str(done.exception)
    assert not (home / ".env").exists()


def test_a_secret_that_comes_by_a_pipe_is_read_without_a_warning(home: Path, server: MastodonServer) -> None:
    brand = server.person("piped")
    # A process without a terminal, as in a script: there a hidden prompt warns and may show what is typed.
    command = Path(sys.executable).with_name("chorus")
    done = subprocess.run(
        [command, "connect", "mastodon", "--server", server.base_url, "--token", "-"],
        input=f"{brand.token}\n",
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,
        check=False,
    )
    assert f"Connected as @{brand.username}" in done.stderr
    assert "Warning" not in done.stderr


def test_without_a_secret_key_nothing_begins(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHORUS_SECRET_KEY")
    assert "CHORUS_SECRET_KEY" in str(run("mastodon", "--server", "https://a.example").exception)


def test_x_without_keys_tells_where_to_get_them(home: Path) -> None:
    said = str(run("x").exception)
    assert "Read and write" in said
    assert "CHORUS_X__CLIENT_ID" in said


def settings_with(**groups: dict[str, object]) -> Settings:
    return Settings.model_validate({"secret_key": KEY, **groups})


def test_bluesky_is_connected_by_app_password(sqlite_database: Database, clock: FakeClock) -> None:
    fake = FakeBluesky(clock)  # type: ignore[arg-type]
    settings = settings_with(
        bluesky={
            "identifier": "@brand.example",
            "service": fake_bluesky.SERVICE,
            "plc_directory": fake_bluesky.PLC,
        }
    )
    transport = httpx.MockTransport(fake.handle)
    store = stored_tokens(settings, sqlite_database, "bluesky")
    front = front_of(settings, "bluesky")
    assert isinstance(front, BlueskyFront)
    with pytest.raises(NotConnected, match="app password"):
        front.sign_in_with("wrong", store, clock, transport)
    assert not stored_tokens(settings, sqlite_database, "bluesky").load()
    done = front.sign_in_with(fake_bluesky.APP_PASSWORD, store, clock, transport)
    assert done.account.id == fake.brand
    assert stored_tokens(settings, sqlite_database, "bluesky").load()["did"] == fake.brand
    assert fake.ledger == []


def x_settings(**fields: object) -> Settings:
    return settings_with(x={"client_id": "app", **fields})


def connect_x(
    settings: Settings,
    database: Database,
    clock: FakeClock,
    tokens: Tokens,
    *,
    transport: httpx.BaseTransport,
) -> Connected:
    front = front_of(settings, "x")
    assert isinstance(front, XFront)
    return front.keep(tokens, stored_tokens(settings, database, "x"), clock, transport)


GOOD = {
    "access_token": "access-1",
    "refresh_token": "refresh-1",
    "scope": "tweet.read tweet.write users.read offline.access",
}


def test_x_is_kept_with_webhook_and_subscriptions_and_nothing_is_posted(
    sqlite_database: Database, clock: FakeClock
) -> None:
    fake = FakeX()
    given = x_settings(bearer_token="app-token", consumer_secrets=("s",))
    settings = given.model_copy(update={"base_url": "https://chorus.example"})
    done = connect_x(settings, sqlite_database, clock, GOOD, transport=fake.transport())
    assert done.account.id == fake_x.BRAND
    assert [hook["url"] for hook in fake.webhooks.values()] == ["https://chorus.example/webhooks/x"]
    assert len(fake.subscriptions) == 5
    assert stored_tokens(settings, sqlite_database, "x").load()["refresh_token"] == "refresh-1"
    connect_x(settings, sqlite_database, clock, GOOD, transport=fake.transport())
    assert (len(fake.webhooks), len(fake.subscriptions)) == (1, 5)
    assert fake.by_brand() == []


def test_x_without_a_public_address_is_polled_and_says_what_is_missing(
    sqlite_database: Database, clock: FakeClock
) -> None:
    done = connect_x(x_settings(), sqlite_database, clock, GOOD, transport=FakeX().transport())
    assert "CHORUS_X__BEARER_TOKEN" in done.notes[0]
    assert "polled" in done.notes[0]


def test_each_kind_of_event_that_x_refuses_is_reported_and_the_others_are_there(
    sqlite_database: Database, clock: FakeClock
) -> None:
    fake = FakeX(refused_events={"oauth.revoke", "post.reply.create"})
    given = x_settings(bearer_token="app-token", consumer_secrets=("s",))
    settings = given.model_copy(update={"base_url": "https://chorus.example"})
    done = connect_x(settings, sqlite_database, clock, GOOD, transport=fake.transport())
    works, replies, revoke = done.notes
    assert "X calls the webhook" in works
    assert "post.reply.create" in replies
    assert "is not one of" in replies
    assert "oauth.revoke" in revoke
    assert len(fake.subscriptions) == 3


def test_x_calls_no_webhook_with_a_port(sqlite_database: Database, clock: FakeClock) -> None:
    fake = FakeX()
    given = x_settings(bearer_token="app-token", consumer_secrets=("s",))
    settings = given.model_copy(update={"base_url": "https://chorus.example:8443"})
    done = connect_x(settings, sqlite_database, clock, GOOD, transport=fake.transport())
    assert "without the port" in done.notes[0]
    assert fake.webhooks == {}


def test_oauth_1_tokens_take_the_place_of_an_earlier_sign_in(
    sqlite_database: Database, clock: FakeClock
) -> None:
    settings, fake = x_settings(consumer_key="c", consumer_secrets=("s",)), FakeX()
    connect_x(settings, sqlite_database, clock, GOOD, transport=fake.transport())
    own = {"oauth_token": "t", "oauth_token_secret": "s"}
    connect_x(settings, sqlite_database, clock, own, transport=fake.transport())
    assert stored_tokens(settings, sqlite_database, "x").load() == own


@pytest.mark.parametrize(
    ("fields", "tokens", "said"),
    [
        ({}, {**GOOD, "scope": "tweet.read users.read"}, "tweet.write and offline.access"),
        ({"user_id": "999", "handle": "Other"}, GOOD, "@ExampleBrand (100)"),
        ({}, {**GOOD, "access_token": "stale", "refresh_token": "stale"}, "chorus connect x"),
    ],
)
def test_a_permission_of_x_that_does_not_do_is_not_kept(
    sqlite_database: Database,
    clock: FakeClock,
    fields: dict[str, object],
    tokens: dict[str, str],
    said: str,
) -> None:
    settings = x_settings(**fields)
    with pytest.raises(NotConnected) as refused:
        connect_x(settings, sqlite_database, clock, tokens, transport=FakeX().transport())
    assert said in str(refused.value)
    assert not stored_tokens(settings, sqlite_database, "x").load()
