"""A title is the customer's own sentence that asks, fit to stand alone; or there is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wording.restate import derived_title
from bot.wording.title_sentences import LONGEST_TITLE
from bot.wording.titles import title_of


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("@brand hi there! how do I reset my router?", "How do I reset my router?"),
        (
            "@brand Great service as ever. My parcel never arrived. Where can I claim the money?",
            "Where can I claim the money?",
        ),
        ("@brand Guten Morgen, wie kündige ich meinen Vertrag? Danke!", "Wie kündige ich meinen Vertrag?"),
        ("@brand Bonjour à tous, ma box clignote en rouge", "Ma box clignote en rouge"),
        ("@brand ¿cómo cambio el idioma del mando?", "¿Cómo cambio el idioma del mando?"),
        ("@brand こんにちは。炊飯器のランプが点滅します。", "炊飯器のランプが点滅します"),
        ("@brand السلام عليكم، كيف أغير كلمة السر؟", "كيف أغير كلمة السر؟"),
    ],
)
def test_the_sentence_that_asks_is_the_title_without_greeting_and_thanks(text: str, title: str) -> None:
    assert title_of(text) == title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (
            "there's a bug in @PhotoTool that turns layers black",
            "There's a bug in Photo Tool that turns layers black",
        ),
        ("@brand needs to fix the login page of the app", "Brand needs to fix the login page of the app"),
        (
            "My dishwasher leaks water all over the floor @brand @brandcare",
            "My dishwasher leaks water all over the floor",
        ),
    ],
)
def test_a_handle_that_the_sentence_needs_becomes_a_word_and_any_other_goes(text: str, title: str) -> None:
    assert title_of(text) == title


def test_nobody_is_named() -> None:
    assert title_of("@brand my name is Erika Muster and my heating shows E12") == "My heating shows E12"
    assert (
        title_of("Hi Thomas, my heating shows error E12 again. Regards, Erika")
        == "My heating shows error E12 again"
    )


def test_nothing_is_shouted_and_single_abbreviations_stay() -> None:
    assert title_of("@brand WHY DOES THE DRYER STOP HALFWAY!!!") == "Why does the dryer stop halfway"
    assert title_of("@brand the USB port of my TV does NOT work") == "The USB port of my TV does not work"


def test_insults_are_in_no_title() -> None:
    assert title_of("@brand what the hell is wrong with the ticket machine in Leeds?") == (
        "What is wrong with the ticket machine in Leeds?"
    )
    assert title_of("@brand you useless idiots. The ticket machine in Leeds rejects cards") == (
        "The ticket machine in Leeds rejects cards"
    )
    assert title_of("@brand you are the worst shop ever") == ""


@pytest.mark.parametrize(
    "text",
    [
        "@brand",
        "@brand 😡😡",
        "@brand help please!!",
        "@brand can you help me with this? https://a.example/1",
    ],
)
def test_where_no_sentence_says_what_it_is_about_there_is_no_title(text: str) -> None:
    assert title_of(text) == ""


def test_without_a_title_of_the_customers_the_topic_and_the_answer_make_one() -> None:
    title = derived_title(
        "@brand help please!!", "Hi Sam, hold the button for ten seconds. ^JD", topic="Router", quotable=True
    )

    assert title == "Router: Hold the button for ten seconds"


def test_of_several_sentences_the_one_that_the_answer_speaks_of_is_chosen() -> None:
    text = "@brand The oven door squeaks. The fridge light stays dark."

    assert title_of(text, answer="Change the bulb of the fridge light.") == "The fridge light stays dark"
    assert title_of(text, answer="Oil the hinges of the oven door.") == "The oven door squeaks"


def test_a_sentence_that_is_too_long_ends_before_a_clause() -> None:
    text = (
        "@brand my washing machine stops with error E18 in the middle of every programme and I already"
        " cleaned the filter twice and called the shop where they told me to ask you"
    )

    assert title_of(text) == "My washing machine stops with error E18 in the middle of every programme"


@given(st.text(max_size=400))
def test_no_text_breaks_it_and_every_title_is_one_short_line(text: str) -> None:
    title = title_of(text)

    assert len(title) <= LONGEST_TITLE
    assert "\n" not in title
    assert title == title.strip()
