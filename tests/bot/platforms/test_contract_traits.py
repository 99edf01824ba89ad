"""What an adapter's traits say of it is what it does, on every stage: true or false."""

import dataclasses
import inspect
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from bot.platforms.registry import traits_of
from bot.posts import PlatformError, PostEvent
from tests.bot.platforms.stages import Stage, reply


def test_an_adapter_has_the_traits_that_its_name_stands_for(stage: Stage) -> None:
    assert stage.adapter.traits is traits_of(stage.adapter.name)


def test_it_has_a_pace_if_there_is_something_to_look_at(stage: Stage) -> None:
    stage.customer_posts("no picture")
    brings = bool(stage.adapter.poll(None).posts)
    assert brings is (stage.adapter.traits.poll_interval is not None)
    assert brings is not stage.adapter.traits.calls_us


def test_it_streams_if_it_says_so(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    streamed = [post.external_id for post in stage.streamed()]
    assert (question in streamed) is stage.adapter.traits.streams


def test_the_same_key_much_later_is_the_same_post_if_it_says_so(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    outgoing = reply(stage, "Hold the button.", question, stage.received()[0])
    stage.adapter.publish(outgoing, timeout=10)
    stage.forgets_keys()
    with suppress(PlatformError):  # that something else is there under this key
        stage.adapter.publish(dataclasses.replace(outgoing, text="Hold the red button."), timeout=10)
    assert (len(stage.ledger()) == 1) is stage.adapter.traits.repeats_safely


def test_it_tells_by_itself_that_a_post_is_gone_if_it_says_so(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    stage.received()
    told = stage.tells_of_removal(question)
    is_told = (question, PostEvent.DELETED) in {(post.external_id, post.event) for post in told}
    assert is_told is stage.adapter.traits.tells_deletions


def test_a_reply_that_names_nobody_reaches_the_customer_unless_it_has_to_greet(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    stage.adapter.publish(reply(stage, "Hold it.", question, stage.received()[0]), timeout=10)
    assert stage.customer_hears() is not stage.adapter.traits.greets_asker


def test_the_same_words_to_two_posts_are_two_posts_unless_it_takes_words_once(stage: Stage) -> None:
    questions = [stage.customer_posts("no picture"), stage.customer_posts("no sound")]
    received = {post.external_id: post for post in stage.received()}
    for question in questions:
        with suppress(PlatformError):
            stage.adapter.publish(reply(stage, "Hold it.", question, received[question]), timeout=10)
    assert (len(stage.ledger()) == 1) is stage.adapter.traits.takes_words_once


def test_the_feed_is_in_our_own_hands_if_it_says_so(stage: Stage) -> None:
    question = stage.customer_posts("no picture")
    outgoing = reply(stage, "Hold it.", question, stage.received()[0])
    stage.adapter.close()
    try:
        stage.adapter.publish(outgoing, timeout=10)
    except PlatformError:
        assert not stage.adapter.traits.own_record
    else:
        assert stage.adapter.traits.own_record


def test_it_charges_for_reading_if_it_has_prices(stage: Stage) -> None:
    tells = "on_read" in inspect.signature(type(stage.adapter)).parameters
    assert tells is (stage.adapter.traits.prices is not None)


def test_a_posts_id_is_read_from_its_address(stage: Stage) -> None:
    stage.customer_posts("no picture")
    (post,) = stage.received()
    if post.url is None:
        pytest.skip("by design: a bridge need not tell where its posts are")
    address = urlsplit(post.url)
    assert stage.adapter.traits.post_id(address.path, address.fragment) == post.external_id


def test_an_example_is_an_account_of_the_platform(stage: Stage) -> None:
    platform, _, handle = stage.adapter.traits.example.partition(":")
    assert (platform, bool(handle)) == (stage.adapter.name, True)


def test_a_handle_is_the_same_account_with_and_without_its_mark(stage: Stage) -> None:
    read, handle = stage.adapter.traits.handle_of, stage.adapter.brand().handle
    assert read(handle) == read(f"@{handle}") == read(read(handle)) != ""
    assert read(f"{handle} {handle}") == read(f"https://[{handle}") == read("") == ""


def test_the_address_of_a_profile_is_read_as_its_account(stage: Stage) -> None:
    traits, handle = stage.adapter.traits, stage.adapter.traits.example.partition(":")[2]
    address = traits.profile(handle, handle.lstrip("@"))
    if not address:
        pytest.skip("by design: nobody knows where profiles are")
    host = urlsplit(address).hostname
    assert host
    assert traits.handle_of(address.replace("/i/user", "")) == traits.handle_of(handle)
    assert traits.handle_of(address.replace(host, f"{host}.evil.example")) != traits.handle_of(handle)


def test_an_hours_looks_at_the_employees_stay_within_what_it_allows(stage: Stage) -> None:
    traits = stage.adapter.traits
    if traits.poll_interval is None:
        pytest.skip("by design: it calls us")
    pages_an_hour = 3600 / max(traits.poll_interval, traits.answers_poll_interval) * traits.answer_pages
    calls, allowed_an_hour = stage.calls_for_answers()
    assert allowed_an_hour is None or pages_an_hour * calls <= allowed_an_hour
