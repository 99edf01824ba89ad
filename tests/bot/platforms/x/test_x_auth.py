"""Tokens: single-use refresh under one lock, OAuth 1.0a, the code flow."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bot.platforms.wire.http import Caller
from bot.platforms.x.access.auth import SIGN_IN_SCOPES, begin, finish, whose
from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.posts import Reconnect, Rejected, Retry
from tests.bot.platforms.memory_tokens import MemoryTokens
from tests.bot.platforms.x.fake_x import NOW, URL, FakeX, lost, server_error

ACCOUNT = XAccount(user_id="100", handle="ExampleBrand", client_id="client", client_secret="secret")


def tokens(**changes: str) -> MemoryTokens:
    later = (NOW + timedelta(hours=2)).isoformat()
    return MemoryTokens(
        **{"access_token": "access-1", "refresh_token": "refresh-1", "expires_at": later, **changes}
    )


def adapter(fake: FakeX, store: MemoryTokens, account: XAccount = ACCOUNT) -> X:
    return X(account, store, lambda: fake.now, transport=fake.transport())


def test_r17_a_token_that_x_no_longer_takes_is_renewed_once_and_the_pair_is_stored() -> None:
    fake, store = FakeX(), tokens()
    fake.expire_token()
    assert adapter(fake, store).identify("Sam_Asks").id == "200"
    assert (store.tokens["access_token"], store.tokens["refresh_token"]) == ("access-2", "refresh-2")
    assert fake.renewals == store.renewals == 1


def test_r17_a_token_about_to_expire_is_renewed_before_the_call() -> None:
    fake, store = FakeX(), tokens(expires_at=(NOW + timedelta(seconds=60)).isoformat())
    adapter(fake, store).identify("Sam_Asks")
    paths = [request.url.path for request in fake.requests]
    assert paths == ["/2/oauth2/token", "/2/users/by/username/Sam_Asks"]
    assert store.tokens["expires_at"] == (NOW + timedelta(hours=2)).isoformat()


def test_r17_many_callers_at_once_renew_once() -> None:
    fake, store = FakeX(), tokens()
    fake.expire_token()
    x = adapter(fake, store)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: x.identify("Sam_Asks").id, range(8)))
    assert (set(found), fake.renewals) == ({"200"}, 1)


def test_r17_a_lost_renewal_is_tried_again_and_then_asks_for_a_person() -> None:
    fake, store = FakeX(), tokens()
    fake.expire_token()
    fake.faults.append(lost)
    x = adapter(fake, store)
    with pytest.raises(Retry):
        x.identify("Sam_Asks")
    assert store.tokens["refresh_token"] == "refresh-1"
    with pytest.raises(Reconnect, match="chorus connect x"):
        x.identify("Sam_Asks")


def test_a_renewal_that_x_cannot_do_now_is_a_retry() -> None:
    fake, store = FakeX(), tokens()
    fake.expire_token()
    fake.faults.append(server_error)
    with pytest.raises(Retry):
        adapter(fake, store).identify("Sam_Asks")


def test_without_tokens_the_message_says_what_to_do() -> None:
    with pytest.raises(Reconnect, match="chorus connect x"):
        adapter(FakeX(), MemoryTokens()).identify("Sam_Asks")


def test_the_client_proves_itself_when_it_has_a_secret() -> None:
    fake = FakeX()
    fake.expire_token()
    adapter(fake, tokens()).identify("Sam_Asks")
    (asked,) = [request for request in fake.requests if request.url.path == "/2/oauth2/token"]
    assert asked.headers["authorization"] == "Basic Y2xpZW50OnNlY3JldA=="
    assert parse_qs(asked.content.decode())["client_id"] == ["client"]


def test_oauth1_signs_every_request_and_is_never_renewed() -> None:
    fake = FakeX()
    account = XAccount(user_id="100", handle="ExampleBrand", consumer_key="key", consumer_secrets=("secret",))
    store = MemoryTokens(oauth_token="token", oauth_token_secret="token-secret")
    x = adapter(fake, store, account)
    employee = x.identify("JaneKnows")
    x.poll_answers([employee], None)
    for request in fake.requests:
        header = request.headers["authorization"]
        assert header.startswith("OAuth ")
        for part in (
            'oauth_consumer_key="key"',
            'oauth_token="token"',
            "oauth_signature=",
            'oauth_signature_method="HMAC-SHA1"',
        ):
            assert part in header
    assert store.renewals == 0


def test_oauth1_signatures_cover_the_query(monkeypatch: pytest.MonkeyPatch) -> None:
    """The base string and key of RFC 5849, computed here by hand."""
    import base64
    import hashlib
    import hmac
    from urllib.parse import quote

    from authlib.oauth1.rfc5849 import client_auth

    monkeypatch.setattr(client_auth, "generate_nonce", lambda: "nonce")
    monkeypatch.setattr(client_auth, "generate_timestamp", lambda: "1790000000")
    fake = FakeX()
    account = XAccount(user_id="100", handle="ExampleBrand", consumer_key="key", consumer_secrets=("secret",))
    x = adapter(fake, MemoryTokens(oauth_token="token", oauth_token_secret="ts"), account)
    x.fetch(["1", "2"])
    request = fake.requests[-1]
    oauth = {
        "oauth_consumer_key": "key", "oauth_nonce": "nonce", "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": "1790000000", "oauth_token": "token", "oauth_version": "1.0",
    }  # fmt: skip
    every = sorted(
        (quote(k, safe="~"), quote(v, safe="~")) for k, v in [*oauth.items(), *request.url.params.items()]
    )
    joined = "&".join(f"{name}={value}" for name, value in every)
    base = "&".join(["GET", quote(f"{URL}/2/tweets", safe="~"), quote(joined, safe="~")])
    expected = base64.b64encode(hmac.new(b"secret&ts", base.encode(), hashlib.sha1).digest()).decode()
    assert f'oauth_signature="{quote(expected, safe="~")}"' in request.headers["authorization"]


def test_the_code_flow_ends_with_tokens_and_an_account() -> None:
    fake = FakeX()
    caller = Caller(URL, "X", lambda: NOW, transport=fake.transport())
    started = begin(ACCOUNT, "https://chorus.example/back", SIGN_IN_SCOPES)
    query = parse_qs(urlsplit(started.url).query)
    assert query["scope"] == [SIGN_IN_SCOPES]
    assert query["state"] == [started.state]
    assert query["code_challenge_method"] == ["S256"]
    assert query["code_challenge"][0] not in ("", started.verifier)
    got = finish(
        caller,
        ACCOUNT,
        code="good-code",
        verifier=started.verifier,
        redirect_uri="https://chorus.example/back",
        now=NOW,
    )
    assert got["access_token"] == "access-2"
    assert got["expires_at"] == (NOW + timedelta(hours=2)).isoformat()
    assert whose(caller, got["access_token"]).id == "100"


def test_a_wrong_code_is_rejected_in_words() -> None:
    caller = Caller(URL, "X", lambda: NOW, transport=FakeX().transport())
    with pytest.raises(Rejected, match="bad code"):
        finish(caller, ACCOUNT, code="stale", verifier="v", redirect_uri="https://chorus.example", now=NOW)


def test_someone_elses_token_proves_nothing() -> None:
    caller = Caller(URL, "X", lambda: NOW, transport=httpx.MockTransport(lambda request: httpx.Response(401)))
    with pytest.raises(Reconnect):
        whose(caller, "stolen")
