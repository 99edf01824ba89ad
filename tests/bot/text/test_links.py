import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.hosts import belongs, lookalike
from bot.text.links import cut_short, find_links, top_level_end


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("see https://example.com/a.", ["https://example.com/a"]),
        ("(https://en.example.org/A_(b))", ["https://en.example.org/A_(b)"]),
        ("“https://example.com/a?b=c&d”, then", ["https://example.com/a?b=c&d"]),
        ("www.example.com/x and example.co.uk!", ["www.example.com/x", "example.co.uk"]),
        ("example.com中国語", ["example.com"]),
        ("https://日本語.jp です", ["https://日本語.jp"]),
        ("HTTP://EXAMPLE.COM", ["HTTP://EXAMPLE.COM"]),
        ("mail jane@example.com", []),
        ("@jane.bsky.social", []),
        ("version 11.1.2, e.g. settings.json", []),
        ("https://", []),
    ],
)
def test_addresses_are_found_without_the_sentence_around_them(text: str, urls: list[str]) -> None:
    found = find_links(text)
    assert [link.url for link in found] == urls
    assert [text[link.start : link.end] for link in found] == urls


@pytest.mark.parametrize(
    ("url", "host", "userinfo"),
    [
        ("https://Sub.Example.com:8443/x", "sub.example.com", ""),
        ("https://a:b@c@example.com/x", "example.com", "a:b@c"),
        ("https://example.com\\@evil.example", "example.com", ""),
        ("https://[2001:db8::1]:80/", "[2001:db8::1]", ""),
        ("https://example.com./", "example.com", ""),
        ("https://example.com?x=@y", "example.com", ""),
    ],
)
def test_the_host_is_the_one_a_browser_would_ask(url: str, host: str, userinfo: str) -> None:
    (link,) = find_links(url)
    assert (link.host, link.userinfo) == (host, userinfo)


def test_top_level_domains_end_where_the_platforms_see_their_end() -> None:
    assert top_level_end("com", "") == 3
    assert top_level_end("com中", "") == 3
    assert top_level_end("com", "@") == 0
    assert top_level_end("comx", "") == 0
    assert top_level_end("рф", "") == 2
    assert top_level_end("", "") == 0


@given(st.text())
def test_links_lie_in_order_and_apart(text: str) -> None:
    end = 0
    for link in find_links(text):
        assert end <= link.start < link.end <= len(text)
        assert text[link.start : link.end] == link.url
        assert link.host
        end = link.end


@given(st.text(), st.sampled_from(["https://example.com/a", "HTTP://b.test", "example.com/a", "пример.рф"]))
def test_an_address_is_found_whatever_stands_in_front_of_it(text: str, url: str) -> None:
    assert find_links(f"{text} {url}")[-1].url == url


def test_a_domain_owns_its_subdomains_and_nothing_else() -> None:
    own = {"Example.com"}
    assert belongs("example.com", own)
    assert belongs("www.example.com", own)
    assert belongs("a.b.example.com", own)
    assert not belongs("notexample.com", own)
    assert not belongs("example.com.evil.net", own)


def test_s08_honest_hosts_are_no_lookalikes() -> None:
    own = {"example.com"}
    for host in (
        "münchen.de",
        "日本語.jp",
        "пример.рф",
        "wikipedia.org",
        "sample.org",
        "a.co",
        "example.org",
    ):
        assert lookalike(host, own) is None, host


def test_long_addresses_are_cut_short_and_what_they_were_comes_with_them() -> None:
    long, short = "https://help.example.com/" + "a" * 300, "https://help.example.com/b"
    text, whole = cut_short(f"See {long} and {short}, then {long}!", 240, 60)
    shown = f"{long[:60]}…"
    assert text == f"See {shown} and {short}, then {shown}!"
    assert {text[start:end]: url for start, (end, url) in whole.items()} == {shown: long}
    assert len(whole) == 2
    assert cut_short(f"See {short}", 240, 60) == (f"See {short}", {})
