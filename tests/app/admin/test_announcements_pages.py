"""The pages of announcements: from the desk over those in charge to everybody."""

import html
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.admin.voice.announcement_month import moved, weeks_of
from bot.roles import Role
from bot.states import AnnouncementState
from bot.store.engine import Database
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.house import AuditRow
from bot.text.times.timestamps import NotMoment, on_the_clock_of
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock

TEXT = "We are open on Sunday from ten to four."
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> WorkHouse:
    clock.at = datetime(2026, 3, 5, 12, tzinfo=UTC)
    return WorkHouse(sqlite_database, clock, timezone="Europe/Berlin")


def proposed(house: WorkHouse, by: int, text: str = TEXT) -> int:
    house.browser(by).post("/desk/announcements", {"text": text, "platform-local": "1", "step": "send"})
    return int(house.rows(AnnouncementRow)[-1].id)


def test_from_a_proposal_to_the_public_page(house: WorkHouse) -> None:
    jane, mei = house.employee(), house.employee("Mei Tan", role=Role.MODERATOR)
    desk, charge, visitor = house.browser(jane), house.browser(mei), house.browser()
    assert "/announcements" not in visitor.get("/").text

    preview = desk.post("/desk/announcements", {"text": TEXT, "platform-local": "1", "step": "preview"})
    assert "This is what Acme would say" in preview.text
    assert house.rows(AnnouncementRow) == []
    number = proposed(house, jane)
    assert "waits for an approval" in desk.get("/desk/announcements").text
    assert "announcement to approve" in charge.get("/admin").text

    page = charge.get(f"/admin/announcements/{number}")
    assert TEXT in page.text
    answer = charge.post(f"/admin/announcements/{number}/approve", {"revision": "1"})
    assert answer.headers["location"] == f"/admin/announcements/{number}?done=approved"
    charge.post(f"/admin/announcements/{number}/plan", {"at": "2026-03-06T09:30"})
    row = house.row(AnnouncementRow, number)
    assert row.planned_at == datetime(2026, 3, 6, 8, 30, tzinfo=UTC)  # an hour behind the brand's clock
    listed = charge.get("/admin/announcements").text
    assert "6 March 2026" in listed
    assert "09:30" in listed
    assert "Nothing has been announced yet." in visitor.get("/announcements").text

    house.clock.advance(86_400)
    house.deliver()
    assert TEXT in visitor.get("/announcements").text
    assert "Announcements of Acme" in visitor.get("/").text
    feed = visitor.get("/announcements/feed.atom")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    assert TEXT in feed.text
    assert f"/announcements#a{number}" in feed.text
    assert "published" in house.browser(jane).get(f"/desk/announcements/{number}").text
    done = [one.action for one in house.rows(AuditRow) if one.action.startswith("announcement")]
    assert done == [
        AuditAction.ANNOUNCEMENT_PROPOSE,
        AuditAction.ANNOUNCEMENT_APPROVE,
        AuditAction.ANNOUNCEMENT_PLAN,
    ]


def test_whoever_proposed_it_changes_and_takes_it_back_and_nobody_else(house: WorkHouse) -> None:
    jane, joe = house.employee(), house.employee("Joe Roe")
    number = proposed(house, jane)
    address = f"/desk/announcements/{number}"
    assert house.browser(joe).get(address).status_code == 404
    for form in ({"text": "No.", "platform-local": "1", "step": step} for step in ("send", "preview")):
        assert house.browser(joe).post(address, form).status_code == 404
    assert house.browser(joe).post(f"{address}/withdraw").status_code == 404
    desk = house.browser(jane)
    desk.post(address, {"text": "Open on Monday.", "platform-local": "1", "step": "send"})
    row = house.row(AnnouncementRow, number)
    assert (row.text, row.revision) == ("Open on Monday.", 2)
    desk.post(f"{address}/withdraw")
    assert house.row(AnnouncementRow, number).state == AnnouncementState.WITHDRAWN
    answer = desk.post(address, {"text": "Again.", "platform-local": "1", "step": "send"})
    assert answer.status_code == 409


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(house: WorkHouse) -> None:
    desk = house.browser(house.employee())
    answer = desk.post("/desk/announcements", {"text": TEXT, "step": "send"})
    assert answer.status_code == 422
    assert "Choose where it is to go out." in answer.text
    assert TEXT in answer.text


def test_nobody_in_charge_approves_their_own(house: WorkHouse) -> None:
    mei, ada = (house.employee(name, role=Role.ADMIN) for name in ("Mei Tan", "Ada Ray"))
    number = proposed(house, mei)
    assert "Approve these words" not in house.browser(mei).get(f"/admin/announcements/{number}").text
    refused = house.browser(mei).post(f"/admin/announcements/{number}/approve", {"revision": "1"})
    assert refused.status_code == 409
    assert "Approve these words" in house.browser(ada).get(f"/admin/announcements/{number}").text


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "Write the day and the time"),
        ("2026-03-05T09:00", "That has passed"),
        ("2026-03-29T02:30", "skip this time"),
        ("2028-03-05T09:00", "more than a year"),
    ],
)
def test_a_moment_that_nothing_can_be_planned_for_is_refused_in_words(
    house: WorkHouse, typed: str, why: str
) -> None:
    jane, mei = house.employee(), house.employee("Mei Tan", role=Role.MODERATOR)
    number = proposed(house, jane)
    charge = house.browser(mei)
    charge.post(f"/admin/announcements/{number}/approve", {"revision": "1"})
    answer = charge.post(f"/admin/announcements/{number}/plan", {"at": typed})
    assert answer.status_code == 422
    assert why in answer.text
    assert house.row(AnnouncementRow, number).state == AnnouncementState.APPROVED


def test_of_two_who_plan_one_the_second_hears_of_the_firsts_time_and_keeps_their_own(
    house: WorkHouse,
) -> None:
    jane = house.employee()
    mei, ada = (house.browser(house.employee(name, role=Role.MODERATOR)) for name in ("Mei Tan", "Ada Lem"))
    number = proposed(house, jane)
    mei.post(f"/admin/announcements/{number}/approve", {"revision": "1"})
    page = ada.get(f"/admin/announcements/{number}").text
    plan = f"/admin/announcements/{number}/plan"
    assert f'name="seen@{plan}" value=""' in page
    mei.post(f"/admin/announcements/{number}/plan", {"at": "2026-03-06T09:30", "seen": ""})
    for step in ("plan", "now"):
        late = ada.post(
            f"/admin/announcements/{number}/plan", {"at": "2026-03-07T10:00", "seen": "", "step": step}
        )
        assert (late.status_code, late.text.count("Somebody has planned it meanwhile")) == (422, 1)
    assert house.row(AnnouncementRow, number).planned_at == datetime(2026, 3, 6, 8, 30, tzinfo=UTC)
    assert 'value="2026-03-07T10:00"' in late.text
    seen = late.text.partition(f'name="seen@{plan}" value="')[2].partition('"')[0].replace("&#43;", "+")
    ada.post(f"/admin/announcements/{number}/plan", {"at": "2026-03-07T10:00", "seen": seen})
    assert house.row(AnnouncementRow, number).planned_at == datetime(2026, 3, 7, 9, tzinfo=UTC)


def test_words_typed_for_one_that_was_approved_meanwhile_are_kept_and_not_shown_as_what_is_said(
    house: WorkHouse,
) -> None:
    jane, mei = house.employee(), house.employee("Mei Tan", role=Role.MODERATOR)
    number = proposed(house, jane)
    house.browser(mei).post(f"/admin/announcements/{number}/approve", {"revision": "1"})
    other = {"text": "We are open until midnight.", "platform-local": "1", "warning": "Late hours"}
    late = house.browser(jane).post(f"/desk/announcements/{number}", {**other, "step": "preview"})
    assert late.status_code == 409
    assert "somebody has decided about it meanwhile" in late.text
    assert "What you typed is still here" in late.text
    assert "We are open until midnight." in late.text
    assert "Late hours" in late.text
    assert "This is what Acme would say" not in late.text


def test_the_brands_clock_in_the_nights_when_it_is_set() -> None:
    assert on_the_clock_of(BERLIN, "2026-07-01T10:00") == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert on_the_clock_of(BERLIN, "2026-10-25T02:30") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    for typed in ("2026-03-29T02:30", "tomorrow", "2026-03-05T10:00Z", "0001-01-01T00:00"):
        with pytest.raises(NotMoment):
            on_the_clock_of(BERLIN, typed)


def test_a_question_shows_the_announcement_that_it_replies_to(house: WorkHouse) -> None:
    jane, mei = house.employee(), house.employee("Mei Tan", role=Role.MODERATOR)
    number = proposed(house, jane)
    charge = house.browser(mei)
    charge.post(f"/admin/announcements/{number}/approve", {"revision": "1"})
    charge.post(f"/admin/announcements/{number}/plan", {"step": "now"})
    house.deliver()
    post = house.deliveries()[-1].external_id
    said = {"author": "sam", "text": "Which entrance is open then?", "in_reply_to": post}
    assert house.ask("POST", "/local/posts", json=said).status_code == 201
    house.work()
    (question,) = house.questions()
    house.offer(question.id, jane) if not house.offers() else None
    for browser, page in (
        (house.browser(jane), f"/desk/questions/{question.id}"),
        (charge, f"/admin/questions/{question.id}"),
        (house.browser(jane), "/desk"),
    ):
        shown = browser.get(page).text
        assert "In reply to the announcement:" in shown, page
        assert TEXT in shown, page
    assert "1 question replies to it." in charge.get(f"/admin/announcements/{number}").text


def test_the_month_shows_each_day_by_the_brands_clock(house: WorkHouse) -> None:
    mei = house.employee("Mei Tan", role=Role.MODERATOR)
    charge, jane = house.browser(mei), house.employee()
    for number, (text, at) in enumerate(
        (("At the very end of March.", "2026-03-31T23:30"), ("In April.", "2026-04-01T00:10")), 1
    ):
        proposed(house, jane, text)
        charge.post(f"/admin/announcements/{number}/approve", {"revision": "1"})
        charge.post(f"/admin/announcements/{number}/plan", {"at": at})
    march = charge.get("/admin/announcements/month").text  # it is the fifth of March
    assert "Announcements in March 2026" in march
    assert "At the very end of March." in march.partition('datetime="2026-03-31"')[2]
    assert "In April." not in march
    assert 'href="/admin/announcements/month?month=2026-02"' in march
    april = charge.get("/admin/announcements/month?month=2026-04").text
    assert "00:10" in april.partition('datetime="2026-04-01"')[2].partition("</td>")[0]
    assert "very end of March" not in april
    january = charge.get("/admin/announcements/month?month=2027-01").text
    assert "Nothing is planned for January 2027" in january
    assert "month=2026-12" in january
    for nonsense in ("2026-13", "x", "2026-1"):
        assert "March 2026" in charge.get(f"/admin/announcements/month?month={nonsense}").text
    charge.post("/admin/announcements/1/withdraw")
    assert "At the very end" not in charge.get("/admin/announcements/month").text


def test_a_thousand_in_a_month_are_five_on_a_day_and_the_rest_behind_it(house: WorkHouse) -> None:
    jane, mei = house.employee(), house.employee("Mei Tan", role=Role.MODERATOR)
    first = datetime(2026, 3, 1, tzinfo=BERLIN)
    with house.database.write() as session:
        for number in range(1_000):
            session.add(
                AnnouncementRow(
                    text=f"Words {number} {'and more of them ' * 10}",
                    platforms=["local"],
                    state=AnnouncementState.PLANNED,
                    proposed_by=jane,
                    planned_at=first + timedelta(days=number % 25, minutes=number // 25),
                    created_at=house.clock(),
                    changed_at=house.clock(),
                )
            )
    charge = house.browser(mei)
    month = charge.get("/admin/announcements/month?month=2026-03").text
    assert len(month) < 100_000
    fifth = month.partition('datetime="2026-03-05"')[2].partition("</td>")[0]
    assert [int(one) for one in re.findall(r"Words (\d+) ", fifth)] == [4, 29, 54, 79, 104]
    path = "/admin/announcements/day?on=2026-03-05"
    assert (
        f'<a href="{path}">and 35 more<span class="visually-hidden"> on Thursday, 5 March</span></a>' in fifth
    )
    seen = []
    while path:
        page = charge.get(path).text
        assert "Announcements on Thursday, 5 March 2026" in page
        assert len(page) < 100_000
        seen += [int(number) for number in re.findall(r"Words (\d+) ", page)]
        further = re.search(r'href="([^"]+)"[^>]*>Later on this day', page)
        path = html.unescape(further[1]) if further else ""
    assert seen == list(range(4, 1_000, 25))
    assert "Nothing is planned for this day" in charge.get("/admin/announcements/day?on=2026-03-30").text
    for nonsense in ("2026-02-30", "x"):
        assert "Thursday, 5 March 2026" in charge.get(f"/admin/announcements/day?on={nonsense}").text


@given(year=st.integers(2000, 2098), month=st.integers(1, 12), by=st.integers(-300, 12))
def test_months_follow_each_other_and_each_day_of_one_stands_once_in_its_weeks(
    year: int, month: int, by: int
) -> None:
    first = date(year, month, 1)
    assert moved(moved(first, by), -by) == first
    days = [day.on for week in weeks_of(first, {}, {}) for day in week if day.is_in]
    assert days == [first + timedelta(days=number) for number in range((moved(first, 1) - first).days)]


def test_however_many_wait_or_are_planned_each_list_goes_by_pages_and_shows_all(house: WorkHouse) -> None:
    jane, mei = house.employee(), house.employee("Mei Tan", role=Role.MODERATOR)
    with house.database.write() as session:
        for number in range(130):
            state = (AnnouncementState.PROPOSED, AnnouncementState.PLANNED)[number % 2]
            session.add(
                AnnouncementRow(
                    text=f"Words {number}.",
                    platforms=["local"],
                    state=state,
                    proposed_by=jane,
                    planned_at=house.clock() + timedelta(hours=200 - number) if number % 2 else None,
                    created_at=house.clock(),
                    changed_at=house.clock(),
                )
            )
    charge, desk = house.browser(mei), house.browser(jane)
    for key, parity in (("waiting_after", 0), ("planned_after", 1)):
        seen, path = [], "/admin/announcements"
        while path:
            page = charge.get(path).text
            assert len(page) < 100_000
            section = page.partition(f'aria-labelledby="{key.partition("_")[0]}"')[2].partition("</nav>")[0]
            section = section.partition('aria-labelledby="ended"')[0]
            seen += [int(number) for number in re.findall(r"Words (\d+)\.", section)]
            further = re.search(rf'href="(/admin/announcements\?{key}=\d+)"', page)
            path = further[1] if further else ""
        expected = [number for number in range(130) if number % 2 == parity]
        assert seen == (expected if parity == 0 else expected[::-1])
    seen, path = [], "/desk/coming"
    while path:
        page = desk.get(path).text
        seen += [int(number) for number in re.findall(r"Words (\d+)\.", page)]
        further = re.search(r'href="(/desk/coming\?after=\d+)"', page)
        path = further[1] if further else ""
    assert seen == [number for number in range(130) if number % 2][::-1]
