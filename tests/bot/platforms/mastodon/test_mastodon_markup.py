"""The HTML of statuses as text: link targets, what only looks like a link, lines that were set."""

from typing import Any

import pytest

from bot.platforms.mastodon.content import Server, post_from, words_of
from bot.platforms.mastodon.markup import html_to_text
from bot.posts import Visibility

SERVER = Server("social.example", "social.example")
FULL = "https://help.example.com/tv/picture/reset?model=a1"
SHORTENED = (
    f'<p><a href="{FULL}"><span class="invisible">https://</span><span class="ellipsis">help.example.com/tv/'
    'pic</span><span class="invisible">ture/reset?model=a1</span></a> now</p>'
)
"""As Mastodon shows a long address."""


def status(content: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "created_at": "2026-06-01T12:00:00Z",
        "account": {"id": "2", "acct": "sam"},
        "content": content,
        "visibility": "public",
        **fields,
    }


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        (
            f'<p>Follow <a href="{FULL}">these three steps</a> first.</p>',
            f"Follow these three steps ({FULL}) first.",
        ),
        (f'<p>See <a href="{FULL}">{FULL}</a>.</p>', f"See {FULL}."),
        (f'<a href="{FULL}">help.example.com/tv/…</a>', FULL),
        (SHORTENED, f"{FULL} now"),
        ('<a href="https://evil.example">help.example.com</a>', "help.example.com (https://evil.example)"),
        ('<a href="//evil.example/x">here</a>', "here (https://evil.example/x)"),
        ('<a href="javascript:alert(1)">here</a>', "here (javascript:alert(1))"),
        ('<a href="/relative">here</a> <a>there</a>', "here there"),
        (f'<a href="{FULL}">open and <b>never closed', f"open and never closed ({FULL})"),
        (
            f'<a href="{FULL}">one <a href="https://b.example">two</a>',
            f"one ({FULL}) two (https://b.example)",
        ),
    ],
)
def test_s24_what_a_link_leads_to_is_read_with_its_words(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


@pytest.mark.parametrize(
    "markup",
    [
        '<span><a href="https://social.example/@sam" class="u-url mention">@<span>sam</span></a></span>',
        '<a class="mention hashtag" href="https://social.example/tags/tv" rel="tag">#<span>tv</span></a>',
        '<a href="https://key.example/tags/tv" rel="tag">#tv</a>',
        '<a href="https://key.example/@sam@far.example" class="u-url mention">@sam@far.example</a>',
    ],
)
def test_mentions_and_hashtags_are_no_links(markup: str) -> None:
    assert "http" not in html_to_text(f"<p>{markup} hello</p>")


@pytest.mark.parametrize(
    "markup",
    [
        '<a class="mention" href="https://evil.example">our new page</a>',
        '<a href="https://evil.example">@sam</a>',
    ],
)
def test_s24_a_link_that_only_calls_itself_a_mention_is_one(markup: str) -> None:
    assert "(https://evil.example)" in html_to_text(markup)


def test_preformatted_lines_stay_as_they_were_set() -> None:
    markup = "<p>Set:</p><pre><code>mode=2\n  port=80\n\nend</code></pre><p>then  \n wait</p>"
    assert html_to_text(markup) == "Set:\n\nmode=2\n  port=80\n\nend\n\nthen wait"


def test_s24_a_quoted_post_is_named_although_its_fallback_is_not_shown() -> None:
    quote = (
        '<p class="quote-inline">RE: <a href="https://far.example/@kim/1">https://far.example/@kim/1</a></p>'
    )
    assert html_to_text(f"{quote}<p>So?</p>") == "So?\nhttps://far.example/@kim/1"


def test_a_poll_a_warning_and_pictures_belong_to_what_was_said() -> None:
    poll = {"options": [{"title": "Model A1"}, {"title": "Model B2"}, {}]}
    media = [{"type": "image", "description": "A red light"}, {"type": "video", "description": None}]
    post = post_from(
        status("<p>Which one?</p>", spoiler_text=" TV ", poll=poll, media_attachments=media), SERVER
    )
    assert post.text == "TV\n\nWhich one?\n\n• Model A1\n• Model B2"
    assert (post.warning, post.choices, post.pictures) == (
        "TV",
        ("Model A1", "Model B2"),
        ("A red light", ""),
    )


def test_s24_a_card_counts_where_the_words_hold_no_link() -> None:
    card = {"url": "https://evil.example/x", "title": "Help"}
    assert post_from(status("<p>Look</p>", card=card), SERVER).text == "Look\nhttps://evil.example/x"
    linked = status('<p>Look <a href="https://a.example/y">a.example/y</a></p>', card=card)
    assert post_from(linked, SERVER).text == "Look https://a.example/y"


@pytest.mark.parametrize(
    "fields",
    [
        {"tags": "x", "mentions": {"id": 1}, "poll": [], "card": 7, "media_attachments": None},
        {"tags": [None, {"name": None}], "mentions": [7], "poll": {"options": [None, {"title": 5}]}},
        {"language": ["en"], "url": {"a": 1}, "uri": 5, "spoiler_text": 7, "edited_at": 7, "visibility": []},
        {"created_at": "9999-12-31T23:59:59.999-23:59"},
        {"created_at": "0001-01-01T00:00:00.000+14:00", "edited_at": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_r22_strange_fields_cost_themselves_alone(fields: dict[str, Any]) -> None:
    post = post_from(status("<p>no picture</p>", **fields), SERVER)
    assert post.text == "no picture"
    assert post.visibility in (Visibility.PUBLIC, Visibility.PRIVATE)


def test_published_words_are_known_again_where_a_server_makes_links_of_bare_addresses() -> None:
    sent = "See example.com/tv ^Jane"
    shown = '<p>See <a href="http://example.com/tv">example.com/tv</a> ^Jane</p>'
    assert words_of(html_to_text(shown)) == words_of(sent) == words_of(html_to_text(shown, targets=False))
