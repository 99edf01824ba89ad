"""Outgoing hooks: what happens is told to whoever listens, at least once, under one id, and never in vain."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select
from standardwebhooks import Webhook

from app.wiring.keys import sealer_of
from bot.actions.hooks import manage
from bot.actions.hooks.manage import EndpointDetails
from bot.actions.hooks.outcome import WAITS
from bot.platforms.wire.signing import Signer
from bot.states import LISTENED, HookEndpointState, HookEvent, HookMessageState
from bot.store.engine import Database
from bot.store.hooks import outbox
from bot.store.tables.hooks import HookAttemptRow, HookEndpointRow, HookEventRow, HookMessageRow
from tests.conftest import FakeClock
from tests.hook_receiver import HookReceiver
from tests.house import House

SECRET = "whsec_c2l4dGVlbiBieXRlcyE="
ASKED = "@brand no picture since the update"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC))  # the package's own verifier goes by the real time


@pytest.fixture
def receiver():  # type: ignore[no-untyped-def]
    with HookReceiver() as receiver:
        yield receiver


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    house = House(database, clock, hooks={"private_hosts": ["127.0.0.1"]})
    topic = house.topic("tv", "TV", "picture")
    house.employee("Jane Doe", topic)
    return house


def listens(house: House, url: str, *events: str, **beside: Any) -> tuple[int, str]:
    """Somebody in charge adds an endpoint: its number and its secret."""
    details = EndpointDetails("Team", url, beside.pop("template", "standard"), events or LISTENED, **beside)
    with house.database.write() as session:
        sealer = sealer_of(house.chorus.settings)
        row, secret = manage.add(session, details, sealer, ["127.0.0.1"], house.clock())
        return row.id, secret


def endpoint(house: House, number: int = 1) -> HookEndpointRow:
    return next(one for one in house.rows(HookEndpointRow) if one.id == number)


def sends(house: House) -> None:
    """The lane runs until it has nothing to do."""
    for _ in range(20):
        if not house.steps.hooks.run():
            return


def answered(house: House) -> None:
    """A customer asks, Jane answers, and it goes out."""
    asked = house.post("sam", ASKED)
    house.work()
    house.post("jane", "@sam Try the other cable. #chorus", asked)
    house.work()


def test_a_question_is_told_on_its_whole_way_signed_so_that_the_packages_own_verifier_takes_it(
    house: House, receiver: HookReceiver
) -> None:
    _, secret = listens(house, receiver.url)
    answered(house)
    sends(house)
    assert receiver.kinds == [
        "question.opened",
        "question.offered",
        "question.answered",
        "entry.published",
    ]
    for one in receiver.received:
        told = Webhook(secret).verify(one.body, one.headers)
        assert set(told) == {"type", "timestamp", "data"}
        assert datetime.fromisoformat(told["timestamp"]) == house.clock().replace(
            microsecond=house.clock().microsecond // 1000 * 1000
        )
    assert len(set(receiver.ids)) == 4
    opened, offered, _, published = (one.json["data"] for one in receiver.received)
    assert opened["question"] == "1"
    assert opened["in_charge_url"].endswith("/admin/questions/1")
    assert offered["people"] == 1
    assert published["answer"] == "Try the other cable."
    assert published["url"].endswith("/q/1")
    assert [one.state for one in house.rows(HookMessageRow)] == [HookMessageState.SENT] * 4
    assert [one.status for one in house.rows(HookAttemptRow)] == [204] * 4


def test_where_nobody_listens_nothing_is_written(house: House, receiver: HookReceiver) -> None:
    answered(house)
    assert house.rows(HookEventRow) == []
    listens(house, receiver.url, "answer.held")
    answered(house)
    assert house.rows(HookEventRow) == []


def test_an_event_comes_with_its_deed_or_not_at_all(house: House, receiver: HookReceiver) -> None:
    listens(house, receiver.url)

    class Undone(Exception):
        pass

    with suppress(Undone), house.database.write() as session:
        outbox.tell(session, HookEvent.QUESTION_OPENED, 7)
        raise Undone
    with house.database.write() as session:
        outbox.tell(session, HookEvent.QUESTION_SETTLED, 7)
        with suppress(Undone), session.begin_nested():
            outbox.tell(session, HookEvent.QUESTION_ESCALATED, 7)
            raise Undone
        outbox.tell(session, HookEvent.QUESTION_SETTLED, 7)
    assert [(one.kind, one.subject) for one in house.rows(HookEventRow)] == [("question.settled", 7)]


def test_no_word_of_a_customer_or_of_what_is_held_goes_out(house: House, receiver: HookReceiver) -> None:
    listens(house, receiver.url)
    answered(house)
    again = house.post("kim", "@brand my secret number is hidden in this question about the picture")
    house.work()
    house.post("jane", "@kim Fine. http://strange.example/held-words #chorus", again)
    house.work()
    sends(house)
    assert "answer.held" in receiver.kinds
    told = b"".join(one.body for one in receiver.received)
    for words in (b"no picture", b"secret number", b"held-words", b"sam", b"kim"):
        assert words not in told.replace(b"same", b""), words


def test_what_is_hidden_before_it_is_told_is_told_without_its_words(
    house: House, receiver: HookReceiver
) -> None:
    from bot.actions.archive import curate

    listens(house, receiver.url, "entry.published")
    answered(house)
    with house.database.write() as session:
        from bot.store.tables.conversations import EntryRow

        curate.hide(session, session.get_one(EntryRow, 1), "mei", house.clock())
    sends(house)
    assert [one.json["data"] for one in receiver.received] == [{"entry": "1"}]


def test_what_is_not_taken_is_tried_for_a_day_under_the_same_id_then_given_up(
    house: House, receiver: HookReceiver
) -> None:
    receiver.status = 500
    listens(house, receiver.url, "question.opened")
    house.post("sam", ASKED)
    house.work()
    start = house.clock()
    while house.rows(HookMessageRow)[:1] != [] or not receiver.received:
        sends(house)
        (message,) = house.rows(HookMessageRow)
        if message.state == HookMessageState.DEAD:
            break
        house.clock.at = max(message.due_at, endpoint(house).rests_until)
    assert len(set(receiver.ids)) == 1
    assert len(receiver.ids) == len(WAITS) + 1
    assert timedelta(hours=20) < house.clock() - start < timedelta(hours=30)
    gaps = [b.at - a.at for a, b in zip(*[house.rows(HookAttemptRow)[n:] for n in (0, 1)], strict=False)]
    assert gaps == sorted(gaps)
    assert endpoint(house).state == HookEndpointState.ON

    receiver.status = 200
    with house.database.write() as session:
        row = session.get_one(HookEndpointRow, 1)
        assert manage.send_again(session, row, house.clock()) == 1
    sends(house)
    assert len(set(receiver.ids)) == 1
    assert [one.state for one in house.rows(HookMessageRow)] == [HookMessageState.SENT]
    assert endpoint(house).failing_since is None


def test_an_endpoint_that_takes_nothing_is_asked_rarely_and_keeps_nobody_waiting(
    house: House, receiver: HookReceiver
) -> None:
    with HookReceiver(status=503) as broken:
        listens(house, broken.url, "question.opened")
        listens(house, receiver.url, "question.opened")
        for number in range(30):
            house.post(f"c{number}", f"@brand no picture on channel {number}")
        house.work()
        sends(house)
        assert len(receiver.received) == 30
        assert len(broken.received) == 1
        attempts = [one.attempts for one in house.rows(HookMessageRow) if one.endpoint_id == 1]
        assert sorted(attempts)[-2:] == [0, 1], "only what was tried counts as tried"
        house.clock.advance(3600)
        broken.status = 200
        sends(house)
        assert len(broken.received) == 31


def test_it_waits_as_long_as_the_endpoint_asks(house: House, receiver: HookReceiver) -> None:
    receiver.status, receiver.headers = 429, {"retry-after": "1200"}
    listens(house, receiver.url, "question.opened")
    house.post("sam", ASKED)
    house.work()
    sends(house)
    house.clock.advance(1100)
    sends(house)
    assert len(receiver.received) == 1
    receiver.status = 200
    house.clock.advance(200)
    sends(house)
    assert len(receiver.received) == 2


def test_410_switches_an_endpoint_off_until_a_person_switches_it_on(
    house: House, receiver: HookReceiver
) -> None:
    receiver.status = 410
    number, _ = listens(house, receiver.url, "question.opened")
    house.post("sam", ASKED)
    house.work()
    sends(house)
    assert endpoint(house).state == HookEndpointState.OFF
    house.clock.advance(7200)
    house.post("kim", ASKED)
    house.work()
    sends(house)
    assert len(receiver.received) == 1
    assert len(house.rows(HookEventRow)) == 1, "nothing is kept for it while it is off"
    receiver.status = 200
    with house.database.write() as session:
        manage.switch(session, session.get_one(HookEndpointRow, number), on=True)
    sends(house)
    assert len(receiver.received) == 2


def test_redirects_are_not_followed(house: House, receiver: HookReceiver) -> None:
    with HookReceiver() as elsewhere:
        receiver.status, receiver.headers = 302, {"location": elsewhere.url}
        listens(house, receiver.url, "question.opened")
        house.post("sam", ASKED)
        house.work()
        sends(house)
        assert elsewhere.received == []
        assert "redirects" in (house.rows(HookAttemptRow)[0].problem or "")


def test_a_name_that_leads_into_the_private_network_is_not_called(
    database: Database, clock: FakeClock, receiver: HookReceiver
) -> None:
    house = House(database, clock)
    with house.database.write() as session:
        session.add(
            HookEndpointRow(
                name="Inside",
                url=receiver.url.replace("127.0.0.1", "localhost"),
                events=["question.opened"],
                sealed=sealer_of(house.chorus.settings).seal({"secret": SECRET}),
                created_at=clock(),
            )
        )
    house.post("sam", ASKED)
    house.work()
    sends(house)
    assert receiver.received == []
    assert "public internet" in (house.rows(HookAttemptRow)[0].problem or "")


def test_both_secrets_sign_for_a_day_after_a_change(house: House, receiver: HookReceiver) -> None:
    number, former = listens(house, receiver.url, "question.opened")
    with house.database.write() as session:
        row = session.get_one(HookEndpointRow, number)
        fresh = manage.rotate(session, row, sealer_of(house.chorus.settings), house.clock())
    house.post("sam", ASKED)
    house.work()
    sends(house)
    for secret in (former, fresh):
        Webhook(secret).verify(receiver.received[0].body, receiver.received[0].headers)
    house.clock.advance(timedelta(days=1, seconds=1))
    house.post("kim", ASKED)
    house.work()
    sends(house)
    last = receiver.received[-1]
    assert len(last.headers["webhook-signature"].split()) == 1
    Signer([fresh]).verify(last.body, last.headers, house.clock())


def test_the_settings_name_an_endpoint_that_is_told_of_everything(
    database: Database, clock: FakeClock, receiver: HookReceiver
) -> None:
    settings = {"url": receiver.url, "secret": [SECRET]}
    house = House(database, clock, hooks=settings)
    house.post("sam", ASKED)  # before the worker has looked who listens
    house.work()
    sends(house)
    assert receiver.kinds[0] == "question.opened"
    Webhook(SECRET).verify(receiver.received[0].body, receiver.received[0].headers)
    house.close()

    without = House(database, clock)
    without.steps.hooks.run()
    assert endpoint(without).state == HookEndpointState.OFF
    without.close()
    again = House(database, clock, hooks={**settings, "url": receiver.url + "/new"})
    again.steps.hooks.run()
    assert (endpoint(again).state, endpoint(again).url) == (HookEndpointState.ON, receiver.url + "/new")


class Died(BaseException):
    """The process is gone, in the middle of it."""


@pytest.mark.parametrize("point", ["after_spread", "after_hook"])
def test_whatever_dies_on_the_way_it_is_told_again_under_the_same_id(
    house: House, receiver: HookReceiver, point: str
) -> None:
    _, secret = listens(house, receiver.url, "question.opened")
    house.post("sam", ASKED)
    house.work()
    dead: list[str] = []

    def die(name: str) -> None:
        if name == point and not dead:
            dead.append(name)
            raise Died

    house.checkpoint = die
    with pytest.raises(Died):
        house.steps.hooks.run()
    assert len(house.rows(HookEventRow)) == 1
    sends(house)
    house.clock.advance(100)  # whoever died has a lease
    sends(house)
    assert len(set(receiver.ids)) == 1
    assert len(receiver.ids) == (2 if point == "after_hook" else 1)
    assert [one.state for one in house.rows(HookMessageRow)] == [HookMessageState.SENT]
    Webhook(secret).verify(receiver.received[0].body, receiver.received[0].headers)


def test_all_since_a_moment_is_told_again(house: House, receiver: HookReceiver) -> None:
    number, _ = listens(house, receiver.url, "question.opened")
    for who in ("sam", "kim", "lee"):
        house.post(who, ASKED)
        house.work()
        house.clock.advance(60)
    sends(house)
    with house.database.write() as session:
        row = session.get_one(HookEndpointRow, number)
        since = house.clock() - timedelta(seconds=130)
        assert manage.send_again(session, row, house.clock(), since=since) == 2
    sends(house)
    assert receiver.ids[3:] == receiver.ids[1:3]


def test_what_was_sent_is_forgotten_after_two_weeks_and_what_was_given_up_later(
    house: House, receiver: HookReceiver
) -> None:
    listens(house, receiver.url, "question.opened")
    house.post("sam", ASKED)
    house.work()
    sends(house)
    house.steps.hooks.forget()
    assert len(house.rows(HookMessageRow)) == 1
    house.clock.advance(timedelta(days=15))
    house.steps.hooks.forget()
    found = (house.rows(HookAttemptRow), house.rows(HookMessageRow), house.rows(HookEventRow))
    assert found == ([], [], [])


def test_what_a_person_wrote_for_an_issue_goes_and_that_there_is_one_stays(house: House) -> None:
    now = house.clock()
    words = {"written_text": "x"}
    with house.database.write() as session:
        session.add(HookEndpointRow(name="T", url="https://t.example/", template="github", created_at=now))
        session.add(
            HookEventRow(key="msg_1", kind="matter.issue", subject=7, detail=words, at=now, spread=True)
        )
        session.flush()
        sent = {"state": HookMessageState.SENT, "url": "https://t.example/1"}
        session.add(HookMessageRow(endpoint_id=1, event_id=1, give_up_at=now, **sent))
    house.steps.hooks.forget()
    assert house.rows(HookEventRow)[0].detail == words
    house.clock.advance(timedelta(days=100))
    house.steps.hooks.forget()
    assert house.rows(HookEventRow)[0].detail == {}
    assert [one.url for one in house.rows(HookMessageRow)] == ["https://t.example/1"]


def test_what_waits_for_an_endpoint_that_is_gone_is_given_up(house: House, receiver: HookReceiver) -> None:
    receiver.status = 500
    listens(house, receiver.url, "question.opened")
    for who in ("sam", "kim"):
        house.post(who, ASKED)
        house.work()
    sends(house)
    house.clock.advance(timedelta(days=1, minutes=1))
    house.steps.hooks.forget()
    assert [one.state for one in house.rows(HookMessageRow)] == [HookMessageState.DEAD] * 2


def test_an_answer_costs_no_statement_more_where_nobody_listens(house: House) -> None:
    from sqlalchemy import event

    house.steps.hooks.look()
    asked: list[str] = []

    def note(*arguments: Any) -> None:
        asked.append(arguments[2])

    event.listen(house.database.engine, "before_cursor_execute", note)
    try:
        answered(house)
    finally:
        event.remove(house.database.engine, "before_cursor_execute", note)
    assert asked
    assert [one for one in asked if "hook_" in one] == []


def test_an_endpoint_hears_nothing_of_before_it_was_added(house: House, receiver: HookReceiver) -> None:
    with HookReceiver() as first:
        listens(house, first.url, "question.opened")
        house.post("sam", ASKED)
        house.work()
        house.clock.advance(1)
        listens(house, receiver.url, "question.opened")
        sends(house)
        assert (len(first.received), len(receiver.received)) == (1, 0)


def test_the_secrets_of_endpoints_are_encrypted(house: House, receiver: HookReceiver) -> None:
    _, secret = listens(house, receiver.url)
    assert secret.encode() not in endpoint(house).sealed
    with house.database.read() as session:
        found = session.exec(select(HookEndpointRow)).one()
        assert secret not in found.model_dump_json(exclude={"sealed"})
