"""What the first answer to a question says of the entries that were suggested for it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.actions.archive import curate
from bot.actions.conversations import decide
from bot.archive.search import Search
from bot.states import AnswerState, Via
from bot.store.archive.entry_source import StoredEntries
from bot.store.archive.suggestions import StoredOutcomes
from bot.store.engine import Database
from bot.store.tables.conversations import AnswerRow, EntryRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from bot.store.tables.search import SuggestionOutcomeRow
from tests.conftest import FakeClock
from tests.fake_search import FakeSearch
from tests.house import House

FIRST = "Hold the power button for ten seconds, then plug it in again."
SECOND = "Try the other cable."


class Desk:
    """A house with two people, entries 1 and 2, and question 3, for which both entries are suggested."""

    def __init__(self, database: Database, clock: FakeClock, **settings: Any) -> None:
        self.search = FakeSearch(database)
        self.house = House(database, clock, engine=self.search, **settings)
        tv = self.house.topic("tv", "TV", "picture")
        self.jane = self.house.employee("Jane Doe", tv)
        self.ravi = self.house.employee("Ravi Kumar", tv)
        for customer, text in (("sam", FIRST), ("lee", SECOND)):
            question = self.house.post(customer, "@brand no picture")
            self.house.work()
            self.house.post("jane", f"{text} #chorus", question)
            self.house.work()
        # both entries are suggested, less surely than they would be without earlier feedback
        self.search.likely = lambda _question: [(1, 0.8, 0.9), (2, 0.6, 0.7)]
        self.asked = self.house.post("kim", "@brand my screen has no picture either")
        self.house.work()

    def answer(self, text: str, by: EmployeeRow | None = None, via: Via = Via.DESK) -> AnswerRow:
        with self.house.database.write() as session:
            return self.house.answering.take(
                session,
                session.get_one(QuestionRow, 3),
                by or self.ravi,
                text,
                via=via,
                now=self.house.clock(),
            )

    def outcomes(self) -> list[tuple[int, int, float, bool]]:
        rows: list[SuggestionOutcomeRow] = self.house.rows(SuggestionOutcomeRow)
        return [(row.question_id, row.entry_id, row.probability, row.helped) for row in rows]


@pytest.fixture
def desk(database: Database, clock: FakeClock) -> Desk:
    return Desk(database, clock)


def test_an_entry_that_is_repeated_has_helped_and_nothing_is_known_of_the_others(desk: Desk) -> None:
    desk.answer("#1")
    assert desk.outcomes() == [(3, 1, 0.9, True)]


def test_an_entry_whose_words_are_adapted_has_helped(desk: Desk) -> None:
    desk.answer("Hold the power button for twenty seconds, then plug it in.")
    assert desk.outcomes() == [(3, 1, 0.9, True)]


def test_beside_an_answer_in_ones_own_words_no_entry_has_helped(desk: Desk) -> None:
    desk.answer("Choose input two in the menu.")
    assert desk.outcomes() == [(3, 1, 0.9, False), (3, 2, 0.7, False)]


def test_what_people_saw_is_the_calibrated_probability(desk: Desk) -> None:
    assert desk.house.questions()[-1].suggestions == [[1, 0.8, 0.9], [2, 0.6, 0.7]]


def test_suggestions_from_before_there_was_calibration_count_as_they_were(desk: Desk) -> None:
    with desk.house.database.write() as session:
        session.get_one(QuestionRow, 3).suggestions = [[1, 0.8], [2, 0.6]]
    desk.answer("#2")
    assert desk.outcomes() == [(3, 2, 0.6, True)]


def test_only_the_first_answer_judges(desk: Desk) -> None:
    desk.answer("Choose input two in the menu.")
    held = desk.answer("#1", by=desk.jane)
    assert held.state == AnswerState.HELD
    assert desk.outcomes() == [(3, 1, 0.9, False), (3, 2, 0.7, False)]


def test_a_second_answer_adds_nothing_to_a_first_one_from_a_post(desk: Desk) -> None:
    desk.house.post("jane", "Choose input two in the menu. #chorus", desk.asked)
    desk.house.work()
    desk.answer("#1")
    assert desk.outcomes() == []


def test_an_answer_that_was_taken_back_has_judged_all_the_same(desk: Desk) -> None:
    own = desk.answer("Choose input two in the menu.")
    with desk.house.database.write() as session:
        decide.retract(session, session.get_one(AnswerRow, own.id), desk.house.clock())
    desk.answer("#1")
    assert desk.outcomes() == [(3, 1, 0.9, False), (3, 2, 0.7, False)]


@pytest.mark.parametrize("text", ["Choose input two in the menu. #chorus", "#chorus 1"])
def test_tagged_posts_judge_nothing_for_their_authors_may_have_seen_nothing(desk: Desk, text: str) -> None:
    desk.house.post("ravi", text, desk.asked)
    desk.house.work()
    assert len(desk.house.by_brand()) == 3
    assert desk.outcomes() == []


def test_an_entry_that_was_not_to_be_seen_is_not_judged(desk: Desk) -> None:
    with desk.house.database.write() as session:
        curate.hide(session, session.get_one(EntryRow, 2), "mei", desk.house.clock())
    desk.answer("Choose input two in the menu.")
    assert desk.outcomes() == [(3, 1, 0.9, False)]


def test_a_first_reply_that_points_to_an_entry_is_nobodys_judgement(
    sqlite_database: Database, clock: FakeClock
) -> None:
    desk = Desk(sqlite_database, clock, publish={"first_reply": True}, base_url="https://help.example")
    desk.search.likely = lambda _question: [(1, 0.99, 0.97)]
    desk.house.post("max", "@brand no picture here")
    desk.house.work()
    question = desk.house.questions()[-1]
    assert question.same_as_entry == 1
    assert desk.outcomes() == []
    with sqlite_database.write() as session:
        row = session.get_one(QuestionRow, question.id)
        desk.house.answering.take(session, row, desk.ravi, "#1", via=Via.DESK, now=clock())
    assert desk.outcomes() == [(question.id, 1, 0.97, True)]


def test_the_newest_outcomes_are_read_and_old_ones_no_longer_count(desk: Desk) -> None:
    stored = StoredOutcomes(desk.house.database)
    assert (stored.head(), stored.newest(10)) == (0, [])
    desk.answer("Choose input two in the menu.")
    assert stored.head() == 2
    assert [(one.probability, one.answered) for one in stored.newest(10)] == [(0.7, False), (0.9, False)]
    assert [one.probability for one in stored.newest(1)] == [0.7]
    desk.house.clock.advance(timedelta(days=181))
    assert stored.newest(10) == []


def test_what_was_recorded_lowers_what_a_search_says(desk: Desk, tmp_path: Path) -> None:
    database = desk.house.database

    def probability(directory: str) -> float:
        outcomes = StoredOutcomes(database)
        search = Search.open(tmp_path / directory, StoredEntries(database), meaning=False, outcomes=outcomes)
        search.catch_up()
        found = search.suggest("no picture")
        search.stop()
        return found[0].probability

    before = probability("before")
    desk.answer("Choose input two in the menu.")
    assert probability("after") < before
