"""Nothing that somebody typed is lost: by an expired session, a colleague who was faster, or a failure."""

import re
from html import unescape
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response

from app.web import problems
from app.web.guard.security import MAX_BODY
from bot.roles import Role
from bot.store.engine import Database, DatabaseDown
from bot.store.tables.people import EmployeeRow, TopicRow
from tests.app.archive_house import ArchiveHouse
from tests.app.raw_asgi import half_sent
from tests.app.work_house import WorkHouse
from tests.browser import ADDRESS, Browser
from tests.conftest import FakeClock

WORDS = "Hold the power button\nfor ten seconds."


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> WorkHouse:
    built = WorkHouse(sqlite_database, clock)
    built.topic("tv", "TV")
    return built


@pytest.fixture
def mei(house: WorkHouse) -> Browser:
    return house.browser(house.employee("Mei Tan", role=Role.ADMIN))


def form_of(page: str) -> tuple[str, dict[str, str]]:
    """The form of an error page that sends everything again: its address and its fields."""
    form = re.search(r'<form class="card stack" method="post" action="([^"]*)">(.*?)</form>', page, re.DOTALL)
    assert form is not None, page
    fields = dict(re.findall(r'<input[^>]* name="([^"]*)" value="([^"]*)"', form[2]))
    areas = re.findall(r'<textarea[^>]* name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form[2], re.DOTALL)
    return form[1], {name: unescape(value) for name, value in {**fields, **dict(areas)}.items()}


def test_an_answer_sent_after_the_session_ran_out_waits_on_the_page_and_is_sent_after_signing_in(
    house: WorkHouse,
) -> None:
    jane, question = house.employee(), house.question()
    browser = house.browser(jane)
    house.clock.advance(13 * 3600)

    page = browser.post(
        f"/desk/questions/{question}/answer",
        {"text": WORDS, "title": "What to do with a dark screen?", "step": "preview"},
        referer=f"{ADDRESS}/desk/questions/{question}?adapt=4",
    )

    assert page.status_code == 401
    assert page.headers["cache-control"] == "no-store"
    assert f'href="/sign-in?to=/desk/questions/{question}%3Fadapt%3D4" target="_blank"' in page.text
    address, fields = form_of(page.text)
    assert (address, fields["step"]) == (f"/desk/questions/{question}/answer", "preview")
    browser.cookies = house.browser(jane).cookies  # signed in again, in another tab
    preview = browser.post(address, fields)
    assert preview.status_code == 200
    assert "What to do with a dark screen?" in preview.text
    assert WORDS in preview.text


def test_an_answer_that_is_a_number_alone_is_shown_as_what_was_typed(house: WorkHouse) -> None:
    page = house.browser().post("/desk/questions/1/answer", {"text": "12", "step": "preview"})
    assert page.status_code == 401
    assert re.search(
        r'<label for="([^"]*)">Your text</label>\s*<input id="\1" name="text" value="12">', page.text
    )


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/desk/profile", {"day-0": "9-17", "topic-tv": "2", "languages": "en, de"}),
        ("/admin/answers/1/drop", {"why": "It is for another model."}),
        ("/admin/texts/terms", {"title": "Terms", "paragraphs": "Be kind.\n\nBe brief."}),
        ("/admin/employees/new", {"name": "Jo Doe", "email": "jo@example.com", "role": "employee"}),
    ],
)
def test_every_form_survives_an_expired_session(house: WorkHouse, path: str, fields: dict[str, str]) -> None:
    page = house.browser().post(path, fields)
    assert page.status_code == 401
    assert form_of(page.text) == (path, fields)


def test_s16_what_a_stranger_types_is_given_back_and_not_stored(house: WorkHouse) -> None:
    stranger = house.browser()
    page = stranger.post("/desk/questions/1/answer", {"text": '"><script>alert(1)</script>'})
    assert "<script>alert" not in page.text
    assert form_of(page.text)[1]["text"] == '"><script>alert(1)</script>'
    assert "alert(1)" not in house.browser().post("/desk/questions/1/answer", {"text": ""}).text


@pytest.mark.parametrize("headers", [{"origin": "https://evil.test"}, {"sec_fetch_site": "cross-site"}])
def test_s16_what_another_site_sends_is_neither_done_nor_shown(
    house: WorkHouse, headers: dict[str, str]
) -> None:
    page = house.browser().post("/desk/questions/1/answer", {"text": "Call us at evil.test"}, **headers)
    assert page.status_code == 403
    assert "evil.test" not in page.text


def test_s22_the_form_of_an_error_page_is_sent_to_our_own_address_only(house: WorkHouse) -> None:
    def closed(_request: Request) -> Response:
        raise problems.Problem(503, "Not now.")

    there = house.browser()
    there.app.router.add_route("//evil.test/collect", closed, methods=["POST"])
    page = there.request("POST", f"{ADDRESS}//evil.test/collect", data={"text": "Hold it."})
    assert page.status_code == 503
    assert form_of(page.text) == ("/evil.test/collect", {"text": "Hold it."})


def test_somebody_who_decided_meanwhile_costs_no_word(house: WorkHouse, mei: Browser) -> None:
    question = house.question()
    held = house.answer(question, house.employee("Jane"), "One way.")
    house.answer(question, house.employee("Kim"), "Quite another way to do it.")
    house.browser(house.employee("Ann"))
    mei.post(f"/admin/answers/{held + 1}/drop", {"why": "Not needed."})

    late = mei.post(f"/admin/answers/{held + 1}/drop", {"why": "It is for another model."})

    assert late.status_code == 409
    assert form_of(late.text)[1] == {"why": "It is for another model."}


def test_what_was_overtaken_says_by_whom_and_leads_to_how_it_stands(house: WorkHouse, mei: Browser) -> None:
    question = house.question()
    held = house.answer(question, house.employee("Jane"), "One way.")
    house.answer(question, house.employee("Kim"), "Quite another way to do it.")
    ann = house.browser(house.employee("Ann", role=Role.ADMIN))
    place = f"/admin/answers/{held + 1}"
    ann.post(f"{place}/drop", {"why": "Not needed."})
    where = f"/admin/questions/{question}"

    pressed = mei.post(f"{place}/approve", {"place": "addition"}, referer=f"{ADDRESS}{where}")
    typed = mei.post(f"{place}/drop", {"why": "It is for another model."}, referer=f"{ADDRESS}{where}")
    board = mei.post(f"{place}/approve", {"back": "/admin/board"}, referer=f"{ADDRESS}/admin/board")

    for page in (pressed, typed, board):
        assert page.status_code == 409
        assert "Send it again" not in page.text
        assert "Last on record, by ann@example.com" in page.text
        assert "dropped an answer" in page.text
    for page in (pressed, board):
        assert "<form" not in page.text.partition("<h1>")[2].partition("</main>")[0]
    for page in (pressed, typed):
        assert f'href="{where}">See how it stands now' in page.text
    assert "Send it all the same" in typed.text
    assert 'href="/admin/board"' in board.text.partition("<h1>")[2]


@pytest.mark.parametrize("referer", ["https://evil.test/x", f"{ADDRESS}//evil.test/x", "http://[", ""])
def test_s22_where_it_stands_is_a_page_of_ours_or_nothing(
    house: WorkHouse, mei: Browser, referer: str
) -> None:
    page = mei.post("/admin/texts/terms/retire", referer=referer)
    assert page.status_code == 409
    assert "evil.test" not in page.text
    assert ("See how it stands now" in page.text) is False


def test_an_answer_that_is_refused_stays_in_its_box(house: WorkHouse) -> None:
    jane, question = house.employee(), house.question()
    browser = house.browser(jane)
    with house.database.write() as session:
        session.get_one(EmployeeRow, jane).state = "paused"
        session.get_one(EmployeeRow, jane).opted_in_at = house.clock()
    house.give(answering=_Refusing(house.chorus.answering))

    page = browser.post(
        f"/desk/questions/{question}/answer", {"text": WORDS, "title": "Dark?", "step": "send"}
    )

    assert page.status_code == 409
    assert f"{WORDS}</textarea>" in page.text
    assert 'value="Dark?"' in page.text
    assert "Nobody can answer this now." in page.text


class _Refusing:
    """An answering that takes nothing."""

    def __init__(self, answering: Any) -> None:
        self._answering = answering

    def __getattr__(self, name: str) -> Any:
        return getattr(self._answering, name)

    def take(self, *_: Any, **__: Any) -> Any:
        from bot.actions.conversations.answer import NotAnswerable

        raise NotAnswerable("Nobody can answer this now.")


def test_an_answer_to_a_question_that_was_deleted_meanwhile_can_be_copied(house: WorkHouse) -> None:
    question = house.question(state="withdrawn")
    page = house.browser(house.employee()).post(
        f"/desk/questions/{question}/answer", {"text": WORDS, "step": "preview"}
    )
    assert page.status_code == 410
    assert WORDS in page.text
    assert "Send it again" not in page.text


@pytest.mark.parametrize(("failure", "status"), [(RuntimeError("a bug"), 500), (DatabaseDown("gone"), 503)])
def test_a_failure_of_ours_costs_no_word(failure: Exception, status: int, house: WorkHouse) -> None:
    jane, question = house.employee(), house.question()
    browser = house.browser(jane)

    class Failing(_Refusing):
        def take(self, *_: Any, **__: Any) -> Any:
            raise failure

    house.give(answering=Failing(house.chorus.answering))
    page = browser.post(f"/desk/questions/{question}/answer", {"text": WORDS, "step": "send"})
    assert page.status_code == status
    assert form_of(page.text)[1] == {"text": WORDS, "step": "send"}


def test_a_reader_who_has_to_wait_keeps_the_report(sqlite_database: Database) -> None:
    house = ArchiveHouse(sqlite_database)
    entry = house.shelf.entry()
    report = {"reason": "wrong", "text": "It is fifteen seconds on mine."}
    for _ in range(20):
        house.post(f"/q/{entry}/helpful", {"helpful": "yes"})
    page = house.post(f"/q/{entry}/report", report)
    assert page.status_code == 429
    assert form_of(page.text) == (f"/q/{entry}/report", report)
    long = {**report, "text": "y" * 2001}
    quick = ArchiveHouse(sqlite_database).post(f"/q/{entry}/report", long)
    assert quick.status_code == 422
    assert form_of(quick.text)[1] == long


def test_a_form_that_is_too_large_is_refused_as_before(house: WorkHouse, mei: Browser) -> None:
    page = mei.post("/admin/texts/terms", {"title": "Terms", "paragraphs": "x" * (MAX_BODY + 1)})
    assert page.status_code == 413


def test_a_form_whose_sender_goes_midway_is_no_failure(house: WorkHouse) -> None:
    form = (b"content-type", b"application/x-www-form-urlencoded")
    answer = half_sent(house.app, "/desk/pause", (form, (b"accept", b"text/html")))
    assert 400 <= answer[0]["status"] < 500


def test_a_form_is_read_once_more_by_whom_it_is_for() -> None:
    app = FastAPI()
    problems.install(app)

    from typing import Annotated

    from fastapi import Form

    @app.post("/echo")
    def echo(text: Annotated[str, Form()]) -> str:
        return text

    assert Browser(app).post("/echo", {"text": WORDS}).json() == WORDS


def test_a_pause_that_ends_in_the_past_keeps_the_page_and_says_what_is_wrong(house: WorkHouse) -> None:
    browser = house.browser(house.employee())
    for wrong, words in (
        ("2026-03-01", "A pause ends in the future."),
        ("soon", "Write the day like"),
        ("0001-01-01", "Write the day like"),
    ):
        house_zone = {"timezone": "Asia/Tokyo", "daily_cap": "5", "open_cap": "2"}
        browser.post("/desk/profile", house_zone)
        page = browser.post("/desk/pause", {"until": wrong})
        assert page.status_code == 422
        assert "My profile" in page.text
        assert f'name="until@/desk/pause" value="{wrong}"' in page.text
        assert words in page.text


def test_a_wrong_profile_keeps_every_field(house: WorkHouse) -> None:
    typed = {"timezone": "UTC", "daily_cap": "many", "open_cap": "7", "languages": "en, x y", "day-2": "9-5"}
    page = house.browser(house.employee()).post("/desk/profile", typed).text
    for value in ("many", "7", "en, x y", "9-5"):
        assert f'value="{value}"' in page, value


def test_a_wrong_person_a_wrong_account_and_a_wrong_pause_keep_the_page(
    house: WorkHouse, mei: Browser
) -> None:
    typed = {"name": "Jo", "email": "jo@example.com", "timezone": "UTC", "daily_cap": "x", "opted_in": "yes"}
    page = mei.post("/admin/employees/new", {**typed, "open_cap": "2"}).text
    assert 'value="x"' in page
    assert 'name="opted_in@/admin/employees/new" value="yes" checked' in page
    for act, fields, words in (
        ("accounts", {"account": "myspace:jane"}, "is no account"),
        ("pause", {"days": "0366999999999"}, "A pause has 1 to 366 days"),
    ):
        page = mei.post(f"/admin/employees/1/{act}", fields)
        assert page.status_code == 422
        assert words in page.text
        assert f'value="{next(iter(fields.values()))}"' in page.text


def test_a_wrong_topic_keeps_what_was_typed(house: WorkHouse, mei: Browser) -> None:
    house.topic("wifi", "Wi-Fi")
    typed = {"name": "", "keywords": "picture\nscreen", "description": "What one sees.", "parent": "wifi"}
    page = mei.post("/admin/topics/tv", typed)
    assert page.status_code == 422
    assert "picture\nscreen" in page.text
    assert "What one sees." in page.text
    assert '<option value="wifi" selected>' in page.text
    new = mei.post("/admin/topics", {"slug": "tv", "name": "TV", "keywords": "", "parent": "wifi"})
    assert '<option value="wifi" selected>' in new.text
    with house.database.read() as session:
        assert session.get_one(TopicRow, 1).parent is None
