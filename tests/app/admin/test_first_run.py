"""The first steps in a new house: what is left to do, and the pages on which it is done."""

import re
from html import unescape

import pytest

from bot.actions.people import first_person
from bot.roles import Role
from bot.states import ConnectionState
from bot.store.engine import Database
from bot.store.house import connections
from bot.store.tables.house import AuditRow
from bot.store.tables.people import EmployeeRow, TopicRow
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock

BASE = "/admin/first-run"
LIST = "name,email,topics,role\n"


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    made = WorkHouse(database, clock)
    with made.database.write() as session:
        first_person.open_checklist(session, clock())
    return made


@pytest.fixture
def ada(house: WorkHouse) -> Browser:
    return house.browser(house.employee("Ada Admin", role=Role.ADMIN, handle="ada"))


def to_do(browser: Browser, page: str = BASE) -> dict[str, bool]:
    """The steps that a page lists, each with whether it is done."""
    text = browser.get(page).text
    found = re.findall(
        r'<a href="[^"]*"><strong>([^<]*)</strong></a>.*?(done|to do)</span></li>', text, re.DOTALL
    )
    return {unescape(title): state == "done" for title, state in found}


def actions(house: WorkHouse) -> list[str]:
    return [row.action for row in house.rows(AuditRow)]


# --- the list


def test_the_list_says_what_is_done_and_what_is_not(house: WorkHouse, ada: Browser) -> None:
    assert to_do(ada) == {
        "The brand's name and tag": True,
        "Topics": False,
        "People": False,
        "The brand's account": False,
        "A trial question": False,
    }
    house.topic()
    house.employee("Jane Doe")
    assert [title for title, done in to_do(ada).items() if not done] == [
        "The brand's account",
        "A trial question",
    ]


def test_the_overview_has_the_list_until_it_is_put_away(house: WorkHouse, ada: Browser) -> None:
    assert to_do(ada, "/admin")["Topics"] is False
    assert ada.post(f"{BASE}/dismiss").headers["location"] == "/admin"
    assert to_do(ada, "/admin") == {}
    assert to_do(ada)["Topics"] is False, "its pages stay"
    assert actions(house)[-1] == "checklist.dismiss"


def test_the_overview_has_the_list_for_those_who_can_do_it(house: WorkHouse) -> None:
    mo = house.browser(house.employee("Mo", role=Role.MODERATOR))
    assert to_do(mo, "/admin") == {}


def test_a_house_that_was_there_before_has_no_list(sqlite_database: Database, clock: FakeClock) -> None:
    house = WorkHouse(sqlite_database, clock)
    mei = house.browser(house.employee("Mei", role=Role.ADMIN))
    assert to_do(mei, "/admin") == {}


# --- topics


def test_topics_are_added_line_by_line(house: WorkHouse, ada: Browser) -> None:
    text = "TV & picture (tv): Television, no picture\n\nReturns\n"
    assert ada.post(f"{BASE}/topics", {"lines": text}).headers["location"] == f"{BASE}?done=added"
    assert [(one.slug, one.name, one.keywords) for one in house.rows(TopicRow)] == [
        ("tv", "TV & picture", ["television", "no picture"]),
        ("returns", "Returns", ["returns"]),
    ]
    assert actions(house) == ["topic.add", "topic.add"]


def test_one_wrong_line_adds_none_and_loses_nothing(house: WorkHouse, ada: Browser) -> None:
    house.topic("tv")
    text = "Wi-Fi\nTV (tv)\n画面\nReturns (RE turns)"
    answer = ada.post(f"{BASE}/topics", {"lines": text})
    assert answer.status_code == 422
    told = unescape(answer.text)
    assert "Line 2: There is a topic “tv” already" in told
    assert "Line 3: “画面” wants a short name for addresses: write it in brackets" in told
    assert "Line 4: “re turns” is no short name" in told
    assert "Line 1:" not in told
    assert text in told
    assert [one.slug for one in house.rows(TopicRow)] == ["tv"]
    assert actions(house) == []


def test_nothing_at_all_is_told(ada: Browser) -> None:
    assert ada.post(f"{BASE}/topics", {"lines": " \n"}).status_code == 422


def test_topics_are_proposed_from_questions_and_chosen(house: WorkHouse, ada: Browser) -> None:
    for number in range(6):
        house.question(f"@brand my doorbell {number} does not ring", customer=f"c{number}")
    page = ada.get(f"{BASE}/topics?find=1").text
    [line] = re.findall(r'name="chosen-1" value="([^"]*)"', page)
    assert "oorbell" in line
    assert ada.post(f"{BASE}/topics", {"lines": "", "chosen-1": unescape(line)}).status_code == 303
    assert "doorbell" in house.rows(TopicRow)[0].keywords


# --- people


def test_a_list_is_looked_at_without_adding_anybody(house: WorkHouse, ada: Browser) -> None:
    text = f"{LIST}Jane Doe,jane@example.com,tv,\n"
    answer = ada.post(f"{BASE}/people", {"people": text, "only_look": "yes", "agreed": "yes"})
    assert answer.status_code == 200
    assert "1 line is in order. Nobody was added yet." in answer.text
    assert "new: tv" in answer.text
    assert text.strip() in unescape(answer.text)
    assert 'value="yes" checked' in answer.text
    assert [one.name for one in house.rows(EmployeeRow)] == ["Ada Admin"]
    assert house.rows(TopicRow) == []
    assert actions(house) == []


def test_every_wrong_line_is_told_and_nobody_is_added(house: WorkHouse, ada: Browser) -> None:
    text = (
        f"{LIST}Jane Doe,jane@example.com,,\nBo,bo,,\n"
        "Cy,cy@example.com,,boss\nDi,ada@example.com,,\nEd,jane@example.com,,\n"
    )
    answer = ada.post(f"{BASE}/people", {"people": text})
    told = unescape(answer.text)
    assert answer.status_code == 422
    assert "4 of 5 lines want mending" in told
    assert "“boss” is none of" in told
    assert "Ada Admin has the address" in told
    assert "Jane Doe has the address" in told
    assert text.strip() in told
    assert len(house.rows(EmployeeRow)) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "column name is missing"),
        (LIST, "There is nobody on the list yet"),
        ("name,mail\nJane,jane@example.com\n", "there is no column “mail”"),
        ("name,email\nDoe, Jane,jane@example.com\n", "Line 2 of the list"),
        ("name,email\n" + "".join(f"P{n},p{n}@example.com\n" for n in range(501)), "at most 500 at once"),
        (
            "name,email,identities\n" + "".join(f"P{n},p{n}@example.com,x:p{n}\n" for n in range(26)),
            "looked up",
        ),
    ],
)
def test_what_is_no_list_is_told_and_kept(ada: Browser, text: str, said: str) -> None:
    answer = ada.post(f"{BASE}/people", {"people": text})
    assert answer.status_code == 422
    assert said in unescape(answer.text)
    assert text.strip() in unescape(answer.text)


def test_who_is_added_gets_a_link_that_signs_them_in(house: WorkHouse, ada: Browser) -> None:
    text = f"{LIST}Jane Doe,jane@example.com,tv,\nMo,mo@example.com,,moderator\n"
    answer = ada.post(f"{BASE}/people", {"people": text})
    assert answer.status_code == 200
    links = re.findall(r"<code>http://[^/]*(/sign-in/[^<]*)</code>", answer.text)
    assert len(links) == 2
    jane = house.browser()
    assert jane.post(links[0]).headers["location"] == "/desk"
    assert jane.get("/desk").headers["location"] == "/desk/welcome", "she has not been asked yet"
    assert [(one.name, one.role, one.opted_in_at) for one in house.rows(EmployeeRow)[1:]] == [
        ("Jane Doe", Role.EMPLOYEE, None),
        ("Mo", Role.MODERATOR, None),
    ]
    assert sorted(actions(house)) == [
        "employee.add",
        "employee.add",
        "employee.sign_in_link",
        "sign_in",
        "topic.add",
    ]
    assert to_do(ada)["People"] is True


def test_who_has_agreed_takes_part_at_once(house: WorkHouse, ada: Browser) -> None:
    ada.post(f"{BASE}/people", {"people": f"{LIST}Jane,jane@example.com,,\n", "agreed": "yes"})
    assert house.rows(EmployeeRow)[-1].opted_in_at == house.clock()


# --- the platform


def test_a_connected_account_is_a_step_done(house: WorkHouse, clock: FakeClock) -> None:
    """The built-in feed needs no connecting, so it is none."""
    from bot.store.queries.first_steps import first_steps

    with house.database.write() as session:
        assert first_steps(session, ["mastodon"]).account is False
        connections.looked(session, "mastodon", clock())
        session.flush()
        assert first_steps(session, ["mastodon"]).account is True
        assert first_steps(session, []).account is False
        connections.mark(session, "mastodon", ConnectionState.RECONNECT, "gone", clock())
        session.flush()
        assert first_steps(session, ["mastodon"]).account is False


# --- a trial question


def stops(browser: Browser, page: str) -> list[bool]:
    text = browser.get(page).text
    return [state == "done" for state in re.findall(r"(done|not yet)</span></li>", text)]


def test_a_trial_question_goes_the_whole_way(house: WorkHouse, ada: Browser) -> None:
    asked = ada.post(f"{BASE}/question", {"text": "No picture since the update. What can I do?"})
    page = asked.headers["location"]
    assert actions(house) == ["trial.ask"]
    assert stops(ada, page)[0] is True
    house.work()
    assert stops(ada, page) == [True, True, True, False, False, False]
    desk = re.search(r'href="(/desk/questions/\d+)"', ada.get(page).text)
    assert desk is not None, "who is alone is asked themselves"
    answered = ada.post(
        f"{desk[1]}/answer",
        {"text": "Unplug the TV for two minutes, that clears the update.", "step": "send"},
    )
    assert answered.status_code == 303
    house.wait(5)
    assert stops(ada, page) == [True] * 6
    assert "Ada Admin" in ada.get(page).text
    assert to_do(ada)["A trial question"] is True


def test_the_brand_is_addressed_once(house: WorkHouse, ada: Browser) -> None:
    ada.post(f"{BASE}/question", {"text": "hello @Brand, no picture?"})
    ada.post(f"{BASE}/question", {"text": "no sound?"})
    assert house.chorus.feed is not None
    assert [one.text for one in house.chorus.feed.read(None, 5)] == [
        "hello @Brand, no picture?",
        "@brand no sound?",
    ]


def test_an_empty_question_is_told(ada: Browser) -> None:
    answer = ada.post(f"{BASE}/question", {"text": " "})
    assert answer.status_code == 422
    assert "Write what a customer would ask." in answer.text


def test_without_the_built_in_feed_there_is_no_trial(sqlite_database: Database, clock: FakeClock) -> None:
    house = WorkHouse(sqlite_database, clock, platforms={})
    mei = house.browser(house.employee("Mei", role=Role.ADMIN))
    assert "A trial question" not in to_do(mei)
    assert "ask from an account of your own" in mei.get(f"{BASE}/question").text
    assert "ask from an account of your own" in mei.post(f"{BASE}/question", {"text": "hello?"}).text
