"""What a person says of an answer stands, and everything that hangs on it moves along: once."""

from bot.actions import overrule
from bot.roles import Role
from bot.states import AcceptedBy
from bot.store.engine import Database
from bot.store.house.audit_actions import AuditAction
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import AnswerRow
from bot.store.tables.house import AuditRow
from routing.dialogue.turns import TurnKind
from routing.model.domain import QuestionState
from tests.bot.actions.talk import Talk
from tests.conftest import FakeClock
from tests.house import House

ASKS = "Which model is it?"
SOLVES = "Hold the ring for ten seconds until it blinks."
OTHER = "Unscrew the foot and change the fuse inside, it is a 2 A one."


def page_of(talk: Talk) -> str:
    """The public page of the first entry."""
    return talk.house.ask("GET", f"/api/v1/answers/{talk.house.entries()[0].id}").text


def lines(house: House, action: AuditAction) -> list[AuditRow]:
    return [row for row in house.rows(AuditRow) if row.action == action]


def test_a_question_back_that_is_an_answer_answers_its_question_and_enters_the_archive(
    database: Database, clock: FakeClock
) -> None:
    talk = Talk(House(database, clock))
    talk.answers(ASKS, talk.opening)
    [answer] = talk.house.answers()
    browser = talk.house.browser(talk.jane)

    for _ in range(2):
        done = browser.post(f"/desk/answers/{answer.id}/kind", {"kind": "answer"})
        assert done.headers["location"] == f"/desk/questions/{answer.question_id}?done=kind"

    [question], [answer], [entry] = talk.house.questions(), talk.house.answers(), talk.house.entries()
    assert question.state == QuestionState.ANSWERED
    assert question.answered_at == answer.published_at
    assert question.asked_back_by is None
    assert (answer.said, answer.said_by_person, answer.lead) == (TurnKind.ANSWER, True, True)
    assert ASKS in page_of(talk)
    assert entry.question_id == question.id
    assert len(lines(talk.house, AuditAction.ANSWER_KIND)) == 1


def test_an_answer_that_only_asks_back_leaves_the_archive_and_its_question_waits_for_the_customer(
    database: Database, clock: FakeClock
) -> None:
    talk = Talk(House(database, clock))
    brand = talk.answers(SOLVES, talk.opening)
    [answer], [entry] = talk.house.answers(), talk.house.entries()
    boss = talk.house.employee("Mei Ito", role=Role.ADMIN).id
    done = talk.house.browser(boss).post(f"/admin/answers/{answer.id}/kind", {"kind": "question_back"})
    assert done.headers["location"] == f"/admin/questions/{answer.question_id}?done=kind"

    [question] = talk.house.questions()
    assert question.state == QuestionState.ASKED_BACK
    assert question.answered_at is None
    assert question.asked_back_by == talk.jane
    assert not talk.house.answers()[0].lead
    assert talk.house.ask("GET", f"/api/v1/answers/{entry.id}").status_code == 404
    assert SOLVES not in talk.house.browser().get(f"/q/{entry.id}").text
    assert talk.house.ask("GET", "/api/v1/answers?q=ring").json()["items"] == []

    talk.says("LX 200", brand)
    assert talk.house.offers()[-1].employee_id == talk.jane


def test_the_second_answer_keeps_the_question_answered_when_the_first_only_asked(
    database: Database, clock: FakeClock
) -> None:
    talk = Talk(House(database, clock))
    talk.answers(SOLVES, talk.opening)
    more = talk.says("it is the LX 200 by the way", talk.opening)
    talk.answers(OTHER, more)
    first, second = talk.house.answers()
    with talk.house.database.write() as session:
        overrule.say_kind(session, session.get_one(AnswerRow, first.id), TurnKind.QUESTION_BACK, clock())
    [question] = talk.house.questions()
    assert question.state == QuestionState.ANSWERED
    assert question.answered_at == second.published_at
    assert SOLVES not in page_of(talk)


def test_what_a_person_said_before_sending_is_no_matter_of_the_words(
    database: Database, clock: FakeClock
) -> None:
    talk = Talk(House(database, clock))
    [question] = talk.house.questions()
    browser = talk.house.browser(talk.jane)
    form = f"/desk/questions/{question.id}/answer"
    shown = browser.post(form, {"text": ASKS}).text
    assert "Asks back: the question stays with you" in shown
    shown = browser.post(form, {"text": ASKS, "kind": "answer"}).text
    assert "the question counts as answered" in shown
    assert shown.count('<option value="answer" selected>') == 2
    browser.post(form, {"text": ASKS, "kind": "answer", "step": "send"})
    talk.house.work()
    [answer] = talk.house.answers()
    assert (answer.said, answer.said_by_person) == (TurnKind.ANSWER, True)
    assert talk.house.questions()[0].state == QuestionState.ANSWERED


def test_an_edited_post_is_not_judged_anew_where_a_person_has_said_what_it_is(
    database: Database, clock: FakeClock
) -> None:
    talk = Talk(House(database, clock, publish={"undo_window": 600}))
    post = talk.house.post("jane", f"{SOLVES} #chorus", talk.opening)
    talk.house.work()
    [answer] = talk.house.answers()
    talk.house.browser(talk.jane).post(f"/desk/answers/{answer.id}/kind", {"kind": "courtesy"})
    talk.house.edit(post, f"{OTHER} #chorus")
    talk.house.work()
    [answer] = talk.house.answers()
    assert answer.text == OTHER
    assert answer.said == TurnKind.COURTESY


def test_nobody_says_what_a_colleagues_answer_is_but_those_in_charge(
    database: Database, clock: FakeClock
) -> None:
    talk = Talk(House(database, clock))
    talk.answers(SOLVES, talk.opening)
    [answer] = talk.house.answers()
    kim = talk.house.browser(talk.house.employee("Kim Lee").id)
    assert kim.post(f"/desk/answers/{answer.id}/kind", {"kind": "courtesy"}).status_code == 404
    assert kim.post(f"/admin/answers/{answer.id}/kind", {"kind": "courtesy"}).status_code == 403
    own = talk.house.browser(talk.jane)
    assert own.post(f"/desk/answers/{answer.id}/kind", {"kind": "thanks"}).status_code == 422
    assert talk.house.answers()[0].said == TurnKind.ANSWER


def test_one_click_makes_any_published_answer_the_accepted_one(database: Database, clock: FakeClock) -> None:
    talk = Talk(House(database, clock))
    talk.answers(SOLVES, talk.opening)
    more = talk.says("it is the LX 200 by the way", talk.opening)
    talk.answers(OTHER, more)
    first, second = talk.house.answers()
    assert (first.lead, second.lead) == (False, True)
    page = talk.house.browser(talk.jane).get(f"/desk/questions/{first.question_id}").text
    assert f'action="/desk/answers/{first.id}/accept"' in page
    assert f'action="/desk/answers/{second.id}/accept"' not in page

    for _ in range(2):
        done = talk.house.browser(talk.jane).post(f"/desk/answers/{first.id}/accept")
        assert done.headers["location"].endswith("?done=accepted")

    assert [one.lead for one in talk.house.answers()] == [True, False]
    assert talk.house.ask("GET", "/api/v1/answers").json()["items"][0]["answer"].startswith(SOLVES)
    assert len(lines(talk.house, AuditAction.ANSWER_ACCEPT)) == 1


def test_a_persons_choice_outlasts_a_later_answer_and_thanks_in_general(
    database: Database, clock: FakeClock
) -> None:
    talk = Talk(House(database, clock))
    talk.answers(SOLVES, talk.opening)
    first = talk.house.answers()[0]
    talk.house.browser(talk.jane).post(f"/desk/answers/{first.id}/accept")
    more = talk.says("it is the LX 200 by the way", talk.opening)
    second = talk.answers(OTHER, more)
    talk.says("thanks a lot!", talk.opening)
    assert [one.accepted_by for one in talk.house.answers()] == [AcceptedBy.PERSON, None]
    assert [one.lead for one in talk.house.answers()] == [True, False]

    talk.says("that worked, thank you!", second)
    assert [one.accepted_by for one in talk.house.answers()] == [None, AcceptedBy.CUSTOMER]
    assert [one.lead for one in talk.house.answers()] == [False, True]


def test_it_did_not_help_takes_back_what_a_person_chose(database: Database, clock: FakeClock) -> None:
    talk = Talk(House(database, clock))
    brand = talk.answers(SOLVES, talk.opening)
    [answer] = talk.house.answers()
    talk.house.browser(talk.jane).post(f"/desk/answers/{answer.id}/accept")
    talk.says("did that, still dark", brand)
    [answer] = talk.house.answers()
    assert (answer.lead, answer.accepted_by, answer.refused) == (False, None, True)


def test_a_question_back_is_accepted_by_nobody(database: Database, clock: FakeClock) -> None:
    talk = Talk(House(database, clock))
    talk.answers(ASKS, talk.opening)
    [answer] = talk.house.answers()
    refused = talk.house.browser(talk.jane).post(f"/desk/answers/{answer.id}/accept")
    assert refused.status_code == 409
    assert "only asks back" in refused.text


def test_who_comes_late_to_a_change_of_kind_finds_what_the_other_said(
    database: Database, clock: FakeClock
) -> None:
    """Two deciders read the same row; the second one decides from what the first has left."""
    talk = Talk(House(database, clock))
    talk.answers(ASKS, talk.opening)
    [answer] = talk.house.answers()
    with talk.house.database.read() as session:
        stale = session.get_one(AnswerRow, answer.id)
        session.expunge(stale)
    with talk.house.database.write() as session:
        assert overrule.say_kind(session, session.get_one(AnswerRow, answer.id), TurnKind.ANSWER, clock())
    with talk.house.database.write() as session:
        session.add(stale)
        assert not overrule.say_kind(session, stale, TurnKind.ANSWER, clock())
        lock_row(session, stale)
        assert stale.said == TurnKind.ANSWER
    assert len(talk.house.entries()) == 1
