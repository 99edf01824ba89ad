"""Whatever becomes of topics, a model that was kept knows what one that is learned anew knows."""

from contextlib import suppress
from random import Random

import numpy as np
import pytest
from sqlmodel import col, select

from bot.actions.conversations import decide
from bot.actions.people.details import Invalid
from bot.actions.topics import refiling, reorganise
from bot.actions.topics.reorganise import Division, Reorganising
from bot.actions.undecidable import Undecidable
from bot.states import AnswerState, ChangeKind
from bot.steps.learning.learner import Learner
from bot.store import changes, rows
from bot.store.conversations import answers
from bot.store.engine import Database, Session
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.store.tables.people import TopicRow
from routing.experts.experts import Experts, Query
from routing.model.domain import Outcome, TopicWeight
from tests.conftest import FakeClock
from tests.house import House

WORDS = ("remote", "sound", "router", "picture", "cable", "invoice")
SLUGS = ("tv", "wifi", "bills", "phone", "radio")
QUESTIONS = 24
STEPS = 60


class Reordering:
    """A house whose topics are put in order over and over, while two models follow."""

    def __init__(self, database: Database, seed: int) -> None:
        self.random = Random(seed)
        self.house = House(database, FakeClock())
        self.people = [self.house.employee(name).id for name in ("Ann", "Ben", "Cleo", "Dan")]
        for slug in SLUGS[:3]:
            self.house.topic(slug, slug.upper())
        with database.write() as session:
            for number in range(QUESTIONS):
                self._ask(session, number)
        self.kept = Learner(database)

    def _ask(self, session: Session, number: int) -> None:
        text = " ".join(["the", *self.random.sample(WORDS, 2), f"broke{number}"])
        about = self.random.sample(SLUGS[:3], self.random.choice([0, 1, 1, 2]))
        question = QuestionRow(
            platform="local",
            customer_id=f"c{number}",
            text=text,
            language="en",
            state="answered",
            topics=[[slug, round(1 / len(about), 4)] for slug in about],
            asked_at=self.house.clock(),
        )
        session.add(question)
        session.flush()
        for who in self.random.sample(self.people, self.random.choice([1, 2])):
            session.add(
                AnswerRow(
                    question_id=question.id,
                    employee_id=who,
                    written_at=self.house.clock(),
                    text="So.",
                    state=AnswerState.QUEUED,
                )
            )

    def step(self) -> None:
        """One deed; what cannot be done just now is none."""
        self.house.clock.advance(self.random.choice([1, 60, 90_000]))
        deed = self.random.choice(
            [
                *(self.publish, self.publish, self.turn_out, self.set_topics, self.set_topics),
                *(self.merge, self.rename, self.split, self.move, self.move, self.kept.follow),
            ]
        )
        with suppress(Undecidable, Invalid):
            deed()

    def publish(self) -> None:
        with self.house.database.write() as session:
            waiting = session.exec(select(AnswerRow).where(AnswerRow.state == AnswerState.QUEUED)).all()
            if waiting:
                answers.publish_all(session, [(self.random.choice(waiting), None)], self.house.clock())

    def turn_out(self) -> None:
        with self.house.database.write() as session:
            out = session.exec(select(AnswerRow).where(AnswerRow.state == AnswerState.PUBLISHED)).all()
            if out:
                one = self.random.choice(out)
                outcome = self.random.choice([Outcome.SOLVED, Outcome.CORRECTED, Outcome.WRONG])
                said = {"outcome": outcome, "employee": one.employee_id}
                changes.append(session, ChangeKind.OUTCOME, one.question_id, self.house.clock(), **said)

    def set_topics(self) -> None:
        with self.house.database.write() as session:
            question = rows.one(session, QuestionRow, self.random.randint(1, QUESTIONS))
            there = session.exec(select(TopicRow.slug).order_by(TopicRow.slug)).all()
            chosen = self.random.sample(there, self.random.randint(0, min(2, len(there))))
            decide.set_topics(session, question, chosen, self.house.clock())

    def merge(self) -> None:
        with self.house.database.write() as session:
            former, into = self._two(session)
            reorganise.merge(session, former, into, self._by())

    def rename(self) -> None:
        with self.house.database.write() as session:
            reorganise.rename(session, self._two(session)[0], self.random.choice(SLUGS), self._by())

    def split(self) -> None:
        with self.house.database.write() as session:
            division = Division(
                words=(self.random.choice(WORDS),), slug=self.random.choice(SLUGS), name="Other"
            )
            reorganise.split(session, self._two(session)[0], division, self._by())

    def _two(self, session: Session) -> list[TopicRow]:
        there = session.exec(select(TopicRow).order_by(col(TopicRow.id))).all()
        return [self.random.choice(there), self.random.choice(there)]

    def _by(self) -> Reorganising:
        return Reorganising("mei", self.house.clock())

    def move(self) -> None:
        self.house.steps.refile.run()

    def finish(self) -> None:
        """All questions are where they go to, and all answers are out."""
        for _ in range(2):
            while self.house.steps.refile.run():
                pass
            self.house.clock.advance(refiling.SETTLES.total_seconds() + 1)
        for _ in range(2 * QUESTIONS):
            self.publish()

    def views(self) -> list[list[float]]:
        """What the kept model says of everybody and of topics, and what one that is learned anew says."""
        anew = Learner(self.house.database)
        found = []
        for learner in (self.kept, anew):
            learner.follow()
            with learner.lend() as experts:
                assert experts is not None
                found.append(self._view(experts))
        return found

    def _view(self, experts: Experts) -> list[float]:
        people, now = np.array(self.people), self.house.clock()
        asked = [Query(f"the {word} broke", (), "en") for word in WORDS]
        asked += [Query("zzz", (TopicWeight(slug, 0.9),), "en") for slug in SLUGS]
        asked += [Query("remote", (TopicWeight("tv", 0.6), TopicWeight(slug, 0.3)), "en") for slug in SLUGS]
        told = [row.tolist() for one in asked for row in experts.rank(one, people, now).contributions]
        weights = [{topic.slug: topic.weight for topic in experts.predict_topics(one, now)} for one in asked]
        guessed = [[each.get(slug, 0.0) for slug in SLUGS] for each in weights]
        return [value for row in told + guessed for value in row]


@pytest.mark.parametrize("seed", range(4))
def test_a_model_that_was_kept_knows_what_one_learned_anew_knows(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(refiling, "BATCH", 3)
    monkeypatch.setattr(refiling, "WINDOW", 7)
    reordering = Reordering(sqlite_database, seed)
    for _ in range(STEPS):
        reordering.step()
    reordering.finish()
    kept, anew = reordering.views()
    assert kept == pytest.approx(anew, rel=1e-3, abs=1e-4)


def test_what_somebody_in_charge_says_a_question_is_about_is_known_at_once(sqlite_database: Database) -> None:
    reordering = Reordering(sqlite_database, 1)
    for _ in range(2 * QUESTIONS):
        reordering.publish()
    reordering.kept.follow()
    with sqlite_database.write() as session:
        for question in session.exec(select(QuestionRow)).all():
            decide.set_topics(session, question, ["bills"], reordering.house.clock())
    reordering.kept.follow()
    with reordering.kept.lend() as experts:
        assert experts is not None
        [topic] = experts.predict_topics(Query("the router broke", (), "en"), reordering.house.clock())
    assert topic.slug == "bills"
