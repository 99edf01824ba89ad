"""The desk speaks what its employee chose, else what their browser asks for."""

import pytest

from app.web.html import LIVE
from bot.roles import Role
from bot.store import rows
from bot.store.engine import Database
from bot.store.tables.people import EmployeeRow
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock

GERMAN = {"Accept-Language": "de"}
PROFILE = {"timezone": "UTC", "daily_cap": "20", "open_cap": "3"}


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> WorkHouse:
    built = WorkHouse(sqlite_database, clock)
    built.topic("tv", "TV & picture")
    return built


def chosen(house: WorkHouse, employee_id: int) -> str | None:
    with house.database.read() as session:
        return rows.one(session, EmployeeRow, employee_id).language


def test_without_a_choice_the_desk_speaks_the_browsers_language(house: WorkHouse) -> None:
    browser = house.browser(house.employee("Kenji Mori"))
    assert '<html lang="ja" dir="ltr">' in browser.get("/desk", **{"Accept-Language": "ja"}).text
    assert '<html lang="ar" dir="rtl">' in browser.get("/desk", **{"Accept-Language": "ar"}).text
    assert '<html lang="en" dir="ltr">' in browser.get("/desk").text


def test_what_was_chosen_goes_before_the_browser(house: WorkHouse) -> None:
    jane = house.employee("Jane Doe")
    browser = house.browser(jane)
    assert browser.post("/desk/profile", {**PROFILE, "language": "fr"}).status_code == 303
    assert chosen(house, jane) == "fr"

    page = browser.get("/desk", **GERMAN).text
    assert '<html lang="fr" dir="ltr">' in page
    assert "Rien ne vous attend." in page
    profile = browser.get("/desk/profile").text
    assert '<option value="fr" lang="fr" selected>Français</option>' in profile
    assert "العربية" in profile

    browser.post("/desk/profile", {**PROFILE, "language": ""})
    assert chosen(house, jane) is None
    assert '<html lang="de"' in browser.get("/desk", **GERMAN).text


def test_a_language_that_nobody_speaks_here_cannot_be_chosen(house: WorkHouse) -> None:
    jane = house.employee()
    refused = house.browser(jane).post("/desk/profile", {**PROFILE, "language": "tlh"})
    assert refused.status_code == 422
    assert chosen(house, jane) is None


def test_a_change_by_those_in_charge_leaves_the_language(house: WorkHouse) -> None:
    jane, mei = house.employee("Jane Doe"), house.employee("Mei Tan", role=Role.ADMIN)
    house.browser(jane).post("/desk/profile", {**PROFILE, "language": "de"})
    changed = {**PROFILE, "name": "Jane Doe", "email": "jane@example.com", "role": "employee"}
    assert house.browser(mei).post(f"/admin/employees/{jane}", changed).status_code == 303
    assert chosen(house, jane) == "de"


def test_the_pages_of_those_in_charge_stay_english(house: WorkHouse) -> None:
    mei = house.employee("Mei Tan", role=Role.ADMIN)
    house.browser(mei).post("/desk/profile", {**PROFILE, "language": "de"})
    page = house.browser(mei).get("/admin", **GERMAN).text
    assert '<html lang="en" dir="ltr">' in page
    missing = house.browser(mei).get("/admin/questions/999", **GERMAN, Accept="text/html").text
    assert '<html lang="en" dir="ltr">' in missing


def test_reasons_deadlines_and_numbers_are_said_in_it(house: WorkHouse) -> None:
    jane, kim, sam = (house.employee(name) for name in ("Jane", "Kim", "Sam"))
    question = house.question("@brand no picture since the update")
    house.offer(question, jane, minutes=30)
    house.offer(question, kim)
    house.offer(question, sam)

    page = house.browser(jane).get("/desk", **GERMAN).text

    assert "Sie kennen sich mit TV &amp; picture aus (Stufe 3)" in page
    assert "in 30 Minuten" in page
    assert "2 weitere Personen werden auch gefragt" in page
    assert "<bdi>@sam</bdi> auf dem lokalen Feed" in page


def test_what_the_desk_answers_is_said_in_it(house: WorkHouse) -> None:
    jane = house.employee("Jane Doe")
    question = house.question()
    house.offer(question, jane)
    browser = house.browser(jane)

    empty = browser.post(f"/desk/questions/{question}/answer", {"text": ""}, **GERMAN)
    assert "Schreiben Sie zuerst die Antwort." in empty.text
    long = browser.post(f"/desk/questions/{question}/answer", {"text": "a" * 16_000}, **GERMAN)
    assert "Höchstens 15.000 Zeichen sind erlaubt; das sind 16.000." in long.text
    held = browser.post(
        f"/desk/questions/{question}/answer", {"text": "See https://example.org/tv and bit.ly/x"}, **GERMAN
    )
    assert "„bit.ly/x“ ist ein Kurzlink: Niemand sieht, wohin er führt." in held.text
    hours = browser.post("/desk/profile", {**PROFILE, "day-1": "late"}, **GERMAN)
    assert "Dienstag: „late“ sind keine Zeiten." in hours.text
    zone = browser.post("/desk/profile", {**PROFILE, "timezone": "Europe/Berlim"}, **GERMAN)
    assert "Eine Zeitzone „Europe/Berlim“ gibt es nicht. Meinten Sie Europe/Berlin?" in zone.text
    passed = browser.post(f"/desk/questions/{question}/pass", {})
    assert "Weitergegeben" in browser.get(passed.headers["location"], **GERMAN).text


def test_why_an_answer_waits_is_said_in_it_and_other_words_are_marked(house: WorkHouse) -> None:
    jane = house.employee("Jane Doe")
    question = house.question()
    house.offer(question, jane)
    browser = house.browser(jane)
    text = "See https://example.org/tv for how it is done."
    browser.post(f"/desk/questions/{question}/answer", {"text": text, "step": "send"})

    mine = browser.get("/desk/answers", **GERMAN).text
    assert "wartet auf einen Menschen" in mine
    assert "führt zu example.org, das keine unserer eigenen Websites ist: Jemand muss es freigeben." in mine

    with house.database.write() as session:
        rows.one(session, EmployeeRow, jane)
        answer = house.answers()[0]
        answer.held_for = "We have said this on the phone."
        session.add(answer)
    mine = browser.get("/desk/answers", **GERMAN).text
    assert '<p class="notice is-warn small" lang="en" dir="ltr">We have said this on the phone.</p>' in mine


def test_problems_at_the_desk_are_said_in_it(house: WorkHouse) -> None:
    jane = house.employee("Jane Doe")
    browser = house.browser(jane)
    page = browser.get("/desk/questions/1234", **GERMAN, Accept="text/html")
    assert (page.status_code, "Eine Frage 1234 gibt es nicht." in page.text) == (404, True)
    late = browser.post("/desk/answers/7/retract", {}, **GERMAN, Accept="text/html")
    assert "So eine Antwort gibt es nicht." in late.text


def test_the_parts_that_live_speak_the_same_language(house: WorkHouse) -> None:
    jane = house.employee("Jane Doe")
    browser = house.browser(jane)
    english = browser.get("/desk", **{LIVE: "1"})
    german = browser.get("/desk", **GERMAN, **{LIVE: "1"})
    assert "Nichts wartet auf Sie." in german.text
    assert english.headers["etag"] != german.headers["etag"]


def test_the_guidelines_are_read_in_it(house: WorkHouse) -> None:
    new = house.employee("Nia Newcomer", opted_in=False)
    page = house.browser(new).get("/desk/welcome", **GERMAN).text
    assert "Leitlinien für Mitarbeitende" in page
    assert "Ich mache mit und halte mich daran" in page


def test_the_sign_in_speaks_the_browsers_language(house: WorkHouse) -> None:
    house.employee("Jane Doe")
    page = house.browser().get("/sign-in", **{"Accept-Language": "ar"})
    assert '<html lang="ar" dir="rtl">' in page.text
    assert "تسجيل الدخول" in page.text
    assert "Um einen Link bitten" in house.browser().get("/sign-in", **GERMAN).text
    gone = house.browser().get("/sign-in/nothing", **GERMAN)
    assert (gone.status_code, "Dieser Link gilt nicht mehr" in gone.text) == (410, True)


def test_the_local_feed_speaks_the_browsers_language(house: WorkHouse) -> None:
    jane = house.employee("Jane Doe")
    house.browser(jane).post("/desk/profile", {**PROFILE, "language": "fr"})
    house.offer(house.question("@brand no picture"), jane)

    page = house.browser(jane).get("/local", **GERMAN).text
    assert '<html lang="de" dir="ltr">' in page
    assert "1 Person wird gefragt" in page
    assert "Eine Kundin oder ein Kunde erwähnt <strong>@brand</strong>." in page
    assert "<bdi>@sam</bdi>" in page
    refused = house.browser().post("/local", {"name": "brand", "text": "Hello"}, **GERMAN)
    assert "„brand“ ist das Konto der Marke selbst: Nur Chorus schreibt damit." in refused.text
    strange = house.browser().post("/local", {"name": "a b", "text": "Hello"}, **GERMAN)
    assert "„a b“ ist kein Name auf dem lokalen Feed. Ein Name hat nur Buchstaben" in strange.text
