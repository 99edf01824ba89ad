"""Questions are gathered into matters one by one; looking again mends, and people have the last word."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.matters.clustering import MatterClustering, Regrouping
from routing.matters.features import GatheredQuestion
from routing.matters.frame import unit
from routing.matters.table import UnknownMatter

DIMENSIONS = 24


def spread(seed: int, count: int, subjects: int, noise: float = 0.12) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings of questions on so many subjects, and the subject of each."""
    rng = np.random.default_rng(seed)
    centres = unit(rng.normal(size=(subjects, DIMENSIONS)).astype(np.float32))
    of = rng.integers(0, subjects, count)
    return unit(centres[of] + noise * rng.normal(size=(count, DIMENSIONS)).astype(np.float32)), of


def question(number: int, vector: np.ndarray) -> GatheredQuestion:
    return GatheredQuestion(number, vector=vector)


class Gathering:
    """A clustering together with where all its questions stand, as a caller would keep it."""

    def __init__(self, **settings: int) -> None:
        self.clustering = MatterClustering(DIMENSIONS, **settings)
        self.of: dict[int, int] = {}

    def add(self, number: int, vector: np.ndarray, now: float = 0.0) -> int:
        self.of[number] = self.clustering.add(question(number, vector), now).matter
        return self.of[number]

    def regroup(self) -> Regrouping:
        found = self.clustering.regroup()
        for number, matter in self.of.items():
            self.of[number] = found.merged.get(matter, matter)
        self.of.update(found.moved)
        return found

    def add_all(self, vectors: np.ndarray) -> None:
        for number, vector in enumerate(vectors, start=len(self.of)):
            self.add(number, vector, float(number))
            if self.clustering.is_due:
                self.regroup()


def test_questions_on_one_subject_are_one_matter() -> None:
    vectors, subjects = spread(1, 300, 6)
    gathering = Gathering()
    gathering.add_all(vectors)
    gathering.regroup()
    pairs = {(subjects[number], matter) for number, matter in gathering.of.items()}
    assert len(pairs) == 6


def test_a_question_like_no_other_is_a_matter_of_its_own() -> None:
    vectors, _ = spread(1, 100, 4)
    gathering = Gathering()
    gathering.add_all(vectors)
    strange = unit(np.random.default_rng(99).normal(size=DIMENSIONS).astype(np.float32))
    placement = gathering.clustering.add(question(1000, strange), 0.0)
    assert placement.is_new
    assert gathering.clustering.members(placement.matter).tolist() == [1000]


def test_a_surge_is_one_matter_from_its_second_question_on() -> None:
    vectors, _ = spread(1, 200, 40)
    gathering = Gathering()
    gathering.add_all(vectors)
    new, _ = spread(77, 5, 1)
    assert len({gathering.add(1000 + number, vector) for number, vector in enumerate(new)}) == 1


def test_looking_again_tells_all_that_it_changed() -> None:
    """Given a caller that only follows what it is told, then it knows where every question stands."""
    vectors, _ = spread(3, 700, 30, noise=0.25)
    gathering = Gathering(window=150)
    gathering.add_all(vectors)
    gathering.regroup()
    window, table = gathering.clustering.window, gathering.clustering.table
    assert {number: gathering.of[number] for number in window.ids.tolist()} == dict(
        zip(window.ids.tolist(), window.matters.tolist(), strict=True)
    )
    counts = {matter: list(gathering.of.values()).count(matter) for matter in table.ids.tolist()}
    assert counts == dict(zip(table.ids.tolist(), table.sizes.tolist(), strict=True))


def test_looking_twice_changes_nothing_more() -> None:
    vectors, _ = spread(3, 400, 30, noise=0.25)
    gathering = Gathering()
    gathering.add_all(vectors)
    gathering.regroup()
    assert gathering.regroup() == Regrouping()


@settings(max_examples=15)
@given(st.integers(0, 1000))
def test_the_order_of_questions_does_not_matter_within_the_window(seed: int) -> None:
    vectors, _ = spread(seed, 90, 8, noise=0.2)
    partitions = []
    for order in (np.arange(90), np.random.default_rng(seed).permutation(90)):
        gathering = Gathering()
        for number in order.tolist():
            gathering.add(number, vectors[number])
        gathering.regroup()
        sets: dict[int, set[int]] = {}
        for number, matter in gathering.of.items():
            sets.setdefault(matter, set()).add(number)
        partitions.append({frozenset(one) for one in sets.values()})
    assert partitions[0] == partitions[1]


def test_memory_is_bounded_and_the_small_and_old_go_first() -> None:
    vectors, _ = spread(5, 60, 1)
    gathering = Gathering(window=100, kept=1000)
    for number, vector in enumerate(vectors):
        gathering.add(number, vector, 1000.0)
    rng = np.random.default_rng(0)
    for number in range(3000):
        gathering.add(1000 + number, unit(rng.normal(size=DIMENSIONS).astype(np.float32)), 2000.0 + number)
    assert len(gathering.clustering.window) <= 100 + 512
    assert len(gathering.clustering.table) <= 1000 * 1.05 + 1
    assert gathering.of[0] in gathering.clustering.table


@settings(max_examples=25)
@given(st.integers(0, 1000), st.data())
def test_what_people_said_is_obeyed_for_ever(seed: int, data: st.DataObject) -> None:
    """Given people who merge and part while questions come in, then every wish but a revoked one holds."""
    vectors, _ = spread(seed, 160, 10, noise=0.3)
    gathering = Gathering(window=40, kept=600)
    gathering.add_all(vectors[:60])
    gathering.regroup()
    together: list[tuple[int, int]] = []
    apart: list[tuple[int, int]] = []
    for _ in range(data.draw(st.integers(1, 5))):
        matters = sorted(set(gathering.of.values()))
        if len(matters) < 2:
            break
        one, other = data.draw(st.lists(st.sampled_from(matters), min_size=2, max_size=2, unique=True))
        first = next(number for number, matter in gathering.of.items() if matter == one)
        second = next(number for number, matter in gathering.of.items() if matter == other)
        if data.draw(st.booleans()):
            gathering.clustering.part(one, other)
            apart.append((first, second))
        else:
            gathering.clustering.merge(one, other)
            of = gathering.of
            lost = [pair for pair in apart if {of[pair[0]], of[pair[1]]} == {one, other}]
            apart = [pair for pair in apart if pair not in lost]
            gathering.of = {number: one if matter == other else matter for number, matter in of.items()}
            together.append((first, second))
    gathering.add_all(vectors[60:])
    gathering.regroup()
    assert all(gathering.of[one] == gathering.of[other] for one, other in together)
    assert all(gathering.of[one] != gathering.of[other] for one, other in apart)


def test_two_alike_that_were_parted_stay_apart_and_new_ones_go_to_either() -> None:
    vectors, _ = spread(1, 40, 1)
    gathering = Gathering()
    gathering.add_all(vectors)
    whole = gathering.of[0]
    own = gathering.clustering.move(question(0, vectors[0]), whole, None, 1.0)
    gathering.of[0] = own
    gathering.regroup()
    assert own != whole
    assert gathering.of[0] == own
    assert gathering.of[1] == whole
    assert gathering.add(100, vectors[5]) in {own, whole}


def test_a_question_that_was_moved_stays_where_it_was_put() -> None:
    vectors, subjects = spread(1, 80, 2)
    gathering = Gathering()
    gathering.add_all(vectors)
    gathering.regroup()
    stray = int(np.flatnonzero(subjects == subjects[0])[1])
    target = next(matter for matter in gathering.of.values() if matter != gathering.of[0])
    moved = gathering.clustering.move(question(stray, vectors[stray]), gathering.of[stray], target, 9.0)
    gathering.of[stray] = moved
    gathering.regroup()
    assert gathering.of[stray] == target != gathering.of[0]


def test_a_question_that_left_the_window_can_be_moved() -> None:
    vectors, _ = spread(1, 900, 2)
    gathering = Gathering(window=50, kept=600)
    gathering.add_all(vectors)
    assert gathering.clustering.window.find(0) is None
    table, origin = gathering.clustering.table, gathering.of[0]
    before = table.sizes[table.slot(origin)]
    own = gathering.clustering.move(question(0, vectors[0]), origin, None, 1000.0)
    assert table.sizes[table.slot(origin)] == before - 1
    assert table.sizes[table.slot(own)] == 1


def test_an_erased_question_leaves_nothing_behind() -> None:
    vectors, _ = spread(1, 3, 1)
    gathering = Gathering()
    matter = gathering.add(0, vectors[0])
    for number in (1, 2):
        assert gathering.add(number, vectors[number]) == matter
    for number in (0, 1, 2):
        gathering.clustering.forget(number, matter)
    assert matter not in gathering.clustering.table
    assert len(gathering.clustering.window) == 0
    assert not gathering.clustering.window._vectors.any()
    assert not gathering.clustering.table._sums.any()


def test_an_erased_question_that_left_the_window_takes_its_share_along() -> None:
    vectors, _ = spread(1, 700, 1)
    gathering = Gathering(window=50, kept=600)
    gathering.add_all(vectors)
    table, matter = gathering.clustering.table, gathering.of[0]
    before = (table.sizes[table.slot(matter)], table.core_sizes[table.slot(matter)])
    gathering.clustering.forget(0, matter)
    assert (table.sizes[table.slot(matter)], table.core_sizes[table.slot(matter)]) == (
        before[0] - 1,
        before[1] - 1,
    )


def test_what_cannot_be_done_is_said() -> None:
    vectors, _ = spread(1, 2, 1)
    gathering = Gathering()
    matter = gathering.add(0, vectors[0])
    with pytest.raises(UnknownMatter, match="no matter 99"):
        gathering.clustering.merge(matter, 99)
    with pytest.raises(UnknownMatter, match="no matter 99"):
        gathering.clustering.part(99, matter)
    with pytest.raises(UnknownMatter, match="no matter 99"):
        gathering.clustering.move(question(0, vectors[0]), matter, 99, 0.0)
    for wrong in (gathering.clustering.merge, gathering.clustering.part):
        with pytest.raises(ValueError, match=f"matter {matter} cannot be"):
            wrong(matter, matter)
    with pytest.raises(ValueError, match="in matter"):
        gathering.clustering.move(question(0, vectors[0]), matter, matter, 0.0)


def test_it_is_rebuilt_from_what_was_stored() -> None:
    """Given questions with their matters from a database, then new ones join them and wishes hold."""
    vectors, _ = spread(1, 300, 6)
    gathering = Gathering()
    gathering.add_all(vectors)
    gathering.regroup()
    matters = sorted(set(gathering.of.values()))
    stored = [
        (question(number, vectors[number]), gathering.of[number], float(number)) for number in gathering.of
    ]
    rebuilt = MatterClustering.rebuilt(
        DIMENSIONS, stored, [(matters[0], matters[1])], next_matter=max(matters) + 1
    )
    assert rebuilt.apart == {(matters[0], matters[1])}
    assert rebuilt.add(question(999, vectors[3]), 400.0).matter == gathering.of[3]
    assert rebuilt.regroup() == Regrouping()


def test_a_window_that_leaves_no_room_for_other_matters_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 612 matters must be kept"):
        MatterClustering(DIMENSIONS, window=100, kept=300)


def test_numbers_go_on_where_they_are_told_to() -> None:
    clustering = MatterClustering(DIMENSIONS, first_matter=50)
    assert clustering.add(question(1, spread(1, 1, 1)[0][0]), 0.0).matter == 50


def test_by_words_questions_with_the_same_rare_words_are_one_matter() -> None:
    clustering = MatterClustering(None)
    texts = [["router", "blink", f"filler{number}"] for number in range(10)]
    texts += [["invoice", "twice", f"other{number}"] for number in range(10)]
    found = [
        clustering.add(GatheredQuestion(number, terms), 0.0).matter for number, terms in enumerate(texts)
    ]
    moved = clustering.regroup()
    found = [moved.moved.get(number, matter) for number, matter in enumerate(found)]
    assert len(set(found[:10])) == len(set(found[10:])) == 1
    assert found[0] != found[10]


def test_what_is_like_a_part_of_what_people_joined_is_of_it_and_stays() -> None:
    """Given one thing said in two languages that people joined: nothing new is like both on average."""
    vectors, subjects = spread(7, 160, 4)
    gathering = Gathering()
    gathering.add_all(vectors[:120])
    gathering.regroup()
    one, other = (gathering.of[int(np.flatnonzero(subjects[:120] == each)[0])] for each in (0, 1))
    gathering.clustering.merge(one, other)
    gathering.of = {number: one if matter == other else matter for number, matter in gathering.of.items()}
    gathering.add_all(vectors[120:])
    gathering.regroup()
    for number in range(120, 160):
        assert (gathering.of[number] == one) is (subjects[number] in (0, 1))
    assert len(set(gathering.of.values())) == 3


def test_what_people_joined_stays_together_in_a_clustering_made_anew() -> None:
    vectors, subjects = spread(7, 160, 4)
    questions = [(question(n, vectors[n]), 1 + max(int(subjects[n]), 1), 0.0) for n in range(120)]
    made = MatterClustering.rebuilt(DIMENSIONS, questions, next_matter=9)
    made.hold_together(2)
    assert not any(number in made.regroup().moved for number in range(120) if subjects[number] < 2)
    for number in range(120, 160):
        placed = made.add(question(number, vectors[number]), 0.0)
        assert (placed.matter == 2) is (subjects[number] in (0, 1))
