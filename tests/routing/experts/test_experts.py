import functools
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.experts.evidence import Component
from routing.experts.experts import Experts, PastQuestion, Query
from routing.model.domain import Outcome, PastAnswer, TopicWeight

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANN, BEN, CAT, STRANGER = 11, 22, 33, 99
EVERYBODY = np.array([ANN, BEN, CAT, STRANGER])

SUBJECTS = {
    "wifi": "my router keeps losing the wifi signal",
    "tv": "the television shows no picture over hdmi",
    "bill": "why was i charged twice on my invoice",
}


def asked(number: int, topic: str, *, days_ago: float = 10, filed: bool = True) -> PastQuestion:
    text = f"{SUBJECTS[topic]} number{number}"
    return PastQuestion(number, NOW - timedelta(days=days_ago), text, topics=(topic,) if filed else ())


def answered(question: PastQuestion, employee: int, outcome: Outcome = Outcome.PUBLISHED) -> PastAnswer:
    at = question.asked_at + timedelta(minutes=5)
    return PastAnswer(question.id, employee, at, "try this", question.topics, outcome)


def taught() -> Experts:
    """Ann answers about wifi, Ben about televisions, Cat about bills."""
    return Experts.from_bytes(_taught())


@functools.cache
def _taught() -> bytes:
    return teach(Experts()).to_bytes()


def teach(experts: Experts) -> Experts:
    for number in range(60):
        topic, who = [("wifi", ANN), ("tv", BEN), ("bill", CAT)][number % 3]
        question = asked(number, topic, days_ago=60 - number)
        experts.learn(question, answered(question, who))
    return experts


def best(experts: Experts, query: Query, now: datetime = NOW) -> int:
    return int(EVERYBODY[experts.rank(query, EVERYBODY, now).order(1)[0]])


@pytest.mark.parametrize(("topic", "who"), [("wifi", ANN), ("tv", BEN), ("bill", CAT)])
def test_who_answered_alike_before_comes_first(topic, who):
    assert best(taught(), Query(SUBJECTS[topic])) == who


def test_known_topics_lead_to_who_answered_under_them_without_a_common_word():
    assert best(taught(), Query("completely different matter", (TopicWeight("tv", 1.0),))) == BEN


def test_vectors_find_who_answered_what_means_the_same_in_other_words():
    experts = Experts()
    directions = {"wifi": np.array([1, 0, 0]), "tv": np.array([0, 1, 0]), "bill": np.array([0, 0, 1])}
    for number in range(30):
        topic, who = [("wifi", ANN), ("tv", BEN), ("bill", CAT)][number % 3]
        question = asked(number, topic, filed=False)
        experts.learn(question, answered(question, who), directions[topic].astype(np.float32))
    vector = np.array([0.1, 0.99, 0.05], dtype=np.float32)
    assert best(experts, Query("nothing alike", vector=vector / np.linalg.norm(vector))) == BEN


def test_one_answer_counts_at_once():
    experts = taught()
    query = Query("how do i reset the zigbee gateway")
    question = PastQuestion(500, NOW - timedelta(hours=1), "reset zigbee gateway", topics=("zigbee",))
    before = experts.rank(query, EVERYBODY, NOW).total
    experts.learn(question, answered(question, STRANGER))
    gained = experts.rank(query, EVERYBODY, NOW).total - before
    assert gained.argmax() == 3


def test_learning_the_same_answer_again_changes_nothing():
    experts, twice = taught(), teach(taught())
    query = Query(SUBJECTS["wifi"])
    np.testing.assert_array_equal(
        experts.rank(query, EVERYBODY, NOW).contributions, twice.rank(query, EVERYBODY, NOW).contributions
    )


def test_old_answers_fade_against_new_ones():
    experts = Experts(half_life=timedelta(days=30))
    for number in range(20):
        old = asked(number, "wifi", days_ago=400 - number)
        new = asked(100 + number, "wifi", days_ago=20 - number)
        experts.learn(old, answered(old, ANN))
        experts.learn(new, answered(new, BEN))
    assert best(experts, Query(SUBJECTS["wifi"])) == BEN


def test_a_silent_model_falls_back_to_declared_expertise():
    declared = np.array([0.2, 1.0, 0.5, 0.0])
    evidence = Experts().rank(Query(SUBJECTS["wifi"]), EVERYBODY, NOW, declared)
    assert EVERYBODY[evidence.order()].tolist() == [BEN, CAT, ANN, STRANGER]
    others = [
        row
        for name, row in zip(evidence.components, evidence.contributions, strict=True)
        if name is not Component.DECLARED
    ]
    assert np.ptp(others, axis=1).max() == 0


def test_what_was_declared_fades_as_answers_come_in():
    declared = np.ones(4)
    shares = taught().rank(Query(SUBJECTS["tv"]), EVERYBODY, NOW, declared)
    row = shares.contributions[shares.components.index(Component.DECLARED)]
    assert row[3] > row[0] > 0


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (Outcome.SOLVED, Outcome.CORRECTED),
        (Outcome.PUBLISHED, Outcome.IGNORED),
        (Outcome.SOLVED, Outcome.PASSED),
    ],
)
def test_outcomes_speak_for_and_against(good, bad):
    experts = Experts()
    for number in range(20):
        question = asked(number, "wifi")
        for who, outcome in ((ANN, good), (BEN, bad)):
            experts.learn(question, answered(question, who))
            experts.outcome(number, who, outcome, NOW - timedelta(days=1))
    evidence = experts.rank(Query(SUBJECTS["wifi"]), EVERYBODY, NOW)
    row = evidence.contributions[evidence.components.index(Component.OUTCOMES)]
    assert row[0] > row[1]
    assert evidence.order(1)[0] == 0


def test_offers_that_were_passed_teach_no_knowledge():
    experts = Experts()
    question = asked(1, "wifi")
    experts.learn(question, answered(question, ANN, Outcome.PASSED))
    assert experts.rank(Query(SUBJECTS["wifi"]), EVERYBODY, NOW).answers.tolist() == [0, 0, 0, 0]


def test_shares_add_up_to_the_score_exactly():
    evidence = taught().rank(Query(SUBJECTS["wifi"]), EVERYBODY, NOW, np.array([1.0, 0, 0, 1.0]))
    assert evidence.contributions.shape == (len(evidence.components), len(EVERYBODY))
    np.testing.assert_array_equal(evidence.total, evidence.contributions.sum(axis=0))


def test_facts_count_the_neighbours_and_answers():
    evidence = taught().rank(Query(SUBJECTS["wifi"]), EVERYBODY, NOW)
    assert evidence.neighbours[0] > 0 == evidence.neighbours[3]
    assert evidence.answers.tolist() == [20, 20, 20, 0]
    assert evidence.last_answered[3] == -np.inf


def test_topics_are_predicted_from_similar_questions_heaviest_first():
    topics = taught().predict_topics(Query("wifi signal lost"), NOW)
    assert topics[0].slug == "wifi"
    assert sum(topic.weight for topic in topics) <= 1 + 1e-9
    assert [topic.weight for topic in topics] == sorted((topic.weight for topic in topics), reverse=True)


@pytest.mark.parametrize("text", ["", "zzzz qqqq", "🙂", "@brand"])
def test_unsure_is_no_topic_at_all(text):
    assert taught().predict_topics(Query(text), NOW) == ()
    assert Experts().predict_topics(Query(text), NOW) == ()


def test_questions_without_answers_teach_topics_and_favour_nobody():
    experts = taught()
    before = experts.rank(Query("gift card balance"), EVERYBODY, NOW).total
    experts.note(PastQuestion(900, NOW, "gift card balance wrong", topics=("cards",)))
    after = experts.rank(Query("gift card balance"), EVERYBODY, NOW)
    assert experts.predict_topics(Query("gift card"), NOW)[0].slug == "cards"
    assert after.total.argmax() == before.argmax()
    assert after.neighbours.tolist() == [0, 0, 0, 0]


def test_a_vector_of_another_model_is_refused_in_words():
    experts = Experts()
    question = asked(1, "wifi")
    experts.learn(question, answered(question, ANN), np.ones(3, np.float32))
    other = asked(2, "tv")
    with pytest.raises(ValueError, match="different models"):
        experts.learn(other, answered(other, ANN), np.ones(4, np.float32))


def test_questions_may_come_in_any_order_of_ids():
    experts = Experts()
    for number in (50, 7, 99, 7, 3):
        question = asked(number, "wifi")
        experts.learn(question, answered(question, ANN))
    assert experts.rank(Query(SUBJECTS["wifi"]), EVERYBODY, NOW).answers[0] == 4


def test_nobody_to_choose_from_is_an_empty_answer():
    evidence = taught().rank(Query("wifi"), np.array([], dtype=np.int64), NOW)
    assert evidence.order().tolist() == []
    assert len(taught().rank_many([Query("wifi")], np.array([], dtype=np.int64), NOW)[0].employees) == 0


queries = st.builds(
    Query,
    text=st.lists(st.sampled_from(" ".join(SUBJECTS.values()).split()), max_size=8).map(" ".join),
    topics=st.lists(st.sampled_from(["wifi", "tv", "bill", "new"]), max_size=2, unique=True).map(
        lambda slugs: tuple(TopicWeight(slug, 1 / len(slugs)) for slug in slugs)
    ),
)


@settings(max_examples=25)
@given(st.lists(queries, min_size=1, max_size=6), st.permutations(EVERYBODY.tolist()))
def test_many_at_once_are_ranked_as_one_by_one(many, people):
    experts = taught()
    candidates = np.array(people)
    for query, ranked in zip(many, experts.rank_many(many, candidates, NOW, limit=3), strict=True):
        evidence = experts.rank(query, candidates, NOW)
        np.testing.assert_allclose(ranked.scores, np.sort(evidence.total)[::-1][:3], rtol=1e-4, atol=1e-4)
        positions = [people.index(one) for one in ranked.employees.tolist()]
        np.testing.assert_allclose(evidence.total[positions], ranked.scores, rtol=1e-4, atol=1e-4)


@settings(max_examples=25)
@given(queries, st.sampled_from(sorted(SUBJECTS)), st.integers(0, 2))
def test_another_answer_never_hurts_who_gave_it(query, topic, person):
    who = int(EVERYBODY[person])
    before = taught().rank(query, EVERYBODY, NOW)
    experts = taught()
    question = asked(700, topic, days_ago=0.1)
    experts.learn(question, answered(question, who))
    after = experts.rank(query, EVERYBODY, NOW)
    activity = after.components.index(Component.ACTIVITY)
    assert after.contributions[activity][person] >= before.contributions[activity][person]
    assert np.isfinite(after.contributions).all()


@settings(max_examples=25)
@given(st.floats(-1, 1))
def test_declared_expertise_is_monotone(level):
    low, high = sorted((abs(level), min(abs(level) + 0.1, 1.1)))
    experts = taught()
    of = lambda value: experts.rank(Query("wifi"), EVERYBODY, NOW, np.full(4, value)).total  # noqa: E731
    assert (of(high) >= of(low)).all()


@pytest.mark.parametrize("reloaded", [False, True])
def test_what_was_wrong_is_no_evidence_of_its_author_any_more(reloaded):
    def told(*wrong: int) -> Experts:
        experts = Experts()
        question = PastQuestion(1, NOW - timedelta(days=1), "the frobnicator hums", topics=("hum",))
        for who in (ANN, BEN):
            experts.learn(question, answered(question, who))
        experts.learn(asked(2, "tv"), answered(asked(2, "tv"), CAT))
        for who in wrong:
            experts.outcome(1, who, Outcome.WRONG, NOW)
        return Experts.from_bytes(experts.to_bytes()) if reloaded else experts

    query = Query("my frobnicator hums")
    both, one = (each.rank(query, EVERYBODY, NOW) for each in (told(), told(ANN)))
    assert both.neighbours.tolist() == [1, 1, 0, 0]
    assert one.neighbours.tolist() == [0, 1, 0, 0]
    assert best(told(ANN), query) == BEN
    assert best(told(BEN), query) == ANN
    nobody = told(ANN, BEN).rank(query, EVERYBODY, NOW)
    assert nobody.neighbours.tolist() == [0, 0, 0, 0]
    assert np.isfinite(nobody.contributions).all()


def test_what_was_wrong_counts_for_nothing_with_the_words_and_the_topic_either():
    experts = taught()
    for number in range(0, 60, 3):
        experts.outcome(number, ANN, Outcome.WRONG, NOW)
    contributions = experts.rank(Query(SUBJECTS["wifi"]), EVERYBODY, NOW).contributions
    assert np.isfinite(contributions).all()
    before = taught().rank(Query(SUBJECTS["wifi"]), EVERYBODY, NOW)
    after = experts.rank(Query(SUBJECTS["wifi"]), EVERYBODY, NOW)
    for which in (Component.TERMS, Component.TOPICS):
        place = list(before.components).index(which)
        assert before.contributions[place][0] > after.contributions[place][0]
        assert after.contributions[place][0] <= after.contributions[place][1:3].max() + 1e-6


def test_whoever_was_wrong_may_be_right_later():
    experts, question = Experts(), asked(1, "wifi")
    for outcome in (Outcome.WRONG, None):
        experts.learn(question, answered(question, ANN))
        if outcome is not None:
            experts.outcome(1, ANN, outcome, NOW)
    assert experts.rank(Query(SUBJECTS["wifi"]), EVERYBODY, NOW).neighbours.tolist() == [1, 0, 0, 0]
