import html
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.mastodon.content import Server, html_to_text, post_from, visibility_of, words_of
from bot.platforms.mastodon.instance import instance_from
from bot.posts import Mention, PostEvent, Visibility

FIXTURES = Path(__file__).parents[3] / "fixtures" / "mastodon"
SERVER = Server("social.example", "example.social")


def _fixture(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((FIXTURES / name).read_text())
    return told


def test_status_of_mastodon_becomes_a_post() -> None:
    post = post_from(_fixture("status.json"), SERVER)

    assert post.text == (
        "@brand no picture & no sound since the update.\nIt says <b>E-21</b> &lt;\n\n"
        "See https://photos.example/2026/06/tv-error.jpg #TV"
    )
    assert (post.platform, post.external_id) == ("mastodon", "114312345678901234")
    assert (post.author.id, post.author.handle) == ("109876@social.example", "sam@example.social")
    assert post.author.indexable
    assert post.mentions == (
        Mention("brand@example.social", "100001@social.example"),
        Mention("kim@far.example", "100777@social.example"),
    )
    assert post.tags == ("tv",)
    assert post.posted_at == datetime(2026, 6, 1, 11, 59, 58, 123000, UTC)
    assert post.event is PostEvent.CREATED
    assert post.visibility is Visibility.PUBLIC
    assert post.language == "en"


def test_status_of_gotosocial_becomes_a_post() -> None:
    post = post_from(_fixture("gotosocial_status.json"), Server("gts.example", "gts.example"))

    assert post.external_id == "01JWMZ5C5M9T0B8Y3W8Q6E4V2K"
    assert post.in_reply_to == "01JWMZ4YQ7T5E6C0R4E9C2A1ZB"
    assert post.author.id == "01FHMQX3GAABWSM0S2VZEC2SWC@gts.example"
    assert post.text == "television\n\n@brand Kein Bild\n\n- eins\n- zwei"
    assert post.visibility is Visibility.UNLISTED
    assert post.author.indexable


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>one<br>two<br/>three</p>", "one\ntwo\nthree"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<p>a &amp;amp; b</p>", "a &amp; b"),
        ("plain", "plain"),
        ("", ""),
        ("<p>open <b>never closed", "open never closed"),
        ("<p>seen</p><script>alert(1)</script><style>p{}</style>", "seen"),
        ('<p class="quote-inline">RE: <a href="x">x</a></p><p>my words</p>', "my words"),
        ("<p>a\n  b</p>", "a b"),
        ("<p>5 &lt; 6 &#x1F4FA; &nbsp;tv</p>", "5 < 6 📺 \xa0tv"),
    ],
)
def test_markup_is_read_as_a_person_would(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=200))
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    read = html_to_text(f"<p>{html.escape(text)}</p>")
    assert " ".join(read.split()) == " ".join(text.split())


@given(st.text(max_size=200))
def test_any_markup_can_be_read(markup: str) -> None:
    html_to_text(markup)


@pytest.mark.parametrize(
    ("told", "visibility"),
    [
        ({"visibility": "public"}, Visibility.PUBLIC),
        ({"visibility": "unlisted"}, Visibility.UNLISTED),
        ({"visibility": "private"}, Visibility.FOLLOWERS),
        ({"visibility": "direct"}, Visibility.PRIVATE),
        ({"visibility": "mutuals_only"}, Visibility.PRIVATE),
        ({}, Visibility.PRIVATE),
        ({"visibility": "public", "local_only": True}, Visibility.PRIVATE),
    ],
)
def test_unknown_visibility_is_private(told: dict[str, Any], visibility: Visibility) -> None:
    assert visibility_of(told) is visibility


@pytest.mark.parametrize("wish", [{"indexable": False}, {"noindex": True}])
def test_author_who_does_not_want_to_be_found_is_not_indexable(wish: dict[str, bool]) -> None:
    status = _fixture("status.json")
    status["account"] |= wish
    assert not post_from(status, SERVER).author.indexable


def test_published_words_are_known_again_however_the_server_writes_them() -> None:
    sent = "@sam@far.example Try *this*:\nhttps://help.example/tv ^Jane"
    shown = html_to_text("<p>@<span>sam</span> Try <em>this</em>:<br/>https://help.example/tv ^Jane</p>")
    assert words_of(sent) == words_of(shown)
    assert words_of("(1/2) same") != words_of("(2/2) same")
    assert words_of("👍") != words_of("👎")


def test_account_of_another_server_has_no_local_id() -> None:
    assert SERVER.local_id("109876@social.example") == "109876"
    assert SERVER.local_id("109876@other.example") is None


def test_gotosocial_counts_links_in_full_whatever_it_announces() -> None:
    statuses = {"max_characters": 5000, "characters_reserved_per_url": 25}
    gotosocial = instance_from(
        {
            "domain": "gts.example",
            "source_url": "https://codeberg.org/x/gotosocial",
            "configuration": {"statuses": statuses},
        },
        "gts.example",
    )
    assert gotosocial.url_characters is None
    assert gotosocial.max_characters == 5000
    assert instance_from({"uri": "https://Old.Example/"}, "web.old.example").domain == "old.example"


def test_fifty_mentions_a_second_cost_little() -> None:
    status = _fixture("status.json")
    started = time.process_time()
    for _ in range(200):
        post_from(status, SERVER)
    assert (time.process_time() - started) / 200 < 0.001


def test_how_old_an_account_is_is_read_where_the_server_tells() -> None:
    told = _fixture("status.json")
    told["account"]["created_at"] = "2026-01-02T00:00:00.000Z"
    assert post_from(told, SERVER).author.since == datetime(2026, 1, 2, tzinfo=UTC)
    told["account"]["created_at"] = "soon"
    assert post_from(told, SERVER).author.since is None
