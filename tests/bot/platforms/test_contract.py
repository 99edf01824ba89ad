"""What every platform's adapter keeps, played on each of them alike."""

import dataclasses
from datetime import datetime, timedelta

import pytest

from bot.platforms import registry
from bot.platforms.base import Platform
from bot.posts import (
    Ambiguous,
    Forged,
    KnownPost,
    Malformed,
    PlatformError,
    PostEvent,
    Reconnect,
    Rejected,
    Retry,
)
from tests.bot.platforms.stages import Stage, ids, part, reply


def test_an_adapter_has_everything_that_the_protocol_asks_for(stage: Stage) -> None:
    adapter: Platform = stage.adapter
    assert adapter.name in registry.TRAITS
    wanted = {name for name in vars(Platform) if not name.startswith("_")} - {"name"}
    assert [name for name in wanted if not hasattr(adapter, name)] == []


def test_a_mention_is_received_and_read(stage: Stage) -> None:
    question = stage.customer_posts("no picture since the update")
    (post,) = [one for one in stage.received() if one.external_id == question]
    brand = stage.adapter.brand()
    assert (post.platform, post.event) == (stage.adapter.name, PostEvent.CREATED)
    assert "no picture since the update" in post.text
    assert post.visibility.is_public
    assert post.author.id
    assert post.author.id != brand.id
    assert brand.id in {mention.id for mention in post.mentions}
    assert post.posted_at is not None
    assert post.posted_at.tzinfo is not None
    assert not post.is_repost


def test_a_tagged_answer_names_its_author_and_what_it_answers(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    answer = stage.employee_posts("hold the button #chorus", question)
    (post,) = [one for one in stage.received() if one.external_id == answer]
    assert (post.author.id, post.in_reply_to) == (stage.employee.id, question)
    assert "#chorus" in post.text


def test_receiving_goes_on_after_the_cursor(stage: Stage) -> None:
    first = stage.customer_posts("the first")
    page = stage.adapter.poll(None)
    second = stage.customer_posts("the second")
    later = stage.adapter.poll(page.cursor)
    if page.posts:
        assert ids(page.posts) == {first}
        assert ids(later.posts) == {second}
    else:
        assert stage.webhook(second) is not None


def test_s01_a_webhook_is_believed_only_with_its_signature(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    signed = stage.webhook(question)
    if signed is None:
        with pytest.raises((Forged, Rejected)):
            stage.adapter.verify(b"{}", {})
        return
    body, headers = signed
    stage.adapter.verify(body, headers)
    assert ids(stage.adapter.parse(body)) == {question}
    with pytest.raises(Forged):
        stage.adapter.verify(body + b" ", headers)
    with pytest.raises(Forged):
        stage.adapter.verify(body, {})


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"[" * 100_000, b'{"a": NaN}', b"\xff\xfe"])
def test_r11_a_body_that_is_nothing_of_the_platforms_is_malformed(stage: Stage, body: bytes) -> None:
    with pytest.raises(Malformed):
        stage.adapter.parse(body)


def test_a_reply_is_published_once_under_the_customers_post(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    post = stage.received()[0]
    published = stage.adapter.publish(reply(stage, "Hold the button.", question, post), timeout=10)
    assert published.external_id
    assert stage.ledger() == [("Hold the button.", question)]


def test_a_thread_hangs_together(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    post = stage.received()[0]
    first = stage.adapter.publish(reply(stage, "Hold the button (1/3)", question, post), timeout=10)
    second = stage.adapter.publish(part(stage, "for ten seconds (2/3)", first), timeout=10)
    stage.adapter.publish(part(stage, "and let go (3/3)", second), timeout=10)
    parents = [parent for _, parent in stage.ledger()]
    assert parents == [question, first.external_id, second.external_id]


def test_r02_after_an_ambiguous_failure_the_post_is_found_and_not_doubled(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    outgoing = reply(stage, "Hold the button.", question, stage.received()[0])
    assert stage.adapter.find(outgoing) is None
    if stage.loses_next_answer():
        with pytest.raises(Ambiguous):
            stage.adapter.publish(outgoing, timeout=10)
    else:
        stage.adapter.publish(outgoing, timeout=10)
    found = stage.adapter.find(outgoing)
    assert found is not None
    assert stage.ledger() == [("Hold the button.", question)]


def test_r02_the_same_message_again_is_never_a_second_post_where_the_platform_can_tell(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    outgoing = reply(stage, "Hold the button.", question, stage.received()[0])
    first = stage.adapter.publish(outgoing, timeout=10)
    if stage.keys_are_ignored:
        # The outbox reads back before it repeats anything: there is no other guard on such a server.
        assert stage.adapter.find(outgoing) is not None
    else:
        again = stage.adapter.publish(outgoing, timeout=10)
        assert again.external_id == first.external_id
    assert len(stage.ledger()) == 1


def test_another_message_to_the_same_post_is_not_mistaken_for_it(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    post = stage.received()[0]
    stage.adapter.publish(reply(stage, "Hold the button.", question, post), timeout=10)
    assert stage.adapter.find(reply(stage, "Pull the plug.", question, post)) is None


def test_nothing_is_sent_without_time(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    with pytest.raises(Retry):
        stage.adapter.publish(reply(stage, "Hold it.", question, stage.received()[0]), timeout=0)
    assert stage.ledger() == []


def test_a_repost_is_made_once_and_can_be_taken_back(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    answer = stage.employee_posts("hold the button #chorus", question)
    (post,) = [one for one in stage.received() if one.external_id == answer]
    outgoing = dataclasses.replace(reply(stage, "", None, post), repost_of=answer)
    published = stage.adapter.publish(outgoing, timeout=10)
    assert stage.adapter.publish(outgoing, timeout=10).external_id == published.external_id
    assert stage.reposts() == 1
    stage.adapter.delete(published)
    assert stage.reposts() == 0


def test_a_post_can_be_deleted_twice(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    published = stage.adapter.publish(reply(stage, "Hold it.", question, stage.received()[0]), timeout=10)
    stage.adapter.delete(published)
    stage.adapter.delete(published)
    assert stage.ledger() == []


def test_a_post_is_edited_or_the_platform_cannot(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    post = stage.received()[0]
    published = stage.adapter.publish(reply(stage, "Hold it.", question, post), timeout=10)
    better = reply(stage, "Hold it for ten seconds.", question, post)
    if not stage.can_edit:
        with pytest.raises(Rejected) as refused:
            stage.adapter.edit(published, better, timeout=10)
        assert refused.value.code == "unsupported"
        return
    edited = stage.adapter.edit(published, better, timeout=10)
    assert edited.external_id == published.external_id
    assert [text for text, _ in stage.ledger()] == ["Hold it for ten seconds."]


def test_s12_deletions_are_told_in_batches(stage: Stage) -> None:
    stage.customer_posts("who am I?")
    author = stage.received()[0].author
    posts = [stage.customer_posts(f"question {number}") for number in range(120)]
    known = dict.fromkeys(posts, KnownPost(author.id))
    stage.removes(posts[7])
    found = {look.external_id: look for look in stage.adapter.fetch(posts, known)}
    assert [post for post in posts if post in found and found[post].gone] == [posts[7]]
    assert len(found) == len(posts)
    assert stage.adapter.fetch([]) == []


def test_a_reply_to_a_post_that_is_gone_is_final(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    post = stage.received()[0]
    stage.removes(question)
    if stage.replies_to_anything:
        pytest.skip(
            "by design: this network takes replies to posts that are gone: the outbox looks before it sends"
        )
    with pytest.raises(Rejected):
        stage.adapter.publish(reply(stage, "Hold it.", question, post), timeout=10)
    assert stage.ledger() == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, Retry), (500, Ambiguous), (503, Ambiguous), (403, Rejected)],
)
def test_r08_refusals_are_sorted(stage: Stage, status: int, kind: type[PlatformError]) -> None:
    question = stage.customer_posts("no picture")
    outgoing = reply(stage, "Hold it.", question, stage.received()[0])
    at = stage.clock() + timedelta(minutes=5)
    if not stage.refuses_next(status, {"retry-after": "300"}):
        pytest.skip("by design: this feed is in our own hands and refuses nothing in this way")
    with pytest.raises(kind) as refused:
        stage.adapter.publish(outgoing, timeout=10)
    if isinstance(refused.value, Retry):
        assert refused.value.at == at
        with pytest.raises(Retry) as again:
            stage.adapter.publish(outgoing, timeout=10)
        assert _is_not_before(again.value.at, at)
    assert stage.ledger() == []


def test_r08_a_429_that_tells_no_time_waits_all_the_same(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    outgoing = reply(stage, "Hold it.", question, stage.received()[0])
    if not stage.refuses_next(429, {}):
        pytest.skip("by design: this feed is in our own hands and refuses nothing in this way")
    with pytest.raises(Retry) as refused:
        stage.adapter.publish(outgoing, timeout=10)
    assert refused.value.at is not None
    assert refused.value.at > stage.clock()


def _is_not_before(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and moment >= at


def test_r17_a_withdrawn_permission_asks_for_a_person(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    outgoing = reply(stage, "Hold it.", question, stage.received()[0])
    if not stage.withdraws_permission():
        pytest.skip("by design: nobody can withdraw a permission on this feed")
    with pytest.raises(Reconnect):
        stage.adapter.publish(outgoing, timeout=10)
    assert stage.ledger() == []


def test_length_is_the_platforms_own(stage: Stage) -> None:
    measure = stage.adapter.measure
    assert measure.fits("Hold the button.")
    assert measure.length("Hold the button.") == 16
    assert not measure.fits("x" * 5000)
    assert not measure.fits("")


def test_s02_an_identity_is_the_platforms_immutable_id(stage: Stage) -> None:
    assert stage.adapter.identify(stage.employee_handle).id == stage.employee.id
    with pytest.raises(Rejected):
        stage.adapter.identify(" ")


def test_keys_differ(stage: Stage) -> None:
    assert len({stage.adapter.new_key(stage.clock()) for _ in range(50)}) == 50


def test_a_closed_adapter_sends_nothing(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    outgoing = reply(stage, "Hold it.", question, stage.received()[0])
    stage.adapter.close()
    if not stage.adapter.traits.own_record:
        with pytest.raises(PlatformError):
            stage.adapter.publish(outgoing, timeout=10)
        assert stage.ledger() == []
