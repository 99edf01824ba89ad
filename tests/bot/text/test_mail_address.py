"""Mail addresses: which mailbox one leads to, and whether that is at a domain of ours."""

import pytest

from bot.text.mail_address import NotAnAddress, mailbox_among

OURS = ("acme.example", "müller.example", "shop.acme.example")


@pytest.mark.parametrize(
    ("typed", "mailbox"),
    [
        ("Jane.Doe@ACME.example", "jane.doe@acme.example"),
        ("  jane+tag+two@acme.example ", "jane@acme.example"),
        ("jane@shop.acme.example", "jane@shop.acme.example"),
        ("jane@MÜLLER.example", "jane@müller.example"),
        ("jane@xn--mller-kva.example", "jane@müller.example"),
        ("jane@hr.acme.example", None),
        ("jane@evil-acme.example", None),
        ("jane@acme.example.evil.test", None),
        ("jane@example", None),
        ("jane%evil.test@acme.example", None),
        ("evil.test!jane@acme.example", None),
        ("+jane@acme.example", None),
    ],
)
def test_a_mailbox_is_one_however_it_is_written(typed: str, mailbox: str | None) -> None:
    assert mailbox_among(typed, OURS) == mailbox


@pytest.mark.parametrize("typed", ["", "jane", "@acme.example", "jane@", "a b@acme.example", "a@b@c@"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(NotAnAddress):
        mailbox_among(typed, OURS)
