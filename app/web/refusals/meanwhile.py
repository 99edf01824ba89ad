"""What became of the thing that a refused form was about: where it stands, and who did what to it last."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from fastapi import Request

from app.web.addresses import behind_a_sign_in
from bot.store.engine import Database
from bot.store.queries.pages import audit_log
from bot.store.queries.pages.audit_log import AuditFilter
from bot.store.tables.house import AuditRow

_SUBJECTS: Mapping[str, str] = MappingProxyType(
    {
        "announcements": "announcement",
        "answers": "answer",
        "challenges": "challenge",
        "deliveries": "delivery",
        "employees": "employee",
        "entries": "entry",
        "hooks": "hook",
        "join-requests": "join request",
        "matters": "matter",
        "posts": "post",
        "questions": "question",
        "statements": "statement",
        "texts": "text",
        "tokens": "token",
        "topics": "topic",
        "words": "word",
    }
)
"""What the audit log calls what stands below each address."""
_DEED = re.compile(r"/admin/(?:board/)?(?P<kind>[a-z-]+)/(?P<name>[^/]+)(?:/.*)?")


def page_of_form(request: Request) -> str:
    """The page on which the form stood that was sent, as the browser says."""
    try:
        came_from = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return ""
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")


def place_of_form(request: Request) -> str:
    """That page, where it is one of ours at the desk or for people in charge; else nothing."""
    return behind_a_sign_in(page_of_form(request))


def last_deed(database: Database, path: str) -> AuditRow | None:
    """The latest line of the audit log about what somebody in charge wanted to decide on at this address."""
    found = _DEED.fullmatch(path)
    if found is None:
        return None
    kind = found["kind"]
    subject = _SUBJECTS.get(kind, kind if kind in _SUBJECTS.values() else "")
    if not subject:
        return None
    with database.read() as session:
        lines, _ = audit_log.lines(
            session, AuditFilter(subject=f"{subject} {unquote(found['name'])}"), None, 1
        )
    return lines[0] if lines else None
