"""All that is known of the past, as counts; fed question by question and answer by answer."""

from collections.abc import Sequence
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
            numbers = self._known(words)
        self._file_under(place, numbers, question.topics, question.asked_at.timestamp())
        return place, numbers

    def learn(self, question: PastQuestion, answer: PastAnswer, vector: Vector | None = None) -> bool:
        """Take in an answer; False if it was known already, or is none."""
        if answer.topics and answer.topics != question.topics:
            question = replace(question, topics=answer.topics)
        place, words = self.note(question, vector)
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
        if answer.outcome is not Outcome.PUBLISHED:
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
            self.by_word.add(self.questions.words_of(np.array([place]))[place], slot, answered_at, -1.0)
            self.questions.answerers.remove(place, entry)

    def _entry(self, place: int, slot: int) -> int | None:
        """Which entry of the answerers is somebody's answer to the question at this place."""
        items = self.questions.answerers.item.values
        return next((one for one in self.questions.answerers.entries(place) if items[one] == slot), None)

    def _count(self, topics: list[int], slot: int, at: float, amount: float) -> None:
        self.by_topic.add(topics, slot, at, amount)
        self.by_topic_recent.add(topics, slot, at, amount)

    def topic(self, slug: str) -> int | None:
        """The number of a topic that questions are filed under; None of one that has none (any more)."""
        number = self.questions.topics.find(slug)
        is_in_use = number is not None and self.topic_questions.values[number] > 0
        return number if is_in_use else None

    def rename_topic(self, former: str, slug: str) -> None:
        """What is known under one topic is known under another from now on, which may have been there.

        A question that is filed under both counts once.
        """
        old = self.topic(former)
        if old is None or former == slug:
            return
        new = self.questions.topics.number(slug)
        self._leave_doubled(old, new)
        filed = self.questions.filed.item.values
        filed[filed == old] = new
        self.topic_questions.resize(max(old, new) + 1)
        counts = self.topic_questions.values
        counts[new] += counts[old]
        counts[old] = 0
        self.by_topic.move_key(old, new)
        self.by_topic_recent.move_key(old, new)
        self.topics_by_word.move_member(old, new)

    def refile(self, question: PastQuestion) -> None:
        """A question that was learned is about these topics now, and so are its words and answers."""
        place = self.questions.place(question.id)
        if place is None:
            return
        wanted = set(question.topics)
        _, entries = self.questions.filed.gather(np.array([place]))
        filed = {self.questions.topics.names[self.questions.filed.item.values[one]]: one for one in entries}
        if filed.keys() == wanted:
            return
        words = self._known(tokens(f"{question.text}\n{question.body}", question.language))
        for slug in filed.keys() - wanted:
            topic = self.questions.topics.number(slug)
            self._unfile(place, topic, int(filed[slug]), words)
            self._count_answers(place, topic, -1.0)
        for slug in [one for one in dict.fromkeys(question.topics) if one not in filed]:
            topic = self._file(place, slug, words, question.asked_at.timestamp())
            self._count_answers(place, topic, 1.0)

    def _file_under(self, place: int, words: list[int], topics: tuple[str, ...], at: float) -> None:
        if not topics or self.questions.filed.linked_one(place):
            return
        for slug in dict.fromkeys(topics):
            self._file(place, slug, words, at)

    def _file(self, place: int, slug: str, words: list[int], at: float) -> int:
        topic = self.questions.topics.number(slug)
        self.questions.filed.add(place, topic, at)
        self.topic_questions.resize(topic + 1)
        self.topic_questions.values[topic] += 1
        self.topics_by_word.add(words, topic, at)
        return topic

    def _unfile(self, place: int, topic: int, entry: int, words: list[int]) -> None:
        at = float(self.questions.filed.time.values[entry])
        self.questions.filed.remove(place, entry)
        self.topic_questions.values[topic] -= 1
        self.topics_by_word.add(words, topic, at, -1.0)

    def _leave_doubled(self, old: int, new: int) -> None:
        """Questions that are filed under both topics are filed under the new one alone."""
        places, entries = self.questions.filed.gather(np.arange(len(self.questions)))
        topics = self.questions.filed.item.values[entries]
        doubled = np.intersect1d(places[topics == old], places[topics == new])
        if not len(doubled):
            return
        leave = np.flatnonzero((topics == old) & np.isin(places, doubled))
        words = self.questions.words_of(doubled)
        for place, entry in zip(places[leave].tolist(), entries[leave].tolist(), strict=True):
            self._unfile(place, old, entry, words[place])
            self._count_answers(place, old, -1.0)

    def _count_answers(self, place: int, topic: int, share: float) -> None:
        """What the answers to a question are worth counts in a topic, or no more (a share of -1)."""
        _, answers = self.questions.answerers.gather(np.array([place]))
        for entry in answers.tolist():
            slot = int(self.questions.answerers.item.values[entry])
            at = float(self.questions.answerers.time.values[entry])
            worth = _WORTH[_BY_RANK[int(self.turned_out.values[entry])]]
            self._count([topic], slot, at, share * worth)

    def _known(self, words: Sequence[str]) -> list[int]:
        """The numbers of those distinct words that have one."""
        found = map(self.questions.words.find, dict.fromkeys(words))
        return [number for number in found if number is not None]
