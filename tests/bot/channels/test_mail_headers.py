"""What arrives of a mail's head: sender and subject as they were meant, read from a real connection."""

from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest

from bot.channels.mail import MailChannel
from bot.channels.messages import Message
from bot.text.mail_address import NotAnAddress, parse_address, parse_sender
from tests.mail_server import MailServer

SEOUL = "가장 높은 산 전자 고객 지원 센터 서울 본사"


def sent(subject: str = "Hello", sender: str = "chorus@example.com") -> MailServer:
    with MailServer() as server:
        mail = MailChannel("127.0.0.1", server.port, parse_sender(sender), starttls=False)
        mail.send("jane@example.com", Message(subject, "Text"), key="k", timeout=5)
    return server


@pytest.mark.parametrize(
    "subject",
    [
        f"Your link to sign in at {SEOUL}",
        "Größere Bäder Türen Öfen und Übergrößen, jetzt auch für Möbelhäuser in Österreich",
        "👩‍💻 answers 🧑🏽‍🚒 " * 8 + "end",
        "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" * 3,
        "A question for you from somebody who writes plain words that go on and on beyond a line",
        "=?utf-8?b?aGk=?= is no trick",
    ],
)
def test_a_subject_arrives_as_it_was_meant(subject: str) -> None:
    server = sent(subject=subject)
    [mail] = server.mails
    assert mail["Subject"] == subject
    raw = server.raw[0]
    head = raw.partition(b"\r\n\r\n")[0]
    [written] = [line for line in head.replace(b"\r\n ", b" ").split(b"\r\n") if line.startswith(b"Subject")]
    assert str(make_header(decode_header(written.decode().removeprefix("Subject: ")))) == subject
    assert max(len(line) for line in head.split(b"\r\n")) <= 78


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("Otter & Ohm, Support <support@example.com>", "Otter & Ohm, Support"),
        ("Otter: Help <support@example.com>", "Otter: Help"),
        ('"Otter, \\"Ohm\\"" <support@example.com>', 'Otter, "Ohm"'),
        ("Müller <support@example.com>", "Müller"),
        (f"{SEOUL} <support@example.com>", SEOUL),
        ("support@example.com", ""),
    ],
)
def test_a_senders_name_is_quoted_and_the_envelope_has_the_address_alone(sender: str, name: str) -> None:
    server = sent(sender=sender)
    assert server.envelopes == ["support@example.com"]
    head = server.raw[0].partition(b"\r\n\r\n")[0].decode().replace("\r\n ", " ")
    [written] = [line for line in head.split("\r\n") if line.startswith("From: ")]
    [(read, address)] = getaddresses([written.removeprefix("From: ")])
    assert (str(make_header(decode_header(read))), address) == (name, "support@example.com")


@pytest.mark.parametrize(
    "text",
    ["support", "a@b@c.example", "Support <support>", "a b@example.com", "a@example..com", ".a@example.com",
     "a@example.com, b@example.com", "<a@example.com", "jané@example.com", "Two\nlines <a@example.com>", ""],
)  # fmt: skip
def test_what_is_no_sender_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NotAnAddress, match=r"write it like \S+@example\.com"):
        parse_sender(text)


def test_an_address_keeps_its_letters_and_its_domain_is_lower_case() -> None:
    assert parse_address(" Jane.Doe+tv@Example.COM ") == "Jane.Doe+tv@example.com"
