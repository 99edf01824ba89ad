"""Every setting is judged at the start: what makes no sense is refused by its name, with what to write."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.root import app
from app.wiring.environment import UnusableSettings, names
from app.wiring.settings import Settings, load_settings

NONSENSE = ("☃ {no}: such <thing>", "..,;|/\\", "-1e999")
FREE_TEXT = {
    "CHORUS_BRAND_NAME": "a name is any text",
    "CHORUS_DATA_DIRECTORY": "any text names a directory that can be made",
    "CHORUS_PUBLISH__BLOCKED_WORDS": "any text may be unwanted",
    "CHORUS_MAIL__USER": "a mail server's names are its own affair",
    "CHORUS_MAIL__PASSWORD": "so are its passwords",
}
"""What may be anything, and why. A list that a setting has to be put on by hand."""
ANY_TOKEN = {
    "CHORUS_X__CLIENT_ID", "CHORUS_X__CLIENT_SECRET", "CHORUS_X__CONSUMER_KEY", "CHORUS_X__CONSUMER_SECRETS",
    "CHORUS_X__ACCESS_TOKEN", "CHORUS_X__ACCESS_TOKEN_SECRET", "CHORUS_X__BEARER_TOKEN",
    "CHORUS_MASTODON__CLIENT_ID", "CHORUS_MASTODON__CLIENT_SECRET", "CHORUS_MASTODON__ACCESS_TOKEN",
    "CHORUS_MASTODON__WEBHOOK_SECRETS", "CHORUS_BLUESKY__APP_PASSWORD", "CHORUS_METRICS_TOKEN",
    "CHORUS_GENERIC__HANDLE", "CHORUS_GENERIC__ACCOUNT_ID",
}  # fmt: skip
"""What somebody else made up: visible characters without blanks, whichever they are."""


def refused(name: str, value: str, directory: Path) -> str:
    with pytest.raises(UnusableSettings) as caught:
        load_settings({name: value}, directory)
    return str(caught.value)


@pytest.mark.parametrize("name", sorted(names(Settings)))
def test_nonsense_in_any_setting_stops_the_start(name: str, tmp_path: Path) -> None:
    if name in FREE_TEXT:
        load_settings({name: "Any text, 100 %: really"}, tmp_path)
    else:
        wrong = NONSENSE[:1] if name in ANY_TOKEN else NONSENSE
        for value in wrong:
            said = refused(name, value, tmp_path)
            assert said.startswith(name), value
            assert said.endswith(".")
    for value in ("bell\a", "nul\x00", "lone \udc80 surrogate"):
        said = refused(name, value, tmp_path)
        assert said.startswith(name)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TIMEZONE", "Mars/Phobos", "no time zone “Mars/Phobos”"),
        ("TIMEZONE", "Europe", "no time zone “Europe”"),
        ("TIMEZONE", "europe/berln", "Did you mean Europe/Berlin?"),
        ("TIMEZONE", "{0}", "no time zone “{0}”"),
        ("MAIL__SENDER", "support", "“support” is no e-mail address: write it like jane@example.com"),
        ("MAIL__HOST", "mail.example.com:25", "without a port"),
        ("MAIL__HOST", "300.1.1.1", "host name"),
        ("MAIL__PASSWORD", "pässword", "ASCII"),
        ("TAG", "#123", "a letter among them"),
        ("PRIVATE_TAG", "chorus-private", "should be #"),
        ("PRIVATE_TAG", "#1-2", "one of them a letter"),
        ("BASE_URL", "https://example.com/help", "no path"),
        ("BASE_URL", "https://me:secret@example.com", "no path"),
        ("BASE_URL", "https://example.com:99999", "https://answers.example.com"),
        ("DATABASE_URL", "sqlite://", "name a file"),
        ("DATABASE_URL", "sqlite:///:memory:", "name a file"),
        ("DATABASE_URL", "postgresql://host/db", "postgresql+psycopg://"),
        ("TRUSTED_PROXIES", "10.0.0.1,10.0.0.0/33", "network like 10.0.0.0/8"),
        ("PUBLISH__DOMAINS", "https://example.com", "domain like example.com"),
        ("PUBLISH__DOMAINS", "com", "domain like example.com"),
        ("PUBLISH__CONTACTS", "help@", "jane@example.com"),
        ("PUBLISH__REGION", "XX", "two letters of a country"),
        ("PUBLISH__BLOCKED_WORDS", "fine,*", "takes any ending"),
        ("MASTODON__BASE_URL", "http://social.example", "https://social.example"),
        ("BLUESKY__IDENTIFIER", "brand", "brand.bsky.social"),
        ("X__USER_ID", "@brand", "digits"),
        ("X__MOST_POSTS", "none,50/15m", "not both"),
        ("X__POLL_SECONDS", "inf", "a number"),
        ("X__DOLLARS_PER_DAY", "five", "a number"),
        ("LADDER__PATIENCE", "1e300", "at most"),
        ("LOCAL__ENABLED", "maybe", "true or false"),
        ("LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("OLD_SECRET_KEYS", "short", "at least 32 characters"),
        ("GENERIC__SECRETS", "whsec_???", "whsec_"),
        ("NOTIFY_WEBHOOK", "hooks.example.com/x", "whole address"),
        ("SEARCH__MODEL_DIRECTORY", "/", "model.onnx is not there"),
    ],
)
def test_what_to_write_is_said(name: str, value: str, said: str, tmp_path: Path) -> None:
    assert said in refused(f"CHORUS_{name}", value, tmp_path)


@pytest.mark.parametrize(
    "name", ["NOTIFY_WEBHOOK", "METRICS_TOKEN", "X__ACCESS_TOKEN", "X__CONSUMER_SECRETS", "GENERIC__SECRETS"]
)
def test_s14_no_secret_is_repeated_whatever_its_name_is(name: str, tmp_path: Path) -> None:
    assert "hunter2" not in refused(f"CHORUS_{name}", "hunter2 ☃", tmp_path)


def test_s14_a_databases_password_is_not_repeated(tmp_path: Path) -> None:
    assert "hunter2" not in refused("CHORUS_DATABASE_URL", "postgresql+psycopg://me:hunter2@h:x/db", tmp_path)


@pytest.mark.parametrize(
    "words", [["migrate"], ["work"], ["serve"], ["employee", "list"], ["backup", "x.db"]]
)
def test_every_command_refuses_a_setting_that_makes_no_sense(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHORUS_SECRET_KEY", "k" * 40)
    monkeypatch.setenv("CHORUS_TIMEZONE", "Mars/Phobos")
    done = CliRunner().invoke(app, words)
    assert isinstance(done.exception, UnusableSettings)
    assert "CHORUS_TIMEZONE" in str(done.exception)
    assert not (tmp_path / "chorus.db").exists()


def test_doctor_names_a_setting_that_makes_no_sense(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHORUS_TIMEZONE", "Mars/Phobos")
    done = CliRunner().invoke(app, ["doctor", "--offline"])
    assert done.exit_code == 2
    assert "CHORUS_TIMEZONE" in done.stdout


def test_values_are_taken_in_the_dress_in_which_people_write_them(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("Schrott\nBetrug*\r\nfraud\n", encoding="utf-8")
    settings = load_settings(
        {
            "CHORUS_BASE_URL": "https://Answers.Example.com/",
            "CHORUS_X__HANDLE": "@brand",
            "CHORUS_PUBLISH__REGION": "de",
            "CHORUS_PUBLISH__DOMAINS": "Example.com, 10.0.0.5,",
            "CHORUS_PUBLISH__CONTACTS": "+49 (0)30 1234-567, Help@Example.com",
            "CHORUS_PUBLISH__BLOCKED_WORDS_FILE": str(tmp_path / "words"),
            "CHORUS_PUBLISH__START_PAUSED": "Yes",
            "CHORUS_TIMEZONE": "",
            "CHORUS_MAIL__SENDER": "Otter & Ohm, Support <support@Bücher.example>",
        },
        tmp_path,
    )
    assert settings.base_url == "https://answers.example.com"
    assert settings.x.handle == "brand"
    assert settings.publish.region == "DE"
    assert settings.publish.domains == ("example.com", "10.0.0.5")
    assert settings.publish.contacts == ("+49 (0)30 1234-567", "Help@example.com")
    assert settings.publish.blocked_words == ("Schrott", "Betrug*", "fraud")
    assert settings.publish.start_paused
    assert settings.timezone == "UTC"
    assert settings.mail.sender == '"Otter & Ohm, Support" <support@xn--bcher-kva.example>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_dotenv_is_read_in_any_encoding_that_can_be_told(tmp_path: Path, encoding: str) -> None:
    (tmp_path / ".env").write_bytes("CHORUS_BRAND_NAME=Müller\r\nCHORUS_TAG=#help\r\n".encode(encoding))
    settings = load_settings({}, tmp_path)
    assert (settings.brand_name, settings.tag) == ("Müller", "#help")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("OTHER=1\nCHORUS_BRAND_NAME=M\xfcller\n".encode("cp1252"), "line 2 cannot be read: byte 0xFC"),
        (
            b"# ours\nCHORUS_SECRET_KEY 0123456789012345678901234567890123\n",
            "line 2: CHORUS_SECRET_KEY has no",
        ),
        (b"CHORUS_TAG\n", "line 1: CHORUS_TAG has no value"),
        (b"CHORUS_BRAND_NAME='Otter\n", "line 1: CHORUS_BRAND_NAME has no value"),
    ],
)
def test_a_line_of_dotenv_that_cannot_be_read_stops_the_start(tmp_path: Path, text: bytes, said: str) -> None:
    (tmp_path / ".env").write_bytes(text)
    with pytest.raises(UnusableSettings) as caught:
        load_settings({}, tmp_path)
    assert said in str(caught.value)
    assert "0123456" not in str(caught.value)


def test_lines_of_others_in_dotenv_are_theirs(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("COMPOSE it's\nEMPTY\nCHORUS_TAG=#help\n", encoding="utf-8")
    assert load_settings({}, tmp_path).tag == "#help"


def test_a_mark_in_front_of_a_secrets_file_is_no_part_of_the_secret(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xef\xbb\xbf" + b"k" * 40 + b"\r\n")
    settings = load_settings({"CHORUS_SECRET_KEY_FILE": str(tmp_path / "key")}, tmp_path)
    assert settings.secret_key is not None
    assert settings.secret_key.get_secret_value() == "k" * 40
