"""Questions move from one topic to another a part at a time, whatever dies on the way, each of them once."""

import signal

import pytest
from sqlmodel import select

from bot.actions.topics import refiling, reorganise
from bot.actions.topics.reorganise import Division, Reorganising
from bot.states import ChangeKind
from bot.store import changes
from bot.store.engine import Database
from bot.store.tables.conversations import EntryRow, QuestionRow
from bot.store.tables.matters import MatterRow
from bot.store.tables.people import TopicMoveRow
from bot.store.topics import named
from tests.bot.steps.topics import moving
from tests.bot.steps.topics.moving import QUESTIONS, START, begin, filed, fill, finish
from tests.conftest import FakeClock
from tests.house import House
from tests.mortals import Mortals

HALF = QUESTIONS // 2


@pytest.fixture
def house(database: Database, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(refiling, "BATCH", 3)
    monkeypatch.setattr(refiling, "WINDOW", 7)
    built = House(database, FakeClock(START))
    fill(built)
    return built


def move(house: House) -> TopicMoveRow:
    found: TopicMoveRow = house.rows(TopicMoveRow)[-1]
    return found


@pytest.mark.parametrize(("point", "times"), [("while_refiling", 5), ("after_refiling", 12)])
def test_r01_a_process_killed_while_it_moves_questions_is_carried_on(
    mortals: Mortals, database_url: str, point: str, times: int
) -> None:
    before = House(database_url, FakeClock(START))
    fill(before)
    begin(before)
    before.close()
    died = mortals.run("tests.bot.steps.topics.moving", database_url, point, times)
    assert died == -signal.SIGKILL, "the point was never reached"
    after = House(database_url, FakeClock(START))
    halfway, _ = filed(after)
    assert 0 < halfway.get("telly", 0) < HALF
    finish(after)
    assert filed(after) == ({"tv": HALF, "wifi": HALF}, {"tv": HALF, "wifi": HALF})
    done = move(after)
    assert (done.moved, done.finished_at is not None) == (HALF, True)
    after.close()


def test_what_waits_moves_first_then_what_readers_see(house: House) -> None:
    begin(house)
    for _ in range(2):
        house.steps.refile.run()
    waiting = [row.main_topic for row in house.questions() if row.state == "escalated"]
    assert waiting == ["tv"] * 4
    while move(house).at == move(house).newest and house.steps.refile.run():
        pass
    assert {row.topic for row in house.entries()} == {"tv", "wifi"}
    assert any(row.main_topic == "telly" for row in house.questions())


def test_no_part_is_larger_than_it_may_be(house: House) -> None:
    begin(house)
    last = {row.id: row.topics for row in house.questions()}
    while house.steps.refile.run():
        now = {row.id: row.topics for row in house.questions()}
        assert sum(now[one] != last[one] for one in now) <= 3
        last = now


def test_a_question_that_comes_in_by_the_former_name_is_moved_too(house: House) -> None:
    begin(house)
    house.steps.refile.run()
    with house.database.write() as session:  # somebody who had not heard of it yet
        session.add(
            QuestionRow(
                platform="local",
                text="late",
                state="open",
                topics=[["telly", 0.6], ["phone", 0.1]],
                asked_at=START,
            )
        )
        session.add(MatterRow(title="late", topic="telly", first_at=START, last_at=START))
    finish(house)
    assert house.questions()[-1].main_topic == "tv"
    assert house.rows(MatterRow)[-1].topic == "tv"
    assert move(house).finished_at is not None


def test_it_is_not_done_before_everybody_knows_the_new_name(house: House) -> None:
    begin(house)
    while house.steps.refile.run():
        pass
    assert move(house).finished_at is None
    finish(house)
    assert move(house).finished_at is not None


def test_search_figures_and_the_experts_hear_of_it(house: House) -> None:
    begin(house)
    finish(house)
    with house.database.read() as session:
        told = changes.after(session, 0, (ChangeKind.TOPIC,), 100)
        assert [line.detail for line in told] == [{"former": "telly", "slug": "tv"}] * 2
        entries = {
            line.row_id for line in changes.after(session, 0, (ChangeKind.ENTRY,), 1000) if line.questions
        }
        moved = session.exec(select(EntryRow.id).where(EntryRow.topic == "tv")).all()
    assert entries == set(moved)


def test_only_what_says_the_words_or_was_chosen_goes_to_the_other_part(house: House) -> None:
    with house.database.write() as session:
        matter = MatterRow(title="odd", topic="telly", first_at=START, last_at=START)
        session.add(matter)
        session.flush()
        number = matter.id
        for asked in session.exec(select(QuestionRow).where(QuestionRow.text == "other 7")).all():
            asked.matter_id = number
    with house.database.write() as session:
        topic = named.by_slug(session, "telly")
        assert topic is not None
        division = Division(("picture",), (3,), (number,), "screens", "Screens")
        reorganise.split(session, topic, division, Reorganising("mei", START))
    finish(house)
    gone = {row.id for row in house.questions() if row.main_topic == "screens"}
    assert gone == {3, 7, *range(1, QUESTIONS + 1, 4)}
    assert {row.question_id for row in house.entries() if row.topic == "screens"} == gone
    assert house.rows(MatterRow)[0].topic == "screens"
    assert move(house).moved == len(gone)
    assert moving.topic_of(house, "telly").name == "Telly"
    with house.database.read() as session:
        told = changes.after(session, 0, (ChangeKind.TOPIC,), 100)
    assert {one for line in told for one in line.detail["refiled"]} == gone
