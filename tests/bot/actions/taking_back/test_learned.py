"""Whom to ask next time follows what became of an answer, in a model that was kept and in one made anew."""

import numpy as np
import pytest

from bot.steps.learning.learner import Learner
from bot.store.engine import Database
from routing.experts.experts import Query
from routing.model.domain import Outcome
from tests.bot.actions.taking_back.test_challenge import RIGHT, Challenging
from tests.conftest import FakeClock


@pytest.mark.parametrize("end", ["challenge", "retract", "by_its_author", "correct"])
def test_what_is_learned_of_a_thanked_answer_follows_what_became_of_it(
    sqlite_database: Database, clock: FakeClock, end: str
) -> None:
    quick = Challenging(sqlite_database, clock)
    kept = Learner(quick.house.database)
    kept.follow()
    quick.talk.says("Thank you, that worked!", quick.house.by_brand()[0])
    kept.follow()
    assert quick.outcomes() == [(Outcome.SOLVED, quick.people["jane"])]
    if end == "challenge":
        quick.challenge()
        quick.accept()
    elif end == "by_its_author":
        quick.browser("jane").post("/desk/answers/1/take-down", {"why": "It is wrong.", "step": "send"})
        assert quick.outcomes()[-1] == (Outcome.CORRECTED, quick.people["jane"])
    elif end == "retract":
        quick.browser("mei").post("/admin/answers/1/retract", {"why": "It is wrong.", "step": "send"})
    else:
        fields = {"text": RIGHT, "why": "It is wrong.", "step": "send"}
        quick.browser("mei").post("/admin/answers/1/correct", fields)
    quick.house.work()
    kept.follow()
    anew = Learner(quick.house.database)
    anew.follow()
    people = np.array(sorted(quick.people.values()))
    found = []
    for learner in (kept, anew):
        with learner.lend() as experts:
            assert experts is not None
            found.append(experts.rank(Query(quick.talk.opening.text), people, quick.house.clock()))
    assert found[0].contributions == pytest.approx(found[1].contributions, rel=1e-5)
    assert found[0].neighbours.tolist() == found[1].neighbours.tolist()
