"""Two people of a real network, and the adapter of one: a test's module says which ``network`` it is."""

from collections.abc import Iterator

import pytest

from bot.platforms.bluesky.adapter import Bluesky
from tests.bot.platforms.bluesky_network import Network, Person


@pytest.fixture
def brand(network: Network) -> Person:
    return network.person("brand")


@pytest.fixture
def sam(network: Network) -> Person:
    return network.person("sam")


@pytest.fixture
def bluesky(network: Network, brand: Person) -> Iterator[Bluesky]:
    adapter = network.adapter(brand)
    yield adapter
    adapter.close()
