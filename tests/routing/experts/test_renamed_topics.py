"""What was learned of topics follows when they are put in order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from routing.experts.evidence import PastQuestion, Query
from routing.experts.experts import Experts
from routing.model.domain import PastAnswer, TopicWeight

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
JANE, OLU = 1, 2


def question(number: int, words: str, topic: str) -> PastQuestion:
    return PastQuestion(number, NOW - timedelta(days=number), words, topics=(topic,), language="en")


@pytest.fixture
def experts() -> Experts:
    """Jane has answered about remotes and sound, filed under tv; Olu about routers, filed under wifi."""
    built = Experts()
    for number in range(1, 31):
        for employee, words, topic, at in (
            (JANE, f"the remote is dead {number}", "tv", number),
            (JANE, f"no sound at all {number}", "tv", 100 + number),
            (OLU, f"router blinks {number}", "wifi", 200 + number),
        ):
            asked = question(at, words, topic)
            built.learn(asked, PastAnswer(at, employee, asked.asked_at + timedelta(hours=1), "", (topic,)))
    return built


def topics_of(experts: Experts, words: str) -> list[str]:
    return [one.slug for one in experts.predict_topics(Query(words, (), "en"), NOW)]


def score_under(experts: Experts, topic: str) -> dict[int, float]:
    """How much speaks for each under a topic alone, whose words nobody ever used."""
    people = np.array([JANE, OLU])
    found = experts.rank(Query("zzz", (TopicWeight(topic, 0.9),), "en"), people, NOW)
    return dict(zip(people.tolist(), found.contributions.sum(axis=0).tolist(), strict=True))


def test_what_was_learned_of_a_topic_is_known_of_the_one_that_takes_it_in(experts: Experts) -> None:
    before = score_under(experts, "tv")
    experts.rename_topic("tv", "screens")
    assert topics_of(experts, "remote dead")[0] == "screens"
    assert "tv" not in topics_of(experts, "no sound")
    assert score_under(experts, "screens") == pytest.approx(before)


def test_two_topics_that_become_one_keep_what_both_knew(experts: Experts) -> None:
    experts.rename_topic("tv", "wifi")
    both = score_under(experts, "wifi")
    assert topics_of(experts, "remote dead") == ["wifi"]
    assert both[JANE] > both[OLU]  # she answered twice as much of it
    experts.rename_topic("tv", "wifi")
    assert score_under(experts, "wifi") == pytest.approx(both)


def test_questions_that_go_to_another_topic_take_their_words_and_answers_along(experts: Experts) -> None:
    for number in range(1, 31):
        experts.refile(question(number, f"the remote is dead {number}", "remotes"))
    assert topics_of(experts, "remote dead")[0] == "remotes"
    assert topics_of(experts, "no sound")[0] == "tv"
    moved = score_under(experts, "remotes")
    assert moved[JANE] > moved[OLU]
    once_more = Experts.from_bytes(experts.to_bytes())
    assert topics_of(once_more, "remote dead")[0] == "remotes"


def test_a_question_that_was_never_learned_changes_nothing(experts: Experts) -> None:
    before = experts.to_bytes()
    experts.refile(question(999, "unheard of", "remotes"))
    experts.rename_topic("nowhere", "tv")
    assert experts.to_bytes() == before


def test_a_question_about_nothing_any_more_tells_of_no_topic() -> None:
    model, unfiled = Experts(), Experts()
    odd, about_tv = question(1, "the whatsit squeaks", "wifi"), question(2, "the remote is dead", "tv")
    for one in (odd, about_tv):
        model.learn(one, PastAnswer(one.id, JANE, one.asked_at, "", one.topics))
    model.refile(replace(odd, topics=()))
    for one in (replace(odd, topics=()), about_tv):
        unfiled.learn(one, PastAnswer(one.id, JANE, one.asked_at, "", one.topics))
    assert topics_of(unfiled, "whatsit squeaks") == topics_of(model, "whatsit squeaks") == []
    assert score_under(model, "wifi") == pytest.approx(score_under(unfiled, "wifi"))


def test_a_question_that_was_about_both_topics_counts_once_when_they_become_one() -> None:
    model, anew = Experts(), Experts()
    for built, topics in ((model, ("tv", "wifi")), (anew, ("tv",))):
        both = replace(question(1, "the remote is dead", "tv"), topics=topics)
        built.learn(both, PastAnswer(1, JANE, both.asked_at, "", topics))
        other = question(2, "router blinks", "bills")
        built.learn(other, PastAnswer(2, OLU, other.asked_at, "", ("bills",)))
    model.rename_topic("wifi", "tv")
    assert score_under(model, "tv") == pytest.approx(score_under(anew, "tv"))
    assert topics_of(model, "remote dead") == topics_of(anew, "remote dead")
