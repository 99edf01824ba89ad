"""Topics are merged, split, renamed, retired and brought back in the browser; what they have follows."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.actions.conversations.decide import set_topics
from bot.actions.topics import refiling, reorganise
from bot.actions.topics.reorganise import Reorganising
from bot.actions.undecidable import Undecidable
from bot.roles import Role
from bot.store.engine import Database
from bot.store.tables.conversations import EntryRow, QuestionRow
from bot.store.tables.departments import DepartmentTopicRow
from bot.store.tables.figures import GoalRow
from bot.store.tables.people import ExpertiseRow, FormerSlugRow, TopicRow
from bot.store.topics import named
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    built = WorkHouse(database, clock)
    built.topic("tv", "TV", ("tv",))
    built.topic("telly", "Telly", ("telly", "remote"))
    built.topic("wifi", "Wi-Fi", ("wifi",))
    return built


@pytest.fixture
def mei(house: WorkHouse) -> Browser:
    return house.browser(house.employee("Mei Tan", role=Role.ADMIN))


def asked(house: WorkHouse, text: str, topic: str, jane: int) -> int:
    """A question about a topic that was answered and is in the archive; its number."""
    number = house.question(text)
    with house.database.write() as session:
        set_topics(session, session.get_one(QuestionRow, number), [topic], house.clock())
    house.answer(number, jane, f"Try this for {text.split()[-1]}.")
    house.deliver()
    return number


def says(house: WorkHouse, author: str, text: str) -> None:
    """Somebody posts on the local feed, and what follows from that is done."""
    assert house.ask("POST", "/local/posts", json={"author": author, "text": text}).status_code == 201
    house.work()


def moved(house: WorkHouse) -> None:
    while house.steps.refile.run():
        pass
    house.clock.advance(refiling.SETTLES)
    while house.steps.refile.run():
        pass
    house.chorus.search.catch_up()


def slugs(house: WorkHouse) -> list[str]:
    return [row.slug for row in house.rows(TopicRow)]


def main_topic(house: WorkHouse, question: int) -> str | None:
    found: QuestionRow = house.row(QuestionRow, question)
    return found.main_topic


def test_one_topic_becomes_part_of_another_with_everything_it_has(house: WorkHouse, mei: Browser) -> None:
    jane = house.employee("Jane Doe", topics={"telly": 3, "tv": 1})
    olu = house.employee("Olu Ade", topics={"telly": 2})
    number = asked(house, "@brand my telly has no picture", "telly", jane)
    assert mei.post("/admin/departments", {"name": "Screens"}).status_code == 303
    assert mei.post("/admin/departments/1", {"name": "Screens", "topic-telly": "yes"}).status_code == 303
    assert mei.post("/admin/topics/telly", {"name": "Telly", "keywords": "telly, remote"}).status_code == 303
    with house.database.write() as session:
        session.add(GoalRow(topic="telly", percent=90, within_seconds=600, set_at=house.clock()))
        session.add(GoalRow(topic="tv", percent=90, within_seconds=600, set_at=house.clock()))

    preview = mei.get("/admin/topics/telly/merge?into=tv").text
    assert "2 people know it" in preview
    assert "1 answer in the archive" in preview
    assert "Screens answers for both" in preview
    assert "second pair of eyes" not in preview
    done = mei.post("/admin/topics/telly/merge", {"into": "tv"})
    assert done.headers["location"] == "/admin/topics/tv?done=merged"
    page = mei.get(done.headers["location"]).text
    assert "On their way from “telly” to “tv”" in page
    assert "Wait until what is on its way" in page
    moved(house)

    assert slugs(house) == ["tv", "wifi"]
    assert main_topic(house, number) == "tv"
    assert [row.topic for row in house.entries()] == ["tv"]
    topic = house.rows(TopicRow)[0]
    assert topic.keywords == ["tv", "telly", "remote"]
    with house.database.read() as session:
        known = {
            (row.employee_id, row.level)
            for row in session.exec(select(ExpertiseRow).where(ExpertiseRow.topic_id == topic.id)).all()
        }
        assert known == {(jane, 3), (olu, 2)}
        assert [row.topic for row in session.exec(select(GoalRow)).all()] == ["tv"]
        assert session.get_one(DepartmentTopicRow, topic.id).department_id == 1
    assert "Merged: “telly” to “tv”, 1 question" in mei.get("/admin/topics/tv").text
    assert "topic.merge" in mei.get("/admin/audit").text or "part of another" in mei.get("/admin/audit").text


def test_addresses_feeds_and_filters_with_the_former_name_lead_to_the_topic(
    house: WorkHouse, mei: Browser
) -> None:
    jane = house.employee("Jane Doe", topics={"telly": 3})
    asked(house, "@brand my telly has no picture", "telly", jane)
    mei.post("/admin/topics/telly/merge", {"into": "tv"})
    reader = house.browser()
    for path in ("", "?page=2", "/feed.atom"):
        led = reader.get(f"/topics/telly{path}")
        assert (led.status_code, led.headers["location"]) == (301, f"/topics/tv{path}")
    moved(house)
    for path in ("/api/v1/answers?topic=telly", "/api/v1/answers?q=picture&topic=telly"):
        found = house.ask("GET", path).json()["items"]
        assert [one["topic"] for one in found] == ["tv"], path
    assert "picture" in reader.get("/search?q=picture&topic=telly").text
    assert "/q/" in reader.get("/feed.atom?topic=telly").text
    assert "no picture" in mei.get("/admin/questions?topic=telly").text
    assert mei.get("/admin/topics/telly").headers["location"] == "/admin/topics/tv"
    listed = mei.post("/admin/topics", {"slug": "telly", "name": "Telly again"})
    assert listed.status_code == 422
    assert "lead to the topic “tv”" in listed.text
    assert mei.post("/admin/topics/tv/former/telly/forget").status_code == 303
    assert reader.get("/topics/telly").status_code == 404
    assert mei.post("/admin/topics", {"slug": "telly", "name": "Telly again"}).status_code == 303


def test_a_new_question_by_the_former_words_gets_the_topic(house: WorkHouse, mei: Browser) -> None:
    house.employee("Jane Doe", topics={"telly": 3}, handle="jane")
    mei.post("/admin/topics/telly/merge", {"into": "tv"})
    house.post("sam", "@brand my telly is dark")
    house.work()
    assert house.questions()[0].main_topic == "tv"
    assert [offer.employee_id for offer in house.offers()] == [2]


def test_a_topic_gets_another_short_name_and_can_get_its_own_back(house: WorkHouse, mei: Browser) -> None:
    jane = house.employee("Jane Doe", topics={"telly": 3})
    number = asked(house, "@brand my telly has no picture", "telly", jane)
    assert mei.post("/admin/topics/telly/rename", {"to": "wifi"}).status_code == 409
    assert mei.post("/admin/topics/telly/rename", {"to": "Big Screen"}).status_code == 409
    assert mei.post("/admin/topics/telly/rename", {"to": "screens"}).status_code == 303
    late = mei.post("/admin/topics/screens/rename", {"to": "telly"})
    assert late.status_code == 409
    assert "still on their way" in late.text
    moved(house)
    assert main_topic(house, number) == "screens"
    assert house.browser().get("/topics/telly").headers["location"] == "/topics/screens"
    assert mei.post("/admin/topics/screens/rename", {"to": "telly"}).status_code == 303
    moved(house)
    assert main_topic(house, number) == "telly"
    assert house.browser().get("/topics/telly").status_code == 200
    assert house.browser().get("/topics/screens").headers["location"] == "/topics/telly"
    assert [row.level for row in _expertise(house, jane)] == [3]


def _expertise(house: WorkHouse, employee: int) -> list[ExpertiseRow]:
    with house.database.read() as session:
        return list(session.exec(select(ExpertiseRow).where(ExpertiseRow.employee_id == employee)).all())


def test_a_topic_is_parted_by_words_and_by_hand_after_a_look(house: WorkHouse, mei: Browser) -> None:
    jane = house.employee("Jane Doe", topics={"telly": 3})
    remote = [asked(house, f"@brand the remote of my telly is dead {n}", "telly", jane) for n in range(3)]
    sound = [asked(house, f"@brand my telly has no sound {n}", "telly", jane) for n in range(3)]
    page = mei.get("/admin/topics/telly/split").text
    assert "Parts that it seems to have" in page
    fields = {"name": "Remotes", "words": "remote", f"question-{sound[0]}": "yes", "step": "look"}
    look = mei.post("/admin/topics/telly/split", fields)
    assert "4 of the 6 latest questions" in look.text
    assert "Remotes" in look.text
    assert slugs(house) == ["tv", "telly", "wifi"]  # nothing has happened
    wrong = mei.post("/admin/topics/telly/split", fields | {"slug": "wifi!", "step": "move"})
    assert wrong.status_code == 422
    assert 'value="Remotes"' in wrong.text
    assert mei.post("/admin/topics/telly/split", {"name": "X", "step": "move"}).status_code == 422
    done = mei.post("/admin/topics/telly/split", fields | {"step": "move"})
    assert done.headers["location"] == "/admin/topics/remotes?done=split"
    moved(house)
    assert [main_topic(house, one) for one in (*remote, *sound)] == [
        *["remotes"] * 4,
        *["telly"] * 2,
    ]
    assert sorted(row.topic or "" for row in house.entries()) == ["remotes"] * 4 + ["telly"] * 2
    kept = {row.slug: row.keywords for row in house.rows(TopicRow)}
    assert kept["remotes"] == ["remote"]
    assert kept["telly"] == ["telly"]
    assert len(_expertise(house, jane)) == 2


def test_a_retired_topic_gets_no_new_question_and_comes_back_with_its_people(
    house: WorkHouse, mei: Browser
) -> None:
    jane = house.employee("Jane Doe", topics={"telly": 3}, handle="jane")
    asked(house, "@brand my telly has no picture", "telly", jane)
    assert mei.post("/admin/topics/telly/retire", {"successor": "tv"}).status_code == 303
    assert mei.post("/admin/topics/telly/retire").status_code == 409
    says(house, "kim", "@brand my telly is dark again")
    assert house.questions()[-1].main_topic != "telly"
    page = house.browser().get("/topics/telly")
    assert page.status_code == 200
    assert 'href="/topics/tv"' in page.text
    assert "picture" in page.text
    profile = house.browser(jane)
    assert "Telly" not in profile.get("/desk/profile").text
    fields = {"timezone": "UTC", "hours": "", "languages": "", "daily_cap": "5", "open_cap": "3"}
    assert profile.post("/desk/profile", fields).status_code == 303
    assert [row.level for row in _expertise(house, jane)] == [3]
    assert mei.post("/admin/topics/telly/bring-back").status_code == 303
    assert mei.post("/admin/topics/telly/bring-back").status_code == 409
    says(house, "ada", "@brand my telly is dark as well")
    assert house.questions()[-1].main_topic == "telly"


def test_a_retired_topic_on_whose_page_nothing_stands_leads_to_its_successor(
    house: WorkHouse, mei: Browser
) -> None:
    assert mei.post("/admin/topics/telly/retire", {"successor": "tv"}).status_code == 303
    assert house.browser().get("/topics/telly").headers["location"] == "/topics/tv"
    assert "Telly" not in house.browser().get("/topics").text


def test_what_stands_against_putting_topics_in_order_is_said(house: WorkHouse, mei: Browser) -> None:
    by_hand = {f"question-{number}": "yes" for number in range(reorganise.MOST_CHOSEN + 1)}
    assert mei.post("/admin/topics/wifi/retire").status_code == 303
    before = [row.model_dump() for row in house.rows(TopicRow)]
    for path, fields, why in (
        ("merge", {"into": "wifi"}, "Wi-Fi is retired: bring it back first."),
        (
            "split",
            {"words": "remote", "to": "wifi", "step": "move"},
            "Wi-Fi is retired: bring it back first.",
        ),
        ("split", {"words": "remote", "to": "telly", "step": "move"}, "Choose another topic than this one."),
        ("split", {**by_hand, "name": "Remotes", "step": "move"}, "At most 500 are chosen by hand"),
        ("rename", {"to": "Telly"}, "This is the short name that it has."),
        ("retire", {"successor": "telly"}, "Its successor is another topic that is in use."),
        ("retire", {"successor": "wifi"}, "Its successor is another topic that is in use."),
    ):
        refused = mei.post(f"/admin/topics/telly/{path}", fields)
        assert refused.status_code in (409, 422), (path, why)
        assert why in refused.text, path
    assert [row.model_dump() for row in house.rows(TopicRow)] == before


def test_two_in_charge_at_one_topic_are_told_who_was_quicker(house: WorkHouse, mei: Browser) -> None:
    ada = house.browser(house.employee("Ada Low", role=Role.ADMIN))
    assert mei.post("/admin/topics/telly/merge", {"into": "tv"}).status_code == 303
    late = ada.post("/admin/topics/telly/merge", {"into": "wifi"})
    assert (late.status_code, "“telly” has become “tv” meanwhile" in late.text) == (409, True)
    late = ada.post("/admin/topics/wifi/merge", {"into": "tv"})
    assert late.status_code == 422
    assert "still on their way" in late.text
    assert ada.post("/admin/topics/tv/remove").status_code == 409
    for late_too in ("retire", "former/telly/forget"):
        late = ada.post(f"/admin/topics/tv/{late_too}")
        assert (late.status_code, "still on their way" in late.text) == (409, True), late_too
    moved(house)
    assert ada.post("/admin/topics/wifi/former/telly/forget").status_code == 409, "it leads to another one"
    assert ada.post("/admin/topics/wifi/merge", {"into": "tv"}).status_code == 303
    assert [row.slug for row in _former(house)] == ["telly", "wifi"]


def test_a_retired_topic_that_is_on_its_way_to_another_name_comes_back_afterwards(
    house: WorkHouse, mei: Browser
) -> None:
    assert mei.post("/admin/topics/wifi/retire").status_code == 303
    assert mei.post("/admin/topics/wifi/rename", {"to": "wlan"}).status_code == 303
    late = mei.post("/admin/topics/wlan/bring-back")
    assert (late.status_code, "still on their way" in late.text) == (409, True)
    moved(house)
    assert mei.post("/admin/topics/wlan/bring-back").status_code == 303


def test_who_wants_to_rename_a_topic_that_was_removed_meanwhile_is_told_so(house: WorkHouse) -> None:
    telly = next(row for row in house.rows(TopicRow) if row.slug == "telly")
    with house.database.write() as session:
        named.remove(session, session.get_one(TopicRow, telly.id))
    with pytest.raises(Undecidable, match="somebody else was quicker"), house.database.write() as session:
        reorganise.rename(session, telly, "screens", Reorganising("mei", house.clock()))


def _former(house: WorkHouse) -> list[FormerSlugRow]:
    with house.database.read() as session:
        return list(session.exec(select(FormerSlugRow).order_by(FormerSlugRow.slug)).all())


def test_answers_that_wait_for_a_second_pair_of_eyes_go_on_waiting(
    database: Database, clock: FakeClock
) -> None:
    house = WorkHouse(database, clock, publish={"second_look": ["telly"]}, archive={"topics_out": ["telly"]})
    house.topic("tv", "TV")
    house.topic("telly", "Telly")
    mei = house.browser(house.employee("Mei Tan", role=Role.ADMIN))
    split = {"name": "Remotes", "words": "remote", "step": "move"}
    assert mei.post("/admin/topics/telly/split", split).status_code == 303
    house.clock.advance(1)
    assert set(house.chorus.rules.second_look) == {"telly", "remotes"}
    moved(house)
    assert "second pair of eyes" in mei.get("/admin/topics/telly/merge?into=tv").text
    assert mei.post("/admin/topics/telly/merge", {"into": "tv"}).status_code == 303
    house.clock.advance(1)
    assert set(house.chorus.rules.second_look) == {"telly", "remotes", "tv"}
    assert house.chorus.rules.archive.topics_out == {"telly", "remotes", "tv"}


def test_a_rule_that_the_environment_keeps_is_not_lost_unawares(database: Database, clock: FakeClock) -> None:
    kept = {"second_look": ["telly"], "locked": ["second_look"]}
    house = WorkHouse(database, clock, publish=kept)
    house.topic("tv", "TV")
    house.topic("telly", "Telly")
    mei = house.browser(house.employee("Mei Tan", role=Role.ADMIN))
    refused = mei.post("/admin/topics/telly/merge", {"into": "tv"})
    assert refused.status_code == 422
    assert "CHORUS_PUBLISH__SECOND_LOOK" in refused.text
    assert slugs(house) == ["tv", "telly"]
    out = {"publish": {"locked": ["archive_topics_out"]}, "archive": {"topics_out": ["telly"]}}
    archiving = WorkHouse(database, clock, **out)
    refused = archiving.browser(1).post("/admin/topics/telly/merge", {"into": "tv"})
    assert "CHORUS_ARCHIVE__TOPICS_OUT" in refused.text


def test_who_is_imported_with_a_former_name_knows_the_topic(house: WorkHouse, mei: Browser) -> None:
    mei.post("/admin/topics/telly/merge", {"into": "tv"})
    number = house.employee("Olu Ade", topics={"telly": 2})
    assert [row.topic_id for row in _expertise(house, number)] == [1]


def test_figures_are_counted_by_the_topic_that_it_is_now(house: WorkHouse, mei: Browser) -> None:
    jane = house.employee("Jane Doe", topics={"telly": 3})
    asked(house, "@brand my telly has no picture", "telly", jane)
    house.steps.roll_up.run()
    assert "\ntelly," in mei.get("/admin/figures.csv?by=topic").text
    mei.post("/admin/topics/telly/merge", {"into": "tv"})
    moved(house)
    while house.steps.roll_up.run():
        pass
    lines = mei.get("/admin/figures.csv?by=topic").text
    assert "\ntv," in lines
    assert "\ntelly," not in lines
    assert house.clock() - timedelta(days=1) < house.row(EntryRow, 1).updated_at
