"""An employee edits or deletes the post that a published answer came from: the rule of the house decides."""

from typing import Any

import pytest

from bot.actions.leaving import leave
from bot.posts import Visibility
from bot.roles import Role
from bot.states import AnswerState, DeliveryKind
from bot.store.engine import Database
from bot.store.tables.house import ChallengeKind, ChallengeRow, ChallengeState
from bot.store.tables.people import EmployeeRow
from routing.model.domain import QuestionState
from tests.conftest import FakeClock
from tests.house import House

WRONG = "Hold the ring for two seconds until it blinks."
RIGHT = "Hold the ring for ten seconds until it blinks."


class OwnPost:
    """Sam asked; Jane answered by a post of her own, and it is out."""

    def __init__(self, database: Database, clock: FakeClock, rule: str, **publish: Any) -> None:
        self.house = House(
            database, clock, mail={"host": "localhost"}, publish={"author_edits": rule, **publish}
        )
        self.jane = self.house.employee("Jane Doe", self.house.topic("lamps", "Lamps", "lamp")).id
        self.mei = self.house.employee("Mei Ito", role=Role.MODERATOR).id
        asked = self.house.post("sam", "@brand my lamp stays dark")
        self.house.work()
        self.house.clock.advance(60)
        self.post = self.house.post("jane", f"{WRONG} #chorus", asked)
        self.house.work()

    def edit(self, text: str, **beside: Any) -> None:
        self.house.edit(self.post, f"{text} #chorus", **beside)
        self.house.work()

    def delete(self) -> None:
        self.house.delete(self.post)
        self.house.work()

    @property
    def said(self) -> list[str]:
        return [one.text for one in self.house.by_brand()]

    def noted(self) -> list[tuple[str, str, str]]:
        return [(one.kind, one.state, one.words) for one in self.house.rows(ChallengeRow)]

    def told(self) -> list[int]:
        notices = [one.tells for one in self.house.deliveries() if one.kind == DeliveryKind.NOTICE]
        return [one.challenge for one in notices if one.challenge is not None]


@pytest.fixture
def following(database: Database, clock: FakeClock) -> OwnPost:
    return OwnPost(database, clock, "follow")


def test_proposed_an_edit_waits_and_is_settled_on_the_board(database: Database, clock: FakeClock) -> None:
    own = OwnPost(database, clock, "propose")
    own.edit("Hold the ring for nine seconds until it blinks.")
    own.edit(RIGHT)
    assert own.said == [f"{WRONG} ^Jane"]
    assert own.noted() == [(ChallengeKind.EDIT, ChallengeState.WAITING, RIGHT)]
    mei = own.house.browser(own.mei)
    assert "Its author has edited the post that it came from." in mei.get("/admin/board").text
    assert "says something else now" in mei.get("/admin/challenges/1").text
    mei.post("/admin/challenges/1/accept", {"text": RIGHT, "step": "send"})
    own.house.work()
    assert own.said == [f"{RIGHT} ^Jane"]
    assert own.told() == [1]
    [entry] = own.house.entries()
    [answer] = own.house.ask("GET", f"/api/v1/answers/{entry.id}").json()["answers"]
    assert [one["thanks_to"] for one in answer["corrections"]] == [None]


def test_proposed_an_edit_that_is_undone_leaves_nothing_to_decide(
    sqlite_database: Database, clock: FakeClock
) -> None:
    own = OwnPost(sqlite_database, clock, "propose")
    own.edit(RIGHT)
    own.edit(WRONG)
    assert own.noted() == [(ChallengeKind.EDIT, ChallengeState.OVER, RIGHT)]


def test_proposed_a_deletion_waits_and_what_is_declined_is_not_proposed_again(
    sqlite_database: Database, clock: FakeClock
) -> None:
    own = OwnPost(sqlite_database, clock, "propose")
    own.edit(RIGHT, visibility=Visibility.PRIVATE)
    assert own.noted() == [(ChallengeKind.DELETION, ChallengeState.WAITING, "")]
    assert RIGHT not in own.house.browser(own.mei).get("/admin/board").text
    mei = own.house.browser(own.mei)
    assert mei.post("/admin/challenges/1/decline", {"why": "It is right."}).status_code == 303
    own.edit(RIGHT, visibility=Visibility.PRIVATE)
    assert own.noted() == [(ChallengeKind.DELETION, ChallengeState.DECLINED, "")]
    assert own.told() == [1]


def test_proposed_a_deletion_is_agreed_to(sqlite_database: Database, clock: FakeClock) -> None:
    own = OwnPost(sqlite_database, clock, "propose")
    own.delete()
    assert len(own.said) == 1
    mei = own.house.browser(own.mei)
    assert "Its author has deleted the post" in mei.get("/admin/challenges/1").text
    mei.post("/admin/challenges/1/take-back", {"why": "Its author wants it gone."})
    own.house.work()
    assert own.said == []


def test_followed_an_edit_goes_out_by_itself_once(following: OwnPost) -> None:
    following.edit(RIGHT)
    following.house.tell(following.post)
    following.house.work()
    assert following.said == [f"{RIGHT} ^Jane"]
    assert [one.state for one in following.house.answers()] == [
        AnswerState.CORRECTED,
        AnswerState.PUBLISHED,
    ]
    assert following.noted() == [(ChallengeKind.EDIT, ChallengeState.ACCEPTED, RIGHT)]
    following.edit("Hold the ring for twelve seconds until it blinks.")
    assert following.said == ["Hold the ring for twelve seconds until it blinks. ^Jane"]
    assert len(following.house.answers()) == 3


def test_followed_the_last_of_several_quick_edits_counts(following: OwnPost) -> None:
    house = following.house
    for text in ("Hold it for nine seconds.", RIGHT):
        house.edit(following.post, f"{text} #chorus")
        house.steps.intake.run()
    assert [one.state for one in house.answers()] == ["published", "withdrawn", "queued"]
    house.work()
    assert following.said == [f"{RIGHT} ^Jane"]


def test_followed_a_deletion_takes_the_answer_back_and_people_are_asked_anew(following: OwnPost) -> None:
    following.edit(RIGHT)
    following.delete()
    assert following.said == []
    assert following.house.questions()[0].state in (QuestionState.OFFERED, QuestionState.ESCALATED)
    assert following.noted()[-1] == (ChallengeKind.DELETION, ChallengeState.ACCEPTED, "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("See https://foreign.example/lamp", "foreign.example"),
        ("See https://bit.ly/x", "bit.ly"),
        ("#12", "A number alone repeats an entry"),
    ],
)
def test_followed_what_the_guard_has_an_eye_on_waits_and_is_not_lost(
    sqlite_database: Database, clock: FakeClock, text: str, why: str
) -> None:
    own = OwnPost(sqlite_database, clock, "follow")
    own.edit(text)
    assert own.said == [f"{WRONG} ^Jane"]
    [row] = own.house.rows(ChallengeRow)
    assert (row.state, row.words) == (ChallengeState.WAITING, text)
    assert why in row.wrong
    assert why in own.house.browser(own.mei).get("/admin/board").text


def test_followed_a_newcomers_edit_waits_as_their_answers_do(
    sqlite_database: Database, clock: FakeClock
) -> None:
    own = OwnPost(sqlite_database, clock, "follow", approve_first=2)
    mei = own.house.browser(own.mei)
    mei.post("/admin/answers/1/approve", {"place": "addition"})
    own.house.work()
    assert own.said == [f"{WRONG} ^Jane"]
    own.edit(RIGHT)
    assert own.said == [f"{WRONG} ^Jane"]
    assert own.noted() == [(ChallengeKind.EDIT, ChallengeState.WAITING, RIGHT)]


def test_followed_who_has_left_has_no_authority_any_more(following: OwnPost) -> None:
    with following.house.database.write() as session:
        leave(session, session.get_one(EmployeeRow, following.jane), following.house.clock())
    following.edit(RIGHT)
    assert following.said == [f"{WRONG} ^Jane"]
    assert following.noted() == [(ChallengeKind.EDIT, ChallengeState.WAITING, RIGHT)]


def test_followed_words_that_a_colleague_put_right_are_not_overwritten(following: OwnPost) -> None:
    mei = following.house.browser(following.mei)
    fields = {"text": RIGHT, "why": "Ten.", "step": "send"}
    assert mei.post("/admin/answers/1/correct", fields).status_code == 303
    following.house.work()
    following.edit("Hold the ring for three seconds.")
    assert following.said == [f"{RIGHT} ^Mei"]
    [row] = following.house.rows(ChallengeRow)
    assert (row.state, row.answer_id) == (ChallengeState.WAITING, 2)


def test_ignored_the_answer_stays_and_its_author_reads_that_once(
    sqlite_database: Database, clock: FakeClock
) -> None:
    own = OwnPost(sqlite_database, clock, "ignore")
    own.edit("Hold the ring for nine seconds.")
    own.edit(RIGHT)
    own.delete()
    assert own.said == [f"{WRONG} ^Jane"]
    assert [one[:2] for one in own.noted()] == [("edit", "declined"), ("deletion", "declined")]
    assert own.told() == [1, 2]
    assert "a rule of the house" in own.house.browser(own.jane).get("/desk/answers").text
    assert "challenge-" not in own.house.browser(own.mei).get("/admin/board").text


def test_a_post_that_its_platform_is_asked_about_is_found_edited(
    sqlite_database: Database, clock: FakeClock
) -> None:
    """A platform that tells of nothing by itself is looked at: the posts of answers, too."""
    own = OwnPost(sqlite_database, clock, "follow")
    own.house.feed.remove(own.post.id)
    own.house.clock.advance(90_000)
    own.house.steps.recheck.run()
    own.house.work()
    assert own.said == []
