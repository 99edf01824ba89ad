"""A clustering that was saved goes on as if nothing had happened."""

import io
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.matters.clustering import MatterClustering
from routing.matters.features import GatheredQuestion
from routing.matters.frame import unit
from routing.matters.saved import SavedClustering, restore, save

DIMENSIONS = 12


def through_a_file(saved: SavedClustering) -> SavedClustering:
    file = io.BytesIO()
    np.savez(file, **asdict(saved))
    file.seek(0)
    with np.load(file) as read:
        return SavedClustering(**{name: read[name] for name in read.files})


def told(clustering: MatterClustering, questions: list[GatheredQuestion]) -> list[object]:
    said: list[object] = []
    for each in questions:
        said.append(clustering.add(each, float(each.id)))
        if clustering.is_due:
            said.append(clustering.regroup())
    return said


@settings(max_examples=15)
@given(st.integers(0, 1000), st.integers(1, 120), st.booleans())
def test_a_restart_makes_no_difference(seed: int, before: int, by_words: bool) -> None:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(9, DIMENSIONS))
    questions = []
    for number in range(200):
        subject = int(rng.integers(9))
        vector = unit((centres[subject] + 0.6 * rng.normal(size=DIMENSIONS)).astype(np.float32))
        terms = [f"w{subject}-{rng.integers(4)}" for _ in range(4)]
        questions.append(GatheredQuestion(number, terms, None if by_words else vector))
    clustering = MatterClustering(None if by_words else DIMENSIONS, window=60, kept=640)
    told(clustering, questions[:before])
    matters = clustering.table.ids.tolist()
    if len(matters) > 2:
        clustering.part(matters[0], matters[1])
        clustering.merge(matters[0], matters[2])
    restored = restore(through_a_file(save(clustering)))
    assert restored.apart == clustering.apart
    assert restored.joined == clustering.joined
    assert told(restored, questions[before:]) == told(clustering, questions[before:])


def test_what_was_saved_does_not_change_afterwards() -> None:
    clustering = MatterClustering(2)
    clustering.add(GatheredQuestion(1, vector=np.array([1, 0], np.float32)), 0.0)
    saved = save(clustering)
    before = {name: values.copy() for name, values in asdict(saved).items()}
    clustering.add(GatheredQuestion(2, vector=np.array([1, 0.1], np.float32)), 1.0)
    restore(saved).add(GatheredQuestion(3, vector=np.array([1, 0.1], np.float32)), 1.0)
    for name, values in asdict(saved).items():
        assert np.array_equal(values, before[name]), name


def test_values_that_do_not_fit_are_refused() -> None:
    saved = asdict(save(MatterClustering(2)))
    with pytest.raises(ValueError, match="unpack"):
        restore(SavedClustering(**{**saved, "settings": saved["settings"][:3]}))
