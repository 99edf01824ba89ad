"""The tray at the desk, and the words behind it in charge."""

import re

import pytest
from sqlmodel import select

from bot.platforms.x.traits import TRAITS as X
from bot.posts import Author, Post, Visibility
from bot.roles import Role
from bot.states import ListeningCut
from bot.store.engine import Database
from bot.store.listening import days, words
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.house import AuditRow
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock
from tests.listened import listening, on_the_tray


@pytest.fixture
def house(sqlite_database: Database, clock: FakeClock) -> WorkHouse:
    house = WorkHouse(sqlite_database, clock)
    listening(house, "acme", "router")
    return house


def says(house: WorkHouse, author: str, text: str, language: str | None = "en") -> None:
    """Somebody posts on the local feed without asking us."""
    posted = house.chorus.feed.append(author, text)  # type: ignore[union-attr]
    post = Post(
        "local", posted.id, Author(author, author), text, visibility=Visibility.PUBLIC, language=language
    )
    house.ingest.write([post])
    house.take_in()


def jane(house: WorkHouse) -> Browser:
    return house.browser(house.employee())


def shown(page: str) -> list[str]:
    return re.findall(r'<p class="said" dir="auto">(.*?)</p>', page, re.DOTALL)


def audited(house: WorkHouse) -> list[str]:
    with house.database.read() as session:
        return [line.action for line in session.exec(select(AuditRow)).all()]


def test_the_newest_stand_in_front_and_can_be_narrowed(house: WorkHouse) -> None:
    browser = jane(house)
    says(house, "sam", "my acme is dead")
    says(house, "kim", "mi router no funciona", "es")
    page = browser.get("/desk/listening").text
    assert ["router" in one for one in shown(page)] == [True, False]
    assert shown(browser.get("/desk/listening?word=1").text) == shown(page)[1:]
    assert shown(browser.get("/desk/listening?language=es&word=").text) == shown(page)[:1]
    assert shown(browser.get("/desk/listening?platform=x").text) == []
    assert shown(browser.get("/desk/listening?word=no").text) == shown(page)
    assert "Nothing here is ever answered by itself" in page


def test_let_be_can_be_undone_and_the_filter_stays(house: WorkHouse) -> None:
    browser = jane(house)
    says(house, "sam", "my acme is dead")
    back = browser.post("/desk/listening/1/let-be?word=1&platform=local")
    assert back.headers["location"] == "/desk/listening?platform=local&word=1&done=let_be&item=1"
    page = browser.get(back.headers["location"]).text
    assert shown(page) == []
    assert 'action="/desk/listening/1/put-back?platform=local&amp;word=1"' in page
    assert len(shown(browser.get("/desk/listening?show=let_be").text)) == 1
    browser.post("/desk/listening/1/put-back")
    assert on_the_tray(house) == ["my acme is dead"]
    assert audited(house)[-2:] == ["listened.let_be", "listened.put_back"]


def test_a_question_is_made_of_it_with_a_mark_that_nobody_asked(house: WorkHouse) -> None:
    browser = jane(house)
    says(house, "sam", "my acme is dead")
    back = browser.post("/desk/listening/1/ask")
    assert back.headers["location"] == "/desk/listening?done=asked"
    assert "people are asked who may know" in browser.get(back.headers["location"]).text
    assert "nobody asked us" in browser.get("/desk/open").text
    page = browser.get("/desk/questions/1").text
    assert "Nobody has asked us" in page
    assert "posted by hand" not in page
    assert audited(house)[-1] == "listened.ask"
    late = browser.post("/desk/listening/1/ask")
    assert late.status_code == 409
    assert "not on the tray any more" in late.text
    assert len(house.rows(QuestionRow)) == 1


def test_where_only_a_person_may_reply_the_link_is_there_and_explained(house: WorkHouse) -> None:
    class OnX:
        traits = X

        def close(self) -> None:
            """There is nothing to close."""

    house.give(platforms={**house.chorus.platforms, "x": OnX()})
    browser = jane(house)
    post = Post("x", "77", Author("u", "sam"), "my acme is dead", visibility=Visibility.PUBLIC)
    house.ingest.write([post])
    house.steps.intake._brands["x"] = Author("b", "acmebrand")
    house.take_in()
    page = browser.get("/desk/listening").text
    assert 'href="https://x.com/intent/post?in_reply_to=77"' in page
    assert "On X an app may reply only to those who addressed the brand" in page
    browser.post("/desk/listening/1/ask")
    assert (
        "X lets an app reply only to those who addressed the brand" in browser.get("/desk/questions/1").text
    )


def test_what_was_cut_and_what_fails_is_said(house: WorkHouse, clock: FakeClock) -> None:
    with house.database.write() as session:
        days.note(session, "local", clock(), cut=ListeningCut.DAY)
        days.note(session, "x", clock(), cut=ListeningCut.MONEY, problem="X does not answer.")
    page = jane(house).get("/desk/listening").text
    assert "the day's 500 posts are taken" in page
    assert "the money for listening is spent" in page
    assert "X cannot be searched at the moment: X does not answer." in page


def test_how_often_each_word_was_said(house: WorkHouse, clock: FakeClock) -> None:
    says(house, "sam", "acme acme")
    clock.advance(86_400)
    says(house, "kim", "acme again")
    page = jane(house).get("/desk/listening").text
    row = re.search(r'word=1">acme</a></th>(.*?)</tr>', page)
    assert row is not None
    assert re.findall(r">(\d+)<", row[1]) == ["1", "1", "2"]


def test_long_trays_go_by_pages(house: WorkHouse) -> None:
    for number in range(51):
        says(house, f"c{number}", f"acme {number}")
    browser = jane(house)
    first = browser.get("/desk/listening").text
    assert len(shown(first)) == 50
    further = re.search(r'href="(/desk/listening\?before=\d+)"', first)
    assert further is not None
    second = browser.get(further[1]).text
    assert shown(second) == ['<bdi dir="auto">acme 0</bdi>']
    action = re.search(r'action="(/desk/listening/\d+/let-be[^"]*)"', second)
    assert action is not None
    assert browser.post(action[1]).headers["location"] == f"{further[1]}&done=let_be&item=1"


def test_of_two_at_one_post_the_second_reads_that_it_was_let_be(house: WorkHouse) -> None:
    ada, jim = jane(house), house.browser(house.employee("Jim Roe"))
    says(house, "sam", "my acme is dead")
    ada.post("/desk/listening/1/let-be")
    late = jim.post("/desk/listening/1/ask")
    assert (late.status_code, late.text.count("Somebody has let it be already.")) == (409, 1)
    assert house.rows(QuestionRow) == []
    assert jim.post("/desk/listening/1/ask?show=let_be").status_code == 303
    assert len(house.rows(QuestionRow)) == 1


def test_a_word_is_added_changed_and_removed(house: WorkHouse) -> None:
    boss = house.browser(house.employee("Mei Tan", role=Role.MODERATOR))
    back = boss.post(
        "/admin/words",
        {"text": "Acme TV", "languages": "en, de", "excluded": "show, series", "platform-local": "1"},
    )
    assert back.headers["location"] == "/admin/words?done=added"
    page = boss.get("/admin/words").text
    assert "show, series" in page
    assert "en, de" in page
    with house.database.read() as session:
        row = words.by_key(session, "acme tv")
        assert row is not None
        assert (row.platforms, row.is_on) == ([], True)
    assert 'value="Acme TV"' in boss.get(f"/admin/words/{row.id}").text
    boss.post(f"/admin/words/{row.id}", {"text": "Acme TVs", "platform-local": "1"})
    with house.database.read() as session:
        row = words.by_key(session, "acme tvs")
        assert row is not None
        assert not row.is_on
    boss.post(f"/admin/words/{row.id}/remove")
    with house.database.read() as session:
        assert [one.text for one in words.listed(session)] == ["acme", "router"]
    assert audited(house)[-3:] == ["word.add", "word.edit", "word.remove"]


def test_a_word_that_cannot_be_listened_for_is_shown_with_the_reason(house: WorkHouse) -> None:
    boss = house.browser(house.employee("Mei Tan", role=Role.ADMIN))
    answer = boss.post("/admin/words", {"text": "ACME"})
    assert answer.status_code == 422
    assert "listened for already" in answer.text
    answer = boss.post("/admin/words/1", {"text": "router"})
    assert answer.status_code == 422
    assert boss.get("/admin/words/99").status_code == 404


def test_who_only_watches_sees_the_words_and_changes_none(house: WorkHouse) -> None:
    auditor = house.browser(house.employee("Ana Li", role=Role.AUDITOR))
    assert "<form" not in auditor.get("/admin/words").text.partition("<main")[2].partition("</main>")[0]
    assert "Save" not in auditor.get("/admin/words/1").text
