"""The frame: what all have in common does not count, and neighbours are drawn near."""

import numpy as np
import pytest

from routing.matters.frame import Frame, all_drawn_near, drawn_near, unit


def scattered(count: int, dimensions: int = 16, seed: int = 0) -> np.ndarray:
    return unit(np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32))


def test_what_all_have_in_common_is_taken_away() -> None:
    common = np.zeros(100, np.float32)
    common[0] = 0.7
    rows = unit(scattered(2000, 100) + common)
    centred = Frame.of(rows).centred(rows)
    assert np.mean(rows @ rows.T) > 0.3
    assert np.abs(np.mean(centred @ centred.T)) < 0.02
    assert np.linalg.norm(centred, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_of_few_questions_little_is_taken_away() -> None:
    rows = unit(scattered(2) + np.float32(0.5))
    assert np.linalg.norm(Frame.of(rows).mean) < 0.1


def test_what_hundreds_ask_about_is_not_what_all_have_in_common() -> None:
    """Given one subject among few others, when hundreds ask about it, then they stay alike."""
    subject = scattered(1, seed=1)
    rows = unit(np.concatenate([subject + 0.1 * scattered(300, seed=2), scattered(30, seed=3)]))
    centred = Frame.of(rows).centred(rows)
    assert float(np.mean(centred[:300] @ centred[:300].T)) > 0.9
    assert not Frame.of(rows[:0]).mean.any()


def test_a_question_moves_towards_its_neighbours() -> None:
    others = [[0, 0, 1]] * 80
    rows = unit(np.array([[1, 0.5, 0], [1, -0.5, 0], *others], dtype=np.float32))
    drawn = all_drawn_near(rows)
    assert float(drawn[0] @ drawn[1]) > float(rows[0] @ rows[1]) + 0.05
    assert drawn[2] == pytest.approx(rows[2])


def test_among_few_nobody_moves_for_the_nearest_is_far() -> None:
    rows = scattered(60)
    assert all_drawn_near(rows) == pytest.approx(rows)
    assert drawn_near(rows[0], rows[1:]) == pytest.approx(rows[0])


def test_one_is_drawn_as_all_are() -> None:
    rows = scattered(200)
    for place in (0, 17, 199):
        others = np.delete(rows, place, axis=0)
        assert drawn_near(rows[place], others) == pytest.approx(all_drawn_near(rows)[place], abs=1e-5)


def test_one_alone_stays() -> None:
    row = scattered(1)
    assert np.array_equal(drawn_near(row[0], row[:0]), row[0])
    assert np.array_equal(all_drawn_near(row), row)


def test_blocks_leave_no_mark() -> None:
    rows = scattered(1100)
    one = drawn_near(rows[1050], np.delete(rows, 1050, axis=0))
    assert all_drawn_near(rows)[1050] == pytest.approx(one, abs=1e-5)
