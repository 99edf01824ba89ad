"""Every word of the pages is in every catalogue, whole: an untranslated string fails here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.plurals import get_plural
from jinja2 import Environment

from bot.actions.conversations.audience import PRIVATE_ANSWER
from bot.wording.languages.catalogues import SOURCE, languages
from tests.words import CATALOGUES, ROOT, TEMPLATES, extracted, read, templates

FILES = sorted(CATALOGUES.glob("*.po"))
_PLACE = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
_NUMBER = ("%(number)s", "number")
_TAG = re.compile(r"<[^>]*>")
_SPOKEN_ATTRIBUTE = re.compile(r'\b(?:aria-label|title|placeholder|alt)="[^"]*[A-Za-z]{2,}[^"]*"')
_SENTENCE = re.compile(r"^[A-Z][a-z]+\b|[a-z]{2,} [a-z]{2,}")
_WORD = re.compile(r"[A-Za-z]{2,}")
_WHOLE_SENTENCE = re.compile(r"^[A-Z“].*[a-z] .*[.!?:…]\s*$", re.DOTALL)
TO_PROGRAMS = ROOT / "app" / "identity" / "tokens.py"
"""What is said to whoever writes a program is in English, like the API's description."""
SPEAKING = (
    *sorted((ROOT / "app" / "desk").glob("*.py")),
    *sorted(set((ROOT / "app" / "identity").glob("*.py")) - {TO_PROGRAMS}),
    *(
        ROOT / "bot" / name
        for name in (
            "actions/conversations/answer.py",
            "actions/conversations/audience.py",
            "actions/conversations/handover.py",
            "actions/conversations/hold_or_publish.py",
            "actions/conversations/reuse.py",
            "actions/leaving.py",
            "actions/regroup.py",
            "channels/messages.py",
            "actions/overrule.py",
            "steps/intake/reading.py",
            "text/times/hours.py",
            "wording/attachments.py",
            "wording/compose.py",
            "wording/guard.py",
        )
    ),
)
"""The code whose sentences employees read."""
FOR_OTHERS = {PRIVATE_ANSWER, "Nobody may use this page: it does not say who may.", "The post was edited."}
"""What stands there for people in charge and for whoever builds on Chorus."""


def said(catalogue: Catalog) -> dict[object, Message]:
    return {message.id: message for message in catalogue if message.id}


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def english(message: Message) -> str:
    """The English words, of a plural those for many."""
    return message.id if isinstance(message.id, str) else message.id[-1]


def test_the_languages_are_the_files_and_english() -> None:
    assert languages() == (SOURCE, *(file.stem for file in FILES))
    assert {"ar", "de", "es", "fr", "it", "ja", "nl", "pt"} <= set(languages())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_is_untranslated_and_nothing_left_over(file: Path) -> None:
    ours, theirs = said(extracted()), said(read(file))

    assert sorted(map(str, ours.keys() - theirs.keys())) == [], "run `make words`, then translate"
    assert sorted(map(str, theirs.keys() - ours.keys())) == [], "run `make words`"
    assert [message.id for message in theirs.values() if not all(forms(message))] == []
    assert [message.id for message in theirs.values() if message.fuzzy] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_plural_form_of_a_language_is_there(file: Path) -> None:
    catalogue = read(file)

    assert catalogue.num_plurals == get_plural(file.stem).num_plurals
    for message in said(catalogue).values():
        expected = catalogue.num_plurals if message.pluralizable else 1
        assert len(forms(message)) == expected, message.id


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_translations_keep_places_and_markup_and_break_out_of_no_attribute(file: Path) -> None:
    for message in said(read(file)).values():
        source = english(message)
        for form in forms(message):
            places = sorted(_PLACE.findall(source))
            if message.pluralizable and form is not forms(message)[-1] and _NUMBER[0] not in form:
                places.remove((_NUMBER[1], ""))  # the form says it: one, two
            assert sorted(_PLACE.findall(form)) == places, (message.id, form)
            assert sorted(_TAG.findall(form)) == sorted(_TAG.findall(source)), (message.id, form)
            assert '"' not in _TAG.sub("", form), (message.id, form)
            assert form == form.strip(), (message.id, form)


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_word_stands_in_a_template_outside_a_call_for_its_translation(path: Path) -> None:
    """What a reader would see: words between tags, and the attributes that are read out."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    known = {part for one in said(extracted()) for part in ([one] if isinstance(one, str) else one)}
    pieces, literals, in_translation, in_block, before = [], [], False, False, ["", ""]
    for _, kind, text in environment.lex(path.read_text(encoding="utf-8")):
        if kind in ("block_begin", "variable_begin"):
            in_block = kind == "block_begin"
            pieces.append("")
        elif kind == "name" and in_block and text in ("trans", "endtrans"):
            in_translation = text == "trans"
        elif kind == "data" and not in_translation:
            pieces.append(text)
        elif kind == "string" and before != ["class", "="]:
            literals.append(text[1:-1].replace('\\"', '"'))
        before = [before[1], text]
    written = "".join(pieces)
    assert _SPOKEN_ATTRIBUTE.findall(written) == []
    assert [one for one in literals if _SENTENCE.search(one) and one not in known] == []
    if path.suffix == ".html":
        assert _WORD.findall(_TAG.sub(" ", written)) == []


@pytest.mark.parametrize("path", SPEAKING, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sentence_stands_in_code_for_employees_outside_a_call_for_its_translation(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    spoken = [words for words in _sentences(tree) if _WHOLE_SENTENCE.search(words)]
    assert [words for words in spoken if words not in FOR_OTHERS] == []


def _sentences(node: ast.AST) -> Iterator[str]:
    """What is written there as a text, but for docstrings and what stands in ``phrase(...)``."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.Call) and getattr(child.func, "id", "") in ("phrase", "phrases"):
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
        elif isinstance(child, ast.JoinedStr):
            yield "".join(str(getattr(part, "value", "…")) for part in child.values)
        else:
            yield from _sentences(child)
