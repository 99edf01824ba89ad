"""Clusters found anew keep the names of the matters that they are."""

import numpy as np

from routing.matters.identity import NEW, Nodes, name_clusters


def named(clusters: list[int], matters: list[int], cores: list[int] | None = None) -> list[int]:
    """The names of clusters of nodes; ``cores`` are the sizes of the first nodes, the rest are questions."""
    sizes = np.ones(len(clusters))
    sizes[: len(cores or [])] = cores or []
    nodes = Nodes(np.array(matters), sizes, np.arange(len(clusters)) < len(cores or []))
    return name_clusters(np.array(clusters), nodes).tolist()


def test_unchanged_clusters_keep_their_names() -> None:
    assert named([0, 1, 0, 1], [7, 8, 7, 8]) == [7, 8]


def test_of_a_matter_that_falls_apart_the_larger_part_keeps_the_name() -> None:
    assert named([0, 1, 1], [7, 7, 7]) == [NEW, 7]


def test_two_that_come_together_have_the_name_of_the_larger() -> None:
    assert named([0, 0, 0], [7, 8, 8]) == [8]


def test_a_core_takes_its_name_along_whatever_its_questions_do() -> None:
    assert named([0, 1, 1, 1], [7, 7, 7, 7], cores=[2]) == [7, NEW]


def test_of_two_cores_the_larger_gives_the_name_and_the_other_name_is_gone() -> None:
    assert named([0, 0, 1], [7, 8, 7], cores=[2, 5]) == [8, NEW]


def test_of_equal_cores_the_elder_gives_the_name() -> None:
    assert named([0, 0], [9, 4], cores=[3, 3]) == [4]


def test_of_nothing_there_are_no_names() -> None:
    assert named([], []) == []
