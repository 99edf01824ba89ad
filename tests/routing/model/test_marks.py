"""Handles, tags and the comparing form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.model import entities
from routing.model.text import (
    has_tag,
    mentions,
    normalise,
    strip_leading_handles,
    strip_tag,
    without_links_and_handles,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hi @sam and @jane@mastodon.social", ["sam", "jane@mastodon.social"]),
        ("@name.bsky.social, hello", ["name.bsky.social"]),
        (".@Brand @brand", ["Brand"]),
        ("mail me@example.com or see https://m.social/@jane", []),
        ("@brand.Nothing works, @brand...", ["brand"]),
        ("@jane.example.com's and @joe-smith.bsky.social.", ["jane.example.com", "joe-smith.bsky.social"]),
        ("full width ＠brand", ["brand"]),
        ("(@brand), @other.", ["brand", "other"]),
    ],
)
def test_mentions_are_found_in_every_platform_style(text, expected):
    assert mentions(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "#chorus Unplug it",
        "Unplug it #CHORUS",
        "Unplug it.#chorus!",
        "Unplug it ＃chorus",
        "＃ｃｈｏｒｕｓ",
        "#cho\u200brus",
    ],
)
def test_a_whole_tag_is_recognised_in_any_dress(text):
    assert has_tag(text, "#chorus")
    assert has_tag(text, "chorus")


@pytest.mark.parametrize(
    "text",
    [
        "chorus",
        "#choruses",
        "#chorus_",
        "https://example.com/#chorus",
        "a#chorus",
        "#chorusé",
        "##chorus",
        "# chorus",
    ],
)
def test_what_only_looks_like_the_tag_is_not(text):
    assert not has_tag(text, "#chorus")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Unplug it. #chorus", "Unplug it."),
        ("#chorus Unplug it.", "Unplug it."),
        ("Unplug #Chorus it #chorus", "Unplug it"),
        ("Unplug it #chorus.", "Unplug it."),
        ("One line\n#chorus\nanother", "One line\n\nanother"),
        ("nothing here", "nothing here"),
    ],
)
def test_stripping_the_tag_leaves_no_gap(text, expected):
    assert strip_tag(text, "#chorus") == expected


@given(st.text(), st.sampled_from(["#chorus", "#Chorus", "＃CHORUS"]))
def test_a_stripped_text_has_no_tag(text, tag):
    stripped = strip_tag(f"{text} {tag} {text}", "#chorus")
    assert not has_tag(stripped, "#chorus")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@sam @jane@host.social Unplug it @bob", "Unplug it @bob"),
        (".@sam: hello", "hello"),
        ("hello @sam", "hello @sam"),
        ("@sam", ""),
    ],
)
def test_only_leading_handles_are_stripped(text, expected):
    assert strip_leading_handles(text) == expected


def test_normalising_folds_case_width_and_invisible_characters():
    assert normalise("ＷｉＦｉ\u200b \u202eSTRASSE straße") == "wifi strasse strasse"


@given(st.text(alphabet=st.characters()))
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)


_PIECES = st.sampled_from(
    [
        "@jane",
        "@",
        "＠jane",
        "jane@",
        "a.b+c@x.org",
        "www.",
        "WWW.x/",
        "https://x.org/?to=@jane",
        "//",
        "-@a",
        "t.co/@b",
        "#tv",
        "#@jane",
        "/",
        ".",
        " ",
        "é",
        "_",
        "@a@b.social",
        "(@jane)",
    ]
)


@given(st.lists(_PIECES | st.text(max_size=4), max_size=8).map("".join))
def test_the_quick_way_to_the_handles_finds_what_the_thorough_one_does(text):
    thorough = {match["handle"].casefold() for match in entities._MARKS.finditer(text) if match["handle"]}
    assert {name.casefold() for name in mentions(text)} == thorough
    assert without_links_and_handles(text) == entities._LINKS_AND_HANDLES.sub(" ", text)
