"""An issue in a tracker: made once, as far as a tracker lets one find out."""

from datetime import UTC, datetime

import pytest

from bot.channels import trackers
from bot.channels.trackers import Issue, NoSuchTracker, check_address, look_up, make

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
ISSUE = Issue("Lamp stays dark", "Many ask.", "msg_1", AT)
GITHUB = "https://api.github.com/repos/acme/app/issues"
GITLAB = "https://gitlab.example/api/v4/projects/7/issues"
JIRA = "https://acme.atlassian.net/rest/api/2/issue?project=SUP&type=Bug"


def test_github_is_asked_as_its_interface_wants_it() -> None:
    wanted = make("github", GITHUB, "t0ken", ISSUE)
    assert wanted.headers["authorization"] == "Bearer t0ken"
    assert wanted.headers["x-github-api-version"] == "2022-11-28"
    assert wanted.body == {"title": "Lamp stays dark", "body": "Many ask.\n\n(msg_1)"}
    assert look_up("github", GITHUB, "t0ken", ISSUE).params == {
        "state": "all",
        "since": "2026-03-04T11:00:00Z",
        "per_page": 100,
        "sort": "created",
    }


def test_gitlab_is_asked_as_its_interface_wants_it() -> None:
    wanted = make("gitlab", GITLAB, "t0ken", ISSUE)
    assert wanted.headers == {"private-token": "t0ken"}
    assert wanted.body == {"title": "Lamp stays dark", "description": "Many ask.\n\n(msg_1)"}
    assert look_up("gitlab", GITLAB, "t0ken", ISSUE).params["search"] == "msg_1"  # type: ignore[index]


def test_jira_is_asked_as_its_interface_wants_it() -> None:
    wanted = make("jira", JIRA, "me@acme.example:t0ken", ISSUE)
    assert wanted.url == "https://acme.atlassian.net/rest/api/2/issue"
    assert wanted.headers == {"authorization": "Basic bWVAYWNtZS5leGFtcGxlOnQwa2Vu"}
    assert wanted.body["fields"]["project"] == {"key": "SUP"}
    assert wanted.body["fields"]["issuetype"] == {"name": "Bug"}
    assert wanted.body["fields"]["description"].endswith("(msg_1)")
    search = look_up("jira", JIRA, "t", ISSUE)
    assert search.url == "https://acme.atlassian.net/rest/api/2/search/jql"
    assert search.params["jql"] == 'project = "SUP" AND description ~ "\\"msg_1\\""'  # type: ignore[index]
    assert search.headers == {"authorization": "Bearer t"}
    own = look_up("jira", "https://jira.acme.example/base/rest/api/2/issue?project=SUP", "t", ISSUE)
    assert own.url == "https://jira.acme.example/base/rest/api/2/search"


@pytest.mark.parametrize(
    ("template", "url", "listed", "page"),
    [
        ("github", GITHUB, [{"body": None}, {"body": "x (msg_1)", "html_url": "https://g/1"}], "https://g/1"),
        ("gitlab", GITLAB, [{"description": "(msg_1)", "web_url": "https://l/1"}], "https://l/1"),
        (
            "jira",
            JIRA,
            {"issues": [{"key": "SUP-3", "fields": {"description": "(msg_1)"}}]},
            "https://acme.atlassian.net/browse/SUP-3",
        ),
        ("github", GITHUB, [{"body": "(msg_2)", "html_url": "https://g/2"}], None),
        ("github", GITHUB, {"message": "odd"}, None),
        ("jira", JIRA, {"issues": [{"key": "SUP-3", "fields": None}, 7]}, None),
    ],
)
def test_an_issue_is_known_again_by_its_mark(template: str, url: str, listed: object, page: str) -> None:
    assert trackers.found(template, url, listed, "msg_1") == page


def test_a_link_that_is_no_web_address_is_no_link() -> None:
    assert trackers.made("github", GITHUB, {"html_url": "javascript:alert(1)"}) is None


@pytest.mark.parametrize(
    ("template", "url"),
    [
        ("github", "https://github.com/acme/app"),
        ("gitlab", "https://gitlab.example/acme/app"),
        ("jira", "https://acme.atlassian.net/rest/api/2/issue"),
        ("jira", "https://acme.atlassian.net/rest/api/3/issue?project=SUP"),
    ],
)
def test_an_address_where_no_issues_are_made_is_refused_with_an_example(template: str, url: str) -> None:
    with pytest.raises(NoSuchTracker, match="like https://"):
        check_address(template, url)


def test_the_right_addresses_pass() -> None:
    for template, url in (
        ("github", GITHUB),
        ("gitlab", GITLAB),
        ("jira", JIRA),
        ("standard", "https://a/b"),
    ):
        check_address(template, url)
