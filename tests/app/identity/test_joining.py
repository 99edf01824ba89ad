"""Joining by oneself: who may, that one mailbox is one person, and that nobody learns who is known."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from app.wiring.channels import house_of, join_mails_of
from app.wiring.steering.rules import joining_terms_of
from bot.actions.erase import erase_employee
from bot.actions.leaving import leave
from bot.actions.people.details import Details
from bot.actions.people.employees import add_employee
from bot.actions.people.joining import JoiningWay, JoinMail, JoinMailKind, join
from bot.actions.undecidable import Undecidable
from bot.channels.alarms import Alarm
from bot.roles import Role
from bot.states import JoinRequestState
from bot.store import rows
from bot.store.conversations import notices
from bot.store.engine import Database
from bot.store.people import joining
from bot.store.people.access import hashed
from bot.store.tables.house import AuditRow
from bot.store.tables.people import EmployeeRow, JoinLinkRow, JoinRequestRow
from routing.model.domain import EmployeeState
from tests.app.work_house import WorkHouse
from tests.browser import ADDRESS, Browser
from tests.conftest import FakeClock
from tests.mail_server import MailServer

LEE = {"name": "Lee Park", "timezone": "Europe/Berlin", "topic-tv": "3"}


class OpenHouse(WorkHouse):
    """A house that people join by themselves; its mail lies in ``sent``."""

    def __init__(self, database: Database, clock: FakeClock, mode: str = "open", **given: Any) -> None:
        settings = {"mode": mode, "domains": ["acme.example", "shop.acme.example"]}
        at_mail = {"joining": settings, "mail": {"host": "mail.acme.example"}}
        super().__init__(database, clock, **{**at_mail, **given})
        self.sent: list[JoinMail] = []
        self.app.state.send_join_mail = self.sent.append
        self.topic()

    def asks(self, email: str, browser: Browser | None = None) -> JoinMail | None:
        """Somebody types this address; what is mailed thereupon."""
        before = len(self.sent)
        page = (browser or self.browser()).post("/join", {"email": email})
        assert page.status_code == 200, page.text
        return self.sent[-1] if len(self.sent) > before else None

    def link(self, email: str = "lee@acme.example") -> str:
        mail = self.asks(email)
        assert mail is not None
        assert mail.kind is JoinMailKind.LINK
        return f"/join/{mail.secret}"


@pytest.fixture
def house(database: Database, clock: FakeClock) -> OpenHouse:
    return OpenHouse(database, clock)


@pytest.fixture
def asked(database: Database, clock: FakeClock) -> OpenHouse:
    """A house in which a person in charge lets people in."""
    return OpenHouse(database, clock, "approve")


def links_of(house: WorkHouse) -> list[str]:
    """What is kept of the links."""
    with house.database.read() as session:
        return [row.secret_hash for row in session.exec(select(JoinLinkRow)).all()]


def deeds(house: WorkHouse) -> list[tuple[str, str, str]]:
    return [(one.action, one.actor, one.subject) for one in house.rows(AuditRow)]


def test_who_proves_an_address_is_in_and_accepts_the_guidelines_first(house: OpenHouse) -> None:
    browser = house.browser()
    page = browser.get("/join").text
    assert "acme.example, shop.acme.example" in page
    assert "#chorus" in page
    link = house.link("Lee@Acme.Example")
    assert house.rows(EmployeeRow) == []
    form = browser.get(link).text
    assert "lee@acme.example" in form
    assert 'name="topic-tv"' in form
    taken = browser.post(link, LEE)
    assert (taken.status_code, taken.headers["location"]) == (303, "/desk/welcome")
    [lee] = house.rows(EmployeeRow)
    assert (lee.name, lee.email, lee.role, lee.timezone) == (
        "Lee Park",
        "lee@acme.example",
        Role.EMPLOYEE,
        "Europe/Berlin",
    )
    assert (lee.state, lee.opted_in_at) == (EmployeeState.INVITED, None)
    assert browser.get("/desk").headers["location"] == "/desk/welcome"
    assert browser.post("/desk/welcome").headers["location"] == "/desk?done=welcome"
    profile = browser.get("/desk/profile").text
    assert 'name="topic-tv@/desk/profile" value="3" checked' in profile
    assert 'href="/join"' in house.browser().get("/sign-in").text
    assert deeds(house)[0] == ("join", f"lee@acme.example ({lee.id})", f"employee {lee.id}")


def test_it_is_off_unless_somebody_opens_it(database: Database, clock: FakeClock) -> None:
    house = WorkHouse(database, clock)
    house.employee("Mei")
    browser = house.browser()
    assert "/join" not in browser.get("/sign-in").text
    for answer in (
        browser.get("/join"),
        browser.post("/join", {"email": "a@b.example"}),
        browser.get("/join/x"),
    ):
        assert answer.status_code == 404
        assert "invite you" in answer.text
    assert browser.post("/join/x", LEE).status_code == 404
    assert links_of(house) == []


@pytest.mark.parametrize(
    "email",
    [
        "lee@evil-acme.example",
        "lee@acme.example.evil.test",
        "lee@evil.acme.example",
        "lee@acme.exampl",
        "lee@ácme.example",
        "lee%evil.test@acme.example",
        "+lee@acme.example",
        "lee@",
        "",
    ],
)
def test_other_addresses_are_told_why_and_get_nothing(house: OpenHouse, email: str) -> None:
    refused = house.browser().post("/join", {"email": email})
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    assert house.sent == []
    assert links_of(house) == []


def test_a_subdomain_counts_where_it_is_named(house: OpenHouse) -> None:
    assert house.asks("lee@shop.acme.example") is not None


def test_nobody_learns_who_is_known(house: OpenHouse, clock: FakeClock) -> None:
    for name, state in (("in", EmployeeState.ACTIVE), ("gone", EmployeeState.LEFT)):
        number = house.employee(name)
        with house.database.write() as session:
            row = rows.one(session, EmployeeRow, number)
            row.email, row.state = f"{name}@acme.example", state
    pages = [
        house.browser().post("/join", {"email": f"{name}@acme.example"})
        for name in ("in", "gone", "new", "in")
    ]
    assert {one.status_code for one in pages} == {200}
    assert len({one.text for one in pages}) == 1
    told = {mail.to: mail.kind for mail in house.sent}
    assert told == {
        "in@acme.example": JoinMailKind.KNOWN,
        "gone@acme.example": JoinMailKind.ASK_A_PERSON,
        "new@acme.example": JoinMailKind.LINK,
    }
    assert len(house.sent) == 3  # not twice within a minute, known or not


def test_a_mailbox_is_one_person_however_it_is_written(house: OpenHouse, clock: FakeClock) -> None:
    links = [house.link("Lee+one@acme.example")]
    clock.advance(61)
    links.append(house.link("LEE@ACME.example"))
    assert [mail.to for mail in house.sent] == ["lee@acme.example"] * 2
    assert house.browser().post(links[0], LEE).status_code == 303
    assert house.browser().post(links[1], {**LEE, "name": "Lee Two"}).status_code == 410
    clock.advance(61)
    again = house.asks("lee+two@acme.example")
    assert again is not None
    assert (again.kind, again.to) == (JoinMailKind.KNOWN, "lee@acme.example")
    assert [one.email for one in house.rows(EmployeeRow)] == ["lee@acme.example"]


def test_whom_an_operator_added_with_a_plus_is_known(house: OpenHouse) -> None:
    for name, email in (("Lee Park", "lee+chorus@acme.example"), ("Kim Lee", "leeyx+chorus@acme.example")):
        number = house.employee(name)
        with house.database.write() as session:
            rows.one(session, EmployeeRow, number).email = email
    mail = house.asks("lee@acme.example")
    assert mail is not None
    assert (mail.kind, mail.to) == (JoinMailKind.KNOWN, "lee+chorus@acme.example")
    assert house.asks("lee_x@acme.example").kind is JoinMailKind.LINK  # type: ignore[union-attr]


def test_looking_uses_nothing_up_and_neither_does_a_mistake(house: OpenHouse) -> None:
    link = house.link()
    assert [house.browser().get(link).status_code for _ in range(3)] == [200] * 3
    wrong = house.browser().post(link, {**LEE, "name": " ", "timezone": "Mars/Olympus"})
    assert wrong.status_code == 422
    assert 'value="Mars/Olympus"' in wrong.text
    assert 'name="topic-tv" value="3" checked' in wrong.text
    assert house.browser().post(link, LEE).status_code == 303


def test_a_link_that_is_over_says_what_next(house: OpenHouse, clock: FakeClock) -> None:
    link = house.link()
    clock.advance(joining.LINK_LASTS - timedelta(seconds=1))
    assert house.browser().get(link).status_code == 200
    clock.advance(1)
    for answer in (
        house.browser().get(link),
        house.browser().post(link, LEE),
        house.browser().get("/join/x"),
    ):
        assert answer.status_code == 410
        assert 'href="/join"' in answer.text
        assert 'href="/sign-in"' in answer.text
    assert house.rows(EmployeeRow) == []


def test_only_hashes_of_links_are_kept_and_those_not_for_long(house: OpenHouse, clock: FakeClock) -> None:
    secret = house.link().removeprefix("/join/")
    assert links_of(house) == [hashed(secret)]
    clock.advance(timedelta(days=1, seconds=1))
    house.steps.upkeep.forget_private()
    assert links_of(house) == []


def test_a_mailbox_gets_five_mails_a_day_whoever_asks(house: OpenHouse, clock: FakeClock) -> None:
    for _ in range(8):
        house.asks("lee@acme.example")
        clock.advance(61)
    assert len(house.sent) == joining.MOST_A_DAY
    clock.advance(timedelta(days=1))
    assert house.asks("lee@acme.example") is not None


def test_the_house_sends_so_many_mails_an_hour(house: OpenHouse, clock: FakeClock) -> None:
    with house.database.write() as session:
        for number in range(joining.MOST_AN_HOUR):
            joining.note_mail(session, f"p{number}@acme.example", clock())
    assert house.asks("lee@acme.example") is None
    clock.advance(timedelta(hours=1, seconds=1))
    assert house.asks("lee@acme.example") is not None


def test_one_client_asks_and_tries_so_often_a_minute(house: OpenHouse) -> None:
    browser = house.browser()
    tries = [browser.get("/join/guess").status_code for _ in range(29)]
    tries += [browser.post("/join", {"email": "lee@acme.example"}).status_code for _ in range(2)]
    assert tries == [410] * 29 + [200, 429]


def test_what_closes_meanwhile_lets_nobody_in(house: OpenHouse) -> None:
    link = house.link("lee@shop.acme.example")
    admin = house.browser(house.employee("Ada", role=Role.ADMIN))
    changed = admin.post("/admin/rules", {"follows": "0", "joining_domains": "acme.example", "do": "save"})
    assert changed.status_code == 303, changed.text
    assert house.browser().get(link).status_code == 410
    assert house.browser().post(link, LEE).status_code == 410
    changed = admin.post("/admin/rules", {"follows": "1", "joining": "off", "do": "save"})
    assert changed.status_code == 303, changed.text
    assert house.browser().get(link).status_code == 404


@pytest.mark.parametrize(
    "meanwhile",
    ["it closed", "another domain", "they are in", "they have asked", "it was used", "its time is over"],
)
def test_whoever_joins_is_looked_at_once_more_as_they_do(
    house: OpenHouse, clock: FakeClock, meanwhile: str
) -> None:
    secret = house.link().removeprefix("/join/")
    terms = joining_terms_of(house.chorus.settings)
    if meanwhile == "it closed":
        terms = replace(terms, way=JoiningWay.OFF)
    elif meanwhile == "another domain":
        terms = replace(terms, domains=("shop.acme.example",))
    with house.database.write() as session:
        if meanwhile == "they are in":
            add_employee(session, Details("Lee Park", "lee@acme.example"), now=clock())
        elif meanwhile == "they have asked":
            session.add(
                JoinRequestRow(
                    email="lee@acme.example", name="Lee", timezone="UTC", levels={}, asked_at=clock()
                )
            )
        elif meanwhile == "it was used":
            assert joining.use_up(session, secret, clock()) == "lee@acme.example"
    if meanwhile == "its time is over":
        clock.advance(joining.LINK_LASTS)
    before = len(house.rows(EmployeeRow)), len(house.rows(JoinRequestRow))
    with pytest.raises(Undecidable, match="does not work any more"), house.database.write() as session:
        join(session, terms, secret, Details("Lee", "", timezone="UTC"), clock())
    assert (len(house.rows(EmployeeRow)), len(house.rows(JoinRequestRow))) == before


def test_whatever_role_is_asked_for_who_joins_is_an_employee(house: OpenHouse, clock: FakeClock) -> None:
    secret = house.link().removeprefix("/join/")
    asked_for = Details("Lee", "boss@acme.example", timezone="UTC", role=Role.ADMIN)
    with house.database.write() as session:
        join(session, joining_terms_of(house.chorus.settings), secret, asked_for, clock())
    assert [(one.email, one.role) for one in house.rows(EmployeeRow)] == [("lee@acme.example", Role.EMPLOYEE)]


def test_a_link_lets_in_its_own_mailbox_and_leaves_others_alone(house: OpenHouse) -> None:
    lees, kims = house.link("lee@acme.example"), house.link("kim@acme.example")
    assert house.browser().post(kims, {**LEE, "name": "Kim Lee"}).status_code == 303
    assert [one.email for one in house.rows(EmployeeRow)] == ["kim@acme.example"]
    assert house.browser().post(lees, LEE).status_code == 303
    assert [one.name for one in house.rows(EmployeeRow)] == ["Kim Lee", "Lee Park"]


def test_links_that_were_used_work_no_more_when_nothing_is_left_of_whoever_came_by_them(
    house: OpenHouse, clock: FakeClock
) -> None:
    links = [house.link()]
    clock.advance(61)
    links.append(house.link())
    assert house.browser().post(links[0], LEE).status_code == 303
    house.employee("Ada", role=Role.ADMIN)
    with house.database.write() as session:
        lee = rows.one(session, EmployeeRow, house.rows(EmployeeRow)[0].id)
        leave(session, lee, clock())
        erase_employee(session, lee, clock())
    for link in links:
        assert house.browser().get(link).status_code == 410
        assert house.browser().post(link, LEE).status_code == 410


def test_a_mail_without_a_link_leaves_none_that_works(house: OpenHouse, clock: FakeClock) -> None:
    house.browser().post(house.link(), LEE)
    clock.advance(61)
    mail = house.asks("lee@acme.example")
    assert (mail and mail.kind) == JoinMailKind.KNOWN
    with house.database.read() as session:
        assert all(one.used_at is not None for one in session.exec(select(JoinLinkRow)))


def test_a_leaver_does_not_come_back_by_a_link(house: OpenHouse, clock: FakeClock) -> None:
    link = house.link()
    clock.advance(61)
    second = house.link()
    browser = house.browser()
    browser.post(link, LEE)
    admin = house.browser(house.employee("Ada", role=Role.ADMIN))
    [lee] = [one for one in house.rows(EmployeeRow) if one.name == "Lee Park"]
    admin.post(f"/admin/employees/{lee.id}/leave")
    assert house.browser().post(second, LEE).status_code == 410
    clock.advance(61)
    mail = house.asks("lee@acme.example")
    assert mail is not None
    assert mail.kind is JoinMailKind.ASK_A_PERSON
    assert house.row(EmployeeRow, lee.id).state == EmployeeState.LEFT


def at_once(*jobs: Callable[[], object]) -> list[object]:
    """What came of jobs that all began at the same moment."""
    start, outcomes = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(number: int) -> None:
        start.wait(20)
        outcomes[number] = jobs[number]()  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(jobs))]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    return outcomes


@pytest.mark.parametrize("round_", range(3))
def test_of_two_clicks_and_two_links_at_once_one_person_comes(
    house: OpenHouse, clock: FakeClock, round_: int
) -> None:
    links = [house.link()]
    clock.advance(61)
    links.append(house.link("lee+two@acme.example"))
    tried = [lambda link=link: house.browser().post(link, LEE).status_code for link in links * 3]
    assert sorted(map(int, at_once(*tried))) == [303] + [410] * 5  # type: ignore[call-overload]
    assert [one.email for one in house.rows(EmployeeRow)] == ["lee@acme.example"], round_


def test_of_many_who_type_an_address_at_once_one_mail_goes_out(house: OpenHouse) -> None:
    typed = [
        lambda: house.browser().post("/join", {"email": "lee@acme.example"}).status_code for _ in range(6)
    ]
    assert at_once(*typed) == [200] * 6
    assert len(house.sent) == 1


# Where a person in charge decides


def requested(house: OpenHouse, email: str = "lee@acme.example") -> int:
    page = house.browser().post(house.link(email), LEE)
    assert (page.status_code, "set-cookie" in page.headers) == (200, False)
    with house.database.read() as session:
        return session.exec(select(JoinRequestRow.id).where(JoinRequestRow.email == email)).one()


def test_who_asks_waits_on_the_board_and_is_let_in_there(asked: OpenHouse, clock: FakeClock) -> None:
    number = requested(asked)
    assert asked.rows(EmployeeRow) == []
    ada = asked.browser(asked.employee("Ada", role=Role.ADMIN))
    assert "1</strong>person to let in" in ada.get("/admin").text
    board = ada.get("/admin/board?kind=newcomer").text
    assert "Lee Park wants to take part." in board
    assert "lee@acme.example" in board
    back = {"back": "/admin/board?kind=newcomer"}
    done = ada.post(f"/admin/join-requests/{number}/accept", back)
    assert done.headers["location"] == "/admin/board?kind=newcomer&done=let_in"
    [lee] = [one for one in asked.rows(EmployeeRow) if one.email == "lee@acme.example"]
    assert (lee.role, lee.state, lee.timezone) == (Role.EMPLOYEE, EmployeeState.INVITED, "Europe/Berlin")
    assert asked.rows(JoinRequestRow) == []
    mail = asked.sent[-1]
    assert (mail.kind, mail.to) == (JoinMailKind.LET_IN, "lee@acme.example")
    browser = asked.browser()
    assert browser.post(f"/sign-in/{mail.secret}").headers["location"] == "/desk"
    assert browser.get("/desk").headers["location"] == "/desk/welcome"
    assert [one[0] for one in deeds(asked)] == ["join.ask", "join.accept", "sign_in"]


def test_who_is_declined_reads_why_and_cannot_ask_again_by_a_link(asked: OpenHouse, clock: FakeClock) -> None:
    number = requested(asked)
    ada = asked.browser(asked.employee("Ada", role=Role.ADMIN))
    assert ada.post(f"/admin/join-requests/{number}/decline", {"why": " "}).status_code == 422
    assert ada.post(f"/admin/join-requests/{number}/decline", {"why": "Not yet."}).status_code == 303
    assert (asked.sent[-1].kind, asked.sent[-1].why) == (JoinMailKind.DECLINED, "Not yet.")
    assert ada.post(f"/admin/join-requests/{number}/accept").status_code == 409
    clock.advance(61)
    assert asked.asks("lee@acme.example").kind is JoinMailKind.ASK_A_PERSON  # type: ignore[union-attr]
    added = {"name": "Lee Park", "email": "lee@acme.example", "daily_cap": "9", "open_cap": "2"}
    assert ada.post("/admin/employees/new", added).status_code == 303
    assert asked.rows(JoinRequestRow) == []


def test_who_waits_is_told_so_and_after_a_while_a_no_is_forgotten(asked: OpenHouse, clock: FakeClock) -> None:
    number = requested(asked)
    clock.advance(61)
    assert asked.asks("lee@acme.example").kind is JoinMailKind.WAITS  # type: ignore[union-attr]
    ada = asked.browser(asked.employee("Ada", role=Role.ADMIN))
    ada.post(f"/admin/join-requests/{number}/decline", {"why": "Not yet."})
    clock.advance(joining.DECLINED_KEPT - timedelta(seconds=1))
    asked.steps.upkeep.forget_private()
    assert asked.asks("lee@acme.example").kind is JoinMailKind.ASK_A_PERSON  # type: ignore[union-attr]
    clock.advance(61)
    asked.steps.upkeep.forget_private()
    assert asked.rows(JoinRequestRow) == []
    assert asked.asks("lee@acme.example").kind is JoinMailKind.LINK  # type: ignore[union-attr]


def test_who_was_declined_long_ago_asks_again_before_upkeep_has_forgotten_it(
    asked: OpenHouse, clock: FakeClock
) -> None:
    number = requested(asked)
    ada = asked.browser(asked.employee("Ada", role=Role.ADMIN))
    ada.post(f"/admin/join-requests/{number}/decline", {"why": "Not yet."})
    clock.advance(joining.DECLINED_KEPT)
    assert [one.state for one in asked.rows(JoinRequestRow)] == [JoinRequestState.DECLINED]
    again = requested(asked)
    assert [(one.id, one.state) for one in asked.rows(JoinRequestRow)] == [(again, JoinRequestState.WAITING)]


def test_whoever_nobody_has_decided_about_waits_on(asked: OpenHouse, clock: FakeClock) -> None:
    requested(asked)
    clock.advance(2 * joining.DECLINED_KEPT)
    asked.steps.upkeep.forget_private()
    assert [one.state for one in asked.rows(JoinRequestRow)] == [JoinRequestState.WAITING]


def test_moderators_neither_see_nor_let_anybody_in(asked: OpenHouse) -> None:
    number = requested(asked)
    mei = asked.browser(asked.employee("Mei", role=Role.MODERATOR))
    assert "Lee Park" not in mei.get("/admin/board").text
    assert mei.post(f"/admin/join-requests/{number}/accept").status_code == 403
    bulk = mei.post("/admin/board/bulk", {"deed": "approve", f"pick-newcomer-{number}": "1"})
    assert "Only who manages people" in bulk.text
    assert [one.state for one in asked.rows(JoinRequestRow)] == [JoinRequestState.WAITING]


def test_several_are_let_in_together(asked: OpenHouse) -> None:
    numbers = [requested(asked, f"{name}@acme.example") for name in ("lee", "kim")]
    ada = asked.browser(asked.employee("Ada", role=Role.ADMIN))
    picked = {f"pick-newcomer-{number}": "1" for number in numbers}
    assert ">2 of 2 approved" in ada.post("/admin/board/bulk", {"deed": "approve", **picked}).text
    assert [mail.to for mail in asked.sent if mail.kind is JoinMailKind.LET_IN] == [
        "lee@acme.example",
        "kim@acme.example",
    ]


def test_of_two_in_charge_at_once_one_decides(asked: OpenHouse) -> None:
    number = requested(asked)
    boards = [asked.browser(asked.employee(name, role=Role.ADMIN)) for name in ("Ada", "Bo")]
    place = f"/admin/join-requests/{number}"
    tried = [
        lambda: boards[0].post(f"{place}/accept").status_code,
        lambda: boards[1].post(f"{place}/decline", {"why": "Not yet."}).status_code,
    ]
    codes = [int(str(one)) for one in at_once(*tried)]
    assert codes in ([303, 409], [303, 404], [409, 303])
    is_in = any(one.email == "lee@acme.example" for one in asked.rows(EmployeeRow))
    assert is_in is (codes[0] == 303)
    assert [mail.kind for mail in asked.sent[1:]] == [JoinMailKind.LET_IN if is_in else JoinMailKind.DECLINED]


def test_whom_an_operator_added_meanwhile_is_not_let_in_twice(asked: OpenHouse) -> None:
    number = requested(asked)
    lee = asked.employee("Lee Other")
    with asked.database.write() as session:
        rows.one(session, EmployeeRow, lee).email = "lee+x@acme.example"
    ada = asked.browser(asked.employee("Ada", role=Role.ADMIN))
    refused = ada.post(f"/admin/join-requests/{number}/accept")
    assert refused.status_code == 409
    assert "lee+x@acme.example" in refused.text


def test_those_in_charge_of_people_hear_of_it(asked: OpenHouse) -> None:
    requested(asked)
    ada, mei = asked.employee("Ada", role=Role.ADMIN), asked.employee("Mei", role=Role.MODERATOR)
    with asked.database.read() as session:
        standing = notices.standing(session, asked.clock())
        assert [kind for kind, ids in standing.items() if ids] == [Alarm.NEWCOMERS]
        told = list(notices.in_charge(session, Alarm.NEWCOMERS))
    assert (ada in told, mei in told) == (True, False)


def test_every_mail_says_what_it_is_and_where_to_go(sqlite_database: Database, clock: FakeClock) -> None:
    with MailServer() as server:
        house = OpenHouse(sqlite_database, clock, "approve", mail=server.settings)
        send = join_mails_of(house.chorus.settings, lambda: house_of(house.chorus.settings))
        assert send is not None
        for kind in JoinMailKind:
            send(JoinMail(kind, "lee@acme.example", None, "s3cret", "Not yet."))
            send(JoinMail(kind, "lee@acme.example", "de", "s3cret", "Not yet."))
        texts = {
            (kind, language): server.mails[number * 2 + offset].get_content()
            for number, kind in enumerate(JoinMailKind)
            for offset, language in enumerate(("en", "de"))
        }
    assert f"{ADDRESS}/join/s3cret" in texts[JoinMailKind.LINK, "en"]
    assert f"{ADDRESS}/sign-in/s3cret" in texts[JoinMailKind.LET_IN, "en"]
    assert "> Not yet." in texts[JoinMailKind.DECLINED, "en"]
    assert "s3cret" not in texts[JoinMailKind.KNOWN, "en"]
    assert all(texts[kind, "en"] != texts[kind, "de"] for kind in JoinMailKind)
