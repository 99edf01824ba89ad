"""Standard Webhooks: what is signed passes, everything else is forged."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.wire.signing import Signer
from bot.posts import Forged

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OLD, NEW = b"the old secret", b"the new secret"
BODY = '{"text": "größer"}'.encode()


def test_s01_the_schemes_own_example_is_signed_as_its_specification_says() -> None:
    signer = Signer(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    at = datetime.fromtimestamp(1614265330, tz=UTC)
    headers = signer.sign(b'{"test": 2432232314}', "msg_p5jXN8AQM9LWM0D4loKWxJek", at)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signer.verify(b'{"test": 2432232314}', headers, at) == "msg_p5jXN8AQM9LWM0D4loKWxJek"


def test_s01_both_active_secrets_are_accepted_during_rotation() -> None:
    both = Signer([NEW, OLD])
    for secret in (OLD, NEW):
        assert both.verify(BODY, Signer([secret]).sign(BODY, "m1", NOW), NOW) == "m1"
        assert Signer([secret]).verify(BODY, both.sign(BODY, "m1", NOW), NOW) == "m1"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "m2"},
        {"webhook-timestamp": str(int(NOW.timestamp()) + 1)},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "9" * 40},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,ä"},
        {"webhook-signature": ""},
        {"webhook-id": ""},
    ],
)
def test_s01_a_changed_header_is_forged(change: dict[str, str]) -> None:
    headers = {**Signer([NEW]).sign(BODY, "m1", NOW), **change}
    with pytest.raises(Forged):
        Signer([NEW]).verify(BODY, headers, NOW)


def test_s01_another_secret_or_another_body_is_forged() -> None:
    headers = Signer([OLD]).sign(BODY, "m1", NOW)
    with pytest.raises(Forged):
        Signer([NEW]).verify(BODY, headers, NOW)
    with pytest.raises(Forged):
        Signer([OLD]).verify(BODY + b" ", headers, NOW)
    with pytest.raises(Forged):
        Signer([OLD]).verify(b"\xff", headers, NOW)


def test_s01_no_more_than_ten_signatures_are_compared() -> None:
    headers = Signer([NEW]).sign(BODY, "m1", NOW)
    fits = headers["webhook-signature"]
    few, many = (" ".join([*["v1,AAAA"] * number, fits]) for number in (9, 10))
    assert Signer([NEW]).verify(BODY, {**headers, "webhook-signature": few}, NOW) == "m1"
    with pytest.raises(Forged):
        Signer([NEW]).verify(BODY, {**headers, "webhook-signature": many}, NOW)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_s01_a_signature_of_another_time_is_forged(minutes: int) -> None:
    headers = Signer([NEW]).sign(BODY, "m1", NOW)
    with pytest.raises(Forged, match="five minutes"):
        Signer([NEW]).verify(BODY, headers, NOW + timedelta(minutes=minutes))


def test_s01_without_a_secret_nothing_starts() -> None:
    for secrets in ([], [""], [b""], ["no base64!"]):
        with pytest.raises(ValueError, match="secret"):
            Signer(secrets)


@given(st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text()))
def test_no_headers_whatever_pass_or_crash(headers: dict[str, str]) -> None:
    with pytest.raises(Forged):
        Signer([NEW]).verify(BODY, headers, NOW)


def test_a_text_secret_is_base64() -> None:
    secret = "whsec_" + base64.b64encode(NEW).decode()
    assert Signer([secret]).verify(BODY, Signer([NEW]).sign(BODY, "m1", NOW), NOW) == "m1"
