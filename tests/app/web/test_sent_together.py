"""No word that somebody typed is lost because they pressed the button of another form, without script too."""

from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest

from bot.roles import Role
from bot.store.engine import Database
from bot.store.tables.conversations import QuestionRow
from tests.app.browsing import chromium, served
from tests.app.web.test_every_page_browser import Filled
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock
from tests.forms import pressed
from tests.mail_server import MailServer

pytestmark = pytest.mark.timeout(600)

WORDS = "Ask the people in the warehouse"
TYPED = ("text", "search", "email", "url", "number", "date", "datetime-local", "tel", "password", "time")
BY_THEMSELVES = {
    "/sign-out": "stands in the foot of every page and leaves all of them",
    "/admin/people/bulk": "one form around the whole list; what else is typed there is a search",
}
"""Forms behind the sign-in that are no part of the page's one, though words may be typed beside them."""


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> WorkHouse:
    built = WorkHouse(sqlite_database, clock)
    built.topic("tv", "TV")
    return built


class _Page(HTMLParser):
    """The forms of a page, in which of them words are typed, and the names in the page's one form."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[str] = []
        self.typed: Counter[str] = Counter()
        self.held: Counter[str] = Counter()
        self._form = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._form = given.get("action") or ""
            if given.get("method") == "post" and given.get("id") != "page":
                self.forms.append(self._form)
        kind = given.get("type") or "text"
        if tag == "textarea" or (tag == "input" and kind in TYPED):
            self.typed[given.get("form") or self._form] += 1
        if given.get("form") == "page" and tag != "button" and kind not in ("radio", "checkbox"):
            self.held[given.get("name") or ""] += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = ""


def test_wherever_words_are_typed_every_other_button_sends_them_along(
    sqlite_database: Database, clock: FakeClock, mails: MailServer
) -> None:
    filled = Filled.of(sqlite_database, clock, mails)
    browser = filled.desk.house.browser(filled.who)
    wrong = []
    for path, places in filled.pages():
        if not path.startswith(("/desk", "/admin")):
            continue
        for place in places[:3]:
            page = _Page(browser.get(place).text)
            alone = [one for one in page.forms if one.partition("?")[0] not in BY_THEMSELVES]
            typed_in = {one for one in page.typed if one == "page" or one in page.forms}
            if any(typed_in - {one} for one in alone):
                wrong.append(f"{place}: {sorted(set(alone))} beside words in {sorted(typed_in)}")
            if twice := [name for name, times in page.held.items() if times > 1]:
                wrong.append(f"{place}: two parts of the form are called alike: {twice}")
    assert not wrong, "\n".join(wrong)


def _press(browser: Any, page: str, deed: str, **typed: str) -> Any:
    """What a browser without script sends from a page."""
    return browser.post(*pressed(browser.get(page).text, deed, **typed))


def test_every_button_of_a_question_at_the_desk_leaves_what_is_typed_elsewhere(house: WorkHouse) -> None:
    jane, kim = house.employee("Jane Doe", handle="jane"), house.employee("Kim Lee", handle="kim")
    question, other = house.question(), house.question("@brand still no picture")
    browser, page = house.browser(jane), f"/desk/questions/{question}"
    browser.post(f"{page}/notes", {"note": "The first"})
    typed = {"text__answer": WORDS, "other__refer": "Kim"}
    for deed in (f"{page}/notes/1/remove", f"{page}/claim"):
        shown = _press(browser, page, deed, **typed)
        assert shown.status_code == 200
        assert f"{WORDS}</textarea>" in shown.text, deed
        assert 'value="Kim"' in shown.text
    shown = _press(browser, page, f"{page}/refer", text__answer=WORDS, colleague__refer=str(kim))
    assert f"{WORDS}</textarea>" in shown.text
    assert "Your colleague has the question now." in shown.text
    where, sent = pressed(browser.get(page).text, f"{page}/join", text__answer=WORDS)
    shown = browser.post(where, {**sent, f"other@{page}/join": str(other)})
    assert f"{WORDS}</textarea>" in shown.text
    assert "They are one question now" in shown.text


def test_every_button_of_a_question_in_charge_leaves_what_is_typed_elsewhere(house: WorkHouse) -> None:
    browser = house.browser(house.employee("Mei Tan", role=Role.ADMIN))
    question = house.question(state="escalated")
    page = f"/admin/questions/{question}"
    title, why = f"title__{page}/title", f"why__{page}/dismiss"
    typed = {title: "Why is the screen dark?", why: "It is not ours", "note__note": WORDS}
    saved = _press(browser, page, f"{page}/topics", **typed, **{f"main__{page}/topics": "tv"})
    assert saved.status_code == 200
    assert "Saved" in saved.text
    for words in ("Why is the screen dark?", "It is not ours", WORDS):
        assert words in saved.text
    noted = _press(browser, page, f"{page}/notes", **typed)
    assert noted.text.count(WORDS) == 1, "it stands among the notes, and not in its form again"
    assert 'value="It is not ours"' in noted.text
    praised = _press(browser, page, f"{page}/praise", **typed)
    assert "It is not ours" in praised.text, "its form is gone: it stands at the top of the page"
    assert "Copy it before you go on." in praised.text
    assert house.state_of(question) == "dismissed"


def test_a_button_does_its_own_deed_with_its_own_words_alone(house: WorkHouse) -> None:
    browser = house.browser(house.employee("Mei Tan", role=Role.ADMIN))
    question = house.question(state="escalated")
    page = f"/admin/questions/{question}"
    done = _press(
        browser, page, f"{page}/praise", **{f"title__{page}/title": "Mine", f"why__{page}/dismiss": WORDS}
    )
    assert done.status_code == 200
    kept = house.row(QuestionRow, question)
    assert (kept.title, WORDS in kept.note) == ("", False)


def test_what_nobody_has_changed_is_no_word_that_could_be_lost(house: WorkHouse) -> None:
    browser = house.browser(house.employee("Mei Tan", role=Role.ADMIN))
    question = house.question(state="escalated")
    with house.database.write() as session:
        session.get_one(QuestionRow, question).title = "Why is it dark?"
    page = f"/admin/questions/{question}"
    assert _press(browser, page, f"{page}/notes", note__note=WORDS).status_code == 303
    for page, deed in (("/desk/profile", "/desk/pause"), ("/admin/topics/tv", "/admin/topics/tv")):
        assert _press(browser, page, deed).status_code == 303, page


def test_what_was_previewed_and_not_sent_stays_while_something_else_is_done(house: WorkHouse) -> None:
    browser = house.browser(house.employee())
    page = f"/desk/questions/{house.question()}"
    preview = _press(browser, page, f"{page}/answer", text__answer=WORDS)
    noted = browser.post(*pressed(preview.text, f"{page}/notes", note__note="Look at it"))
    assert f"{WORDS}</textarea>" in noted.text
    again = browser.post(*pressed(noted.text, f"{page}/notes", note__note="And again"))
    assert f"{WORDS}</textarea>" in again.text


def test_what_is_refused_leaves_the_words_of_the_other_forms_as_well(house: WorkHouse) -> None:
    browser = house.browser(house.employee("Mei Tan", role=Role.ADMIN))
    question = house.question(state="escalated")
    page = f"/admin/questions/{question}"
    where, sent = pressed(browser.get(page).text, f"{page}/title", note__note=WORDS)
    refused = browser.post(where, sent)
    assert refused.status_code == 422
    assert WORDS in refused.text
    form = refused.text.partition('<form class="card stack"')[2].partition("</form>")[0]
    assert f'name="@" value="{page}"' in form
    again = browser.post(where, {"title": "A title", "note@note": WORDS, "@": page})
    assert f"{WORDS}</textarea>" in again.text


@pytest.mark.parametrize("page", ["https://evil.test/desk", "//evil.test/desk", "/q/1", "/desk/../q/1", ""])
def test_s22_nothing_but_a_page_behind_the_sign_in_is_shown_with_the_rest(
    house: WorkHouse, page: str
) -> None:
    browser = house.browser(house.employee())
    place = f"/desk/questions/{house.question()}"
    done = browser.post(f"{place}/notes?of=note", {"note@note": "Hello", "text@answer": WORDS, "@": page})
    assert done.status_code in (200, 303)
    assert "evil.test" not in done.text
    if done.status_code == 200:
        assert f'data-stands-at="{place}?done=noted' in done.text


def test_s16_what_is_put_back_is_no_markup(house: WorkHouse) -> None:
    house.employee("Kim Lee", handle="kim")
    browser = house.browser(house.employee())
    page = f"/desk/questions/{house.question()}"
    evil = '"></textarea><script>alert(1)</script>\0'
    shown = _press(browser, page, f"{page}/claim", text__answer=evil, other__refer=evil, note__note=evil)
    assert shown.status_code == 200
    assert "<script>alert" not in shown.text
    assert shown.text.count("alert(1)") == 3


@pytest.mark.browser
def test_without_script_a_colleague_is_referred_to_and_the_answer_stays(house: WorkHouse) -> None:
    jane, kim = house.employee("Jane Doe"), house.employee("Kim Lee", handle="kim")
    question = house.question()
    ((name, value),) = house.browser(jane).cookies.items()
    with chromium() as launched, served(house.app) as address:
        context = launched.new_context(java_script_enabled=False)
        context.add_cookies([{"name": name, "value": value, "url": address}])
        page = context.new_page()
        page.goto(f"{address}/desk/questions/{question}")
        page.fill("#f-text", f"{WORDS}\nfirst")
        page.fill("#f-note", "For Kim")
        page.fill("#f-other", "Kim Lee")
        page.press("#f-other", "Enter")
        assert page.url.endswith(f"/desk/questions/{question}"), "the key Enter does no other form's deed"
        page.get_by_role("button", name="Refer").click()
        assert page.input_value("#f-text") == f"{WORDS}\nfirst"
        assert page.input_value("#f-note") == "For Kim"
        assert "Your colleague has the question now." in page.inner_text("main")
        page.get_by_role("button", name="Write the note").click()
        assert page.input_value("#f-text") == f"{WORDS}\nfirst"
        assert "Noted: only colleagues see it." in page.inner_text("main")
        page.goto(f"{address}/desk/profile")
        page.get_by_role("button", name="Pause", exact=True).click()
        assert page.url.startswith(f"{address}/desk/profile?done="), (
            "nothing was typed, as a browser sends it"
        )
    assert house.offer_state(question, kim) == "open"
