"""Settings: read from the environment, refused with words, and documented every one."""

from pathlib import Path

import pytest

from app.cli.evaluate.ladder import COMPARED, DEFAULT
from app.wiring import reference
from app.wiring.adapters import front_of
from app.wiring.environment import UnusableSettings, names
from app.wiring.platforms.x.front import XFront
from app.wiring.settings import Settings, load_settings
from app.wiring.steering.rules import policy_of
from bot.platforms.x.account import XAccount
from routing.ladder.policy import Policy

ROOT = Path(__file__).resolve().parents[3]
KEY = "k" * 40


def load(tmp_path: Path, **environment: str) -> Settings:
    return load_settings(environment, tmp_path)


def account_of(settings: Settings) -> XAccount:
    front = front_of(settings, "x")
    assert isinstance(front, XFront)
    return front.account()


def test_the_defaults_are_those_of_the_fixed_outside(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.database_url == "sqlite:///chorus.db"
    assert settings.tag == "#chorus"
    assert settings.local.handle == "brand"
    assert settings.local_on


def test_the_ladder_that_runs_by_default_is_the_one_that_is_simulated_and_documented(tmp_path: Path) -> None:
    assert policy_of(load(tmp_path)) == Policy()
    assert DEFAULT == "3:5,6:10,50:15"
    assert COMPARED[0] == DEFAULT


def test_nested_names_files_lists_and_dotenv_are_read(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY + "\n")
    (tmp_path / ".env").write_text("CHORUS_BRAND_NAME=From file\nCHORUS_TAG=#help\n")
    settings = load(
        tmp_path,
        CHORUS_SECRET_KEY_FILE=str(tmp_path / "key"),
        CHORUS_LOCAL__HANDLE="acme",
        CHORUS_PUBLISH__DOMAINS="acme.example, help.acme.example",
        CHORUS_TAG="#acme",
    )
    assert settings.secret_key is not None
    assert settings.secret_key.get_secret_value() == KEY
    assert settings.local.handle == "acme"
    assert settings.publish.domains == ("acme.example", "help.acme.example")
    assert (settings.brand_name, settings.tag) == ("From file", "#acme")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CHORUS_BRANDNAME", "x", "Did you mean CHORUS_BRAND_NAME"),
        ("CHORUS_LOCAL__HANDEL", "x", "Did you mean CHORUS_LOCAL__HANDLE"),
        ("CHORUS_ZZZZ", "x", "not a setting of Chorus"),
        (
            "CHORUS_DATABASE_URL",
            "mysql://x",
            "CHORUS_DATABASE_URL should start with sqlite:/// or postgresql",
        ),
        ("CHORUS_SECRET_KEY", "short", "CHORUS_SECRET_KEY should have at least 32 characters"),
        ("CHORUS_TAG", "chorus", "CHORUS_TAG"),
        ("CHORUS_BASE_URL", "answers.example.com", "should be an address like https://"),
        ("CHORUS_LADDER__FIRST", "none", "CHORUS_LADDER__FIRST"),
        ("CHORUS_SECRET_KEY_FILE", "/does/not/exist", "/does/not/exist cannot be read"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_its_name(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    with pytest.raises(UnusableSettings) as caught:
        load(tmp_path, **{name: value})
    assert said in str(caught.value)


def test_x_may_be_a_stand_in_on_this_machine_only_where_that_is_meant(tmp_path: Path) -> None:
    there = {"CHORUS_X__BASE_URL": "http://127.0.0.1:8080"}
    with pytest.raises(UnusableSettings, match="CHORUS_X__ALLOW_LOOPBACK=true"):
        load(tmp_path, **there)
    settings = load(tmp_path, **there, CHORUS_X__ALLOW_LOOPBACK="true")
    account = account_of(settings)
    assert (account.base_url, account.allow_loopback) == ("http://127.0.0.1:8080", True)
    assert not account_of(load(tmp_path)).allow_loopback


@pytest.mark.parametrize("address", ["https://answers.example.com", "http://10.0.0.5:8000"])
def test_a_site_for_the_public_never_takes_a_stand_in_for_x(tmp_path: Path, address: str) -> None:
    with pytest.raises(UnusableSettings, match="would pass for X") as caught:
        load(tmp_path, CHORUS_X__ALLOW_LOOPBACK="true", CHORUS_BASE_URL=address)
    assert address in str(caught.value)


def test_a_wrong_secret_is_not_repeated_in_the_message(tmp_path: Path) -> None:
    with pytest.raises(UnusableSettings) as caught:
        load(tmp_path, CHORUS_SECRET_KEY="hunter2")
    assert "hunter2" not in str(caught.value)


def test_a_value_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    with pytest.raises(UnusableSettings, match="both set"):
        load(tmp_path, CHORUS_SECRET_KEY=KEY, CHORUS_SECRET_KEY_FILE=str(tmp_path / "key"))


def test_joining_without_mail_or_domains_does_not_start(tmp_path: Path) -> None:
    opened = {"CHORUS_JOINING__MODE": "open"}
    with pytest.raises(UnusableSettings, match="JOINING__MODE should be off as long as no mail"):
        load(tmp_path, **opened, CHORUS_JOINING__DOMAINS="acme.example")
    mailed = {**opened, "CHORUS_MAIL__HOST": "mail.acme.example"}
    with pytest.raises(UnusableSettings, match="CHORUS_JOINING__DOMAINS should name a domain"):
        load(tmp_path, **mailed)
    found = load(tmp_path, **mailed, CHORUS_JOINING__DOMAINS="@Acme.example,shop.acme.example")
    assert found.joining.domains == ("acme.example", "shop.acme.example")


def test_the_local_feed_goes_off_when_another_platform_is_configured(tmp_path: Path) -> None:
    assert not load(tmp_path, CHORUS_MASTODON__BASE_URL="https://mastodon.example").local_on
    assert load(
        tmp_path, CHORUS_MASTODON__BASE_URL="https://mastodon.example", CHORUS_LOCAL__ENABLED="true"
    ).local_on


def test_every_setting_is_documented() -> None:
    undocumented = [
        entry.name for section in reference.sections() for entry in section.entries if not entry.meaning
    ]
    assert not undocumented
    documented = {entry.name for section in reference.sections() for entry in section.entries}
    assert documented == set(names(Settings))


def test_env_example_and_the_settings_page_say_what_the_code_says() -> None:
    advice = "run python -m app.wiring.reference"
    assert (ROOT / ".env.example").read_text() == reference.env_example(), advice
    assert (ROOT / "docs" / "settings.md").read_text() == reference.settings_page(), advice
