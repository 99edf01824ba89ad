import re
from functools import partial

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from app.wiring.rule_settings import PublishSettings
from bot.actions.rules import Rules
from bot.platforms.bluesky.length import BlueskyLength
from bot.platforms.mastodon.length import MastodonLength
from bot.platforms.x.length import XLength
from bot.text.lengths import Measure, PlainLength
from bot.wording.compose import MAX_PARTS, CannotCompose, CreditStyle, compose, credit_line, neutralise
from routing.model.text import has_tag

TAG = "#chorus"
MEASURES: list[Measure] = [XLength(), MastodonLength(), BlueskyLength(), PlainLength(120)]
ANSWER = (
    "@sam #chorus Hi! Hold the power button for ten seconds until the light blinks twice. Then wait, e.g. "
    "two minutes. If it stays dark, plug it into another socket and try again; that helps in most cases. See "
    "https://example.com/help/@jane/reset?x=1 for pictures.\n\nOtherwise open Settings, choose “Forget”, and "
    "join again. The password is on the sticker below. Does the light come on now?"
)

# What each platform takes for a mention, as strict as their own rules together.
MENTION = re.compile(r"(?:^|[^A-Za-z0-9_/])[@＠](\w+)|(?:^|[^A-Za-z0-9_+~.-])[rR][tT]:?[@＠](\w+)")
PIECES = st.sampled_from(
    [
        *(
            "Hello",
            "there.",
            "e.g.",
            "restart it!",
            "Dr.",
            "1.",
            "and so on,",
            "漢字を読む。",
            "مرحبا",
            "क्षि",
            "👨‍👩‍👧‍👦",
            "é" * 20,
        ),
        *(
            "@sam",
            "@evil",
            "＠evil",
            ".@evil",
            "RT@evil",
            "@@evil",
            "@a@b.example",
            "@jane.bsky.social",
            "jane@example.com",
        ),
        *(
            "#chorus",
            "＃Chorus",
            "#cho#chorusrus",
            "$AAPL",
            "\n",
            "\n\n",
            "\u202eabc",
            "\u200b@evil",
            "#\u200bchorus",
        ),
        *(
            "https://example.com/@evil/1",
            "https://example.com/" + "x" * 40,
            "example.com",
            "x" * 90,
            "^JD",
            "(2/3)",
        ),
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=60).map(" ".join)


def mentions(text: str) -> list[str]:
    without_links = re.sub(r"https?://\S+", " ", text)
    return [first or second for first, second in MENTION.findall(without_links)]


def test_tag_and_leading_handles_are_stripped() -> None:
    parts = compose("@brand @sam hold the button #Chorus", credit="^JD", measure=XLength(), tags=(TAG,))
    assert parts == ["hold the button ^JD"]


@pytest.mark.parametrize(
    "text", ["#chorus @sam hold it", "@sam #chorus @brand hold it", ".@sam hold it ＃CHORUS"]
)
def test_the_order_of_tag_and_handles_does_not_matter(text: str) -> None:
    assert compose(text, credit="", measure=XLength(), tags=("chorus",)) == ["hold it"]


def test_the_asker_leads_only_where_asked_for() -> None:
    with_asker = compose(
        "@sam hold it", credit="", measure=MastodonLength(), asker="sam@social.example", tags=(TAG,)
    )
    assert with_asker == ["@sam@social.example hold it"]
    assert compose("@sam hold it", credit="", measure=XLength(), tags=(TAG,)) == ["hold it"]


def test_s07_every_mention_but_the_askers_is_neutralised() -> None:
    text = "ask @boss, ＠full, @a@b.example, @jane.bsky.social or @Sam; not @sam2 or @sam@evil.example"
    (part,) = compose(text, credit="", measure=MastodonLength(), asker="sam", tags=(TAG,))
    assert mentions(part) == ["sam", "Sam"]
    assert "@\u00a0boss" in part


def test_s07_an_asker_on_another_server_is_only_the_full_handle() -> None:
    text = "hi @sam and @sam@social.example."
    (part,) = compose(text, credit="", measure=MastodonLength(), asker="sam@social.example", tags=(TAG,))
    assert part == "@sam@social.example hi @\u00a0sam and @sam@social.example."


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("mail jane@example.com", "mail jane@example.com"),
        ("see https://example.com/@jane", "see https://example.com/@jane"),
        ("RT@evil look", "RT@\u00a0evil look"),
        ("é@evil", "é@\u00a0evil"),
        (".@evil", ".@\u00a0evil"),
        ("@@evil", "@@\u00a0evil"),
        ("https://a@evil.com", "https://a@evil.com"),
        ("3 @ 5", "3 @ 5"),
    ],
)
def test_s07_what_no_platform_takes_for_a_mention_stays(text: str, kept: str) -> None:
    assert neutralise(text) == kept


def test_s07_hidden_characters_do_not_smuggle_a_mention_or_the_tag() -> None:
    (part,) = compose("x @\u200bevil #\u200bchorus #cho#chorusrus", credit="", measure=XLength(), tags=(TAG,))
    assert mentions(part) == []
    assert not has_tag(part, TAG)


def test_s09_neither_the_askers_name_nor_text_is_an_input() -> None:
    (part,) = compose("@Troll_Name! Restart it.", credit="^JD", measure=XLength(), asker=None, tags=(TAG,))
    assert "Troll" not in part.split()[0] or part.startswith("!")
    assert compose("@Troll_Name Restart it.", credit="^JD", measure=XLength(), tags=(TAG,)) == [
        "Restart it. ^JD"
    ]


def test_a_long_answer_becomes_a_numbered_thread_with_the_credit_at_its_end() -> None:
    parts = compose(ANSWER, credit="^Jane", measure=XLength(), tags=(TAG,))
    assert len(parts) == 2
    assert parts[0].endswith("for pictures. (1/2)")
    assert parts[1].startswith("Otherwise open Settings")
    assert parts[1].endswith("come on now? (2/2) ^Jane")


def test_parts_end_with_sentences_where_that_wastes_little() -> None:
    text = "One two three four five six. Seven eight nine ten. Eleven twelve thirteen fourteen fifteen."
    parts = compose(text, credit="", measure=PlainLength(60), tags=(TAG,))
    assert parts == [
        "One two three four five six. Seven eight nine ten. (1/2)",
        "Eleven twelve thirteen fourteen fifteen. (2/2)",
    ]


def test_abbreviations_and_list_numbers_end_no_sentence() -> None:
    text = "Please open the settings, e.g. Display or Sound, and then choose no. 7 from the list there."
    parts = compose(text, credit="", measure=PlainLength(50), tags=(TAG,))
    assert not any(re.search(r"(e\.g\.|no\.) \(", part) for part in parts)


def test_text_without_blanks_is_split_between_characters() -> None:
    parts = compose("電源を切ってください。" * 40, credit="^王", measure=XLength(), tags=(TAG,))
    assert len(parts) > 1
    assert all(
        part.removesuffix(" ^王").endswith(f"。 ({at}/{len(parts)})") for at, part in enumerate(parts, 1)
    )


def test_a_thread_of_ten_is_numbered_with_two_digits() -> None:
    parts = compose("word " * 120, credit="^JD", measure=PlainLength(60), tags=(TAG,), max_parts=20)
    assert len(parts) >= 10
    assert parts[9].endswith(f"(10/{len(parts)})") or parts[9].endswith(f"(10/{len(parts)}) ^JD")


def test_the_authors_own_signature_is_not_doubled() -> None:
    assert compose("Hold it. ^JD", credit="^JD", measure=XLength(), tags=(TAG,)) == ["Hold it. ^JD"]


@pytest.mark.parametrize(
    ("text", "credit", "published"),
    [
        ("Hold it. ^JD ^JD", "^JD", "Hold it. ^JD"),
        ("Hold it. ^jd", "^JD", "Hold it. ^JD"),
        ("Hold it. ^jd", "^Jane", "Hold it. ^Jane"),
        ("Hold it. JD", "^JD", "Hold it. ^JD"),
        ("Hold it - Jane", "^Jane", "Hold it ^Jane"),
        ("Hold it.— Jane Doe", "^Jane Doe", "Hold it. ^Jane Doe"),
        ("Hold it! #chorus ^JD", "^Jane", "Hold it! ^Jane"),
        ("Hold it! ^Jane 😊 #chorus", "^Jane", "Hold it! 😊 ^Jane"),
        ("Hold it 😊 ~jane", "^Jane", "Hold it 😊 ^Jane"),
        ("Hold it.\nJane", "^Jane", "Hold it. ^Jane"),
        ("押してください。^王", "^王", "押してください。 ^王"),
    ],
)
def test_an_own_signature_in_any_form_is_said_once(text: str, credit: str, published: str) -> None:
    assert compose(text, credit=credit, measure=XLength(), tags=(TAG,)) == [published]


@pytest.mark.parametrize(
    "text",
    [
        *("Ask for Jane", "Ask Mary-Jane", "Choose HDMI - Jam", "Who knows it? Jane", "It is x^j", "x ^2"),
        *("Press the jd", "Say hi to jane", "Read “Jane”"),
    ],
)
def test_words_are_no_signature(text: str) -> None:
    assert compose(text, credit="^Jane", measure=XLength(), tags=(TAG,)) == [f"{text} ^Jane"]


def test_a_post_of_signatures_alone_is_not_read_over_and_over() -> None:
    parts = compose(
        "^JD " * 2_000, credit="^JD", measure=PlainLength(8_000), tags=(TAG,)
    )  # seconds, if it were
    assert parts == [f"{'^JD ' * 1_990}^JD"]


def test_lines_that_are_set_in_stay_so() -> None:
    text = "Run:\n    sudo  restart\n      --now  \n \n one more\n#chorus"
    assert compose(text, credit="", measure=PlainLength(200), tags=(TAG,)) == [
        "Run:\n    sudo restart\n      --now\n\none more"
    ]


def test_the_longest_thread_is_the_same_everywhere() -> None:
    assert Rules().max_parts == PublishSettings().max_parts == MAX_PARTS
    text = "A sentence of words. " * 200
    for limit in (compose, partial(compose, max_parts=Rules().max_parts)):
        with pytest.raises(CannotCompose, match=f"at most {MAX_PARTS} are allowed"):
            limit(text, credit="", measure=XLength(), tags=(TAG,))


def test_an_answer_of_any_length_is_published_where_the_platform_takes_it() -> None:
    assert (
        len(compose("A sentence of words. " * 900, credit="", measure=MastodonLength(5000), tags=(TAG,))) == 4
    )


def test_an_answer_without_words_is_refused_in_words_for_its_author() -> None:
    for text in ("", "  ", "#chorus", "@sam @bob #chorus", "\u200b\u202e"):
        with pytest.raises(CannotCompose, match="write the answer in words"):
            compose(text, credit="^JD", measure=XLength(), tags=(TAG,))


def test_a_link_longer_than_a_post_is_refused_by_name() -> None:
    link = "https://example.com/" + "x" * 400
    with pytest.raises(CannotCompose, match=r"example\.com/x.*alone is longer"):
        compose(f"Look: {link}", credit="^JD", measure=PlainLength(300), tags=(TAG,))


def test_a_link_longer_than_a_post_goes_out_where_links_need_not_show_all_of_it() -> None:
    link = "https://example.com/" + "x" * 400
    assert compose(f"Look: {link}", credit="^JD", measure=BlueskyLength(), tags=(TAG,)) == [
        f"Look: {link} ^JD"
    ]


def test_a_thread_that_is_too_long_is_refused_with_a_measure() -> None:
    with pytest.raises(CannotCompose, match=r"would fill \d+ posts; at most 2 are allowed"):
        compose("A sentence of words. " * 60, credit="", measure=XLength(), tags=(TAG,), max_parts=2)


@given(
    TEXTS,
    st.sampled_from(MEASURES),
    st.sampled_from(["", "^JD", "^Jane Doe"]),
    st.sampled_from([None, "sam"]),
)
@example("x" * 400, XLength(), "^JD", None)
@example("@a " * 100 + "b", PlainLength(120), "", None)
@settings(max_examples=300)
def test_whatever_is_written_fits_and_mentions_nobody(
    text: str, measure: Measure, credit: str, asker: str | None
) -> None:
    try:
        parts = compose(text, credit=credit, measure=measure, asker=asker, tags=(TAG,), max_parts=99)
    except CannotCompose:
        assume(False)
    assert parts == compose(text, credit=credit, measure=measure, asker=asker, tags=(TAG,), max_parts=99)
    assert all(measure.fits(part) for part in parts)
    assert parts[-1].endswith(credit)
    for at, part in enumerate(parts, start=1):
        assert {name.casefold() for name in mentions(part)} <= ({asker} if asker else set())
        assert not has_tag(part, TAG)
        assert not re.search(r"[\u202a-\u202e\u2066-\u2069\u200b\x00-\x09]", part)
        assert len(parts) == 1 or f"({at}/{len(parts)})" in part


@given(st.lists(PIECES, min_size=1, max_size=60).map(" ".join))
def test_a_thread_keeps_every_character_and_every_link(text: str) -> None:
    try:
        parts = compose(text, credit="", measure=PlainLength(120), tags=(TAG,), max_parts=999)
        (whole,) = compose(text, credit="", measure=PlainLength(100_000), tags=(TAG,))
    except CannotCompose:
        assume(False)
    bodies = [part.removesuffix(f" ({at}/{len(parts)})") for at, part in enumerate(parts, 1)]
    assert re.sub(r"\s", "", "".join(bodies)) == re.sub(r"\s", "", whole)
    assert sum(body.count("https://example.com/@evil/1") for body in bodies) == whole.count(
        "https://example.com/@evil/1"
    )
    assert sum(body.count("jane@example.com") for body in bodies) == whole.count("jane@example.com")
    assert sum(body.count("👨‍👩‍👧‍👦") for body in bodies) == whole.count("👨‍👩‍👧‍👦")


@pytest.mark.parametrize(
    ("style", "line"),
    [
        (CreditStyle.INITIALS, "^JD"),
        (CreditStyle.FIRST_NAME, "^Jane"),
        (CreditStyle.FULL_NAME, "^Jane Doe"),
        (CreditStyle.HANDLE, "^jane"),
        (CreditStyle.NONE, ""),
    ],
)
def test_credit_styles(style: CreditStyle, line: str) -> None:
    assert credit_line("Jane Doe", "@jane@social.example", style) == line


@pytest.mark.parametrize(
    ("name", "handle", "style", "line"),
    [
        ("王小明", "wang", CreditStyle.INITIALS, "^王"),
        ("Anna-Lena von Schmidt", "", CreditStyle.INITIALS, "^AS"),
        ("Doe, Dr. Jane", "", CreditStyle.FIRST_NAME, "^Jane"),
        ("", "bob.bsky.social", CreditStyle.FIRST_NAME, "^bob"),
        ("Jane", "", CreditStyle.HANDLE, "^Jane"),
        ("", "", CreditStyle.INITIALS, ""),
        ("", "://", CreditStyle.INITIALS, ""),
        ("", "jane_doe-2", CreditStyle.HANDLE, "^jane_doe-2"),
    ],
)
def test_credit_of_unusual_names(name: str, handle: str, style: CreditStyle, line: str) -> None:
    assert credit_line(name, handle, style) == line


@given(st.text(), st.text(), st.sampled_from(CreditStyle))
def test_s07_a_credit_mentions_tags_and_links_nothing(name: str, handle: str, style: CreditStyle) -> None:
    line = credit_line(name, handle, style)
    assert not re.search(r"[@＠#＃$\n]", line)
    assert "://" not in line
