"""What helps nobody else is in no part of the archive, until a person or a better answer puts it in."""

import pytest

from bot.roles import Role
from bot.states import EntryState
from bot.store.engine import Database
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.house import AuditRow
from routing.dialogue.gate import HeldBack
from tests.bot.actions.talk import Talk
from tests.conftest import FakeClock
from tests.house import House

ELSEWHERE = "Please send us a private message, our colleagues will look into it."
SOLVES = "Hold the ring for ten seconds until it blinks, then it is paired again."


def surfaces(house: House) -> dict[str, str]:
    """All that anybody may read of the archive."""
    house.chorus.search.catch_up()
    paths = ("/", "/topics/lamps", "/feed.atom", "/sitemap-1.xml", "/search?q=lamp", "/api/v1/answers")
    found = {path: house.ask("GET", path).text for path in (*paths, "/api/v1/answers?q=lamp")}
    return found | {"/api/v1/suggest": house.ask("GET", "/api/v1/suggest?q=my+lamp+stays+dark").text}


def held_back(database: Database, clock: FakeClock) -> Talk:
    talk = Talk(House(database, clock))
    talk.answers(ELSEWHERE, talk.opening)
    return talk


def test_what_nothing_solves_is_on_no_page_that_anybody_reads(database: Database, clock: FakeClock) -> None:
    talk = held_back(database, clock)
    [entry] = talk.house.entries()
    assert (entry.state, entry.held_back) == (EntryState.HELD_BACK, HeldBack.UNSOLVED)
    for path, page in surfaces(talk.house).items():
        assert "private message" not in page, path
        assert f"/q/{entry.id}" not in page, path
    assert talk.house.ask("GET", f"/q/{entry.id}-x").status_code == 404
    assert talk.house.ask("GET", f"/api/v1/answers/{entry.id}").status_code == 404
    assert "private message" in talk.house.by_brand()[-1].text


def test_a_better_answer_puts_it_in_and_did_not_help_takes_it_out_again(
    database: Database, clock: FakeClock
) -> None:
    talk = held_back(database, clock)
    more = talk.says("I would rather know here: it is the LX 200", talk.opening)
    brand = talk.answers(SOLVES, more)
    [entry] = talk.house.entries()
    assert (entry.state, entry.held_back) == (EntryState.PUBLIC, None)
    assert "Hold the ring" in surfaces(talk.house)["/api/v1/answers?q=lamp"]
    talk.says("did that, still dark", brand)
    [entry] = talk.house.entries()
    assert (entry.state, entry.held_back) == (EntryState.HELD_BACK, HeldBack.UNSOLVED)
    assert "Hold the ring" not in surfaces(talk.house)["/api/v1/answers?q=lamp"]


def test_a_person_puts_it_in_and_no_judgement_takes_it_out(database: Database, clock: FakeClock) -> None:
    talk = held_back(database, clock)
    [entry] = talk.house.entries()
    boss = talk.house.browser(talk.house.employee("Mei Ito", role=Role.MODERATOR).id)
    page = boss.get("/admin/review").text
    assert "nothing that was said solves it" in page
    assert f'action="/admin/entries/{entry.id}/show"' in page
    boss.post(f"/admin/entries/{entry.id}/show")
    assert "Held back" not in boss.get("/admin/review").text
    assert f"/q/{entry.id}" in surfaces(talk.house)["/"]
    talk.says("that did not help", talk.opening)
    assert talk.house.entries()[0].state == EntryState.PUBLIC
    assert [row.action for row in talk.house.rows(AuditRow)][-1] == AuditAction.ENTRY_SHOW


def test_a_person_keeps_it_out_and_no_judgement_puts_it_in(database: Database, clock: FakeClock) -> None:
    talk = held_back(database, clock)
    [entry] = talk.house.entries()
    boss = talk.house.browser(talk.house.employee("Mei Ito", role=Role.MODERATOR).id)
    boss.post(f"/admin/entries/{entry.id}/hide")
    more = talk.says("I would rather know here: it is the LX 200", talk.opening)
    talk.answers(SOLVES, more)
    assert talk.house.entries()[0].state == EntryState.HIDDEN


def test_what_passes_is_held_back_with_its_reason(sqlite_database: Database, clock: FakeClock) -> None:
    talk = Talk(House(sqlite_database, clock))
    talk.answers("We know, there is an outage at the moment, we are working on it.", talk.opening)
    [entry] = talk.house.entries()
    assert (entry.state, entry.held_back) == (EntryState.HELD_BACK, HeldBack.OUTAGE)


@pytest.mark.parametrize("tags", ["#chorus-private", "#chorus #Chorus-Private", "＃chorus-private"])
def test_an_answer_with_the_private_tag_goes_out_and_stays_out_of_the_archive(
    database: Database, clock: FakeClock, tags: str
) -> None:
    talk = Talk(House(database, clock))
    talk.house.post("jane", f"{SOLVES} {tags}", talk.opening)
    talk.house.work()
    said = talk.house.by_brand()[-1].text
    assert SOLVES in said
    assert "private" not in said.casefold()
    assert [(one.state, one.held_back) for one in talk.house.entries()] == [
        (EntryState.HELD_BACK, HeldBack.AUTHOR)
    ]
    assert "Hold the ring" not in surfaces(talk.house)["/api/v1/answers?q=lamp"]


def test_the_private_tag_may_be_another_one(sqlite_database: Database, clock: FakeClock) -> None:
    talk = Talk(House(sqlite_database, clock, private_tag="#just-for-you"))
    talk.house.post("jane", f"{SOLVES} #just-for-you", talk.opening)
    talk.house.work()
    assert "just" not in talk.house.by_brand()[-1].text
    assert [one.held_back for one in talk.house.entries()] == [HeldBack.AUTHOR]


def test_the_private_tag_comes_with_the_tag(sqlite_database: Database, clock: FakeClock) -> None:
    talk = Talk(House(sqlite_database, clock, tag="#acme"))
    talk.house.post("jane", f"{SOLVES} #acme-private", talk.opening)
    talk.house.work()
    assert [one.held_back for one in talk.house.entries()] == [HeldBack.AUTHOR]


def test_an_edit_takes_the_private_tag_away_before_the_answer_goes_out(
    sqlite_database: Database, clock: FakeClock
) -> None:
    talk = Talk(House(sqlite_database, clock, publish={"undo_window": 600}))
    post = talk.house.post("jane", f"{SOLVES} #chorus-private", talk.opening)
    talk.house.work()
    talk.house.edit(post, f"{SOLVES} Really. #chorus")
    talk.house.work()
    talk.house.wait(601)
    assert [one.state for one in talk.house.entries()] == [EntryState.PUBLIC]


def test_the_desk_answers_without_archiving_and_keeps_the_choice_in_the_preview(
    database: Database, clock: FakeClock
) -> None:
    talk = Talk(House(database, clock))
    [question] = talk.house.questions()
    browser = talk.house.browser(talk.jane)
    form = f"/desk/questions/{question.id}/answer"
    assert browser.post(form, {"text": SOLVES, "private": "1"}).text.count('value="1" checked') == 2
    assert 'value="1" checked' not in browser.post(form, {"text": SOLVES}).text
    browser.post(form, {"text": SOLVES, "private": "1", "step": "send"})
    talk.house.work()
    assert SOLVES in talk.house.by_brand()[-1].text
    [entry] = talk.house.entries()
    assert (entry.state, entry.held_back) == (EntryState.HELD_BACK, HeldBack.AUTHOR)
    boss = talk.house.browser(talk.house.employee("Mei Ito", role=Role.MODERATOR).id)
    page = boss.get(f"/admin/questions/{question.id}").text
    assert "held back from the archive" in page
    boss.post(f"/admin/entries/{entry.id}/show")
    assert "in the archive" in boss.get(f"/admin/questions/{question.id}").text
