"""What of one question is counted: each definition by an example."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from routing.figures.history import AnswerHistory, Fact, Flag, QuestionHistory, fact_of
from routing.figures.working_hours import WorkingHours
from routing.model.domain import QuestionState, Shift

ASKED = datetime(2026, 3, 6, 22, 30, tzinfo=UTC)
AUCKLAND = WorkingHours(ZoneInfo("Pacific/Auckland"), (Shift(5, 12 * 60, 18 * 60),))
QUESTION = QuestionHistory(7, ASKED, QuestionState.ANSWERED, "local", "local:sam", "@brand no picture")


def after(minutes: float, employee: int | None = 1, **what: object) -> AnswerHistory:
    answer = AnswerHistory(employee, ASKED + timedelta(minutes=minutes), is_published=True)
    return replace(answer, **what)  # type: ignore[arg-type]


def fact(*answers: AnswerHistory, **what: object) -> Fact:
    found = fact_of(replace(QUESTION, answers=answers, **what), AUCKLAND)  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.mark.parametrize("state", ["dismissed", "withdrawn", "joined"])
def test_what_is_no_question_any_more_is_not_counted(state: str) -> None:
    assert fact_of(replace(QUESTION, state=QuestionState(state)), AUCKLAND) is None


def test_day_and_hour_are_those_of_the_brands_clock() -> None:
    assert (fact().day, fact().hour) == (date(2026, 3, 7), 5 * 24 + 11)


def test_the_first_response_is_the_first_that_was_published() -> None:
    found = fact(after(60, 2), after(45, 3), after(5, is_published=False))
    assert (found.first_response, found.person) == (45 * 60, 3)
    assert found.first_response_working == 15 * 60  # from noon on


def test_of_two_published_at_one_moment_the_first_was_first() -> None:
    assert fact(after(9, 4), after(5, 3), after(5, 2)).person == 3


def test_without_a_response_there_is_no_time_and_nobody() -> None:
    assert (fact().first_response, fact().first_response_working, fact().person) == (-1, -1, 0)


def test_a_question_back_is_a_response_and_no_answer() -> None:
    found = fact(after(5, asks_back=True))
    assert found.first_response == 300
    assert Flag.ANSWERED not in found.flags
    assert Flag.ANSWERED in fact(after(5, asks_back=True), after(9)).flags


def test_what_is_said_by_nobody_of_ours_is_neither() -> None:
    found = fact(after(1, None, by_person=False))
    assert found.first_response == -1
    assert Flag.ANSWERED not in found.flags


def test_what_was_taken_back_is_no_answer_any_more() -> None:
    found = fact(after(5, is_published=False, is_retracted=True))
    assert found.first_response == -1
    assert found.flags & (Flag.RETRACTED | Flag.ANSWERED) == Flag.RETRACTED


def test_it_was_settled_as_long_as_it_still_is() -> None:
    at = ASKED + timedelta(hours=2)
    assert fact(state=QuestionState.SETTLED, settled_at=at).resolution == 7_200
    opened_again = fact(state=QuestionState.OPEN, settled_at=at)
    assert opened_again.resolution == -1
    assert opened_again.flags & (Flag.WAITING | Flag.SETTLED) == Flag.WAITING


@pytest.mark.parametrize(
    ("state", "waits"), [("offered", True), ("answering", True), ("asked_back", False), ("answered", False)]
)
def test_the_backlog_is_what_waits_for_us(state: str, waits: bool) -> None:
    assert (Flag.WAITING in fact(state=QuestionState(state)).flags) is waits


def test_two_employees_who_answered_in_full_answered_double() -> None:
    assert Flag.DOUBLED in fact(after(1, 1), after(2, 2)).flags
    assert Flag.DOUBLED not in fact(after(1, 1), after(2, 1)).flags
    assert Flag.DOUBLED not in fact(after(1, 1), after(2, 2, is_full=False)).flags
    assert Flag.DOUBLED not in fact(after(1, 1), after(2, 2, asks_back=True)).flags


def test_a_correction_contradicts() -> None:
    assert Flag.CONTRADICTED in fact(after(1), after(2, 2, is_full=False, is_correction=True)).flags
    assert Flag.CONTRADICTED not in fact(after(1)).flags


def test_an_answer_of_the_archive_is_reused() -> None:
    assert Flag.REUSED in fact(after(1, is_reuse=True)).flags
    assert Flag.REUSED not in fact(after(1, is_reuse=True, is_published=False)).flags


@pytest.mark.parametrize(
    ("text", "is_upset"),
    [
        ("@brand this is terrible, worst service ever", True),
        ("@brand no picture again 😡", True),
        ("@brand how do I pair the remote?", False),
    ],
)
def test_angry_first_words_are_noticed(text: str, is_upset: bool) -> None:
    assert (Flag.UPSET in fact(text=text).flags) is is_upset


def test_clocks_that_disagree_make_no_negative_times() -> None:
    assert fact(after(-5)).first_response == 0
