"""Long answers on Mastodon: parted as the guide says, and held with the reason where they are too long."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.states import AnswerState, DeliveryState
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow
from tests.bot.platforms.mastodon.fake_mastodon import FakeMastodon, Status
from tests.bot.round_trip import RoundTrip
from tests.conftest import FakeClock


class Village:
    """A server with Sam, who asks, and Jane, who answers; ``answer`` brings back what the brand posted."""

    def __init__(self, network: FakeMastodon, house: RoundTrip, jane: Status, question: Status) -> None:
        self.network, self.house, self._jane, self._question = network, house, jane, question

    def answer(self, sentences: int, **fields: str) -> list[Status]:
        words = " ".join(f"Step {number} of the way to a picture." for number in range(sentences))
        self.network.post(self._jane, f"{words} #chorus", in_reply_to_id=self._question["id"], **fields)
        self.house.turn()
        self.house.pass_time(120, steps=8)
        return self.network.ledger


@pytest.fixture
def village(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Village]:
    network = FakeMastodon(clock)  # type: ignore[arg-type]
    sam, jane = network.sign_up("sam"), network.sign_up("jane")
    adapter = network.adapter()
    with RoundTrip(sqlite_url, clock, adapter) as house:
        house.hire("mastodon", adapter.identify("jane").id, "jane@example.social")
        question = network.post(sam, "@brand no picture on my TV", spoiler_text="a burnt cable")
        house.turn()
        yield Village(network, house, jane, question)


def test_a_long_answer_is_parted_and_every_part_is_folded_and_as_visible_as_the_answer(
    village: Village,
) -> None:
    parts = village.answer(50, visibility="unlisted")
    assert 3 <= len(parts) <= 6
    assert {part["spoiler_text"] for part in parts} == {"a burnt cable"}
    assert {part["visibility"] for part in parts} == {"unlisted"}
    assert {row.state for row in village.house.rows(DeliveryRow)} == {DeliveryState.SENT}
    [entry] = village.house.rows(EntryRow)
    assert (entry.warning, "burnt" in entry.quotation) == ("a burnt cable", False)


def test_an_answer_of_too_many_parts_is_held_with_the_reason_however_long_it_is(village: Village) -> None:
    assert village.answer(400) == []
    [answer] = village.house.rows(AnswerRow)
    assert len(answer.text) > 4000
    assert (answer.state, "at most 6 are allowed" in answer.held_for) == (AnswerState.HELD, True)
