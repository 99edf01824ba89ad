import re
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.characters import MAX_MARKS, clean
from bot.text.display import SLUG_LENGTH, plain, slug, to_html

POLYGLOTS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )//%0D%0A//</stYle/</scRipt/--!><sVg/x=1//>",
    'https://example.com/"onmouseover=alert(1)//',
    "https://example.com/'><script>alert(1)</script>",
    "http://a.example/?a=1&lt;b>&amp;",
    "javascript:alert(1) vbscript:x data:text/html,<b>",
    "{{7*7}} ${7*7} <%= 7*7 %>",
]


class Reader(HTMLParser):
    """What a browser would make of a fragment: its elements with attributes, and its text."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(str(fragment))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def safe(fragment: str) -> bool:
    for tag, attributes in Reader(fragment).elements:
        if tag == "a":
            if set(attributes) != {"href", "rel"} or not re.match(
                r"https?://", attributes["href"] or "", re.IGNORECASE
            ):
                return False
        elif tag not in ("bdi", "br"):
            return False
    return True


@pytest.mark.parametrize("text", POLYGLOTS)
def test_s05_polyglots_stay_text(text: str) -> None:
    fragment = to_html(text)
    assert safe(fragment)
    assert Reader(fragment).text == text


def test_s05_links_are_http_only_and_carry_their_relation() -> None:
    fragment = to_html("see https://example.com/a?b=1&c=2. or ftp://example.com, or example.org")
    links = [attributes for tag, attributes in Reader(fragment).elements if tag == "a"]
    assert links == [{"href": "https://example.com/a?b=1&c=2", "rel": "nofollow ugc noopener"}]


def test_s05_escaped_exactly_once() -> None:
    assert str(to_html("a & b <i>")) == '<bdi dir="auto">a &amp; b &lt;i&gt;</bdi>'


@pytest.mark.parametrize(
    "text", ["https://bank.example@evil.example/", "https://bank.example\\@evil.example"]
)
def test_s05_addresses_that_hide_another_are_no_links(text: str) -> None:
    assert not any(tag == "a" for tag, _ in Reader(to_html(text)).elements)


def test_s08_a_host_of_lookalike_letters_is_shown_in_punycode() -> None:
    assert Reader(to_html("https://аррӏе.com/x")).text == "https://xn--80ak6aa92e.com/x"
    assert Reader(to_html("https://münchen.de/x")).text == "https://münchen.de/x"


def test_lines_are_kept() -> None:
    assert str(to_html("a\r\nb")) == '<bdi dir="auto">a<br>\nb</bdi>'


@given(st.text())
def test_s05_any_text_is_safe_and_readable(text: str) -> None:
    fragment = to_html(text)
    assert safe(fragment)
    assert "<script" not in fragment.lower()


@given(
    st.lists(st.sampled_from([*POLYGLOTS, "https://a.example", " ", "<", '"', "&", "\u202e"])).map("".join)
)
def test_s05_polyglots_in_any_company_stay_text(text: str) -> None:
    assert safe(to_html(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("abc\u202edef\u2066", "abcdef"),
        ("a\u200bb\u2060c\ufeffd\u00ade", "abcde"),
        ("a\u200db\u200c", "ab"),
        ("a\x00\x07b\x1bc\tD", "abc D"),
        ("a\ud800b", "ab"),
        ("Z" + "\u0335\u0321\u0328" * 20, "Z" + "\u0335" * MAX_MARKS),
        ("x\U000e0061\U000e0062", "x"),
        ("abc\u200f", "abc"),
    ],
)
def test_s06_hidden_and_reordering_characters_are_stripped(text: str, shown: str) -> None:
    assert clean(text) == clean(shown)
    assert plain(text) == plain(shown)


@pytest.mark.parametrize(
    "text",
    [
        "👨‍👩‍👧‍👦 👩🏽‍🚒 ❤️‍🔥 🏳️‍🌈 1️⃣ ☺️ 🇩🇪",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "می‌خواهم",
        "क्‍ष",
        "שָׁלוֹם",
        "Việt Nam ngữ",
        "שלום\u200f!",
        "葛\U000e0100飾区",
    ],
)
def test_s06_what_writing_needs_is_kept(text: str) -> None:
    assert clean(text) == unicodedata.normalize("NFC", text)


@given(st.text())
def test_s06_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(alphabet="a\u0301\u0308\u0323\u0335é\u200d\ufe0f👍🏽"))
def test_s06_marks_are_bounded(text: str) -> None:
    assert not re.search(rf"[\u0300-\u036f]{{{MAX_MARKS + 1}}}", clean(text))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Why is there no picture?", "why-is-there-no-picture"),
        ("Ça va déjà, Straße!", "ca-va-deja-strasse"),
        ("電源 が 入らない", "電源-が-入らない"),
        ("हिन्दी में", "हिन्दी-में"),
        ("see https://example.com/x now", "see-now"),
        ("?!", ""),
        ("word " * 40, "word-word-word-word-word-word-word-word-word-word-word-word"),
    ],
)
def test_slugs(title: str, expected: str) -> None:
    assert slug(title) == expected


@given(st.text())
def test_a_slug_is_short_stable_and_fit_for_a_path(title: str) -> None:
    made = slug(title)
    assert len(made) <= SLUG_LENGTH
    assert not re.search(r"[\s/?#%<>\"&]", made)
    assert not made.startswith("-")
    assert slug(made) == made or not made.isascii()
