"""What X refuses the whole account or app waits, with the true reason; it is not the fault of one answer."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from bot.platforms.wire.http import HttpResponse
from bot.platforms.x.access.refusals import detail
from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.posts import Author, Outgoing, PlatformError, Rejected, Retry
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.x.fake_x import BRAND, NOW

PROBLEMS = "https://api.x.com/2/problems/"
SPEND_CAP = {
    "account_id": 1,
    "title": "SpendCapReached",
    "detail": "Your enrolled account has reached its billing cycle spend cap. "
    "API requests will be blocked until the next cycle begins on 2026-12-12.",
    "type": f"{PROBLEMS}credits",
    "reset_date": "2026-12-12",
}
USAGE_CAP = {
    "title": "UsageCapExceeded",
    "detail": "Usage cap exceeded: Monthly product cap",
    "period": "Monthly",
    "scope": "Product",
    "type": f"{PROBLEMS}usage-capped",
}
CREDITS = {"title": "CreditsDepleted", "detail": "Your enrolled account does not have any credits."}
LOCKED = "To protect our users from spam and other malicious activity, this account is temporarily locked."
AUTOMATED = "This request looks like it might be automated. We can't complete this action right now."


def coded(code: int, message: str) -> dict[str, object]:
    """An error in the older shape: the specific message in ``errors``, a general one beside it."""
    return {"errors": [{"code": code, "message": message}], "detail": "Forbidden", "title": "Forbidden"}


REFUSALS = [
    pytest.param(403, SPEND_CAP, "spending limit", id="spend cap"),
    pytest.param(429, USAGE_CAP, "cap on the plan's usage", id="usage cap"),
    pytest.param(402, CREDITS, "buy more", id="credits"),
    pytest.param(402, {}, "buy more", id="bare 402"),
    pytest.param(403, coded(326, LOCKED), "unlock it", id="locked"),
    pytest.param(401, coded(326, LOCKED), "unlock it", id="locked, as 401"),
    pytest.param(403, {"detail": LOCKED, "title": "Forbidden"}, "unlock it", id="locked, in v2"),
    pytest.param(403, coded(226, AUTOMATED), "robot", id="automated"),
    pytest.param(
        403, coded(64, "Your account is suspended and is not permitted."), "see why", id="suspended"
    ),
    pytest.param(403, coded(185, "User is over daily status update limit."), "daily limit", id="daily limit"),
    pytest.param(429, {}, "slow down", id="bare 429"),
]
QUESTION = Outgoing("x", "key-1", "Hold the button ^Jane", NOW, in_reply_to="1")
DEEDS: list[Callable[[X], object]] = [
    lambda x: x.publish(QUESTION, 10),
    lambda x: x.publish(Outgoing("x", "key-1", "", NOW, repost_of="1"), 10),
    lambda x: x.find(QUESTION),
    lambda x: x.poll(None),
    lambda x: x.poll_answers([Author("300")], None),
    lambda x: x.fetch(["1"]),
    lambda x: x.identify("Sam_Asks"),
    lambda x: next(x.stream()),
]
NAMES = ["publish", "repost", "find", "poll", "answers", "fetch", "identify", "stream"]


def adapter(status: int, body: dict[str, object], **tokens: str) -> X:
    transport = httpx.MockTransport(lambda request: httpx.Response(status, json=body))
    account = XAccount(user_id=BRAND, handle="ExampleBrand", bearer_token="app-token")
    return X(account, MemoryTokens(**(tokens or {"access_token": "a"})), lambda: NOW, transport=transport)


@pytest.mark.parametrize(("status", "body", "says"), REFUSALS)
@pytest.mark.parametrize("deed", DEEDS, ids=NAMES)
def test_a_refusal_of_the_whole_account_waits_with_its_reason(
    status: int, body: dict[str, object], says: str, deed: Callable[[X], object]
) -> None:
    with pytest.raises(Retry, match=says) as waits:
        deed(adapter(status, body))
    assert waits.value.at is not None
    assert NOW < waits.value.at <= NOW + timedelta(hours=1)


@pytest.mark.parametrize(("status", "body"), [(403, SPEND_CAP), (429, USAGE_CAP), (402, CREDITS), (429, {})])
def test_r17_a_renewal_that_is_refused_for_money_is_no_withdrawn_permission(
    status: int, body: dict[str, object]
) -> None:
    expired = (NOW - timedelta(hours=1)).isoformat()
    x = adapter(status, body, access_token="a", refresh_token="r", expires_at=expired)
    with pytest.raises(Retry):
        x.identify("Sam_Asks")


def test_what_x_says_is_handed_on() -> None:
    with pytest.raises(Retry, match="blocked until the next cycle begins on 2026-12-12"):
        adapter(403, SPEND_CAP).poll(None)


def test_the_reset_that_x_tells_counts() -> None:
    reset = NOW + timedelta(minutes=7)
    headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(reset.timestamp()))}
    transport = httpx.MockTransport(lambda _: httpx.Response(429, json=USAGE_CAP, headers=headers))
    x = X(XAccount(user_id=BRAND), MemoryTokens(access_token="a"), lambda: NOW, transport=transport)
    with pytest.raises(Retry) as waits:
        x.fetch(["1"])
    assert waits.value.at == reset


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (403, {"detail": "Reply to this conversation is not allowed."}, "not_permitted"),
        (400, {"errors": [{"message": "spend cap is no word for a post"}]}, "http_400"),
    ],
)
def test_what_is_about_one_post_is_still_final(status: int, body: dict[str, object], code: str) -> None:
    with pytest.raises(Rejected) as refused:
        adapter(status, body).publish(QUESTION, 10)
    assert refused.value.code == code


def test_the_specific_message_is_told_not_the_general_one() -> None:
    body = (
        b'{"errors":[{"message":"The `tweet.fields` query parameter value [x] is not one of [...]"},'
        b'{"message":"since_id must be a number"}],"title":"Invalid Request",'
        b'"detail":"One or more parameters to your request was invalid."}'
    )
    said = detail(HttpResponse(400, {}, body))
    assert (
        said == "The `tweet.fields` query parameter value [x] is not one of [...]; since_id must be a number"
    )
    assert detail(HttpResponse(403, {}, b'{"detail":"general","errors":[{}]}')) == "general"
    assert detail(HttpResponse(403, {}, b'{"title":"Forbidden","errors":"odd"}')) == "Forbidden"


def test_a_refusal_without_words_is_one_all_the_same() -> None:
    with pytest.raises(PlatformError):
        adapter(418, {}).poll(None)
