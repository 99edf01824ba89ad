"""The texts that `/about` starts with."""

import json
from importlib.resources import files
from typing import Any


def about() -> list[dict[str, Any]]:
    sections: list[dict[str, Any]] = json.loads((files("app") / "texts" / "about.json").read_text("utf-8"))[
        "sections"
    ]
    return sections


def test_about_texts_have_the_five_sections() -> None:
    assert [section["slug"] for section in about()] == [
        "what-this-is",
        "terms",
        "disclaimer",
        "moderation",
        "guidelines",
    ]
    assert all(section["title"] for section in about())


def test_about_texts_are_plain_paragraphs_with_one_placeholder() -> None:
    for paragraph in (paragraph for section in about() for paragraph in section["paragraphs"]):
        assert paragraph == paragraph.strip()
        assert "{" not in paragraph.replace("{brand}", "")
        assert not set("<>*_`[]\n") & set(paragraph)
