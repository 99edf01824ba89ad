"""The words that are listened for, as people in charge set them."""

import pytest

from bot.actions.listening import word_rules
from bot.actions.listening.word_rules import WordRule
from bot.actions.people.details import Invalid
from bot.store.engine import Database
from bot.store.listening import words
from tests.conftest import FakeClock
from tests.house import House
from tests.listened import KNOWN, listening


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> House:
    return House(sqlite_database, clock)


def test_a_rule_is_kept_as_it_is_meant(house: House) -> None:
    rule = WordRule(' #"Acme   Router" ', ("EN", "de", "en", ""), ("pie ", "", "pie"), ("x", "nowhere"))
    with house.database.write() as session:
        row = word_rules.add(session, rule, KNOWN, house.clock())
        assert (row.text, row.key) == ("Acme Router", "acme router")
        assert (row.languages, row.excluded, row.platforms) == (["en", "de"], ["pie"], ["x"])
        [known] = words.active(session).all
    assert (known.text, known.languages, known.without, known.platforms) == (
        "Acme Router",
        ("en", "de"),
        ("pie",),
        ("x",),
    )


def test_a_rule_can_be_changed_and_switched_off(house: House) -> None:
    [number] = listening(house, "acme")
    with house.database.write() as session:
        row = words.listed(session)[0]
        word_rules.edit(session, row, WordRule("ACME", is_on=False), KNOWN, house.clock())
    with house.database.read() as session:
        assert [(one.id, one.text, one.is_on) for one in words.listed(session)] == [(number, "ACME", False)]
        assert words.active(session).all == ()


@pytest.mark.parametrize(
    ("rule", "field", "why"),
    [
        (WordRule("a"), "text", "2 letters"),
        (WordRule("!!"), "text", "2 letters"),
        (WordRule("a" * 61), "text", "60 characters"),
        (WordRule("ＡＣＭＥ"), "text", "listened for already"),
        (WordRule("router", ("english",)), "languages", "no language code"),
        (WordRule("router", (), ("Router",)), "excluded", "never found"),
        (WordRule("router", (), tuple(f"no{number}" for number in range(21))), "excluded", "At most 20"),
    ],
)
def test_what_cannot_be_listened_for_is_refused_with_the_reason(
    house: House, rule: WordRule, field: str, why: str
) -> None:
    listening(house, "Acme")
    with house.database.write() as session, pytest.raises(Invalid, match=why) as refused:
        word_rules.add(session, rule, KNOWN, house.clock())
    assert refused.value.field == field


def test_there_are_so_many_words_at_the_most(house: House) -> None:
    listening(house, *(f"word{number}" for number in range(word_rules.MOST_WORDS)))
    with house.database.write() as session, pytest.raises(Invalid, match="At most 100"):
        word_rules.add(session, WordRule("one more"), KNOWN, house.clock())
