"""Figures of groups, held against Python's own statistics."""

import statistics
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from routing.figures.columns import Column, empty_table, joined, patched, table_of
from routing.figures.grouping import NONE, GroupBy, grouped
from routing.figures.history import Fact, Flag, QuestionHistory, fact_of
from routing.figures.measures import MEASURES
from routing.figures.summary import Figures, Summary, figures_by, figures_of
from routing.figures.working_hours import WorkingHours
from routing.model.domain import QuestionState

_PLAIN = fact_of(
    QuestionHistory(1, datetime(2026, 3, 4, 12, tzinfo=UTC), QuestionState.OPEN, "local", "local:sam"),
    WorkingHours(ZoneInfo("UTC")),
)
assert _PLAIN is not None
FACT: Fact = _PLAIN
DAY = FACT.day
FACTS = st.lists(
    st.builds(
        lambda *values: dict(
            zip(("customer", "topic", "first_response", "offers", "flags"), values, strict=True)
        ),
        st.sampled_from(("", "local:a", "local:b", "x:a")),
        st.sampled_from(("", "tv", "wifi")),
        st.integers(-1, 9) | st.integers(590, 610) | st.integers(0, 2**40),
        st.integers(0, 5),
        st.integers(0, 1023).map(Flag),
    ),
    max_size=30,
)


def made(some: list[dict[str, Any]]) -> list[Fact]:
    return [replace(FACT, id=number, **values) for number, values in enumerate(some, 1)]


@given(FACTS)
def test_figures_are_those_of_plain_statistics(some: list[dict[str, Any]]) -> None:
    facts = made(some)
    groups: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        groups[fact.topic or NONE].append(fact)
    table = table_of(facts)
    found = {one.key: one.figures for one in grouped(table, GroupBy.TOPIC, DAY, DAY).groups}
    assert found.keys() == groups.keys()
    for topic, own in groups.items():
        times = [min(one.first_response, 2**31 - 1) for one in own if one.first_response >= 0]
        assert found[topic].questions == len(own)
        assert found[topic].people == len({one.customer or one.id for one in own})
        assert found[topic].within_10_min == sum(time <= 600 for time in times)
        assert found[topic].first_response_median_s == (statistics.median(times) if times else None)
        if len(times) > 1:
            tenths = statistics.quantiles(times, n=10, method="inclusive")
            assert found[topic].first_response_p90_s is not None
            assert abs(found[topic].first_response_p90_s - tenths[-1]) < 1e-6 * tenths[-1] + 1e-9
        assert found[topic].offers == sum(one.offers for one in own)
        assert found[topic].satisfied == sum(Flag.SATISFIED in one.flags for one in own)
        assert found[topic].settled_in_public == sum(
            Flag.SETTLED in one.flags and Flag.ANSWERED in one.flags for one in own
        )


@given(FACTS, st.integers(1, 3), st.sampled_from((GroupBy.TOPIC, GroupBy.PERSON)))
def test_the_first_groups_alone_are_what_they_are_among_all(
    some: list[dict[str, Any]], most: int, by: GroupBy
) -> None:
    table = table_of([replace(fact, person=len(fact.topic)) for fact in made(some)])
    every, first = grouped(table, by, DAY, DAY), grouped(table, by, DAY, DAY, most=most)
    assert first.together == every.together
    assert first.groups == every.groups[:most]
    assert (every.more, first.more) == (0, max(len(every.groups) - most, 0))


def test_of_nothing_there_are_no_shares() -> None:
    nothing = figures_of(empty_table())
    assert nothing == Figures()
    assert (nothing.answered_share, nothing.offers_per_answer) == (None, None)
    assert figures_by(empty_table(), np.zeros(0, dtype=np.int64), 2) == Summary(
        Figures(), [Figures(), Figures()]
    )


def test_spans_of_time_are_all_there_in_their_order() -> None:
    first, last = date(2025, 12, 28), date(2026, 1, 5)
    asked = replace(FACT, day=date(2026, 1, 1))
    table = table_of([asked])
    days = grouped(table, GroupBy.DAY, first, last).groups
    assert [one.key for one in days] == [(first + timedelta(days=n)).isoformat() for n in range(9)]
    assert [one.figures.questions for one in days] == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    weeks = grouped(table, GroupBy.WEEK, first, last).groups
    assert [(one.key, one.figures.questions) for one in weeks] == [
        ("2025-W52", 0),
        ("2026-W01", 1),
        ("2026-W02", 0),
    ]
    months = grouped(table, GroupBy.MONTH, first, last).groups
    assert [one.key for one in months] == ["2025-12", "2026-01"]


@given(FACTS, FACTS, st.sets(st.integers(1, 30)))
def test_a_day_that_was_patched_is_as_if_it_were_made_anew(
    before: list[dict[str, Any]], after: list[dict[str, Any]], looked_at: set[int]
) -> None:
    old, new = made(before), [fact for fact in made(after) if fact.id in looked_at]
    expected = [fact for fact in old if fact.id not in looked_at] + new
    found = patched(table_of(old), looked_at, new)
    wanted = table_of(expected)
    for column in Column:
        if column.is_named:
            assert [found.names[column][n] for n in found[column]] == [
                wanted.names[column][n] for n in wanted[column]
            ]
            assert set(found.names[column]) == set(wanted.names[column]), "a name that nobody has is kept"
        else:
            assert found[column].tolist() == wanted[column].tolist()


def test_joined_tables_agree_about_names() -> None:
    one = table_of([replace(FACT, id=1, topic="tv"), replace(FACT, id=2, topic="wifi")])
    other = table_of([replace(FACT, id=3, topic="wifi"), replace(FACT, id=4, topic="")])
    both = joined([one, empty_table(), other], tuple(Column))
    topics = [both.names[Column.TOPIC][number] for number in both[Column.TOPIC]]
    assert topics == ["tv", "wifi", "wifi", ""]


def test_every_measure_is_there_and_says_what_it_means() -> None:
    for measure in MEASURES:
        assert hasattr(Figures(), measure.name)
        assert measure.meaning.endswith(".")
    assert len({measure.name for measure in MEASURES}) == len(MEASURES)
