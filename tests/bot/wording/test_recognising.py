"""What was stored in English is said in any language: each sentence is told apart from every other."""

from time import process_time

import pytest

from bot.wording.languages.recognising import _patterns, recognised
from bot.wording.languages.speaking import said
from routing.model.phrases import Phrase, Value, filled, phrase, phrases, sentences


def example(form: str) -> str:
    """A form with something in each of its places."""

    class Values(dict[str, Value]):
        def __missing__(self, name: str) -> Value:
            if name == "day":
                return "Friday"
            return 1_234 if name in ("number", "most", "length", "level") else f"A {name} of theirs"

    return form % {**{name: Values()[name] for name in _names(form)}}


def _names(form: str) -> list[str]:
    found: list[str] = []

    class Seen(dict[str, str]):
        def __missing__(self, name: str) -> str:
            found.append(name)
            return ""

    form % Seen()
    return found


@pytest.mark.parametrize("pattern", _patterns(), ids=lambda one: one.one[:60])
def test_every_sentence_with_places_is_recognised_by_its_words(pattern) -> None:  # type: ignore[no-untyped-def]
    found = recognised(example(pattern.many or pattern.one))

    assert isinstance(found, Phrase)
    assert found.template == pattern.one


def test_what_stands_in_a_row_is_said_in_the_readers_language() -> None:
    assert said("knows TV & picture (level 3)", "de") == "Sie kennen sich mit TV & picture aus (Stufe 3)"
    assert said("on duty until Friday 17:30", "de") == "im Dienst bis Freitag 17:30"
    assert said("asked 2 times today already", "nl") == "vandaag al 2 keer gevraagd"
    assert said("A private message: please answer it by hand.", "fr").startswith("Un message privé")


def test_several_sentences_are_each_said() -> None:
    stored = str(
        sentences(
            phrase(
                "“%(address)s” looks like %(host)s, but is another site.", address="a. b", host="acme.com"
            ),
            phrase("Please check the address; it is not published."),
        )
    )
    assert said(stored, "de") == (
        "„a. b“ sieht aus wie acme.com, ist aber eine andere Website. "
        "Bitte prüfen Sie die Adresse; sie wird nicht veröffentlicht."
    )


@pytest.mark.parametrize("text", ["", "Somebody wrote this.", "X answered 403: Forbidden", "100 % sure."])
def test_words_that_are_not_ours_stay_as_they_are(text: str) -> None:
    assert said(text, "de") == text


def test_english_is_what_was_stored() -> None:
    made = phrases("one (%(number)s)", "many (%(number)s)", 1_500)
    assert said(made, None) == made == "many (1,500)"
    assert filled("100 %", {}, str) == "100 %"


@pytest.mark.parametrize(
    "piece",
    ["a. ", "knows a (level 1) and ", "“a” leads to b, ", "“a”: this platform takes them ", "on duty until "],
)
def test_strange_words_are_given_up_quickly(piece: str) -> None:
    text = ("knows a " + piece * 2_000)[:2_000]
    began = process_time()
    assert recognised(text) == text
    assert process_time() - began < 0.5
