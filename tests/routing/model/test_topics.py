"""What a text is about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.model.domain import Topic, TopicWeight
from routing.model.topics import Taxonomy, blend, suggest_topics

TOPICS = (
    Topic("tv", "TV", ("television", "screen", "picture", "remote control")),
    Topic("smart-tv", "Smart TV", ("netflix", "streaming app"), parent="tv"),
    Topic("wifi", "Wi-Fi", ("router", "wireless")),
    Topic("billing", "Billing", ("invoice", "refund", "charged twice")),
    Topic("rechnung", "Rechnung", ("Rechnung", "Betrag")),
)
TAXONOMY = Taxonomy(TOPICS)


def slugs(text, language=None):
    return [topic.slug for topic in TAXONOMY.classify(text, language)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("@brand no picture since the update", "tv"),
        ("the televisions' screens flicker", "tv"),
        ("my wi fi drops", "wifi"),
        ("my wifi drops", "wifi"),
        ("WI-FI!!", "wifi"),
        ("#router", "wifi"),
        ("I was charged twice", "billing"),
        ("netflix will not start", "smart-tv"),
    ],
)
def test_keywords_count_in_every_form(text, first):
    assert slugs(text)[0] == first


def test_a_compound_word_points_to_its_part():
    assert slugs("Die Rechnungsnummer fehlt", "de") == ["rechnung"]


def test_a_topic_implies_its_parent_more_weakly():
    child, parent = TAXONOMY.classify("netflix will not start")
    assert (child.slug, parent.slug) == ("smart-tv", "tv")
    assert child.weight > 2 * parent.weight


def test_several_topics_share_the_weight():
    found = TAXONOMY.classify("refund for my router")
    assert {topic.slug for topic in found} == {"billing", "wifi"}
    assert found[0].weight == found[1].weight


def test_half_of_a_phrase_is_not_the_phrase():
    assert slugs("I charged my phone") == []


@pytest.mark.parametrize("text", ["", "hello there", "@brand", "😀", "https://example.com/router"])
def test_unsure_is_a_value(text):
    assert TAXONOMY.classify(text) == ()


@given(
    st.text(alphabet=st.characters())
    | st.lists(st.sampled_from(["router", "tv", "refund", "netflix", "invoice"])).map(" ".join)
)
def test_weights_are_sane_for_any_text(text):
    weights = [topic.weight for topic in TAXONOMY.classify(text)]
    assert all(0 < weight <= 1 for weight in weights)
    assert sum(weights) <= 1
    assert weights == sorted(weights, reverse=True)


def test_a_keyword_of_many_topics_says_less():
    taxonomy = Taxonomy([Topic("a", "A1", ("update", "alpha")), Topic("b", "B1", ("update",))])
    shared, own = taxonomy.classify("update"), taxonomy.classify("alpha")
    assert shared[0].weight < own[0].weight


def test_twins_and_circles_are_refused():
    with pytest.raises(ValueError, match="occur twice: a"):
        Taxonomy([Topic("a", "A"), Topic("a", "B")])
    with pytest.raises(ValueError, match="its own ancestor"):
        Taxonomy([Topic("a", "A", parent="b"), Topic("b", "B", parent="a")])


def test_a_missing_parent_is_no_parent():
    assert Taxonomy([Topic("a", "A", ("alpha",), parent="gone")]).ancestors("a") == ()


def test_proposals_name_what_goes_unanswered():
    texts = [
        *(f"my headphones crackle on the left {n}" for n in range(6)),
        *(f"gift card balance of {n} is wrong" for n in range(5)),
        *(f"router {n} crackle" for n in range(20)),
        "hello",
    ]
    proposals = suggest_topics(texts, TAXONOMY)
    assert "Headphones" in proposals[0].name or "headphones" in proposals[0].keywords
    assert any("gift card" in one.keywords for one in proposals)
    assert all(one.count >= 3 and len(one.examples) <= 3 for one in proposals)
    assert not any("router" in one.keywords for one in proposals)


def test_nothing_is_proposed_from_nothing():
    assert suggest_topics([], TAXONOMY) == []
    assert suggest_topics(["hello", "router"], TAXONOMY) == []


weights = st.dictionaries(st.sampled_from("abcdef"), st.floats(0.01, 1), max_size=5).map(
    lambda found: tuple(TopicWeight(slug, w / max(sum(found.values()), 1)) for slug, w in found.items())
)


@given(weights, weights)
def test_a_second_opinion_fills_only_what_the_first_leaves_in_doubt(first, second):
    result = {topic.slug: topic.weight for topic in blend(first, second)}
    assert sum(result.values()) <= 1 + 1e-3
    assert all(result.get(topic.slug, 0) >= topic.weight - 1e-3 for topic in first if topic.weight >= 0.1)
    assert blend(first, ()) == blend((), first)
