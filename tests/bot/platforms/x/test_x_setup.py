"""Setting X up: nothing twice, nothing posted."""

import subprocess
import sys
from datetime import timedelta

import pytest

from bot.platforms.generic.adapter import GenericAccount
from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.platforms.x.setup import EVENT_TYPES, XSetup
from bot.posts import Reconnect
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.x.fake_x import BRAND, NOW, FakeX

HOOK = "https://chorus.example/webhooks/x"


def parts(**tokens: str) -> tuple[FakeX, X, XSetup]:
    fake = FakeX()
    account = XAccount(user_id=BRAND, handle="ExampleBrand", bearer_token="app-token")
    store = MemoryTokens(**(tokens or {"access_token": "access-1"}))
    x = X(account, store, lambda: fake.now, transport=fake.transport())
    return fake, x, XSetup(x.calls)


def test_the_webhook_and_its_subscriptions_are_made_once() -> None:
    fake, x, setup = parts()
    hook = setup.ensure_webhook(HOOK)
    assert setup.ensure_webhook(HOOK) == hook
    assert setup.ensure_subscriptions(x.brand(), hook).added == list(EVENT_TYPES)
    again = setup.ensure_subscriptions(x.brand(), hook)
    assert (again.there, again.added, again.refused) == (list(EVENT_TYPES), [], {})
    assert len(fake.webhooks) == 1
    assert fake.subscriptions[0] == {
        "event_type": "post.mention.create",
        "filter": {"user_id": BRAND},
        "tag": "chorus",
        "webhook_id": hook.id,
    }
    assert fake.by_brand() == []


def test_quotes_are_heard_and_the_permissions_end_takes_no_filter() -> None:
    fake, x, setup = parts()
    setup.ensure_subscriptions(x.brand(), setup.ensure_webhook(HOOK))
    filters = {one["event_type"]: one["filter"] for one in fake.subscriptions}
    assert filters["post.quote.create"] == {"user_id": BRAND}
    assert filters["oauth.revoke"] == {}


def test_one_refused_kind_does_not_end_the_others() -> None:
    fake, x, setup = parts()
    fake.refused_events = {"post.mention.create", "oauth.revoke"}
    found = setup.ensure_subscriptions(x.brand(), setup.ensure_webhook(HOOK))
    assert found.added == ["post.reply.create", "post.quote.create", "post.delete"]
    assert list(found.refused) == ["post.mention.create", "oauth.revoke"]
    assert "is not one of" in str(found.refused["oauth.revoke"])
    fake.refused_events = set()
    assert setup.missing_subscriptions(x.brand(), setup.ensure_webhook(HOOK)) == list(found.refused)
    assert setup.ensure_subscriptions(x.brand(), setup.ensure_webhook(HOOK)).added == list(found.refused)


def test_what_x_calls_private_is_subscribed_to_by_the_brand_itself() -> None:
    fake, x, setup = parts()
    fake.private_events = {"post.mention.create", "post.reply.create"}
    found = setup.ensure_subscriptions(x.brand(), setup.ensure_webhook(HOOK))
    assert (found.added, found.refused) == (list(EVENT_TYPES), {})


def test_subscriptions_on_later_pages_count() -> None:
    fake, x, setup = parts()
    fake.subscriptions_per_page = 2
    hook = setup.ensure_webhook(HOOK)
    setup.ensure_subscriptions(x.brand(), hook)
    assert setup.missing_subscriptions(x.brand(), hook) == []


def test_another_accounts_or_webhooks_subscription_is_not_ours() -> None:
    fake, x, setup = parts()
    hook = setup.ensure_webhook(HOOK)
    kind = "post.mention.create"
    fake.subscriptions = [
        {"event_type": kind, "filter": {"user_id": "999"}, "webhook_id": hook.id},
        {"event_type": kind, "filter": {"user_id": BRAND}, "webhook_id": "another"},
    ]
    assert kind in setup.missing_subscriptions(x.brand(), hook)


def test_r13_an_invalidated_webhook_is_checked_again() -> None:
    fake, _, setup = parts()
    hook = setup.ensure_webhook(HOOK)
    fake.webhooks[hook.id]["valid"] = False
    assert not setup.webhooks()[0].valid
    assert setup.ensure_webhook(HOOK).valid
    assert setup.webhooks()[0].valid


def test_r13_a_replay_asks_for_at_most_24_hours() -> None:
    fake, _, setup = parts()
    hook = setup.ensure_webhook(HOOK)
    setup.replay(hook, NOW - timedelta(days=3), NOW)
    setup.replay(hook, NOW - timedelta(hours=2), NOW)
    assert fake.replays == [
        {"webhook_id": hook.id, "from_date": "202611211200", "to_date": "202611221200"},
        {"webhook_id": hook.id, "from_date": "202611221000", "to_date": "202611221200"},
    ]


def test_missing_permissions_are_named() -> None:
    _, _, setup = parts(access_token="access-1", scope="tweet.read users.read offline.access")
    assert setup.missing_permissions() == ["tweet.write"]
    _, _, setup = parts(oauth_token="a", oauth_token_secret="b")
    assert setup.missing_permissions() == []


def test_without_the_apps_token_the_setting_is_named() -> None:
    setup = XSetup(X(XAccount(), MemoryTokens(), lambda: NOW, transport=FakeX().transport()).calls)
    with pytest.raises(Reconnect, match="CHORUS_X__BEARER_TOKEN"):
        setup.webhooks()


def test_importing_the_adapter_loads_no_heavy_part() -> None:
    heavy = "authlib", "twitter_text", "websockets", "numpy"
    code = f"import sys, bot.platforms.x.adapter; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_s14_secrets_do_not_show_in_the_settings() -> None:
    account = XAccount(client_secret="hidden-1", consumer_secrets=("hidden-2",), bearer_token="hidden-3")
    assert "hidden" not in repr(account)
    assert "hidden" not in repr(GenericAccount(("hidden",)))
