"""The last answers, or everything by one person since a moment: listed first, then taken back in one deed."""

import pytest

from bot.roles import Role
from bot.states import AnswerState
from bot.store.engine import Database
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.house import AuditRow
from tests.bot.actions.talk import Talk
from tests.browser import Browser
from tests.conftest import FakeClock
from tests.house import House

TEXTS = ("Hold the ring for ten seconds.", "Change the fuse in the foot.", "Turn the lamp upside down.")


@pytest.fixture
def talk(database: Database, clock: FakeClock) -> Talk:
    """Three questions with answers: the middle one by Eve, the others by Jane."""
    talk = Talk(House(database, clock))
    house = talk.house
    house.employee("Eve Stone")
    opening = talk.opening
    for number, (author, text) in enumerate(zip(("jane", "eve", "jane"), TEXTS, strict=True)):
        if number:
            house.clock.advance(60)
            opening = house.post(f"customer{number}", f"@brand my lamp {number} stays dark, what now?")
            house.work()
        house.clock.advance(60)
        house.post(author, f"{text} #chorus", opening)
        house.work()
    assert [one.text.split(" ^")[0] for one in house.by_brand()] == list(TEXTS)
    return talk


@pytest.fixture
def boss(talk: Talk) -> Browser:
    return talk.house.browser(talk.house.employee("Mei Ito", role=Role.MODERATOR).id)


def states(talk: Talk) -> list[str]:
    return [one.state for one in talk.house.answers()]


def test_the_last_ones_are_listed_before_anything_is_done(talk: Talk, boss: Browser) -> None:
    page = boss.get("/admin/take-back?last=2").text
    assert [text in page for text in TEXTS] == [False, True, True]
    assert states(talk) == [AnswerState.PUBLISHED] * 3
    assert TEXTS[2] not in boss.get("/admin/take-back").text


def test_what_is_ticked_is_taken_back_in_one_deed(talk: Talk, boss: Browser) -> None:
    ticked = {"answer-2": "1", "answer-3": "1", "why": "The bulletin was wrong.", "afterwards": "close"}
    done = boss.post("/admin/take-back", ticked)
    assert done.headers["location"] == "/admin/take-back?done=all_retracted"
    talk.house.work()
    assert states(talk) == [AnswerState.PUBLISHED, AnswerState.RETRACTED, AnswerState.RETRACTED]
    assert [one.text.split(" ^")[0] for one in talk.house.by_brand()] == [TEXTS[0]]
    lines = [row for row in talk.house.rows(AuditRow) if row.action.startswith("answer")]
    assert [row.action for row in lines] == [
        AuditAction.ANSWER_RETRACT,
        AuditAction.ANSWER_RETRACT,
        AuditAction.ANSWERS_RETRACT,
    ]
    assert lines[-1].detail == {"why": "The bulletin was wrong.", "answers": [2, 3]}


def test_everything_by_a_person_since_a_moment_is_listed(talk: Talk, boss: Browser) -> None:
    clock = talk.house.clock
    since = clock().replace(second=0, microsecond=0).strftime("%Y-%m-%dT00:00")
    for person in (f"of={talk.jane}", "email=jane@example.com"):
        page = boss.get(f"/admin/take-back?{person}&since={since}").text
        assert [text in page for text in TEXTS] == [True, False, True]
    later = boss.get(f"/admin/take-back?of={talk.jane}&since=2099-01-01T00:00").text
    assert "nothing of that kind" in later
    assert boss.get(f"/admin/take-back?of={talk.jane}&since=soon").status_code == 422
    assert boss.get(f"/admin/take-back?email=nobody@example.com&since={since}").status_code == 422


def test_one_that_is_back_already_costs_the_others_nothing(talk: Talk, boss: Browser) -> None:
    assert boss.post("/admin/take-back", {"answer-3": "1", "why": "Wrong."}).status_code == 303
    assert (
        boss.post("/admin/take-back", {"answer-3": "1", "answer-1": "1", "why": "Wrong."}).status_code == 303
    )
    assert states(talk) == [AnswerState.RETRACTED, AnswerState.PUBLISHED, AnswerState.RETRACTED]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"why": "Wrong."}, "Nothing is chosen"),
        ({"answer-1": "1"}, "Say why"),
        ({**{f"answer-{one}": "1" for one in range(1, 102)}, "why": "Wrong."}, "At most 100"),
    ],
)
def test_what_cannot_be_is_said(talk: Talk, boss: Browser, fields: dict[str, str], why: str) -> None:
    refused = boss.post("/admin/take-back", fields)
    assert refused.status_code == 422
    assert why in refused.text
    assert states(talk) == [AnswerState.PUBLISHED] * 3
