"""Every door that the description names answers as it says, whatever is asked, with a token and without."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.actions.hooks import tokens
from bot.roles import Scope
from bot.store.engine import Database
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock

ODD = st.one_of(
    st.text(max_size=40),
    st.integers().map(str),
    st.sampled_from(
        ["", "0", "-1", "true", "null", "W10", "W3RydWVd", "WzFd", "\0", "9" * 40, "é", "%", "a b"]
    ),
)


def references(part: Any) -> Iterator[str]:
    """Everything that a part of the description refers to."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def at(document: Any, reference: str) -> Any:
    """What a reference leads to. Raises KeyError."""
    assert reference.startswith("#/"), reference
    for step in reference[2:].split("/"):
        document = document[step.replace("~1", "/").replace("~0", "~")]
    return document


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    house = WorkHouse(database, clock, search={"requests_per_minute": 1_000_000})
    house.question()
    return house


@pytest.fixture
def description(house: WorkHouse) -> Any:
    return house.ask("GET", "/openapi.json").json()


def test_every_reference_leads_somewhere(description: Any) -> None:
    found = set(references(description))
    assert found
    for reference in found:
        assert at(description, reference)


def test_the_doors_for_programs_with_a_token_say_so(description: Any) -> None:
    guarded = {path for path, methods in description["paths"].items() if "security" in methods.get("get", {})}
    assert guarded == {
        "/api/v1/figures",
        "/api/v1/questions",
        "/api/v1/questions/{id}",
        "/api/v1/questions/{id}/answers",
    }
    assert description["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_door_fails_and_each_answers_with_a_status_that_it_names(
    house: WorkHouse, description: Any, data: st.DataObject
) -> None:
    if not hasattr(house, "secret"):
        with house.database.write() as session:
            house.secret = tokens.make(session, "fuzz", list(Scope), "", house.clock())[1]  # type: ignore[attr-defined]
    paths = sorted(path for path in description["paths"] if path.startswith("/api/"))
    path = data.draw(st.sampled_from(paths))
    operation = description["paths"][path]["get"]
    query = []
    for parameter in operation.get("parameters", ()):
        value = data.draw(ODD)
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(value or "0", safe=""))
        elif data.draw(st.booleans()):
            query.append(f"{parameter['name']}={quote(value, safe='')}")
    headers = {"authorization": f"Bearer {house.secret}"} if data.draw(st.booleans()) else {}  # type: ignore[attr-defined]
    answer = house.ask("GET", f"{path}?{'&'.join(query)}", headers=headers)
    assert answer.status_code < 500, answer.text
    named = {int(one) for one in operation["responses"]} | {404, 307}  # a slash in a path is another door
    assert answer.status_code in named, (path, query, answer.status_code)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"


BODIES = ["", "{", "[]", '{"author": "sam", "text": "@brand no picture"}', '{"text": ""}', "x" * (2**20 + 1)]


@pytest.mark.parametrize("content", BODIES, ids=lambda body: body[:12] or "nothing")
def test_what_programs_post_or_delete_is_answered_as_described(
    house: WorkHouse, description: Any, content: str
) -> None:
    doors = [
        ("POST", "/webhooks/{platform}", "/webhooks/local"),
        ("POST", "/webhooks/{platform}", "/webhooks/nowhere"),
        ("GET", "/webhooks/{platform}", "/webhooks/local?crc_token=x"),
        ("GET", "/webhooks/{platform}", "/webhooks/local"),
        ("POST", "/local/posts", "/local/posts"),
        ("DELETE", "/local/posts/{post_id}", "/local/posts/4242"),
        ("GET", "/local/posts", "/local/posts?after=x"),
    ]
    wrong = []
    for method, described, path in doors:
        for kind in ("application/json", "text/plain"):
            body = {"headers": {"content-type": kind}, "content": content} if method == "POST" else {}
            answer = house.ask(method, path, **body)
            named = description["paths"][described][method.lower()]["responses"]
            if str(answer.status_code) not in named:
                wrong.append((method, path, kind, answer.status_code))
            elif answer.status_code >= 400:
                assert answer.headers["content-type"] in named[str(answer.status_code)]["content"]
    assert wrong == []


def test_every_door_for_programs_has_its_limit(house: WorkHouse, description: Any) -> None:
    for path in description["paths"]:
        if path.startswith("/api/"):
            assert "ratelimit" in house.ask("GET", path.replace("{id}", "1")).headers, path
            assert "429" in description["paths"][path]["get"]["responses"], path
