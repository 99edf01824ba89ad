"""What a department says on a matter: by whom, with what history, where it stands, who is told of a fix."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.actions.departments import manage
from bot.actions.matters import campaigns, decisions
from bot.roles import Role
from bot.states import StatementState
from bot.store.departments import answers
from bot.store.engine import Database
from bot.store.figures import votes
from bot.store.matters import campaigns as stored
from bot.store.privacy import personal_record
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.departments import DepartmentAnswerRow
from bot.store.tables.matters import CampaignRow, MatterRow, StatementRow
from bot.store.tables.people import EmployeeRow
from tests.browser import Browser
from tests.conftest import FakeClock
from tests.outage import DOWN, Outage

FIXED = "Streaming works again since version 4.2: please update, then sign in once more."


class Department(Outage):
    """A department that Lea is in charge of, and a matter of its topic."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        super().__init__(database, clock)
        self.lea_id = self.employee("Lea Lind", role=Role.LEAD).id
        self.max_id = self.employee("Max Moor", role=Role.LEAD).id
        for name, slugs, lead in (("Screens", ["tv"], "lea"), ("Networks", [], "max")):
            with database.write() as session:
                row = manage.make(session, name, "", "", clock())
                manage.edit(session, row, name, "", "", slugs, clock())
                manage.put_in(session, row, f"{lead}@example.com", leads=True, now=clock())
        for who in ("sam", "kim"):
            self.asks(who)
        with self.database.write() as session:
            decisions.assign(session, session.get_one(MatterRow, 1), 1, "mei", clock())

    def said(self) -> list[DepartmentAnswerRow]:
        return self.rows(DepartmentAnswerRow)


@pytest.fixture
def house(database: Database, clock: FakeClock) -> Department:
    return Department(database, clock)


@pytest.fixture
def lea(house: Department) -> Browser:
    return house.browser(house.lea_id)


def says(browser: Browser, kind: str, **fields: str) -> int:
    answer = browser.post("/admin/matters/1/answers", {"kind": kind, **fields})
    return answer.status_code


def test_each_kind_is_said_with_who_and_when_and_the_history_stays(house: Department, lea: Browser) -> None:
    assert says(lea, "seen") == 303
    assert says(lea, "planned", planned_for="2026-04-01") == 303
    assert says(lea, "fixed", version="version 4.2") == 303
    assert says(lea, "declined", reason="Few have that model.") == 303
    assert [one.kind for one in house.said()] == ["seen", "planned", "fixed", "declined"]
    page = lea.get("/admin/matters/1").text
    for word in (
        "seen</span>",
        "planned for 1 April 2026",
        "fixed in <bdi>version 4.2</bdi>",
        "no, because",
    ):
        assert word in page, word
    assert "Few have that model." in page
    assert page.count("<bdi>Lea Lind</bdi> for Screens") == 4
    assert "no, because" in lea.get("/admin/departments/1").text
    with house.database.read() as session:
        record = personal_record.of_employee(session, session.get_one(EmployeeRow, house.lea_id))
    assert len(record["said_for_departments"]) == 4


@pytest.mark.parametrize(
    ("kind", "fields", "why"),
    [
        ("planned", {}, "Say for which day"),
        ("planned", {"planned_for": "2026-03-03"}, "today or later"),
        ("planned", {"planned_for": "soon"}, "Write the day like"),
        ("fixed", {"fixed_on": "2026-03-05"}, "still to come"),
        ("fixed", {"version": "x" * 81}, "At most 80 characters"),
        ("declined", {}, "Say why"),
        ("declined", {"reason": "Ask bob@example.org."}, "Everybody may come to read this."),
        ("fixed", {"tell": "Ask bob@example.org. " * 200}, "At most 2,000 characters"),
    ],
)
def test_what_cannot_be_said_is_refused_and_kept_in_the_form(
    house: Department, lea: Browser, kind: str, fields: dict[str, str], why: str
) -> None:
    answer = lea.post("/admin/matters/1/answers", {"kind": kind, **fields})
    assert answer.status_code == 422
    assert why in answer.text
    assert f'value="{kind}" required checked' in answer.text
    assert house.said() == []
    assert house.rows(StatementRow) == []


def test_only_who_is_in_charge_of_it_or_decides_answers_for_a_department(house: Department) -> None:
    other, boss = house.browser(house.max_id), house.browser(house.mei)
    assert says(other, "seen") == 403
    assert says(boss, "seen") == 303
    lea = house.browser(house.lea_id)
    assert "Say what is done about it" in lea.get("/admin/matters/1").text
    assert lea.post("/admin/matters/1/answers/1/withdraw").status_code == 403
    assert says(lea, "planned", planned_for="2026-03-04") == 303
    assert lea.post("/admin/matters/1/answers/2/withdraw").status_code == 303
    assert lea.post("/admin/matters/1/answers/2/withdraw").status_code == 409
    assert "taken back" in lea.get("/admin/matters/1").text
    with house.database.read() as session:
        assert [one.id for one in answers.standing(session, [1, 2])[1]] == [1]
        assert answers.standing(session, []) == {}


def test_what_was_said_goes_along_when_matters_are_joined(house: Department, lea: Browser) -> None:
    for who in ("ann", "bob", "eve"):
        house.asks(who, "@brand where do I find the invoice of my last order?")
    says(lea, "seen")
    with house.database.write() as session:
        decisions.merge(session, 1, 2, "mei", house.clock())
    with house.database.read() as session:
        kept = session.get_one(MatterRow, 1).merged_into
        assert kept == 2
        assert [one.row.kind for one in answers.history(session, 2)] == ["seen"]


def test_a_public_page_shows_it_without_the_persons_name(house: Department, lea: Browser) -> None:
    says(lea, "seen")
    says(lea, "planned", planned_for="2026-04-01")
    says(lea, "declined", reason="It was too dear.")
    lea.post("/admin/matters/1/answers/3/withdraw")
    reader = house.browser()
    assert reader.get("/m/1").status_code == 404
    house.says()
    path = reader.get("/m/1").headers["location"]
    page = reader.get(path).text
    assert "What is being done about it" in page
    assert page.index("Planned for 1 April 2026") < page.index("We know of it")
    assert "too dear" not in page
    assert "Lea" not in page
    assert "Geplant für 1. April 2026" in reader.get(path, **{"accept-language": "de"}).text


def test_everybody_who_asked_is_told_of_a_fix_once_after_a_second_person_approved_it(
    house: Department, lea: Browser
) -> None:
    """Also who has been answered by a person, and who asked twice; not who asks only afterwards."""
    house.asks("sam")
    own = next(post for post in house.feed.read(None, 10) if post.author == "kim")
    house.post("jane", "Sign out, wait a minute and sign in again: that helps. #chorus", own)
    house.all_work()
    assert says(lea, "fixed", version="4.2", tell=FIXED) == 303
    (statement,) = house.rows(StatementRow)
    assert (statement.kind, statement.audience, statement.state) == ("settled", "asked", "proposed")
    assert house.said()[0].statement_id == statement.id
    assert "to everybody who asked" in lea.get("/admin/matters/1").text
    house.all_work()
    assert FIXED not in "".join(house.told("sam"))
    assert lea.post(f"/admin/statements/{statement.id}/approve").status_code == 403
    house.clock.advance(60)
    assert house.browser(house.ravi).post(f"/admin/statements/{statement.id}/approve").status_code == 303
    house.clock.advance(60)
    house.post("late", DOWN)
    for _ in range(3):
        house.all_work()
        house.clock.advance(60)
    assert [FIXED in text for text in house.told("sam")] == [True]
    assert sum(FIXED in text for text in house.told("kim")) == 1
    assert house.told("late") == []
    assert house.rows(StatementRow)[0].state == StatementState.ENDED


def test_who_deleted_their_question_is_told_nothing_and_stops_nobody(house: Department, lea: Browser) -> None:
    gone = next(post for post in house.feed.read(None, 10) if post.author == "sam")
    house.delete(gone)
    house.all_work()
    says(lea, "fixed", tell=FIXED)
    house.approves(1, house.mei)
    for _ in range(3):
        house.all_work()
    assert house.told("sam") == []
    assert sum(FIXED in text for text in house.told("kim")) == 1
    assert house.rows(StatementRow)[0].state == StatementState.ENDED


def test_the_drop_is_told_in_whole_weeks_alone(house: Department) -> None:
    def page() -> str:
        return house.browser(house.lea_id).get("/admin/matters/1").text

    house.clock.advance(timedelta(days=1))
    for number in range(9):
        house.asks(f"before{number}")
    house.clock.advance(timedelta(days=6, minutes=1))
    assert says(house.browser(house.lea_id), "fixed") == 303
    assert "No whole week has passed since it was fixed: the first is over on 18 March 2026." in page()
    house.asks("after")
    house.clock.advance(timedelta(days=6))
    assert "No whole week has passed" in page()
    house.clock.advance(timedelta(days=1))
    assert "From 9 to 1 people a week." in page()
    assert "in 1 whole week before the fix and the latest 1 after it" in page()
    for number in range(20):
        house.asks(f"again{number}")
    assert "From 9 to 1 people a week." in page()  # the week is not over
    house.clock.advance(timedelta(days=7))
    assert "It has not become less: 9 people a week before, 10 since." in page()
    house.browser(house.mei).post("/admin/matters/1/answers", {"kind": "seen"})
    assert "people a week" not in page()


def test_a_fix_of_something_younger_than_a_week_has_nothing_to_compare_with(house: Department) -> None:
    house.clock.advance(60)
    assert says(house.browser(house.lea_id), "fixed") == 303
    house.clock.advance(timedelta(days=8))
    page = house.browser(house.lea_id).get("/admin/matters/1").text
    assert "there is no week before to compare with: 0 people a week since" in page


def test_calls_avoided_are_told_with_their_formula(house: Department) -> None:
    """Of a department by its customers alone, of the house with the readers whom the archive helped."""
    for who in ("sam", "kim"):
        own = next(post for post in house.feed.read(None, 10) if post.author == who)
        house.post("jane", "Sign out, wait a minute and sign in again: that helps. #chorus", own)
    house.all_work()
    with house.database.write() as session:
        for number in (1, 2):
            session.get_one(QuestionRow, number).state = "settled"
        for day, helpful in ((1, True), (2, True), (60, True), (3, False)):
            votes.count(session, (house.clock() - timedelta(days=day)).date(), helpful=helpful)
    house.clock.advance(60)
    department = house.browser(house.mei).get("/admin/departments/1").text
    assert "About 1 in the last five weeks." in department
    assert "answered in public and settled (2), × 0.5" in department
    assert "counted for the house, not by topic" in department
    drivers = house.browser(house.mei).get("/admin/drivers").text
    assert "About 2 in the last five weeks." in drivers
    assert "settled (2) + readers who said that an archived answer helped (2), × 0.5" in drivers
    assert "not by topic" not in drivers


def test_who_is_in_charge_of_it_writes_where_a_campaign_stands_and_another_approves_it(
    house: Department, lea: Browser
) -> None:
    with house.database.write() as session:
        matter = session.get_one(MatterRow, 1)
        campaign = campaigns.make(session, matter, "Stream without breaks", house.mei, 14, house.clock())
        campaigns.open_page(session, campaign, house.clock())
    assert "Stream without breaks" in lea.get("/admin/departments/1").text
    page = lea.get("/admin/matters/1").text
    assert "In charge: Screens, within 14 days." in page
    assert "what your department does about it, and where its campaign stands" in page
    word = {"kind": "heard", "text": "We have heard you."}
    assert house.browser(house.max_id).post("/admin/matters/1/statements", word).status_code == 403
    for kind in ("statement", "update", "settled"):
        assert lea.post("/admin/matters/1/statements", {**word, "kind": kind}).status_code == 403
    assert lea.post("/admin/matters/1/statements", {"kind": "heard", "text": ""}).status_code == 422
    assert lea.post("/admin/matters/1/statements", word).status_code == 303
    (row,) = house.rows(StatementRow)
    assert (row.written_by, row.state) == (house.lea_id, StatementState.PROPOSED)
    assert lea.post("/admin/statements/1/approve").status_code == 403
    assert house.browser(house.mei).post("/admin/statements/1/approve").status_code == 303
    with house.database.read() as session:
        assert session.get_one(CampaignRow, 1).state == "heard"
    house.clock.advance(timedelta(days=15))
    assert "overdue" in house.browser(house.lea_id).get("/admin/departments/1").text


def test_a_campaign_begun_by_hand_is_given_to_a_department(house: Department) -> None:
    mei = house.browser(house.mei)
    assert mei.post("/admin/campaigns", {"demand": "Louder", "department": "99"}).status_code == 422
    with house.database.read() as session:
        assert stored.listed(session, 5) == []
    mei.post("/admin/campaigns", {"demand": "Louder", "department": "2"})
    assert "Networks" in mei.get("/admin/campaigns").text
    assert "Louder" in house.browser(house.max_id).get("/admin/departments/2").text


def test_a_fix_is_told_in_the_languages_of_those_who_asked(house: Department, lea: Browser) -> None:
    house.asks("uwe", "@brand das Streaming geht nicht, ich kann seit heute nichts ansehen")
    with house.database.write() as session:
        for question in session.exec(select(QuestionRow)).all():
            question.matter_id = 1
    assert 'name="tell-de@/admin/matters/1/answers"' in lea.get("/admin/matters/1").text
    german = "Streaming geht wieder: bitte einmal aktualisieren."
    assert says(lea, "fixed", tell=FIXED, **{"tell-de": german}) == 303
    [statement] = house.rows(StatementRow)
    assert statement.texts == {"": FIXED, "de": german}
    house.approves(statement.id, house.ravi)
    house.all_work()
    assert [text.endswith(german) for text in house.told("uwe")] == [True]
    assert [text.endswith(FIXED) for text in house.told("sam")] == [True]


def test_who_takes_a_fix_back_tells_nobody_of_it_any_more(house: Department, lea: Browser) -> None:
    """Given words on a fix that still wait for a second person, then nobody can approve them afterwards."""
    says(lea, "fixed", tell=FIXED)
    assert "once a second person has approved it" in lea.get("/admin/matters/1").text
    number = house.said()[0].id
    assert lea.post(f"/admin/matters/1/answers/{number}/withdraw").status_code == 303
    assert [one.state for one in house.rows(StatementRow)] == [StatementState.WITHDRAWN]
    assert house.browser(house.ravi).post("/admin/statements/1/approve").status_code == 409
    house.all_work()
    assert house.told("sam") == []


def test_what_was_typed_for_something_else_is_not_dropped(house: Department, lea: Browser) -> None:
    for kind, typed, why in (
        ("seen", {"tell": FIXED}, "choose “fixed”"),
        ("seen", {"reason": "Too few."}, "choose “no, because”"),
        ("seen", {"planned_for": "2027-03-01"}, "choose “planned for a day”"),
        ("fixed", {"planned_for": "2027-03-01"}, "choose “planned for a day”"),
        ("planned", {"version": "iOS 19.2"}, "choose “fixed”"),
        ("seen", {"fixed_on": "2026-03-01"}, "choose “fixed”"),
    ):
        answer = lea.post("/admin/matters/1/answers", {"kind": kind, **typed})
        assert answer.status_code == 422
        assert why in answer.text
        assert next(iter(typed.values())) in answer.text
    assert says(lea, "fixed", **{"tell-de": "Nur auf Deutsch."}) == 422, "those who write otherwise, too"
    assert house.said() == house.rows(StatementRow) == []
