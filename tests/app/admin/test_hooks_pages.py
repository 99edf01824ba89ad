"""Outgoing hooks in charge: endpoints are added, tried, changed and removed; a matter becomes an issue."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from app.admin.hooks import words
from bot.actions.departments import manage
from bot.roles import Role
from bot.states import HookEvent, HookMessageState, HookTemplate, MatterState
from bot.store.engine import Database
from bot.store.hooks import outbox
from bot.store.tables.hooks import HookEndpointRow, HookEventRow, HookMessageRow
from bot.store.tables.house import AuditRow
from bot.store.tables.matters import MatterRow
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock
from tests.hook_receiver import HookReceiver, Tracker

PRIVATE = {"hooks": {"private_hosts": ["127.0.0.1"]}}
TEAM = {"name": "Team", "template": "standard", "event-question.opened": "yes"}


@pytest.fixture
def house(database: Database) -> WorkHouse:
    return WorkHouse(database, FakeClock(datetime.now(UTC)), **PRIVATE)


@pytest.fixture
def mei(house: WorkHouse) -> Browser:
    return house.browser(house.employee("Mei Tan", role=Role.ADMIN))


def sends(house: WorkHouse) -> None:
    while house.steps.hooks.run():
        pass


def matter(house: WorkHouse, **columns: Any) -> int:
    with house.database.write() as session:
        row = MatterRow(title="what sam said", first_at=house.clock(), last_at=house.clock(), **columns)
        session.add(row)
        session.flush()
        return row.id


def actions(house: WorkHouse) -> list[str]:
    return [one.action for one in house.rows(AuditRow)]


def test_an_endpoint_is_added_its_secret_shown_once_and_a_test_goes_out(
    house: WorkHouse, mei: Browser
) -> None:
    with HookReceiver() as receiver:
        page = mei.post("/admin/hooks", {**TEAM, "url": receiver.url})
        assert page.headers["cache-control"] == "no-store"
        (secret,) = re.findall(r"whsec_[\w+/=]+", page.text)
        for path in ("/admin/hooks", "/admin/hooks/1"):
            assert secret not in mei.get(path).text
        assert mei.post("/admin/hooks/1/test").headers["location"].endswith("done=tested&at=attempts")
        sends(house)
        assert receiver.kinds == ["endpoint.test"]
        Webhook(secret).verify(receiver.received[0].body, receiver.received[0].headers)
        shown = mei.get("/admin/hooks/1").text
        assert "endpoint.test" in shown
        assert receiver.ids[0] in shown
        assert "204" in shown
    assert actions(house) == ["hook.add", "hook.test"]


def test_a_long_address_is_shortened_and_whole_beside_and_events_are_said_in_words(
    house: WorkHouse, mei: Browser
) -> None:
    url = f"https://hooks.example.com/services/{'a-long-one/' * 20}the-end"
    mei.post("/admin/hooks", {**TEAM, "url": url})
    listed, page = mei.get("/admin/hooks").text, mei.get("/admin/hooks/1").text
    for shown in (listed, page):
        assert re.search(r">hooks\.example\.com/services/[^<]{1,20}…[^<]*the-end</code>", shown)
    assert f'title="{url}"' in listed
    assert f">{url}</code>" in page
    assert "A question comes in <code" in page
    assert ">signed messages</span>" in listed
    assert ">standard</span>" not in listed


@pytest.mark.parametrize("kind", list(HookEvent))
def test_every_event_and_template_is_said_in_words(kind: HookEvent) -> None:
    assert words.EVENTS[kind]
    assert set(words.TEMPLATES) == set(HookTemplate)


def test_what_was_given_up_is_shown_and_sent_again(house: WorkHouse, mei: Browser) -> None:
    with HookReceiver() as receiver:
        mei.post("/admin/hooks", {**TEAM, "url": receiver.url})
        mei.post("/admin/hooks/1/test")
        with house.database.write() as session:
            session.get_one(HookMessageRow, 1).state = HookMessageState.DEAD
        assert "Given up</h2>" in mei.get("/admin/hooks/1").text
        mei.post("/admin/hooks/1/again", {"message": "1"})
        sends(house)
        assert receiver.kinds == ["endpoint.test"]
        mei.post("/admin/hooks/1/again", {"since": "2020-01-01T00:00"})
        sends(house)
        assert receiver.ids[0] == receiver.ids[1]
        assert mei.post("/admin/hooks/1/again", {"since": "yesterday"}).status_code == 422


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.example.com/x", "encrypted only"),
        ("https://10.0.0.7/x", "not on the public internet"),
        ("https://127.1/x", "not on the public internet"),
        ("https://2130706433/x", "not on the public internet"),
        ("https://[::1]/x", "not on the public internet"),
        ("https://localhost/x", "not on the public internet"),
        ("https://user:pass@example.com/x", "passwords"),
        ("ftp://example.com/x", "encrypted only"),
        ("https://", "whole address"),
        ("https://exa mple.com/", "whole address"),
        ("https://example.com:99999/", "whole address"),
    ],
)
def test_an_address_that_must_not_be_called_is_refused(
    house: WorkHouse, mei: Browser, url: str, why: str
) -> None:
    page = mei.post("/admin/hooks", {**TEAM, "url": url})
    assert page.status_code == 422
    assert why in page.text
    assert house.rows(HookEndpointRow) == []


def test_without_events_or_a_trackers_token_nothing_is_added(house: WorkHouse, mei: Browser) -> None:
    url = "https://hooks.example.com/x"
    assert (
        "at least one event"
        in mei.post("/admin/hooks", {"name": "T", "template": "standard", "url": url}).text
    )
    github = {"name": "T", "template": "github", "url": "https://api.github.com/repos/a/b/issues"}
    assert "needs a token" in mei.post("/admin/hooks", github).text
    assert "like https://api.github.com" in mei.post("/admin/hooks", {**github, "url": url}).text
    assert mei.post("/admin/hooks", {**TEAM, "template": "none", "url": url}).status_code == 422


def test_an_endpoint_is_changed_switched_and_removed(house: WorkHouse, mei: Browser) -> None:
    with HookReceiver() as receiver:
        mei.post("/admin/hooks", {**TEAM, "url": receiver.url})
        changed = {"name": "Others", "url": receiver.url + "/2", "event-answer.held": "yes"}
        mei.post("/admin/hooks/1", changed)
        (row,) = house.rows(HookEndpointRow)
        assert (row.name, row.events) == ("Others", ["answer.held"])
        former = row.sealed
        assert "whsec_" in mei.post("/admin/hooks/1/secret").text
        assert house.rows(HookEndpointRow)[0].sealed != former
        mei.post("/admin/hooks/1/switch", {"to": "off"})
        assert mei.post("/admin/hooks/1/test").status_code == 409
        mei.post("/admin/hooks/1/switch", {"to": "on"})
        mei.post("/admin/hooks/1/test")
        sends(house)
        mei.post("/admin/hooks/1/remove")
        assert house.rows(HookEndpointRow) == []
        assert house.rows(HookMessageRow) == []
    assert actions(house)[-1] == "hook.remove"
    assert mei.get("/admin/hooks/1").status_code == 404


def test_a_trackers_token_goes_to_no_other_site(house: WorkHouse, mei: Browser) -> None:
    with Tracker() as tracker:
        url = f"http://127.0.0.1:{tracker.port}/repos/a/b/issues"
        mei.post("/admin/hooks", {"name": "T", "template": "github", "url": url, "token": "t0ken"})
        moved = {"name": "T", "url": "https://evil.example/issues"}
        assert "give it again" in mei.post("/admin/hooks/1", moved).text
        assert mei.post("/admin/hooks/1", {"name": "U", "url": url}).status_code == 303
        mei.post("/admin/hooks/1/test")
        sends(house)
        assert tracker.received[0].headers["authorization"] == "Bearer t0ken"


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("github", "/repos/a/b/issues"),
        ("gitlab", "/api/v4/projects/7/issues"),
        ("jira", "/rest/api/2/issue?project=SUP"),
    ],
)
def test_a_matter_becomes_an_issue_once_even_where_the_tracker_fails_after_making_it(
    house: WorkHouse, mei: Browser, template: str, path: str
) -> None:
    with Tracker() as tracker:
        url = f"http://127.0.0.1:{tracker.port}{path}"
        mei.post("/admin/hooks", {"name": "Board", "template": template, "url": url, "token": "t"})
        number = matter(house)
        assert (
            'value="what sam said"'
            not in mei.get(f"/admin/matters/{number}").text.split('id="issue-title"')[1][:200]
        )
        told = {"tracker": "1", "title": "Lamp stays dark", "text": "Since the update."}
        tracker.vanishes = True
        assert mei.post(f"/admin/matters/{number}/issue", told).status_code == 303
        assert mei.post(f"/admin/matters/{number}/issue", told).status_code == 409
        sends(house)
        tracker.vanishes = False
        house.clock.advance(timedelta(minutes=5))
        sends(house)
        assert len(tracker.issues) == 1
        assert "Lamp stays dark" in str(tracker.issues[0])
        assert "what sam said" not in str(tracker.issues[0])
        (message,) = house.rows(HookMessageRow)
        assert message.state == HookMessageState.SENT
        assert message.url is not None
        assert message.url in mei.get(f"/admin/matters/{number}").text
    assert "matter.issue" in actions(house)


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("github", "/repos/a/b/issues"),
        ("gitlab", "/api/v4/projects/7/issues"),
        ("jira", "/rest/api/2/issue?project=SUP"),
    ],
)
def test_what_was_given_up_is_looked_for_in_the_tracker_before_it_is_sent_again(
    house: WorkHouse, mei: Browser, template: str, path: str
) -> None:
    with Tracker() as tracker:
        url = f"http://127.0.0.1:{tracker.port}{path}"
        mei.post("/admin/hooks", {"name": "Board", "template": template, "url": url, "token": "t"})
        number = matter(house)
        tracker.vanishes = True
        mei.post(f"/admin/matters/{number}/issue", {"tracker": "1", "title": "Lamp stays dark"})
        sends(house)
        tracker.vanishes = False
        with house.database.write() as session:
            session.get_one(HookMessageRow, 1).state = HookMessageState.DEAD
        assert mei.post("/admin/hooks/1/again").status_code == 303
        sends(house)
        assert len(tracker.issues) == 1


def test_events_that_have_their_issue_are_not_sent_again(house: WorkHouse, mei: Browser) -> None:
    with Tracker() as tracker:
        url = f"http://127.0.0.1:{tracker.port}/repos/a/b/issues"
        chosen = {"event-matter.noticed": "yes", "token": "t"}
        mei.post("/admin/hooks", {"name": "Board", "template": "github", "url": url, **chosen})
        number = matter(house)
        with house.database.write() as session:
            outbox.tell(session, HookEvent.MATTER_NOTICED, number, said="63 people in 20 minutes, usually 2")
        sends(house)
        assert mei.post("/admin/hooks/1/again", {"since": "2020-01-01T00:00"}).status_code == 409
        sends(house)
        assert len(tracker.issues) == 1


def test_what_a_colleague_has_sent_again_or_let_go_is_sent_no_second_time(
    house: WorkHouse, mei: Browser
) -> None:
    with HookReceiver() as receiver:
        mei.post("/admin/hooks", {**TEAM, "url": receiver.url})
        mei.post("/admin/hooks/1/test")
        with house.database.write() as session:
            session.get_one(HookMessageRow, 1).state = HookMessageState.DEAD
        assert mei.post("/admin/hooks/1/again", {"message": "1"}).status_code == 303
        sends(house)
        late = mei.post("/admin/hooks/1/again", {"message": "1"})
        assert (late.status_code, late.text.count("Nothing is there to be sent again")) == (409, 1)
        sends(house)
        assert len(receiver.ids) == 1
        assert mei.post("/admin/hooks/1/again").status_code == 409
        assert mei.post("/admin/hooks/1/again", {"since": "2100-01-01T00:00"}).status_code == 409
    assert actions(house).count("hook.again") == 1


def test_whoever_still_has_the_first_of_several_secrets_reads_what_is_sent(
    house: WorkHouse, mei: Browser
) -> None:
    with HookReceiver() as receiver:
        pages = [mei.post("/admin/hooks", {**TEAM, "url": receiver.url})]
        pages += [mei.post("/admin/hooks/1/secret") for _ in range(5)]
        secrets = [re.findall(r"whsec_[\w+/=]+", page.text)[0] for page in pages]
        assert mei.post("/admin/hooks/1/secret").status_code == 409
        mei.post("/admin/hooks/1/test")
        sends(house)
        for secret in secrets:
            Webhook(secret).verify(receiver.received[0].body, receiver.received[0].headers)
        house.clock.advance(timedelta(days=1, minutes=1))
        next_day = house.browser(1)
        next_day.post("/admin/hooks/1/secret")
        next_day.post("/admin/hooks/1/test")
        sends(house)
        assert receiver.received[1].headers["webhook-signature"].count("v1,") == 2


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            {"errorMessages": ["No such kind."], "errors": {"project": "project is required"}},
            "No such kind.; project: project is required",
        ),
        ({"message": {"title": ["can&#39;t be blank"]}}, "title: can"),
        (
            {"message": "Validation Failed", "errors": [{"field": "title", "code": "missing"}]},
            "Validation Failed; field: title; code: missing",
        ),
    ],
)
def test_why_a_tracker_refuses_is_told_at_the_matter(
    house: WorkHouse, mei: Browser, told: dict[str, Any], words: str
) -> None:
    with HookReceiver(status=400, answer=told) as tracker:
        url = f"http://127.0.0.1:{tracker.port}/rest/api/2/issue?project=SUP"
        mei.post("/admin/hooks", {"name": "Board", "template": "jira", "url": url, "token": "t"})
        number = matter(house)
        mei.post(f"/admin/matters/{number}/issue", {"tracker": "1", "title": "Lamp stays dark"})
        sends(house)
        shown = mei.get(f"/admin/matters/{number}").text
    assert f"not opened yet, and tried again. The endpoint answered 400. {words}" in shown


def test_who_is_in_charge_of_its_department_makes_an_issue_of_a_matter_and_of_no_other(
    house: WorkHouse, mei: Browser
) -> None:
    lea = house.browser(house.employee("Lea Lind", role=Role.LEAD))
    with house.database.write() as session:
        screens, networks = (
            manage.make(session, name, "", "", house.clock()) for name in ("Screens", "Networks")
        )
        manage.put_in(session, screens, "lea@example.com", leads=True, now=house.clock())
        ours, theirs = screens.id, networks.id
    with Tracker() as tracker:
        url = f"http://127.0.0.1:{tracker.port}/repos/a/b/issues"
        mei.post("/admin/hooks", {"name": "Board", "template": "github", "url": url, "token": "t"})
        own, other = (matter(house, department_id=number) for number in (ours, theirs))
        nobodys = matter(house)
        told = {"tracker": "1", "title": "Lamp stays dark", "text": "Since the update."}
        assert f'action="/admin/matters/{own}/issue"' in lea.get(f"/admin/matters/{own}").text
        assert [
            lea.post(f"/admin/matters/{number}/issue", told).status_code for number in (own, other, nobodys)
        ] == [303, 403, 403]
        sends(house)
        assert len(tracker.issues) == 1


def test_a_tracker_makes_issues_of_noticed_matters_where_that_is_chosen(
    house: WorkHouse, mei: Browser
) -> None:
    with Tracker() as tracker:
        url = f"http://127.0.0.1:{tracker.port}/repos/a/b/issues"
        chosen = {"event-matter.noticed": "yes", "event-question.opened": "yes", "token": "t"}
        mei.post("/admin/hooks", {"name": "Board", "template": "github", "url": url, **chosen})
        number = matter(house)
        with house.database.write() as session:
            outbox.tell(session, HookEvent.MATTER_NOTICED, number, said="63 people in 20 minutes, usually 2")
            outbox.tell(session, HookEvent.QUESTION_OPENED, 1)
        sends(house)
        (issue,) = tracker.issues
        assert "63 people" in issue["body"]
        assert "what sam said" not in str(issue)
        assert issue["body"].endswith(f"({house.rows(HookEventRow)[0].key})")
        assert mei.post(f"/admin/matters/{number}/issue", {"tracker": "1"}).status_code == 409


def test_what_an_endpoint_cannot_do_is_refused_and_changes_nothing(house: WorkHouse, mei: Browser) -> None:
    github = "https://api.github.com/repos/a/b/issues"
    mei.post("/admin/hooks", {**TEAM, "url": "https://hooks.example.com/x"})
    mei.post("/admin/hooks", {"name": "Board", "template": "github", "url": github, "token": "t"})
    mei.post("/admin/hooks", {**TEAM, "name": "Off", "url": "https://hooks.example.com/y"})
    mei.post("/admin/hooks/3/switch", {"to": "off"})
    number = matter(house)
    gone = matter(house, state=MatterState.MERGED, merged_into=number)
    before, sealed = actions(house), [one.sealed for one in house.rows(HookEndpointRow)]
    for path, fields, why in (
        ("hooks/2/secret", {}, "requests are not signed"),
        (f"matters/{gone}/issue", {"tracker": "2"}, "part of another one"),
        (f"matters/{number}/issue", {"tracker": "1"}, "is no tracker"),
        ("hooks/3/again", {}, "switch it on first"),
        ("hooks/1/let-go", {}, "given up any more"),
    ):
        refused = mei.post(f"/admin/{path}", fields)
        assert (refused.status_code, why in refused.text) == (409, True), path
    assert house.rows(HookMessageRow) == []
    assert (actions(house), [one.sealed for one in house.rows(HookEndpointRow)]) == (before, sealed)


def test_whoever_is_switched_off_hears_nothing_of_what_happens_meanwhile(
    house: WorkHouse, mei: Browser
) -> None:
    with HookReceiver() as receiver:
        mei.post("/admin/hooks", {**TEAM, "url": receiver.url})
        for turn in ("off", "on"):
            mei.post("/admin/hooks/1/switch", {"to": turn})
            house.post(f"sam-{turn}", "@brand my lamp stays dark")
            house.work()
            sends(house)
        assert receiver.kinds == ["question.opened"]
        assert [one.kind for one in house.rows(HookEventRow)] == ["question.opened"]


def test_the_endpoint_of_the_settings_cannot_be_changed_here(database: Database) -> None:
    settings = {"url": "https://hooks.example.com/all", "secret": ["whsec_c2l4dGVlbiBieXRlcyE="]}
    house = WorkHouse(database, FakeClock(datetime.now(UTC)), hooks=settings)
    house.steps.hooks.run()
    mei = house.browser(house.employee("Mei Tan", role=Role.ADMIN))
    assert "from the settings" in mei.get("/admin/hooks").text
    for deed in ("", "/secret", "/remove"):
        fields = {**TEAM, "url": "https://evil.example/"}
        assert mei.post(f"/admin/hooks/1{deed}", fields).status_code == 409
