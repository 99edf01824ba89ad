"""Issues in trackers: how each is asked to make one, and how one that is there already is found (pure).

No tracker makes an issue once however often it is asked. So every issue ends with a mark, and before one is
asked for again, those that are there are looked through for it. What the tracker does not show yet, and what
a person took the mark out of, is made a second time.

Sources: GitHub REST 2022-11-28, "Create an issue" and "List repository issues"; GitLab REST v4, "Issues";
Jira REST v2, "Create issue" and "Search for issues using JQL" (version 2 takes descriptions as plain text).
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

from bot.states import HookTemplate

_BEFORE = timedelta(hours=1)
"""The tracker's clock may be behind ours by so much."""
_CLOUD = ".atlassian.net"


@dataclass(frozen=True, slots=True)
class Issue:
    """What an issue says; it is known by ``mark``, and ``at`` is when what it is about happened."""

    title: str
    text: str
    mark: str
    at: datetime

    @property
    def marked(self) -> str:
        """The text with its mark."""
        return f"{self.text}\n\n({self.mark})"


@dataclass(frozen=True, slots=True)
class TrackerRequest:
    """A request to a tracker. ``params`` take the place of the address's own."""

    url: str
    headers: Mapping[str, str]
    params: Mapping[str, str | int] | None = None
    body: Any = None


class NoSuchTracker(ValueError):
    """This address is none where issues are made; ``str(error)`` says what it should be."""


def make(template: str, url: str, token: str, issue: Issue) -> TrackerRequest:
    """How to ask for a new issue."""
    headers = _headers(template, token)
    if template == HookTemplate.GITHUB:
        return TrackerRequest(url, headers, body={"title": issue.title, "body": issue.marked})
    if template == HookTemplate.GITLAB:
        return TrackerRequest(url, headers, body={"title": issue.title, "description": issue.marked})
    project, kind = _jira(url)
    fields = {
        "project": {"key": project},
        "issuetype": {"name": kind},
        "summary": issue.title,
        "description": issue.marked,
    }
    return TrackerRequest(_bare(url), headers, body={"fields": fields})


def look_up(template: str, url: str, token: str, issue: Issue) -> TrackerRequest:
    """How to ask for the issues among which this one would be."""
    headers = _headers(template, token)
    if template == HookTemplate.GITHUB:
        since = (issue.at - _BEFORE).strftime("%Y-%m-%dT%H:%M:%SZ")
        latest: dict[str, str | int] = {"state": "all", "since": since, "per_page": 100, "sort": "created"}
        return TrackerRequest(url, headers, latest)
    if template == HookTemplate.GITLAB:
        return TrackerRequest(url, headers, {"search": issue.mark, "in": "description", "scope": "all"})
    project, _ = _jira(url)
    parts = urlsplit(_bare(url))
    search = "/search/jql" if (parts.hostname or "").endswith(_CLOUD) else "/search"
    jql = f'project = "{project}" AND description ~ "\\"{issue.mark}\\""'
    return TrackerRequest(
        urlunsplit(parts._replace(path=parts.path.removesuffix("/issue") + search)),
        headers,
        {"jql": jql, "fields": "description", "maxResults": 20},
    )


def found(template: str, url: str, answer: Any, mark: str) -> str | None:
    """The page of the issue that has this mark, in what ``look_up`` brought; None: it is not there."""
    listed = answer.get("issues") if template == HookTemplate.JIRA and isinstance(answer, dict) else answer
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and mark in _words(template, one):
            return made(template, url, one)
    return None


def made(template: str, url: str, answer: Any) -> str | None:
    """The page of an issue, in what the tracker answers; None where it does not say."""
    if not isinstance(answer, dict):
        return None
    if template == HookTemplate.JIRA:
        parts = urlsplit(url)
        key = answer.get("key")
        root = parts.path.partition("/rest/")[0]
        return f"{parts.scheme}://{parts.netloc}{root}/browse/{key}" if isinstance(key, str) else None
    page = answer.get("html_url" if template == HookTemplate.GITHUB else "web_url")
    return page if isinstance(page, str) and page.startswith(("https://", "http://")) else None


def check_address(template: str, url: str) -> None:
    """Raise NoSuchTracker unless this is where the tracker makes issues."""
    parts = urlsplit(url)
    wanted = {
        HookTemplate.GITHUB: ("/issues", "https://api.github.com/repos/OWNER/REPOSITORY/issues"),
        HookTemplate.GITLAB: ("/issues", "https://gitlab.com/api/v4/projects/NUMBER/issues"),
        HookTemplate.JIRA: (
            "/rest/api/2/issue",
            "https://COMPANY.atlassian.net/rest/api/2/issue?project=KEY&type=Task",
        ),
    }.get(HookTemplate(template))
    if wanted is None:
        return
    end, example = wanted
    if not parts.path.endswith(end) or (template == HookTemplate.JIRA and not _jira(url)[0]):
        raise NoSuchTracker(f"Give the address where issues are made, like {example}.")


def _headers(template: str, token: str) -> dict[str, str]:
    if template == HookTemplate.GITLAB:
        return {"private-token": token}
    if template == HookTemplate.JIRA and ":" in token:
        return {"authorization": f"Basic {base64.b64encode(token.encode()).decode()}"}
    headers = {"authorization": f"Bearer {token}"}
    if template == HookTemplate.GITHUB:
        headers |= {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}
    return headers


def _words(template: str, one: Mapping[str, Any]) -> str:
    if template == HookTemplate.JIRA:
        fields = one.get("fields")
        return str(fields.get("description")) if isinstance(fields, dict) else ""
    return str(one.get("body" if template == HookTemplate.GITHUB else "description"))


def _jira(url: str) -> tuple[str, str]:
    """The key of the project and the kind of issue, as the address names them."""
    query = parse_qs(urlsplit(url).query)
    return query.get("project", [""])[0].replace('"', ""), query.get("type", ["Task"])[0]


def _bare(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(query=""))
