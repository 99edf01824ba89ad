"""People hear of what waits for them: over a real mail server and a real webhook, both on loopback."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from pathlib import Path

import pytest
import structlog.testing
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from app.wiring.channels import house_of, login_links_of
from app.wiring.settings import MailSettings, Settings
from bot.channels.alarms import Alarm, alarm_message
from bot.channels.chat import ChatChannel
from bot.channels.mail import MailChannel
from bot.channels.messages import (
    AnswerOutcome,
    Message,
    Offered,
    answers_message,
    offers_message,
    quoted,
    sign_in_message,
    time_left,
)
from bot.channels.messages import BrandProfile as Sender
from bot.posts import Ambiguous, Rejected, Retry
from bot.roles import Role
from bot.states import ConnectionState, DeliveryKind, DeliveryState
from bot.steps.notify import Notify
from bot.store import rows
from bot.store.claim import claim
from bot.store.engine import Database
from bot.store.house import connections
from bot.store.people import access
from bot.store.tables.conversations import DeliveryRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from bot.text.mail_address import Mailbox, parse_sender
from routing.model.domain import QuestionState
from tests.conftest import FakeClock
from tests.house import House
from tests.mail_server import ChatServer, MailServer

BASE = "https://answers.example.com"
SENDER = Sender("Acme", BASE)
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
HELLO = Message("Hello", "Hello there.\n")


@dataclass
class Office:
    """A house that tells its people."""

    house: House
    notify: Notify
    mails: MailServer
    chat: ChatServer

    def work(self, seconds: float = 0) -> None:
        """Time passes; the house works, and people are told."""
        self.house.clock.advance(seconds)
        self.house.work()
        for _ in range(5):
            if not self.tell():
                return

    def tell(self) -> int:
        """What the lane of the notices does in one turn."""
        return self.notify.look() + self.notify.run()

    def notices(self) -> list[DeliveryRow]:
        return [row for row in self.house.deliveries() if row.kind == DeliveryKind.NOTICE]

    def states(self) -> list[str]:
        return [row.state for row in self.notices()]

    def sees_a_page(self, employee: EmployeeRow) -> None:
        with self.house.database.write() as session:
            access.start_session(session, employee, self.house.clock())


def mail_to(server: MailServer, **values: object) -> MailChannel:
    return MailChannel(
        "localhost",
        server.port,
        parse_sender("Chorus <chorus@example.com>"),
        **{"starttls": False, **values},  # type: ignore[arg-type]
    )


def open_office(database: Database, clock: FakeClock, mails: MailServer, chat: ChatServer) -> Office:
    house = House(
        database,
        clock,
        brand_name="Acme",
        base_url=BASE,
        mail=mails.settings,
        notify_webhook=chat.url,
    )
    assert house.steps.notify is not None
    return Office(house, house.steps.notify, mails, chat)


@pytest.fixture
def office(
    sqlite_database: Database, clock: FakeClock, mails: MailServer, chat: ChatServer
) -> Iterator[Office]:
    office = open_office(sqlite_database, clock, mails, chat)
    yield office
    office.house.close()


@pytest.fixture
def jane(office: Office) -> EmployeeRow:
    topic = office.house.topic("tv", "TV", "tv", "picture")
    return office.house.employee("Jane Doe", topic, level=3, timezone="Europe/Berlin")


def ask(office: Office, customer: str = "sam", text: str = "@brand no picture on my TV") -> None:
    office.house.post(customer, text)
    office.work()


# What is said


def offered(text: str = "No picture", minutes: float = 5) -> Offered:
    return Offered(
        7, text, "mastodon", ("knows TV (level 3)", "answers often"), NOON + timedelta(minutes=minutes)
    )


def test_a_mail_says_the_question_why_you_the_time_left_and_where() -> None:
    message = offers_message(SENDER, "Jane Doe", "Europe/Berlin", [offered()], NOON)
    assert message.subject == "A customer of Acme has a question for you"
    assert "> No picture" in message.text
    assert "Why you: knows TV (level 3); answers often" in message.text
    assert "Time left: 5 minutes, until 13:05 (Europe/Berlin)" in message.text
    assert f"{BASE}/desk/questions/7" in message.text
    assert f"{BASE}/desk\n" in message.text


def test_a_mail_is_in_the_language_of_its_reader() -> None:
    message = offers_message(SENDER, "Jane Doe", "Europe/Berlin", [offered()], NOON, "de")
    assert message.subject == "Jemand hat eine Frage an Acme für Sie"
    assert message.text.startswith("Hallo Jane Doe,\n\nAuf ")
    assert "> No picture" in message.text
    assert "Warum Sie: Sie kennen sich mit TV aus (Stufe 3); answers often" in message.text
    assert "Zeit: 5 Minuten, bis 13:05 (Europe/Berlin)" in message.text
    private = offers_message(SENDER, "Jane", "UTC", [offered("mail me at sam@example.org")], NOON, "ar")
    assert "فيه بيانات شخصية" in private.text
    outcomes = [AnswerOutcome(7, waits=True, why="A private message: please answer it by hand.")]
    told = answers_message(SENDER, "Jane", outcomes, "de")
    assert told.subject == "Acme: Ihre Antwort wurde nicht veröffentlicht"
    assert "Frage 7 wird zurückgehalten. Eine private Nachricht: Bitte antworten Sie von Hand." in told.text
    alarm = alarm_message(SENDER, {Alarm.ANSWERS: ["1", "2"]}, "fr")
    assert alarm.subject == "Acme: 2 réponses attendent votre décision"
    assert f"retenues.\n{BASE}/admin/answers" in alarm.text
    link = sign_in_message(SENDER, f"{BASE}/sign-in/abc", timedelta(minutes=30), "ja")
    assert "30分間、一度だけ使えます" in link.text
    assert f"\n\n{BASE}/sign-in/abc\n\n" in link.text


def test_notices_are_in_the_language_that_their_reader_chose(office: Office, jane: EmployeeRow) -> None:
    with office.house.database.write() as session:
        rows.one(session, EmployeeRow, jane.id).language = "de"
    ask(office)
    office.work(61)
    assert mail_subject(office) == "Jemand hat eine Frage an Acme für Sie"
    assert "Zeit: " in office.mails.texts()[0]


def mail_subject(office: Office) -> str:
    return str(make_header(decode_header(office.mails.mails[0]["Subject"])))


def test_the_names_of_people_and_brand_are_not_translated() -> None:
    message = offers_message(Sender("Feed", BASE), "Topics", "UTC", [offered("Topics")], NOON, "de")
    assert "an Feed für Sie" in message.subject
    assert "Hallo Topics," in message.text
    assert "> Topics" in message.text


def test_a_question_with_personal_data_is_not_repeated() -> None:
    message = offers_message(SENDER, "Jane", "UTC", [offered("mail me at sam@example.org")], NOON)
    assert "sam@example.org" not in message.text
    assert "read it at the desk" in message.text


@given(st.text(max_size=900))
def test_whatever_a_customer_writes_stays_a_quotation(text: str) -> None:
    said = quoted(text)
    assert all(line.startswith((">", "(")) for line in said.splitlines())
    assert len(said) < 1400


@given(st.text(max_size=80), st.lists(st.builds(offered, st.text(max_size=80)), min_size=1, max_size=3))
def test_a_subject_is_one_line(name: str, offers: list[Offered]) -> None:
    message = offers_message(Sender(f"Ac\r\nme{name}", BASE), name, "UTC", offers, NOON)
    assert not {"\r", "\n"} & set(message.subject)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (-3, "less than a minute"),
        (0.5, "less than a minute"),
        (1, "1 minute,"),
        (90, "90 minutes"),
        (480, "8 hours"),
    ],
)
def test_time_left_is_told_in_plain_words(minutes: float, said: str) -> None:
    assert time_left(NOON + timedelta(minutes=minutes), NOON, "UTC").startswith(said)


def test_several_kinds_for_people_in_charge_make_one_message() -> None:
    one = alarm_message(SENDER, {Alarm.ANSWERS: ["1"]})
    both = alarm_message(SENDER, {Alarm.ANSWERS: ["1", "2"], Alarm.CONNECTIONS: ["x"], Alarm.QUESTIONS: []})
    assert one.subject == "Acme: An answer waits for your decision"
    assert both.subject == "Acme: Several things wait for you"
    assert "2 answers wait" in both.text
    assert "Connect x" in both.text


def test_people_in_charge_hear_of_posts_that_were_set_aside() -> None:
    one, two = (alarm_message(SENDER, {Alarm.POSTS: ids}) for ids in (["1"], ["1", "2"]))
    assert one.subject == "Acme: A post could not be read or handled and may hold a question"
    assert "2 posts could not be read or handled" in two.text
    assert "/admin/posts" in two.text


# How it is carried


def test_a_mail_arrives_with_its_words_whatever_the_script(mails: MailServer) -> None:
    mail_to(mails).send("j@example.com", Message("Grüße", "..\nこんにちは\n"), key="k", timeout=5)
    [mail] = mails.mails
    assert (mail["Subject"], mail["Message-ID"]) == ("Grüße", "<k@example.com>")
    assert mails.texts() == ["..\nこんにちは\n"]


@pytest.mark.parametrize(
    ("command", "reply", "error"),
    [
        ("RCPT", "550 no such person", Rejected),
        ("RCPT", "450 later", Retry),
        ("MAIL", "451 busy", Retry),
        ("END", "554 spam", Rejected),
        ("END", "452 full", Retry),
        ("DATA", "421 going down", Retry),
        ("EHLO", "421 busy", Retry),
    ],
)
def test_what_the_mail_server_says_decides(
    mails: MailServer, command: str, reply: str, error: type[Exception]
) -> None:
    mails.refuses = {command: reply, **({"HELO": reply} if command == "EHLO" else {})}
    with pytest.raises(error):
        mail_to(mails).send("j@example.com", HELLO, key="k", timeout=5)


def test_a_server_that_hangs_up_after_the_mail_leaves_it_unknown(mails: MailServer) -> None:
    mails.vanishes = True
    with pytest.raises(Ambiguous):
        mail_to(mails).send("j@example.com", HELLO, key="k", timeout=5)


def test_a_server_that_is_not_there_or_cannot_encrypt_gets_nothing(mails: MailServer) -> None:
    with pytest.raises(Retry):
        MailChannel("127.0.0.1", 1, Mailbox("", "c@example.com")).send(
            "j@example.com", HELLO, key="k", timeout=5
        )
    with pytest.raises(Retry):
        mail_to(mails, starttls=True).send("j@example.com", HELLO, key="k", timeout=5)
    assert not mails.mails


@pytest.mark.parametrize("address", ["nobody", "jané@example.com", "a\nBcc: b@example.com"])
def test_an_address_that_is_none_is_refused_for_good(mails: MailServer, address: str) -> None:
    mails.refuses = {"RCPT": "501 no address"} if address == "nobody" else {}
    with pytest.raises(Rejected):
        mail_to(mails).send(address, HELLO, key="k", timeout=5)
    assert not mails.mails


def test_the_connection_is_encrypted_and_checked(tmp_path: Path) -> None:
    server_side, client_side = certificates(tmp_path)
    with MailServer(tls=server_side) as server:
        mail_to(server, starttls=True, tls=client_side).send("j@example.com", HELLO, key="k", timeout=5)
        assert server.encrypted
        with pytest.raises(Retry, match="SSLCertVerificationError"):
            mail_to(server, starttls=True).send("j@example.com", HELLO, key="k", timeout=5)
        assert len(server.mails) == 1


def certificates(directory: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's certificate for localhost, and a client that trusts it alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = directory / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    client = ssl.create_default_context(cadata=made.public_bytes(serialization.Encoding.PEM).decode())
    return server, client


@pytest.mark.parametrize(
    ("status", "error"), [(404, Rejected), (401, Rejected), (429, Retry), (503, Ambiguous)]
)
def test_what_the_webhook_answers_decides(
    chat: ChatServer, clock: FakeClock, status: int, error: type[Exception]
) -> None:
    chat.status = status
    hook = ChatChannel(chat.url, clock)
    with pytest.raises(error) as raised:
        hook.send("", HELLO, key="k", timeout=5)
    hook.close()
    assert "secret" not in str(raised.value)


def test_a_message_cannot_call_a_whole_channel(chat: ChatServer, clock: FakeClock) -> None:
    hook = ChatChannel(chat.url, clock)
    hook.send("", Message("Hi", "<!channel> & all\n"), key="k", timeout=5)
    hook.close()
    assert chat.texts() == ["Hi\n\n&lt;!channel&gt; &amp; all"]


# Employees


def test_who_is_offered_a_question_gets_one_mail(
    database: Database, clock: FakeClock, mails: MailServer
) -> None:
    with ChatServer() as chat:
        office = open_office(database, clock, mails, chat)
        topic = office.house.topic("tv", "TV", "tv", "picture")
        office.house.employee("Jane Doe", topic)
        ask(office)
        [notice] = office.notices()
        assert (notice.platform, notice.key) == ("mail", "notice:mail:offer:1")
        assert not mails.mails
        for _ in range(3):
            office.work(61)
        assert [mail["To"] for mail in mails.mails] == ["jane@example.com"]
        assert "> @brand no picture on my TV" in mails.texts()[0]
        assert office.states() == [DeliveryState.SENT]
        office.house.close()


def test_several_offers_within_a_minute_become_one_mail(office: Office, jane: EmployeeRow) -> None:
    ask(office, "sam")
    office.work(30)
    ask(office, "kim", "@brand the picture of my TV is green")
    office.work(31)
    [mail] = office.mails.mails
    assert mail["Subject"] == "2 customers of Acme have questions for you"
    assert office.states() == [DeliveryState.SENT] * 2


def test_nobody_at_an_open_desk_is_mailed_until_it_is_closed(office: Office, jane: EmployeeRow) -> None:
    office.sees_a_page(jane)
    ask(office)
    office.work(61)
    office.work(120)
    assert not office.mails.mails
    office.work(120)
    assert len(office.mails.mails) == 1


def test_an_offer_that_is_over_is_not_told(office: Office, jane: EmployeeRow) -> None:
    ask(office)
    office.house.post("jane", "@sam Try the other cable. #chorus")
    office.work(61)
    assert not office.mails.mails
    assert office.states() == [DeliveryState.WITHDRAWN]


def test_a_notice_is_queued_with_its_offer_or_not_at_all(office: Office, jane: EmployeeRow) -> None:
    def fails(*_args: object) -> None:
        raise RuntimeError("the process dies here")

    office.house.checkpoint = lambda name: fails() if name == "after_route" else None
    office.house.post("sam", "@brand no picture on my TV")
    with pytest.raises(RuntimeError):
        office.house.work()
    assert not office.notices()
    assert not office.house.offers()


def test_a_mail_that_may_have_gone_out_is_sent_again_once(office: Office, jane: EmployeeRow) -> None:
    office.mails.vanishes = True
    ask(office)
    for _ in range(4):
        office.work(61)
    assert len(office.mails.mails) == 2
    assert len({mail["Message-ID"] for mail in office.mails.mails}) == 1
    assert office.states() == [DeliveryState.WITHDRAWN]


def test_a_sender_that_dies_midway_is_followed_by_one_more_mail(office: Office, jane: EmployeeRow) -> None:
    ask(office)
    office.house.clock.advance(61)
    with office.house.database.write() as session:
        now, lease = office.house.clock(), timedelta(seconds=60)
        [row] = claim(
            session, DeliveryRow, ["ready"], now=now, lease=lease, owner="dead", limit=1, attempts=1
        )
    assert row.attempts == 1
    office.work(30)
    assert not office.mails.mails
    office.work(31)
    assert len(office.mails.mails) == 1


def test_a_busy_mail_server_is_asked_again_while_the_offer_is_open(office: Office, jane: EmployeeRow) -> None:
    office.mails.refuses = {"RCPT": "450 later"}
    ask(office)
    office.work(61)
    office.work(40)
    assert [row.attempts for row in office.notices()] == [0]
    office.mails.refuses = {}
    office.work(100)
    assert len(office.mails.mails) == 1


# People in charge


def boss(office: Office) -> EmployeeRow:
    return office.house.employee("Max Boss", role=Role.ADMIN, open_cap=0, daily_cap=0)


def escalate(office: Office, number: int = 1) -> None:
    with office.house.database.write() as session:
        for _ in range(number):
            session.add(
                QuestionRow(
                    platform="local", state=QuestionState.ESCALATED, text="?", asked_at=office.house.clock()
                )
            )


def test_people_in_charge_hear_of_what_waits_once(office: Office) -> None:
    boss(office)
    escalate(office, 2)
    office.work()
    for _ in range(30):
        office.work(60)
    assert [mail["Subject"] for mail in office.mails.mails] == ["Acme: 2 questions need you"]
    assert len(office.chat.bodies) == 1
    assert f"{BASE}/admin" in office.chat.texts()[0]


def test_people_in_charge_hear_of_a_kind_at_most_every_ten_minutes(office: Office) -> None:
    escalate(office)
    office.work()
    escalate(office)
    for _ in range(9):
        office.work(60)
    assert len(office.chat.bodies) == 1
    office.work(61)
    assert len(office.chat.bodies) == 2


def test_a_stuck_delivery_and_a_lost_connection_are_told(office: Office) -> None:
    now = office.house.clock()
    with office.house.database.write() as session:
        connections.mark(session, "local", ConnectionState.RECONNECT, "The token was revoked.", now)
        for state, code in (("rejected", None), ("unknown", "person"), ("unknown", None)):
            session.add(
                DeliveryRow(kind="publication", platform="x", key=f"{state}{code}", state=state, code=code,
                            created_at=now, deadline_at=now)
            )  # fmt: skip
    office.tell()
    [text] = office.chat.texts()
    assert "2 messages are stuck" in text
    assert "Connect local" in text


def test_what_is_settled_before_it_is_told_is_not_told(office: Office) -> None:
    office.chat.status = 429
    escalate(office)
    office.work()
    with office.house.database.write() as session:
        [row] = [session.merge(one) for one in office.house.questions()]
        row.state = QuestionState.DISMISSED
    office.chat.status = 200
    office.work(400)
    assert len(office.chat.bodies) == 1
    assert office.states() == [DeliveryState.WITHDRAWN]


def test_a_notice_of_a_restored_backup_is_put_away(office: Office, jane: EmployeeRow) -> None:
    ask(office)
    with office.house.database.write() as session:
        [row] = [session.merge(one) for one in office.notices()]
        row.state, row.due_at = DeliveryState.UNKNOWN, office.house.clock()
    office.notify.run()
    assert office.states() == [DeliveryState.WITHDRAWN]


# Signing in


def test_a_sign_in_link_is_mailed_and_never_logged(mails: MailServer) -> None:
    settings = Settings(mail=MailSettings(host="127.0.0.1", port=mails.port, starttls=False))
    send = login_links_of(settings, lambda: house_of(settings))
    assert send is not None
    mails.refuses = {"RCPT": "550 unknown"}
    with structlog.testing.capture_logs() as logs:
        send("jane@example.com", f"{BASE}/sign-in/abc", None)
        mails.refuses = {}
        send("jane@example.com", f"{BASE}/sign-in/abc", None)
    assert f"{BASE}/sign-in/abc" in mails.texts()[0]
    assert logs
    assert "abc" not in str(logs)


def test_without_a_mail_server_no_link_is_mailed() -> None:
    assert login_links_of(Settings(), lambda: house_of(Settings())) is None
