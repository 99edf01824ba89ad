"""The author's words on X: escapes, addresses, X's own link to pictures, polls, both envelopes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.platforms.x.content.words import unescaped, written
from bot.posts import Post
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.x.fake_x import NOW

SHORT, PICTURE = "https://t.co/aaaaaaaaaa", "https://t.co/mmmmmmmmmm"
WORDS = "@Sam_Asks Hold the power button for ten seconds."
MEDIA = {"id_str": "9", "url": PICTURE, "type": "photo",
         "expanded_url": "https://twitter.com/JaneKnows/status/11/photo/1"}  # fmt: skip


def parse(body: dict[str, Any]) -> Post:
    (post,) = X(XAccount(user_id="100"), MemoryTokens(), lambda: NOW).parse(json.dumps(body).encode())
    return post


def event(text: str, includes: dict[str, Any] | None = None, **fields: Any) -> Post:
    """A post in the envelope of X Activity."""
    payload = {
        "id": "11",
        "author_id": "300",
        "text": text,
        "created_at": "2026-11-22T11:59:00.000Z",
        **fields,
    }
    data = {"event_type": "post.mention.create", "payload": payload, "includes": includes or {}}
    return parse({"data": data})


def classic(text: str, **fields: Any) -> Post:
    """A post in the envelope of Account Activity."""
    tweet = {
        "id_str": "11", "text": text, "created_at": "Sun Nov 22 11:59:00 +0000 2026", "lang": "iw",
        "user": {"id_str": "300", "screen_name": "JaneKnows", "name": "Jane"}, **fields,
    }  # fmt: skip
    return parse({"for_user_id": "100", "tweet_create_events": [tweet]})


def link(target: str | None, url: str = SHORT, **more: Any) -> dict[str, Any]:
    return {"urls": [{"url": url, "expanded_url": target, **more}]}


@pytest.mark.parametrize(
    "target",
    [
        "https://help.example.com/tv?lang=en&region=us",
        "https://help.example.com/?a=1&copy=2&lt;=3&amp;b=4",
        "https://help.example.com/#&para&sect",
        r"https://help.example.com/\1\g<gap>",
    ],
)
def test_s24_an_address_comes_through_unchanged(target: str) -> None:
    for read in (event, classic):
        assert read(f"is it this? {SHORT}", entities=link(target)).text == f"is it this? {target}"


def test_only_the_three_escapes_of_x_are_undone_and_each_once() -> None:
    assert (
        event("a &amp;lt; b &lt;c&gt; &copy; &amp;region &quot;").text == "a &lt; b <c> &copy; &region &quot;"
    )


def test_an_address_that_looks_like_another_short_link_is_left_alone() -> None:
    entities = {"urls": [*link("https://a.example/?u=https://t.co/b")["urls"],
                         *link("https://b.example", "https://t.co/b")["urls"]]}  # fmt: skip
    assert event(f"{SHORT} https://t.co/b", entities=entities).text == (
        "https://a.example/?u=https://t.co/b https://b.example"
    )


def test_s24_a_short_link_that_x_does_not_explain_stays_to_be_judged() -> None:
    assert event(f"look {SHORT}").text == f"look {SHORT}"
    assert event(f"look {SHORT}", entities=link(None)).text == f"look {SHORT}"


def test_the_link_to_the_authors_own_pictures_is_no_word_of_theirs() -> None:
    entities = {"urls": [{"url": PICTURE, "expanded_url": "https://x.com/J/status/11/photo/1"}]}
    assert event(f"{WORDS} #chorus {PICTURE}", entities=entities).text == f"{WORDS} #chorus"
    entities = {
        "urls": [{"url": PICTURE, "expanded_url": "https://x.com/J/status/7/video/1", "media_key": "7_1"}]
    }
    post = event(f"{WORDS} {PICTURE}", entities=entities)
    assert (post.text, post.pictures) == (WORDS, ("",))


def test_the_link_of_an_edited_posts_picture_names_its_first_version() -> None:
    entities = {"urls": [{"url": PICTURE, "expanded_url": "https://twitter.com/J/status/10/photo/1"}]}
    post = event(f"{WORDS} {PICTURE}", entities=entities, edit_history_tweet_ids=["10", "11"])
    assert post.text == WORDS


def test_s24_a_link_to_somebody_elses_picture_is_a_word_of_the_author() -> None:
    target = "https://twitter.com/Passerby/status/777/photo/1"
    assert event(f"like here {SHORT}", entities=link(target)).text == f"like here {target}"


def test_a_picture_whose_link_has_no_entity_ends_where_the_words_end() -> None:
    attached = {"attachments": {"media_keys": ["3_1"]}, "display_text_range": [0, len(WORDS)]}
    post = event(f"{WORDS} {PICTURE}", {"media": [{"media_key": "3_1", "alt_text": "A button"}]}, **attached)
    assert (post.text, post.pictures) == (WORDS, ("A button",))
    whole = f"{WORDS} {SHORT}"
    assert event(whole, **{**attached, "display_text_range": [0, len(whole)]}).text == whole


def test_s24_a_quoted_posts_address_stays() -> None:
    target = "https://twitter.com/ExampleBrand/status/5"
    shown = {"display_text_range": [0, 3], "referenced_tweets": [{"type": "quoted", "id": "5"}]}
    assert event(f"so? {SHORT}", entities=link(target), **shown).text == f"so? {target}"


def test_pictures_in_the_older_envelope() -> None:
    media = [{**MEDIA, "ext_alt_text": "A button"}, {**MEDIA, "id_str": "10"}]
    entities = {"urls": [], "media": media[:1]}
    post = classic(
        f"{WORDS} #chorus {PICTURE}",
        entities=entities,
        extended_entities={"media": media},
        display_text_range=[0, 56],
    )
    assert (post.text, post.pictures, post.language) == (f"{WORDS} #chorus", ("A button", ""), "he")


def test_pictures_of_a_long_post_in_the_older_envelope() -> None:
    long = {"full_text": f"{WORDS} {SHORT} {PICTURE}",
            "entities": {**link("https://help.example.com/a&b"), "media": [MEDIA]}}  # fmt: skip
    post = classic(f"{WORDS[:20]}… https://t.co/cut", truncated=True, extended_tweet=long)
    assert (post.text, post.pictures) == (f"{WORDS} https://help.example.com/a&b", ("",))


def test_a_picture_alone_has_no_words() -> None:
    assert classic(PICTURE, entities={"media": [MEDIA]}).text == ""


def test_a_poll_whose_choices_x_does_not_tell_is_not_lost() -> None:
    post = event("which one?", attachments={"poll_ids": ["77"]})
    assert (post.choices, post.text) == (("…",), "which one?\n\n• …")


def test_a_card_that_only_x_can_show_counts_as_something_attached() -> None:
    assert event("look", card_uri="card://1").pictures == ("",)
    assert event("which?", card_uri="card://1", attachments={"poll_ids": ["7"]}).pictures == ()


@given(st.text(max_size=30))
def test_what_x_escaped_is_what_was_written(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert unescaped(escaped) == text


@given(st.text(max_size=30), st.text(alphabet="abc&;ltgamp?=/#%\\", max_size=30))
def test_s24_whatever_an_address_is_it_comes_through(before: str, rest: str) -> None:
    target = f"https://help.example.com/{rest}"
    escaped = before.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    told = written(f"{escaped} {SHORT}", [{"url": SHORT, "expanded_url": target}], ())
    assert told == f"{before} {target}" or SHORT in before


def test_a_post_of_blanks_is_read_at_once() -> None:
    text = f"Hi{' ' * 100_000}!"  # minutes, if each of them were taken for the beginning of a gap
    assert written(text, [], [PICTURE]) == text
    assert written(
        f"Hi {SHORT}  \n {PICTURE}", [{"url": SHORT, "expanded_url": "https://a.example"}], [PICTURE]
    ) == ("Hi https://a.example")
