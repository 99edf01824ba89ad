import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import link_targets
from bot.text.link_targets import linked, whole_address, with_addresses
from bot.text.links import Link, find_links

TV = "https://help.example.com/tv/picture?model=a1"


@pytest.mark.parametrize(
    "words",
    [
        TV,
        "help.example.com/tv/picture?model=a1",
        "help.example.com/tv/pic…",
        "www.help.example.com/tv...",
        "help.example.com",
    ],
)
def test_s24_words_that_only_show_the_address_give_way_to_the_whole_of_it(words: str) -> None:
    assert linked(words, TV) == TV


@pytest.mark.parametrize(
    ("words", "target", "text"),
    [
        ("these steps", TV, f"these steps ({TV})"),
        ("these steps ", TV, f"these steps ({TV}) "),
        ("help.example.com", "https://evil.example", "help.example.com (https://evil.example)"),
        ("example.com", "https://example.com.evil.net/x", "example.com (https://example.com.evil.net/x)"),
        ("help", TV, f"help ({TV})"),
        ("call us", "tel:+15550100", "call us (tel:+15550100)"),
        ("", TV, TV),
        ("words", "", "words"),
        ("words", "  ", "words"),
    ],
)
def test_s24_other_words_keep_the_address_behind_them(words: str, target: str, text: str) -> None:
    assert linked(words, target) == text


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ('https://good.example"@evil.example', "https://good.example%22@evil.example"),
        ("https://help.example.com/a b", "https://help.example.com/a%20b"),
        ("https://help.example.com/a_(b", "https://help.example.com/a_%28b"),
        ("https://help.example.com/a_(b)", "https://help.example.com/a_(b)"),
        ("https://help.example.com/what?!", "https://help.example.com/what%3F%21"),
        ("https://help.example.com/«tv»", "https://help.example.com/%C2%ABtv%C2%BB"),
    ],
)
def test_s24_an_address_in_a_text_is_found_as_a_whole(target: str, address: str) -> None:
    assert whole_address(target) == address
    for text in (linked("words", target), f"See {whole_address(target)}, please."):
        assert [link.url for link in find_links(text)] == [address]


def test_a_card_stands_on_a_line_of_its_own_unless_the_text_names_it() -> None:
    assert with_addresses("Look", [TV]) == f"Look\n{TV}"
    assert with_addresses("", [TV]) == TV
    assert with_addresses(f"Look {TV}", [TV]) == f"Look {TV}"
    assert with_addresses("See example.com", ["https://example.com/"]) == "See example.com"
    assert with_addresses("Look", [""]) == "Look"
    assert with_addresses("Look", [TV, "https://example.com/", TV]) == f"Look\n{TV}\nhttps://example.com/"


def test_the_text_of_a_post_is_searched_once_however_much_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []

    def search(text: str) -> list[Link]:
        searched.append(text)
        return find_links(text)

    monkeypatch.setattr(link_targets, "find_links", search)
    pages = [f"https://example.com/{number}" for number in range(100)]
    assert with_addresses("Look", pages).splitlines() == ["Look", *pages]
    assert sum(map(len, searched)) < 2 * sum(map(len, pages))


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_words_and_any_target_can_be_put_together(words: str, target: str) -> None:
    assert whole_address(target) in linked(words, target)
