"""What feedback does to the probabilities that a running search gives."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bot.archive.calibration import Calibration, Feedback
from bot.archive.calibrator import MOST, Calibrator
from bot.archive.lexical.index import Index
from bot.archive.memory_source import MemorySource, plain_document
from bot.archive.search import Search

QUESTION = "No picture on the TV after the update"
ENTRIES = [
    plain_document(1, QUESTION, "Unplug it for a minute."),
    plain_document(2, "How do I send a parcel back?", "Print the label and hand it in."),
]
USELESS = [Feedback(0.9, answered=False)] * 50


class Outcomes:
    """Feedback held in memory."""

    def __init__(self, feedback: Sequence[Feedback] = ()) -> None:
        self.feedback = list(feedback)
        self.reads = 0
        self.limit = 0

    def head(self) -> int:
        return len(self.feedback)

    def newest(self, limit: int) -> Sequence[Feedback]:
        self.reads += 1
        self.limit = limit
        return self.feedback


class Timer:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Searches:
    """Searches by words over the same two entries, one for each kind of experience."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.opened: list[Search] = []

    def taught(self, outcomes: Outcomes | None) -> Search:
        source = MemorySource(ENTRIES)
        index = Index(self.directory / str(len(self.opened)), source)
        search = Search(index, source, None, outcomes)
        search.catch_up()
        self.opened.append(search)
        return search


@pytest.fixture
def searches(tmp_path: Path) -> Iterator[Searches]:
    opened = Searches(tmp_path)
    yield opened
    for each in opened.opened:
        each.stop()


def test_without_outcomes_a_search_says_what_it_said_before(searches: Searches) -> None:
    plain, listening = searches.taught(None), searches.taught(Outcomes())
    assert plain.answered_before(QUESTION)
    assert listening.answered_before(QUESTION) == plain.answered_before(QUESTION)
    assert listening.suggest(QUESTION) == plain.suggest(QUESTION)


def test_suggestions_that_never_helped_become_improbable(searches: Searches) -> None:
    plain, taught = searches.taught(None), searches.taught(Outcomes(USELESS))
    assert plain.suggest(QUESTION)[0].probability > 0.5
    assert taught.suggest(QUESTION) == []
    assert taught.answered_before(QUESTION) == []


def test_the_probability_before_calibration_stays_what_it_was(searches: Searches) -> None:
    helped = [Feedback(0.6, answered=True)] * 50
    [before] = searches.taught(None).answered_before(QUESTION)
    [after] = searches.taught(Outcomes(helped)).answered_before(QUESTION)
    assert before.uncalibrated == before.probability
    assert after.uncalibrated == before.uncalibrated
    assert after.probability > before.probability


def test_new_outcomes_are_taken_in_once_a_minute() -> None:
    outcomes, timer = Outcomes(), Timer()
    experience = Calibrator(outcomes, timer)
    assert experience.follow() == 0
    outcomes.feedback += USELESS
    timer.seconds = 59.0
    assert experience.follow() == 0
    assert experience.calibration == Calibration()
    timer.seconds = 60.0
    assert experience.follow() == 1
    assert experience.calibration.applied(0.9) < 0.2


def test_outcomes_are_read_again_only_when_there_are_new_ones_or_a_day_has_passed() -> None:
    outcomes, timer = Outcomes(USELESS), Timer()
    experience = Calibrator(outcomes, timer)
    experience.follow()
    assert (outcomes.reads, outcomes.limit) == (1, MOST)
    timer.seconds = 3_600.0
    experience.follow()
    assert outcomes.reads == 1
    outcomes.feedback = [Feedback(0.9, answered=True)] * 50
    timer.seconds = 86_400.0
    experience.follow()
    assert outcomes.reads == 2
    assert experience.calibration.applied(0.9) > 0.9


def test_a_failure_to_read_is_tried_again_and_changes_nothing_meanwhile() -> None:
    class Away(Outcomes):
        away = True

        def head(self) -> int:
            if self.away:
                raise ConnectionError("the database is away")
            return super().head()

    outcomes = Away(USELESS)
    experience = Calibrator(outcomes, Timer())
    with pytest.raises(ConnectionError):
        experience.follow()
    assert experience.calibration == Calibration()
    outcomes.away = False
    assert experience.follow() == 1


def test_learning_needs_no_numpy() -> None:
    fit = (
        "import sys; from bot.archive.calibration import Feedback, calibrated;"
        "calibrated([Feedback(0.9, False)] * 50); print('numpy' in sys.modules)"
    )

    told = subprocess.run([sys.executable, "-c", fit], check=True, capture_output=True, text=True)

    assert told.stdout.strip() == "False"
