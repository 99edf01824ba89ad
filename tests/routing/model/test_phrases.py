"""A sentence of ours is an English string that still knows what it was made of."""

import copy
import pickle
from gettext import NullTranslations

from routing.model.phrases import Phrase, phrase, phrases, said_by, sentences


class Backwards(NullTranslations):
    """A language that says every sentence in angle brackets."""

    def gettext(self, message: str) -> str:
        return f"<{message}>"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def test_a_phrase_is_the_english_sentence() -> None:
    assert phrase("At most %(most)s are allowed.", most=15_000) == "At most 15,000 are allowed."
    assert phrase("100 % sure") == "100 % sure"
    assert phrases("%(number)s post", "%(number)s posts", 1) == "1 post"
    assert phrases("%(number)s post", "%(number)s posts", 2) == "2 posts"


def test_a_language_says_template_form_and_what_is_ours_of_the_values() -> None:
    spoken = Backwards()
    assert said_by(spoken, phrase("Only %(day)s.", day=phrase("Monday")), str) == "<Only <Monday>.>"
    assert said_by(spoken, phrase("Hello %(name)s.", name="Monday"), str) == "<Hello Monday.>"
    assert said_by(spoken, phrases("%(number)s post", "%(number)s posts", 2), str) == "<2 posts>"
    assert said_by(spoken, "", str) == ""


def test_sentences_are_said_one_by_one_and_empty_ones_left_out() -> None:
    both = sentences(phrase("One."), "", phrase("Two."))
    assert both == "One. Two."
    assert said_by(Backwards(), both, str) == "<<One.> <Two.>>"
    assert sentences() == ""
    assert sentences("One.") == "One."


def test_a_copy_is_the_same_phrase() -> None:
    made = phrases("%(number)s post", "%(number)s posts", 2)
    for other in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert isinstance(other, Phrase)
        assert (other, other.template, other.many) == (made, "%(number)s post", "%(number)s posts")
