import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.bluesky.content import post_from_record, post_from_view, split_uri
from bot.platforms.bluesky.facets import facets_of
from bot.platforms.bluesky.tid import Tids, tid, time_of_tid
from bot.posts import Author, Mention

ROOT = Path(__file__).parents[4]
SAMPLES = Path(os.environ.get("CHORUS_TEST_SAMPLES", ROOT.parent / "shared" / "samples")) / "bluesky"
FIXTURE = ROOT / "tests" / "fixtures" / "bluesky" / "listNotifications.json"
MENTION = "app.bsky.richtext.facet#mention"


def _notifications() -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(FIXTURE.read_text())["notifications"]
    return told


# -- posts --------------------------------------------------------------------------------------------


def test_notification_becomes_a_post_with_what_a_reply_will_need() -> None:
    post = post_from_view(_notifications()[0])
    assert post.external_id == "at://did:plc:customeraaaaaaaaaaaaaaaa/app.bsky.feed.post/3m3zk5rbsr22h"
    assert post.text == "👩‍👩‍👧 Café broken, @brand.example help #tv"
    assert post.author == Author("did:plc:customeraaaaaaaaaaaaaaaa", "sam.example", "Sam", indexable=False)
    assert post.mentions == (Mention("brand.example", "did:plc:brandaaaaaaaaaaaaaaaaaaa"),)
    assert post.tags == ("tv", "television")
    assert post.visibility.is_public
    assert post.language == "en"
    assert post.refs == {
        "cid": "bafyquestion",
        "root_uri": post.external_id,
        "root_cid": "bafyquestion",
        "handle": "sam.example",
    }


def test_reply_keeps_its_parent_and_its_root() -> None:
    post = post_from_view(_notifications()[1])
    assert post.in_reply_to == "at://did:plc:brandaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3m3zk5rcekb5n"
    assert post.thread == "at://did:plc:customeraaaaaaaaaaaaaaaa/app.bsky.feed.post/3m3zk5rbsr22h"
    assert post.refs["root_cid"] == "bafyquestion"


@pytest.mark.parametrize(
    ("claimed", "shown", "posted"),
    [
        ("2026-06-01T11:00:00Z", "2026-06-01T12:00:00Z", datetime(2026, 6, 1, 11, tzinfo=UTC)),
        ("2027-01-01T00:00:00Z", "2026-06-01T12:00:00Z", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        ("2026-06-01T11:00:00Z", None, datetime(2026, 6, 1, 11, tzinfo=UTC)),
        ("2026-06-01T11:00:00Z", "soon", datetime(2026, 6, 1, 11, tzinfo=UTC)),
    ],
)
def test_a_post_was_posted_when_it_says_or_when_it_was_first_shown_whichever_is_earlier(
    claimed: str, shown: str | None, posted: datetime
) -> None:
    view = _notifications()[0]
    told = {**view, "record": {**view["record"], "createdAt": claimed}, "indexedAt": shown}
    assert post_from_view(told).posted_at == posted


def test_clock_that_runs_ahead_does_not_put_a_post_into_the_future() -> None:
    post = post_from_view(_notifications()[2])
    assert post.posted_at == datetime(2026, 6, 1, 12, 0, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"text": None, "createdAt": 5, "facets": "x", "langs": "en", "tags": 7, "reply": []},
        {"text": "a\0b", "facets": [{}, {"features": [None, {"$type": MENTION}]}, "x"]},
        {
            "text": "hi",
            "facets": [
                {"index": {"byteStart": 500, "byteEnd": 520}, "features": [{"$type": MENTION, "did": "d"}]}
            ],
        },
    ],
)
def test_strange_records_can_be_read(record: dict[str, Any]) -> None:
    post = post_from_record(
        "at://did:plc:a/app.bsky.feed.post/3m3zk5rbsr22h", "cid", record, Author("did:plc:a")
    )
    assert "\0" not in post.text
    assert post.posted_at is not None


@pytest.mark.parametrize(
    "uri",
    ["", "at://did:plc:a", "https://a/b/c", "at://sam.example/app.bsky.feed.post/3m", "at://did:plc:a//x"],
)
def test_address_that_is_none_is_refused(uri: str) -> None:
    with pytest.raises(ValueError, match=r"address|unpack"):
        split_uri(uri)


@pytest.mark.skipif(not SAMPLES.exists(), reason="the recorded payloads are not here")
def test_recorded_notifications_are_posts() -> None:
    recorded = [
        json.loads(path.read_text())["body"]["notifications"]
        for path in sorted(SAMPLES.glob("*listNotifications*.json"))
    ]
    posts = [
        post_from_view(view) for page in recorded for view in page if view["reason"] in ("mention", "reply")
    ]
    assert posts
    assert all(post.text and post.author.id.startswith("did:") for post in posts)


@pytest.mark.skipif(not SAMPLES.exists(), reason="the recorded payloads are not here")
def test_recorded_facets_are_the_ones_we_would_write() -> None:
    view = json.loads((SAMPLES / "getPosts.json").read_text())["body"]["posts"][0]
    record = view["record"]
    brand = next(one["features"][0] for one in record["facets"] if one["features"][0]["$type"] == MENTION)
    handle = post_from_view(view).mentions[0].handle
    assert facets_of(record["text"], {handle: brand["did"]}) == record["facets"]


def test_fifty_notifications_a_second_cost_little() -> None:
    view = _notifications()[0]
    started = time.process_time()
    for _ in range(200):
        post_from_view(view)
    assert (time.process_time() - started) / 200 < 0.001


# -- facets -------------------------------------------------------------------------------------------


def _cut(text: str, facet: dict[str, Any]) -> str:
    index = facet["index"]
    return text.encode()[index["byteStart"] : index["byteEnd"]].decode()


def test_facets_count_bytes_and_name_dids() -> None:
    text = "👩‍👩‍👧 Café @sam.example: https://help.example/tv?x=ü. #Größe, @other.example"
    facets = facets_of(text, {"sam.example": "did:plc:sam"})
    assert [_cut(text, facet) for facet in facets] == [
        "@sam.example",
        "https://help.example/tv?x=ü",
        "#Größe",
    ]
    assert [facet["features"][0] for facet in facets] == [
        {"$type": MENTION, "did": "did:plc:sam"},
        {"$type": "app.bsky.richtext.facet#link", "uri": "https://help.example/tv?x=ü"},
        {"$type": "app.bsky.richtext.facet#tag", "tag": "Größe"},
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a@sam.example",
        "mail me: x@sam.example",
        "@sam.example.org",
        "#123",
        "C#",
        "no facets",
        "Press #\ufe0f\u20e3 twice",
        "Dial #\u20e3, then #1\ufe0f\u20e3",
    ],
)
def test_what_only_looks_like_a_facet_is_none(text: str) -> None:
    assert [one for one in facets_of(text, {"sam.example": "did:plc:sam"}) if "link" not in str(one)] == []


def test_bare_address_links_to_its_secure_form() -> None:
    (facet,) = facets_of("See help.example.com/tv for more", {})
    assert facet["features"][0]["uri"] == "https://help.example.com/tv"


@given(st.text(alphabet=st.sampled_from("aé👩‍#@. /:sample://https"), max_size=80))
def test_facets_lie_on_character_borders_in_order(text: str) -> None:
    facets = facets_of(text, {"sam.example": "did:plc:sam"})
    ends = [0]
    for facet in facets:
        assert _cut(text, facet)
        assert facet["index"]["byteStart"] >= ends[-1]
        ends.append(facet["index"]["byteEnd"])
    assert ends[-1] <= len(text.encode())


# -- TIDs ---------------------------------------------------------------------------------------------

TIMES = st.integers(0, 2**52).map(
    lambda count: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=count)
)


@given(TIMES, TIMES, st.integers(0, 1023))
def test_tids_sort_by_time_and_tell_it(one: datetime, two: datetime, clock_id: int) -> None:
    first, second = tid(one, clock_id), tid(two, clock_id)
    assert (first < second) == (one < two)
    assert time_of_tid(first) == one
    assert len(first) == 13


def test_known_tid_is_read() -> None:
    made = time_of_tid("3n2ub5rbsr22h")
    assert made is not None
    assert abs(made - datetime(2026, 11, 21, 23, 32, 50, 950000, UTC)) < timedelta(seconds=1)


@pytest.mark.parametrize(
    "key", ["", "self", "3m3zk5rbsr22", "3m3zk5rbsr22h1", "zzzzzzzzzzzzz", "3m3zk5rbsr22H"]
)
def test_key_that_is_no_tid_has_no_time(key: str) -> None:
    assert time_of_tid(key) is None


def test_tids_rise_while_the_clock_stands_still_or_falls() -> None:
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    tids = Tids(7)
    made = [tids.next(now) for now in (noon, noon, noon - timedelta(days=1), noon + timedelta(seconds=1))]
    assert made == sorted(set(made))


def test_tid_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="bits"):
        tid(datetime(1969, 1, 1, tzinfo=UTC), 0)
    with pytest.raises(ValueError, match="bits"):
        tid(datetime(2026, 1, 1, tzinfo=UTC), 1024)


@pytest.mark.parametrize(
    ("told", "since"),
    [({"createdAt": "2026-01-02T03:04:05.000Z"}, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)), ({}, None)],
)
def test_how_old_an_account_is_is_read_where_the_network_tells(
    told: dict[str, str], since: datetime | None
) -> None:
    view = _notifications()[0]
    view["author"] |= told
    assert post_from_view(view).author.since == since
