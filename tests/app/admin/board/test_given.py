"""What stands on the board is given to a department: its leads find it, hear of it, settle what they may."""

import threading

import pytest

from bot.roles import Role
from bot.store.engine import Database
from bot.store.tables.house import BoardMarkRow
from bot.store.tables.matters import MatterRow
from routing.model.domain import OfferState, QuestionState
from tests.app.board_house import BoardHouse
from tests.browser import Browser
from tests.conftest import FakeClock
from tests.mail_server import MailServer


class Led(BoardHouse):
    """A house with a department for TV, of which Lea is in charge."""

    def __init__(self, database: Database, clock: FakeClock, **given: object) -> None:
        super().__init__(database, clock, **given)
        self.lea = self.house.employee("Lea Lind", role=Role.LEAD, handle="lea")
        self.screens = self.department("Screens", "tv", lead=self.lea)

    def give(self, key: str, to: str) -> int:
        kind, number = key.split("-")
        return self.browser.post(f"/admin/board/{kind}/{number}/assign", {"to": to}).status_code

    def surge(self, topic: str) -> int:
        now = self.clock()
        return self.add(MatterRow(title="Dark", first_at=now, last_at=now, topic=topic, surge="40 people"))


@pytest.fixture
def desk(database: Database, clock: FakeClock) -> Led:
    return Led(database, clock)


def shown(browser: Browser, department: int) -> str:
    page = browser.get(f"/admin/departments/{department}")
    assert page.status_code == 200, page.text
    return page.text.partition('id="given"')[2].partition("</section>")[0]


def test_a_department_is_a_filter_that_follows_the_topic_and_what_was_given(desk: Led) -> None:
    tv = desk.question(topics=[["tv", 0.9], ["wifi", 0.1]])
    wifi = desk.question(topics=[["wifi", 0.9], ["tv", 0.1]])
    other = desk.question(topics=[["wifi", 0.9]])
    surge = desk.surge("tv")
    elsewhere = desk.surge("wifi")
    entry = desk.entry(review="It is old.", topic="tv")
    ours = [f"question-{tv}", f"surge-{surge}", f"review-{entry}"]
    assert desk.standing(f"department={desk.screens}") == ours
    assert desk.give(f"question-{wifi}", "screens") == 303
    assert set(desk.standing(f"department={desk.screens}")) == {*ours, f"question-{wifi}"}
    assert desk.standing(f"department={desk.screens}&topic=wifi") == [f"question-{tv}", f"question-{wifi}"]
    assert f"question-{other}" in desk.standing("topic=wifi")
    assert f"surge-{elsewhere}" in desk.standing()
    assert desk.standing("department=4711") == []


def test_a_question_that_is_given_to_a_department_is_in_front_of_its_leads(desk: Led) -> None:
    question = desk.question(topics=[["wifi", 0.9]])
    assert desk.give(f"question-{question}", " SCREENS ") == 303
    assert desk.house.offer_state(question, desk.lea) == OfferState.OPEN
    assert desk.standing("person=nobody") == []
    assert "Screens" in desk.board()
    lea = desk.house.browser(desk.lea)
    assert f'href="/desk/questions/{question}"' in shown(lea, desk.screens)
    done = lea.post(
        f"/desk/questions/{question}/answer", {"text": "Hold it for ten seconds.", "step": "send"}
    )
    assert done.status_code == 303, done.text
    assert desk.house.state_of(question) != QuestionState.ESCALATED
    assert "Nothing at the moment." in shown(lea, desk.screens)
    assert desk.audited()[0] == ("board.assign", f"question {question}")


def test_a_lead_says_that_they_see_to_it(desk: Led) -> None:
    question = desk.question()
    desk.give(f"question-{question}", "Screens")
    place = f"/admin/departments/{desk.screens}/given/question/{question}/take"
    assert desk.browser.post(place).status_code == 403
    lea = desk.house.browser(desk.lea)
    assert f'action="{place}"' in shown(lea, desk.screens)
    assert lea.post(place).headers["location"] == f"/admin/departments/{desk.screens}?done=given&at=given"
    assert "Lea Lind" in shown(lea, desk.screens)
    assert desk.standing(f"person={desk.lea}") == [f"question-{question}"]
    other = desk.department("Sound", lead=desk.lea)
    assert lea.post(f"/admin/departments/{other}/given/question/{question}/take").status_code == 409


def test_what_a_lead_may_not_settle_is_given_to_their_department_by_nobody(desk: Led) -> None:
    held, question = desk.answer(), desk.question()
    assert desk.give(f"answer-{held}", "Screens") == 422
    assert desk.give(f"question-{question}", "Nobody's") == 422
    empty = desk.department("Empty")
    assert desk.give(f"question-{question}", "Empty") == 422
    bo = desk.house.employee("Bo Lee", role=Role.MODERATOR)
    desk.browser.post(f"/admin/departments/{empty}/people", {"who": "bo@example.com", "leads": "yes"})
    assert desk.give(f"answer-{held}", "Empty") == 303
    mine = desk.house.browser(bo).get("/admin/board?person=me").text
    assert f'data-key="answer-{held}"' in mine
    assert "On the board" in shown(desk.house.browser(bo), empty)


def test_a_surge_goes_to_the_department_that_answers_for_its_matter(desk: Led) -> None:
    ours, others = desk.surge("tv"), desk.surge("wifi")
    assert desk.give(f"surge-{others}", "Screens") == 422
    assert desk.give(f"surge-{ours}", "Screens") == 303
    lea = desk.house.browser(desk.lea)
    assert f'href="/admin/matters/{ours}"' in shown(lea, desk.screens)
    assert lea.get(f"/admin/matters/{ours}").status_code == 200


def test_another_departments_lead_and_a_colleague_see_nothing_of_it(desk: Led) -> None:
    desk.give(f"question-{desk.question()}", "Screens")
    other = desk.house.browser(desk.house.employee("Kim Oh", role=Role.LEAD))
    assert other.get(f"/admin/departments/{desk.screens}").status_code == 403
    assert desk.house.browser(desk.jane).get(f"/admin/departments/{desk.screens}").status_code == 403


def test_several_are_given_to_a_department_at_once(desk: Led) -> None:
    first, second, held = desk.question(), desk.question(), desk.answer()
    picks = {f"pick-{key}": "1" for key in (f"question-{first}", f"question-{second}", f"answer-{held}")}
    page = desk.browser.post("/admin/board/bulk", {"deed": "assign", "to": "Screens", **picks}).text
    assert "2 of 3 given to somebody" in page
    assert "Nobody is in charge of Screens who may settle this." in page


def test_a_person_takes_over_from_a_department_and_a_retired_one_has_nothing(desk: Led) -> None:
    question, other = desk.question(), desk.question()
    desk.give(f"question-{question}", "Screens")
    desk.give(f"question-{question}", "jane@example.com")
    mark = desk.house.row(BoardMarkRow, ("question", question))
    assert (mark.assigned_to, mark.department_id) == (desk.jane, None)
    desk.give(f"question-{other}", "Screens")
    desk.browser.post(f"/admin/departments/{desk.screens}/retire")
    assert desk.house.row(BoardMarkRow, ("question", other)).department_id is None
    assert desk.give(f"question-{question}", "Screens") == 422


def test_of_two_who_give_one_line_away_the_later_counts(desk: Led) -> None:
    question = desk.question()
    kim = desk.house.employee("Kim Oh", role=Role.LEAD, handle="kim")
    sound = desk.department("Sound", lead=kim)
    bo = desk.house.browser(desk.house.employee("Bo Lee", role=Role.MODERATOR))
    place = f"/admin/board/question/{question}/assign"
    given: list[int] = []

    def give(browser: Browser, to: str) -> None:
        given.append(browser.post(place, {"to": to}).status_code)

    threads = [threading.Thread(target=give, args=one) for one in ((desk.browser, "Screens"), (bo, "Sound"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert given == [303, 303]
    assert desk.house.row(BoardMarkRow, ("question", question)).department_id in (desk.screens, sound)
    assert len(desk.audited()) == 2


def test_leads_hear_by_mail_of_what_was_given_to_them_while_it_waits(
    sqlite_database: Database, clock: FakeClock, mails: MailServer
) -> None:
    desk = Led(sqlite_database, clock, mail=mails.settings)
    tell = desk.house.steps.notify
    assert tell is not None
    first, second, settled = desk.question(), desk.question(), desk.question()
    for question in (first, second, settled):
        desk.give(f"question-{question}", "Screens")
    desk.browser.post(f"/admin/questions/{settled}/close")
    tell.run(), tell.run()
    [mail] = mails.mails
    assert mail["To"] == "lea@example.com"
    assert mail["Subject"] == "2 things were given to you to look after"
    text = mail.get_payload(decode=True).decode()
    assert f"/desk/questions/{first}" in text
    assert f"/desk/questions/{settled}" not in text
    bo = desk.house.employee("Bo Lee", role=Role.MODERATOR)
    held = desk.answer()
    desk.give(f"answer-{held}", "bo@example.com")
    desk.give(f"answer-{held}", "")
    tell.run()
    assert len(mails.mails) == 1, f"it is no longer given to {bo}"
