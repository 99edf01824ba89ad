"""The matters that questions are compared with: sums and counts, in rows that close up."""

import numpy as np
import pytest

from routing.matters.table import MatterTable, UnknownMatter

X, Y = np.array([1, 0], np.float32), np.array([0, 1], np.float32)
NONE = np.zeros(0, dtype=np.int64)


def table_of(*matters: tuple[int, float]) -> MatterTable:
    """A table that keeps two, with matters of one question each and when it was asked."""
    table = MatterTable(2, 10, 2)
    for matter, touched in matters:
        table.open(matter, touched)
        table.add(matter, X if matter % 2 else Y, core=False)
    return table


def test_the_nearest_is_the_one_most_alike_on_average_if_it_is_alike_enough() -> None:
    table = table_of((1, 0.0), (2, 0.0))
    table.add(1, Y, core=False)
    assert table.nearest(Y, 0.9) == 2
    assert table.nearest(X, 0.5) == 1
    assert table.nearest(X, 0.6) is None
    assert MatterTable(2, 10, 2).nearest(X, 0.0) is None


def test_a_closed_matter_leaves_the_others_as_they_were() -> None:
    table = table_of((1, 0.0), (2, 0.0), (4, 5.0))
    table.close(1)
    assert 1 not in table
    assert table.nearest(X, 0.5) is None
    assert sorted(table.ids.tolist()) == [2, 4]
    assert table.touched[table.slot(4)] == 5.0
    with pytest.raises(UnknownMatter, match="no matter 1"):
        table.slot(1)


def test_merged_questions_count_together() -> None:
    table = table_of((1, 3.0), (2, 9.0))
    table.add_to_core(2, Y)
    table.merge(1, 2)
    slot = table.slot(1)
    assert (table.sizes[slot], table.core_sizes[slot], table.touched[slot]) == (2, 1, 9.0)
    assert table.sums[slot].tolist() == [1, 1]
    assert len(table) == 1


def test_an_average_question_is_taken_from_the_core() -> None:
    table = table_of((1, 0.0))
    table.add_to_core(1, X)
    table.add(1, Y, core=True)
    table.take_away(1, None)
    assert table.core_sums[table.slot(1)] == pytest.approx([0.5, 0.5])
    table.take_away(1, None)
    assert len(table) == 0
    assert not table._sums.any()


def test_small_and_old_matters_are_least_and_what_is_held_is_never_let_go() -> None:
    day = 86_400.0
    table = table_of((1, 0.0), (2, 100 * day), (3, 100 * day), (4, 100 * day))
    assert table.is_full
    for _ in range(63):
        table.add(1, X, core=False)
    assert table.least(NONE, 100 * day) == [2, 3]
    assert table.least(np.array([2, 3, 4]), 100 * day) == [1]
    assert table.least(NONE, 400 * day) == [2, 3]
    table.touched[table.slot(1)] = -200 * day
    assert table.least(NONE, 100 * day)[0] == 1
