"""What others must know of a platform stands in its traits."""

import subprocess
import sys

import pytest

from bot.platforms.registry import TRAITS, traits_of
from bot.posts import PlatformName
from bot.wording.languages.speaking import said


def test_every_platform_has_traits() -> None:
    assert set(TRAITS) == set(PlatformName)


@pytest.mark.parametrize("name", list(PlatformName))
def test_an_example_account_names_its_platform(name: PlatformName) -> None:
    assert TRAITS[name].example.startswith(f"{name}:")


@pytest.mark.parametrize("language", ["ar", "de", "es", "fr", "it", "ja", "nl", "pt"])
def test_a_feed_without_a_name_of_its_own_is_named_in_each_language(language: str) -> None:
    nameless = [one.label for one in TRAITS.values() if one.label[0].islower()]
    assert len(nameless) == 2
    for label in nameless:
        assert said(label, language) != label


def test_rows_of_a_platform_that_is_unknown_here_are_treated_with_care() -> None:
    traits = traits_of("friendster")
    assert traits.label == "friendster"
    assert not any((traits.hands_on_words, traits.repeats_safely, traits.tells_deletions, traits.own_record))


def test_traits_cost_no_adapter() -> None:
    code = (
        "import sys, bot.platforms.registry; "
        "sys.exit(any(name == 'httpx' or name.endswith('.adapter') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_ready_made_post_is_found_where_the_platform_has_such_a_page() -> None:
    text = "@brand bring it back & more #1"
    quoted = "%40brand%20bring%20it%20back%20%26%20more%20%231"
    addresses = {name: TRAITS[name].composer(text, "social.example") for name in PlatformName}
    assert addresses == {
        PlatformName.X: f"https://x.com/intent/post?text={quoted}",
        PlatformName.BLUESKY: f"https://bsky.app/intent/compose?text={quoted}",
        PlatformName.MASTODON: f"https://social.example/share?text={quoted}",
        PlatformName.LOCAL: f"/local?text={quoted}",
        PlatformName.GENERIC: "",
    }


@pytest.mark.parametrize("named", ["social.example", "https://Social.example/", "@me@social.example"])
def test_a_server_is_named_as_people_name_it(named: str) -> None:
    assert TRAITS["mastodon"].composer("hi", named) == "https://social.example/share?text=hi"


@pytest.mark.parametrize(
    "named", ["", "localhost", "a b.example", "javascript:alert(1)", "social.example/x?y=", "1.2.3.4", "a..b"]
)
def test_what_is_no_server_leads_nowhere(named: str) -> None:
    assert TRAITS["mastodon"].composer("hi", named) == ""
