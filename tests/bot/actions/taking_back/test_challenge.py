"""A colleague says that a published answer is wrong, and somebody in charge decides: everybody reads how."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.actions.erase import erase_employee
from bot.actions.leaving import leave
from bot.actions.taking_back.challenge import decline
from bot.actions.undecidable import Undecidable
from bot.roles import Role
from bot.states import AnswerKind, AnswerState, ChangeKind, DeliveryKind
from bot.store.engine import Database, open_engine
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.conversations import AnswerRow
from bot.store.tables.house import AuditRow, ChallengeRow, ChallengeState, ChangeRow
from bot.store.tables.people import EmployeeRow
from routing.model.domain import Outcome
from tests.bot.actions.talk import Talk
from tests.bot.steps.racing import Late
from tests.browser import Browser
from tests.conftest import FakeClock
from tests.house import House

WRONG = "Hold the ring for two seconds until it blinks."
RIGHT = "Hold the ring for ten seconds until it blinks."
SAID = {"wrong": "It takes ten seconds.", "words": RIGHT}


class Challenging:
    """Sam asked, Jane answered wrongly, Ann knows better, Mei and Mo are in charge."""

    def __init__(self, database: Database, clock: FakeClock, **given: object) -> None:
        self.house = House(database, clock, mail={"host": "localhost"}, **given)
        self.talk = Talk(self.house)
        self.talk.answers(WRONG, self.talk.opening)
        self.people = {
            "ann": self.house.employee("Ann Lee").id,
            "mei": self.house.employee("Mei Ito", role=Role.MODERATOR).id,
            "mo": self.house.employee("Mo Berg", role=Role.ADMIN).id,
            "jane": self.talk.jane,
        }

    def browser(self, name: str) -> Browser:
        return self.house.browser(self.people[name])

    def challenge(self, name: str = "ann", number: int = 1, **said: str) -> None:
        done = self.browser(name).post(f"/desk/answers/{number}/challenge", {**SAID, **said})
        assert done.status_code == 303, done.text

    def rows(self) -> list[ChallengeRow]:
        return self.house.rows(ChallengeRow)

    def accept(self, name: str = "mei", number: int = 1, text: str = RIGHT, **more: str) -> None:
        fields = {"text": text, "step": "send", **more}
        done = self.browser(name).post(f"/admin/challenges/{number}/accept", fields)
        assert done.status_code == 303, done.text
        self.house.work()

    def page(self) -> str:
        [entry] = self.house.entries()
        there = self.house.browser().get(f"/q/{entry.id}").headers["location"]
        return self.house.browser().get(there).text

    def told(self, name: str) -> list[int]:
        """The challenges of which somebody gets a notice."""
        found = [one for one in self.house.deliveries() if one.kind == DeliveryKind.NOTICE]
        mine = [one.tells.challenge for one in found if one.employee_id == self.people[name]]
        return [one for one in mine if one is not None]

    def outcomes(self) -> list[tuple[str, int]]:
        with self.house.database.read() as session:
            found = session.exec(select(ChangeRow).order_by(col(ChangeRow.seq))).all()
        lines = [one for one in found if one.kind == ChangeKind.OUTCOME]
        return [(one.detail["outcome"], one.detail.get("employee")) for one in lines]


@pytest.fixture
def desk(database: Database, clock: FakeClock) -> Challenging:
    return Challenging(database, clock)


@pytest.fixture
def quick(sqlite_database: Database, clock: FakeClock) -> Challenging:
    """Where rows decide nothing that the other database could decide otherwise."""
    return Challenging(sqlite_database, clock)


def test_whoever_knew_better_is_thanked_and_everybody_reads_what_became_of_it(desk: Challenging) -> None:
    assert "/desk/answers/1/challenge" in desk.browser("ann").get("/desk/questions/1").text
    assert "It takes" not in desk.browser("ann").get("/desk/answers/1/challenge").text
    desk.challenge()
    assert "said to be wrong" in desk.browser("jane").get("/desk/questions/1").text
    assert "It takes ten seconds." in desk.browser("mei").get("/admin/board").text
    desk.accept()
    [post] = desk.house.by_brand()
    assert post.text == f"{RIGHT} ^Ann"
    page = desk.page()
    assert "thanks to <bdi>Ann</bdi>" in page
    assert WRONG not in page
    [entry] = desk.house.entries()
    [answer] = desk.house.ask("GET", f"/api/v1/answers/{entry.id}").json()["answers"]
    assert (answer["text"], answer["answered_by"]) == (RIGHT, "Ann")
    assert [one["thanks_to"] for one in answer["corrections"]] == ["Ann"]
    [row] = desk.rows()
    assert (row.state, row.correction_id, row.decided_by) == (ChallengeState.ACCEPTED, 2, desk.people["mei"])
    assert (desk.told("ann"), desk.told("jane")) == ([1], [])
    assert "It takes ten seconds." in desk.browser("jane").get("/desk/answers").text
    assert "agreed" in desk.browser("ann").get("/desk/answers").text
    deeds = [one.action for one in desk.house.rows(AuditRow)]
    assert deeds[-3:] == [
        AuditAction.ANSWER_CHALLENGE,
        AuditAction.CHALLENGE_ACCEPT,
        AuditAction.ANSWER_CORRECT,
    ]


def test_the_router_learns_who_was_wrong_and_who_knew(quick: Challenging) -> None:
    quick.challenge()
    quick.accept()
    assert quick.outcomes() == [(Outcome.WRONG, quick.people["jane"])]
    assert [one.employee_id for one in quick.house.answers()] == [quick.people["jane"], quick.people["ann"]]


def test_without_words_of_theirs_the_one_who_decides_writes_and_they_are_thanked(quick: Challenging) -> None:
    quick.challenge(words="")
    quick.accept(text="Hold the ring for eleven seconds.")
    [post] = quick.house.by_brand()
    assert post.text == "Hold the ring for eleven seconds. ^Mei"
    assert "thanks to <bdi>Ann</bdi>" in quick.page()
    assert quick.outcomes() == [(Outcome.WRONG, quick.people["jane"]), (Outcome.SOLVED, quick.people["ann"])]


def test_words_that_are_changed_on_the_way_stay_theirs(quick: Challenging) -> None:
    quick.challenge()
    quick.accept(text="Hold the ring for a full ten seconds.")
    assert [one.text for one in quick.house.by_brand()] == ["Hold the ring for a full ten seconds. ^Ann"]
    assert "What it says now:" in quick.browser("ann").get("/desk/answers").text


def test_whoever_does_not_want_to_be_named_is_not(quick: Challenging) -> None:
    quick.challenge(unnamed="1")
    quick.accept()
    assert [one.text for one in quick.house.by_brand()] == [RIGHT]
    page = quick.page()
    assert "it takes the place of an answer that was wrong" in page
    assert "Ann" not in page


def test_the_operators_credit_style_says_how_somebody_is_thanked(
    sqlite_database: Database, clock: FakeClock
) -> None:
    quick = Challenging(sqlite_database, clock, publish={"credit": "none"})
    quick.challenge()
    quick.accept()
    page = quick.page()
    assert "it takes the place of an answer that was wrong" in page
    assert "Ann" not in page


def test_declined_it_stays_and_both_read_why(quick: Challenging) -> None:
    quick.challenge()
    mei = quick.browser("mei")
    assert mei.post("/admin/challenges/1/decline", {"why": ""}).status_code == 422
    assert mei.post("/admin/challenges/1/decline", {"why": "Two are enough."}).status_code == 303
    assert [one.state for one in quick.house.answers()] == [AnswerState.PUBLISHED]
    assert (quick.told("ann"), quick.told("jane")) == ([1], [1])
    assert "Two are enough." in quick.browser("ann").get("/desk/answers").text
    assert quick.outcomes() == []
    assert "decided that" in mei.get("/admin/challenges/1").text


def test_nobody_settles_it_for_themselves_while_there_is_somebody_else(quick: Challenging) -> None:
    quick.challenge("mei")
    assert "Publish these words" not in quick.browser("mei").get("/admin/board").text
    fields = {"text": RIGHT, "step": "send"}
    refused = quick.browser("mei").post("/admin/challenges/1/accept", fields)
    assert "somebody else in charge decides" in refused.text
    quick.accept("mo")
    quick.house.clock.advance(60)
    quick.challenge("ann", 2, words="Hold it for nine seconds.")
    declined = quick.browser("mei").post("/admin/challenges/2/decline", {"why": "It is right."})
    assert "It is your own answer" in declined.text


def test_of_two_in_charge_the_first_decides(quick: Challenging) -> None:
    quick.challenge()
    quick.accept("mei")
    late = quick.browser("mo").post("/admin/challenges/1/decline", {"why": "No."})
    assert "Somebody has decided about this already." in late.text
    again = quick.browser("mo").post("/admin/challenges/1/accept", {"text": "x y z", "step": "send"})
    assert again.status_code == 422
    assert "Somebody has decided about this already." in again.text
    assert len(quick.house.by_brand()) == 1


def test_of_two_at_once_the_database_lets_one_decide(fresh_postgresql_url: str, clock: FakeClock) -> None:
    """Mo has read the challenge while it waited; before he holds it Mei has accepted it."""
    engine = open_engine(fresh_postgresql_url)
    desk = Challenging(Database(engine, clock), clock)
    desk.challenge()
    with Late(desk.house.database, (ChallengeRow, 1), (AnswerRow, 1)) as late:
        desk.accept("mei")
        mo, [row, _] = late.session.get_one(EmployeeRow, desk.people["mo"]), late.rows
        with pytest.raises(Undecidable, match="already"):
            decline(late.session, desk.house.answering, row, "No.", mo, desk.house.clock())  # type: ignore[arg-type]
    assert desk.rows()[0].state == ChallengeState.ACCEPTED
    engine.dispose()


def test_two_challenges_of_one_answer_the_second_is_about_the_right_one_then(desk: Challenging) -> None:
    desk.challenge("ann")
    desk.challenge("mo", words="Hold the ring for twelve seconds.")
    twice = desk.browser("ann").post("/desk/answers/1/challenge", SAID)
    assert "You have challenged this answer already" in twice.text
    desk.accept("mei")
    first, second = desk.rows()
    assert (first.state, second.state, second.answer_id) == ("accepted", "waiting", 2)
    desk.accept("mei", 2, "Hold the ring for twelve seconds.")
    assert [one.text for one in desk.house.by_brand()] == ["Hold the ring for twelve seconds. ^Mo"]
    page = desk.page()
    assert page.index("thanks to <bdi>Mo</bdi>") < page.index("thanks to <bdi>Ann</bdi>")


def test_an_answer_taken_back_meanwhile_leaves_nothing_to_decide(desk: Challenging) -> None:
    desk.challenge()
    assert desk.browser("mo").post("/admin/answers/1/retract", {"why": "Wrong."}).status_code == 303
    [row] = desk.rows()
    assert (row.state, row.why) == (ChallengeState.OVER, "The answer was taken back: Wrong.")
    assert desk.told("ann") == [1]
    late = desk.browser("mei").post("/admin/challenges/1/accept", {"text": RIGHT, "step": "send"})
    assert late.status_code == 422
    assert "challenge-1" not in desk.browser("mei").get("/admin/board").text


def test_it_can_be_taken_back_where_there_are_no_better_words(quick: Challenging) -> None:
    quick.challenge(words="")
    done = quick.browser("mei").post("/admin/challenges/1/take-back", {"why": "It is wrong."})
    assert done.headers["location"] == "/admin/questions/1?done=retracted"
    quick.house.work()
    assert quick.house.by_brand() == []
    [row] = quick.rows()
    assert (row.state, row.correction_id) == (ChallengeState.ACCEPTED, None)
    assert quick.told("ann") == [1]
    assert quick.outcomes() == [(Outcome.WRONG, quick.people["jane"])]


def test_a_question_that_is_gone_takes_its_challenges_along(desk: Challenging) -> None:
    desk.challenge()
    desk.house.delete(desk.talk.opening)
    desk.house.work()
    [row] = desk.rows()
    assert (row.state, row.why) == (ChallengeState.OVER, "Its question is not there any more.")


def test_of_who_has_left_the_words_go_out_by_who_decides(desk: Challenging) -> None:
    desk.challenge()
    with desk.house.database.write() as session:
        for name in ("ann", "jane"):
            leave(session, session.get_one(EmployeeRow, desk.people[name]), desk.house.clock())
    desk.accept()
    assert [one.text for one in desk.house.by_brand()] == [f"{RIGHT} ^Mei"]
    assert "thanks to <bdi>Ann</bdi>" in desk.page()
    with desk.house.database.write() as session:
        erase_employee(session, session.get_one(EmployeeRow, desk.people["ann"]), desk.house.clock())
    assert "Ann" not in desk.page()


def test_what_the_guard_would_hold_is_looked_at_and_what_it_refuses_goes_nowhere(quick: Challenging) -> None:
    quick.challenge(words="See https://foreign.example/lamp")
    mei = quick.browser("mei")
    fields = {"text": "See https://foreign.example/lamp", "step": "send"}
    shown = mei.post("/admin/challenges/1/accept", fields)
    assert "foreign.example" in shown.text
    assert len(quick.house.answers()) == 1
    refused = mei.post("/admin/challenges/1/accept", {**fields, "text": "See https://bit.ly/x"})
    assert refused.status_code == 422
    assert "https://bit.ly/x" in refused.text
    quick.accept(text=fields["text"], seen="1")
    assert quick.house.answers()[0].state == AnswerState.CORRECTED


@pytest.mark.parametrize("said", [{"wrong": ""}, {"words": WRONG}])
def test_what_is_no_challenge_comes_back_as_it_was_typed(quick: Challenging, said: dict[str, str]) -> None:
    page = quick.browser("ann").post("/desk/answers/1/challenge", {**SAID, **said, "unnamed": "1"})
    assert page.status_code == 422
    assert ({**SAID, **said})["words"] in page.text
    assert "checked" in page.text
    assert quick.rows() == []


def test_what_is_not_out_cannot_be_challenged(quick: Challenging) -> None:
    quick.browser("mei").post("/admin/answers/1/retract", {"why": "Wrong."})
    assert quick.browser("ann").get("/desk/answers/1/challenge").status_code == 404
    assert quick.browser("ann").post("/desk/answers/1/challenge", SAID).status_code == 422


@pytest.mark.parametrize("kind", [AnswerKind.STATEMENT, AnswerKind.SURVEY])
def test_what_is_nobodys_answer_cannot_be_challenged(quick: Challenging, kind: AnswerKind) -> None:
    with quick.house.database.write() as session:
        session.get_one(AnswerRow, 1).kind = kind
    assert quick.browser("ann").post("/desk/answers/1/challenge", SAID).status_code == 422
    assert quick.rows() == []


def test_whoever_is_signed_in_says_so_from_the_public_page_and_nobody_else_is_handed_that(
    quick: Challenging,
) -> None:
    [entry] = quick.house.entries()
    there = quick.house.browser().get(f"/q/{entry.id}").headers["location"]
    mine, anybodys = quick.browser("ann").get(there), quick.house.browser().get(there)
    assert "/desk/answers/1/challenge" in mine.text
    assert mine.headers["cache-control"] == "private, no-cache"
    assert "challenge" not in anybodys.text
    assert anybodys.headers["cache-control"] == "public, no-cache"


def test_several_are_settled_at_once_on_the_board(quick: Challenging) -> None:
    quick.challenge("ann")
    quick.challenge("mo", words="")
    mei = quick.browser("mei")
    fields = {"pick-challenge-1": "1", "pick-challenge-2": "1"}
    page = mei.post("/admin/board/bulk", {**fields, "deed": "approve"}).text
    assert "There are no better words" in page
    quick.house.work()
    assert [one.state for one in quick.rows()] == ["accepted", "waiting"]
    mei.post("/admin/board/bulk", {**fields, "deed": "drop", "why": "Seen."})
    assert [one.state for one in quick.rows()] == ["accepted", "declined"]


def test_people_in_charge_hear_that_something_waits(desk: Challenging) -> None:
    desk.challenge()
    desk.house.clock.advance(timedelta(minutes=20))
    desk.house.steps.notify.look()
    alarms = [one.tells for one in desk.house.deliveries() if one.tells.alarm == "challenges"]
    assert {one.ids for one in alarms} == {("1",)}
    assert "answer that somebody says is wrong" in desk.browser("mei").get("/admin").text
