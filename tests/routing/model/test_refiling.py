"""Topics are put in order: which questions move, what they are about then, and what a topic falls into."""

from hypothesis import given
from hypothesis import strategies as st

from routing.model.domain import Topic, TopicWeight
from routing.model.refiling import refiled, says_any, suggest_parts
from routing.model.topics import Taxonomy

SLUGS = st.sampled_from(("tv", "wifi", "phone", "radio"))
WEIGHTS = st.dictionaries(SLUGS, st.sampled_from((0.05, 0.1, 0.25)), max_size=4)


@given(WEIGHTS, SLUGS, SLUGS)
def test_a_topic_takes_the_place_of_another_and_no_weight_is_lost(
    weighed: dict[str, float], former: str, slug: str
) -> None:
    topics = [TopicWeight(*one) for one in weighed.items()]
    moved = refiled(topics, former, slug)
    slugs = [one.slug for one in moved]
    assert len(slugs) == len(set(slugs))
    assert former == slug or former not in slugs
    assert abs(sum(one.weight for one in moved) - sum(one.weight for one in topics)) < 1e-9
    assert refiled(moved, former, slug) == moved
    if topics:
        assert slugs[0] == (slug if topics[0].slug == former else topics[0].slug)


def test_words_and_phrases_are_found_in_any_inflection() -> None:
    assert says_any("My remotes are dead", ["remote"], "en")
    assert says_any("the REMOTE CONTROLS are gone", ["remote control"], "en")
    assert not says_any("remote places have no control", ["remote control"], "en")
    assert says_any("Meine Fernbedienungen gehen nicht", ["Fernbedienung"], "de")
    assert not says_any("anything", ["", "  "], "en")


def test_a_topic_falls_into_parts_by_what_some_of_its_questions_say() -> None:
    texts = [
        *[f"tv remote does not react, model {number}" for number in range(6)],
        *[f"tv has no sound since update {number}" for number in range(5)],
        "tv looks odd",
    ]
    parts = suggest_parts(texts, ("TV", "tv"), 4)
    named = {word for part in parts for word in part.name.lower().split()}
    assert "remote" in named or "react" in named
    assert "sound" in named or "update" in named
    assert all(part.name.lower() != "tv" for part in parts)
    for part in parts:
        assert 2 <= part.count < len(texts)
        assert sum(says_any(text, part.keywords, None) for text in texts) == part.count


def test_no_new_question_gets_a_retired_topic() -> None:
    topics = [
        Topic("vcr", "Video recorder", ("vcr", "tape"), retired=True, successor="tv"),
        Topic("tv", "TV", ("tv",)),
        Topic("fax", "Fax", ("fax",), retired=True),
    ]
    taxonomy = Taxonomy(topics, {"television": "tv"})
    assert [one.slug for one in taxonomy.classify("the tape in my vcr and the fax", "en")] == []
    guessed = [TopicWeight("vcr", 0.5), TopicWeight("television", 0.2), TopicWeight("fax", 0.3)]
    assert taxonomy.for_new_questions(guessed) == (TopicWeight("tv", 0.7),)
    assert [one.slug for one in taxonomy.renamed(guessed)] == ["vcr", "tv", "fax"]
    assert taxonomy.name("fax") == "Fax"


def test_successors_in_a_circle_lead_nowhere() -> None:
    topics = [
        Topic("a", "A", retired=True, successor="b"),
        Topic("b", "B", retired=True, successor="a"),
    ]
    assert Taxonomy(topics).for_new_questions([TopicWeight("a", 0.5)]) == ()
