"""All that is known of the past, as counts; fed question by question and answer by answer."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from routing.experts.employee_stats import RECENT, SCALES, EmployeeStats
from routing.experts.evidence import PastQuestion
from routing.experts.growable import DecayedCounts, GrowableArray
from routing.experts.question_index import QuestionIndex
from routing.model.arrays import Vector
from routing.model.domain import Outcome, PastAnswer
from routing.model.text import tokens

_WORTH = {Outcome.PUBLISHED: 1.0, Outcome.SOLVED: 1.5, Outcome.CORRECTED: 0.25, Outcome.WRONG: 0.0}
"""What an answer counts as evidence of knowledge; an offer that was passed or ignored is no answer."""
_RANK = {outcome: rank for rank, outcome in enumerate(_WORTH)}
"""What was once corrected stays so, whatever thanks come later; what was wrong stays wrong."""
_BY_RANK = tuple(_WORTH)
_LASTING = 20.0
"""Half-lives of the model over which it fades which words go with which topic."""


class Knowledge:
    """The counts behind the model: what was asked, under which topics, and who answered."""

    def __init__(self, half_life: timedelta, vectors_kept: int) -> None:
        seconds = half_life.total_seconds()
        if seconds <= 0:
            raise ValueError("The half-life must be longer than nothing.")
        self.half_life = seconds
        self.questions = QuestionIndex(vectors_kept)
        self.employees = EmployeeStats(seconds)
        self.by_word = DecayedCounts(seconds)
        self.by_topic = DecayedCounts(seconds)
        self.by_topic_recent = DecayedCounts(seconds * SCALES[RECENT])
        self.topics_by_word = DecayedCounts(seconds * _LASTING)
        self.topic_questions = GrowableArray("int32")
        self.turned_out = GrowableArray("int8")
        """How each entry of the answerers turned out, as its place in ``_BY_RANK``."""
        self.turned_out_at = GrowableArray("float64")
        """When that was, in seconds since 1970."""

    def note(self, question: PastQuestion, vector: Vector | None = None) -> tuple[int, list[int]]:
        """Take in a question; once more, or with an answer, changes only its topics if it had none.

        Returns:
            Its place in the memory and the numbers of its distinct words.
        """
        words = tokens(f"{question.text}\n{question.body}", question.language)
        place = self.questions.place(question.id)
        if place is None:
            place, numbers = self.questions.add(
                question.id, words, question.vector if vector is None else vector
            )
        else:
            known = (self.questions.words.find(word) for word in dict.fromkeys(words))
            numbers = [number for number in known if number is not None]
        self._file_under(place, numbers, question.topics, question.asked_at.timestamp())
        return place, numbers

    def learn(self, question: PastQuestion, answer: PastAnswer, vector: Vector | None = None) -> bool:
        """Take in an answer; False if it was known already, or is none."""
        place, words = self.note(replace(question, topics=answer.topics or question.topics), vector)
        if not _WORTH.get(answer.outcome) or self.answered(place, answer.employee_id):
            return False
        slot = self.employees.slot(answer.employee_id)
        at = answer.answered_at.timestamp()
        self.questions.answerers.add(place, slot, at)
        self.turned_out.append(_RANK[Outcome.PUBLISHED])
        self.turned_out_at.append(at)
        self.employees.answered(slot, at, len(self.questions))
        self.by_word.add(words, slot, at)
        self._count(self.questions.filed.of(place), slot, at, 1.0)
        self.record_outcome(question.id, answer.employee_id, answer.outcome, answer.answered_at)
        return True

    def answered(self, place: int, employee_id: int) -> bool:
        """Whether an answer of this employee to the question at this place is known."""
        if not self.questions.answerers.linked_one(place):
            return False
        return self.employees.slot(employee_id) in self.questions.answerers.of(place)

    def record_outcome(self, question_id: int, employee_id: int, outcome: Outcome, at: datetime) -> None:
        """Take in how an offer or answer turned out: for the person, and in the topics.

        What an answer counts is what it counts by the last of these alone: thanks for one that was corrected
        since speak for nobody. One that was wrong is no evidence any more: neither for the words of its
        question nor as a neighbour.
        """
        slot, moment = self.employees.slot(employee_id), at.timestamp()
        place = self.questions.place(question_id)
        entry = None if place is None or outcome not in _WORTH else self._entry(place, slot)
        if entry is None or place is None:
            self.employees.record_outcome(slot, outcome, moment)
            return
        former = _BY_RANK[int(self.turned_out.values[entry])]
        if _RANK[outcome] <= _RANK[former]:
            return
        self.employees.record_outcome(slot, former, float(self.turned_out_at.values[entry]), -1.0)
        self.employees.record_outcome(slot, outcome, moment)
        self.turned_out.values[entry], self.turned_out_at.values[entry] = _RANK[outcome], moment
        answered_at = float(self.questions.answerers.time.values[entry])
        difference = _WORTH[outcome] - _WORTH[former]
        self._count(self.questions.filed.of(place), slot, answered_at, difference)
        if outcome is Outcome.WRONG:
            self.by_word.add(self.questions.words_at(place), slot, answered_at, -1.0)
            self.questions.answerers.remove(place, entry)

    def _entry(self, place: int, slot: int) -> int | None:
        """Which entry of the answerers is somebody's answer to the question at this place."""
        _, entries = self.questions.answerers.gather(np.array([place]))
        mine = entries[self.questions.answerers.item.values[entries] == slot]
        return int(mine[0]) if len(mine) else None

    def _count(self, topics: list[int], slot: int, at: float, amount: float) -> None:
        self.by_topic.add(topics, slot, at, amount)
        self.by_topic_recent.add(topics, slot, at, amount)

    def rename_topic(self, former: str, slug: str) -> None:
        """What is known under one topic is known under another from now on, which may have been there."""
        old = self.questions.topics.find(former)
        if old is None or former == slug:
            return
        new = self.questions.topics.number(slug)
        filed = self.questions.filed.item.values
        filed[filed == old] = new
        self.topic_questions.resize(max(old, new) + 1)
        counts = self.topic_questions.values
        counts[new] += counts[old]
        counts[old] = 0
        self.by_topic.move_key(old, new)
        self.by_topic_recent.move_key(old, new)
        self.topics_by_word.move_member(old, new)

    def refile(self, question: PastQuestion, former: str, slug: str) -> None:
        """One question is about another topic than was learned: its words and answers speak for that one."""
        place, old = self.questions.place(question.id), self.questions.topics.find(former)
        if place is None or old is None:
            return
        _, entries = self.questions.filed.gather(np.array([place]))
        ours = entries[self.questions.filed.item.values[entries] == old]
        if not len(ours):
            return
        new = self.questions.topics.number(slug)
        self.questions.filed.item.values[ours] = new
        self.topic_questions.resize(max(old, new) + 1)
        self.topic_questions.values[old] -= 1
        self.topic_questions.values[new] += 1
        known = map(self.questions.words.find, dict.fromkeys(tokens(question.text, question.language)))
        words = [number for number in known if number is not None]
        asked_at = question.asked_at.timestamp()
        self.topics_by_word.add(words, old, asked_at, -1.0)
        self.topics_by_word.add(words, new, asked_at)
        _, answers = self.questions.answerers.gather(np.array([place]))
        for entry in answers.tolist():
            slot = int(self.questions.answerers.item.values[entry])
            at = float(self.questions.answerers.time.values[entry])
            worth = _WORTH[_BY_RANK[int(self.turned_out.values[entry])]]
            self._count([old], slot, at, -worth)
            self._count([new], slot, at, worth)

    def _file_under(self, place: int, words: list[int], topics: tuple[str, ...], at: float) -> None:
        if not topics or self.questions.filed.linked_one(place):
            return
        for slug in topics:
            topic = self.questions.topics.number(slug)
            self.questions.filed.add(place, topic, at)
            self.topic_questions.resize(topic + 1)
            self.topic_questions.values[topic] += 1
            self.topics_by_word.add(words, topic, at)
