"""What others must know of a platform stands in its traits."""

import subprocess
import sys

import pytest

from bot.platforms.registry import TRAITS, traits_of
from bot.posts import PlatformName


def test_every_platform_has_traits() -> None:
    assert set(TRAITS) == set(PlatformName)


@pytest.mark.parametrize("name", list(PlatformName))
def test_an_example_account_names_its_platform(name: PlatformName) -> None:
    assert TRAITS[name].example.startswith(f"{name}:")


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
