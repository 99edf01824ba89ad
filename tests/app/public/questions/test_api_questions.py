"""Questions for programs with a token: what it may read, and no word that the public does not see."""

import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.actions.hooks import tokens
from bot.roles import Role, Scope
from bot.store.engine import Database
from bot.store.tables.conversations import EntryRow
from bot.store.tables.hooks import ApiTokenRow
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock
from tests.house import House

ASKED = "@brand no picture since the update"


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    house = House(database, clock)
    topic = house.topic("tv", "TV", "picture")
    house.employee("Jane Doe", topic)
    return house


def token(house: House, *scopes: str, days: str = "") -> str:
    with house.database.write() as session:
        _, secret = tokens.make(session, "warehouse", scopes or list(Scope), days, house.clock())
        return secret


def ask(house: House, path: str, secret: str | None) -> httpx.Response:
    headers = {"authorization": f"Bearer {secret}".encode()} if secret is not None else {}
    return house.ask("GET", path, headers=headers)


def read(house: House, path: str, secret: str) -> Any:
    answer = ask(house, path, secret)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


def asked_and_answered(house: House) -> None:
    asked = house.post("sam", ASKED)
    house.work()
    house.post("jane", "@sam Try the other cable. #chorus", asked)
    house.work()


def test_a_question_that_was_answered_is_told_with_its_entry(house: House) -> None:
    asked_and_answered(house)
    (item,) = read(house, "/api/v1/questions", token(house))["items"]
    assert (item["id"], item["state"], item["platform"], item["topic"]) == ("1", "answered", "local", "tv")
    assert item["entry"] == "1"
    assert item["question"] == "no picture since the update"
    assert item["url"].endswith("/q/1-no-picture-since-the-update")
    assert item == read(house, "/api/v1/questions/1", token(house))
    (answer,) = read(house, "/api/v1/questions/1/answers", token(house))["items"]
    assert (answer["text"], answer["accepted"], answer["state"]) == (
        "Try the other cable.",
        True,
        "published",
    )


def test_what_the_public_does_not_see_is_told_without_words(house: House) -> None:
    asked_and_answered(house)
    house.post("kim", "@brand a second question about the picture")
    house.work()
    with house.database.write() as session:
        session.get_one(EntryRow, 1).state = "hidden"
    secret = token(house)
    page = read(house, "/api/v1/questions", secret)
    (answer,) = read(house, "/api/v1/questions/1/answers", secret)["items"]
    for item in page["items"]:
        assert [item[name] for name in ("entry", "title", "question", "url", "source_url")] == [None] * 5
    assert [answer[name] for name in ("text", "answered_by", "source_url", "accepted")] == [
        None,
        None,
        None,
        False,
    ]
    for words in ("picture", "cable", "kim", "sam"):
        assert words not in str(page) + str(answer)


def test_on_x_the_customers_words_are_not_handed_on(house: House) -> None:
    asked_and_answered(house)
    with house.database.write() as session:
        from bot.store.tables.conversations import QuestionRow

        session.get_one(QuestionRow, 1).platform = "x"
        session.get_one(EntryRow, 1).platform = "x"
    assert read(house, "/api/v1/questions/1", token(house))["question"] is None


def test_the_list_goes_on_by_its_cursor_and_by_state(house: House) -> None:
    for number in range(5):
        house.post(f"c{number}", f"@brand no picture on channel {number}")
        house.work()
    secret = token(house)
    first = read(house, "/api/v1/questions?limit=2", secret)
    assert [one["id"] for one in first["items"]] == ["5", "4"]
    house.post("late", "@brand no picture at all")
    house.work()
    second = read(house, f"/api/v1/questions?limit=2&cursor={first['next']}", secret)
    assert [one["id"] for one in second["items"]] == ["3", "2"]
    last = read(house, f"/api/v1/questions?limit=2&cursor={second['next']}", secret)
    assert ([one["id"] for one in last["items"]], last["next"]) == (["1"], None)
    assert read(house, "/api/v1/questions?state=settled", secret)["items"] == []
    assert ask(house, "/api/v1/questions?state=none", secret).status_code == 422
    assert ask(house, "/api/v1/questions?cursor=W3RydWVd", secret).status_code == 422


def test_without_a_token_or_with_one_that_does_not_work_nothing_is_told(
    house: House, clock: FakeClock
) -> None:
    asked_and_answered(house)
    short = token(house, days="1")
    gone = token(house)
    with house.database.write() as session:
        tokens.revoke(session, session.get_one(ApiTokenRow, 2), clock())
    assert ask(house, "/api/v1/questions", short).status_code == 200
    clock.advance(timedelta(days=1))
    for secret in (None, "", "chorus_guessed", short, gone, "é"):
        answer = ask(house, "/api/v1/questions", secret)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("scope", "allowed", "refused"),
    [
        ("questions:read", "/api/v1/questions/1", "/api/v1/questions/1/answers"),
        ("answers:read", "/api/v1/questions/1/answers", "/api/v1/questions"),
        ("figures:read", "/api/v1/figures", "/api/v1/questions/1"),
    ],
)
def test_a_token_reads_what_it_may_and_nothing_else(
    house: House, scope: str, allowed: str, refused: str
) -> None:
    asked_and_answered(house)
    secret = token(house, scope)
    assert ask(house, allowed, secret).status_code == 200
    answer = ask(house, refused, secret)
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


def test_a_number_that_nobody_knows_is_404(house: House) -> None:
    secret = token(house)
    for reference in ("7", "0", "-1", "x", "9" * 30, "%00", "٣"):
        assert ask(house, f"/api/v1/questions/{reference}", secret).status_code == 404
        assert ask(house, f"/api/v1/questions/{reference}/answers", secret).status_code == 404


def test_the_use_of_a_token_is_noted_once_a_minute(house: House, clock: FakeClock) -> None:
    secret = token(house)
    start = clock()
    for seconds in (0, 30, 40):
        clock.advance(seconds)
        read(house, "/api/v1/questions", secret)
        (row,) = house.rows(ApiTokenRow)
        assert row.used_at == (start if seconds < 40 else clock())
    assert secret not in row.model_dump_json()


def test_who_asks_too_often_has_to_wait(database: Database, clock: FakeClock) -> None:
    house = House(database, clock, search={"requests_per_minute": 3})
    codes = [ask(house, "/api/v1/questions", "chorus_guessed").status_code for _ in range(4)]
    assert codes == [401, 401, 401, 429]


def test_a_token_is_made_shown_once_and_revoked_in_the_browser(database: Database, clock: FakeClock) -> None:
    import re

    house = WorkHouse(database, clock)
    mei = house.browser(house.employee("Mei Tan", role=Role.ADMIN))
    fields = {"name": "Warehouse", "scope-questions:read": "yes", "days": "30"}
    page = mei.post("/admin/tokens", fields)
    assert page.headers["cache-control"] == "no-store"
    (secret,) = re.findall(r"chorus_[\w-]{43}", page.text)
    assert ask(house, "/api/v1/questions", secret).status_code == 200
    listed = mei.get("/admin/tokens").text
    assert secret not in listed
    assert "Warehouse" in listed
    mei.post("/admin/tokens/1/revoke")
    assert ask(house, "/api/v1/questions", secret).status_code == 401
    assert mei.post("/admin/tokens/1/revoke").status_code == 409
    for wrong in ({**fields, "name": ""}, {"name": "W"}, {**fields, "days": "0"}, {**fields, "days": "x"}):
        assert mei.post("/admin/tokens", wrong).status_code == 422
    assert len(house.rows(ApiTokenRow)) == 1


def test_figures_are_those_of_the_file(database: Database, clock: FakeClock) -> None:
    house = WorkHouse(database, clock)
    house.question()
    while house.steps.roll_up.run():
        pass
    mei = house.browser(house.employee("Mei Tan", role=Role.ADMIN))
    day = clock().date().isoformat()
    days = f"from={day}&to={day}&by=platform"
    (row,) = csv.DictReader(io.StringIO(mei.get(f"/admin/figures.csv?{days}").text))
    told = read(house, f"/api/v1/figures?{days}", token(house))
    assert (told["from"], told["to"], told["by"]) == (day, day, "platform")
    (item,) = told["items"]
    assert list(item) == list(row)
    assert (item["group"], item["questions"]) == (row["group"], 1)
    for name, value in item.items():
        assert row[name] == "" if value is None else str(value) == row[name] or value == float(row[name])


def test_figures_of_people_and_odd_days_are_refused(house: House) -> None:
    secret = token(house)
    for query in ("by=person", "by=none", "from=x", "from=2026-03-05&to=2026-03-04"):
        assert ask(house, f"/api/v1/figures?{query}", secret).status_code == 422
