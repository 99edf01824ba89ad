"""Who did what: searched, taken along as a spreadsheet, and its chain checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request, Response

from app.files.csv_files import csv_text
from app.identity.auth import MayReadAudit, Person, actor, guarded
from app.web.addresses import query_of, tidied
from app.web.forms import PageStart
from app.web.html import render, zone_of
from app.web.phrasing import did
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from bot.store.engine import Session
from bot.store.house import audit
from bot.store.house.audit_actions import AuditAction, action_of
from bot.store.people import staff
from bot.store.queries.pages import audit_log
from bot.store.queries.pages.audit_log import AuditFilter
from bot.store.tables.house import AuditRow
from bot.text.times.timestamps import on_the_clock_of

router = guarded("/admin")

CHECKED_HERE = 100_000
"""So many lines the page checks, the latest; ``chorus audit verify`` checks all of them."""
IN_FILE = 100_000
"""So many lines a file has at most, the latest."""
_COLUMNS = ("line", "at", "who", "did", "what", "to", "details", "hash")
_MOST_ACTORS = 20


@dataclass(frozen=True, slots=True)
class AuditAddress:
    """What the address of the page says, as it was typed there."""

    who: str = ""
    what: str = ""
    subject: str = ""
    words: str = ""
    since: str = ""
    until: str = ""

    @property
    def parts(self) -> dict[str, str]:
        """The parts of the filter by their names."""
        names = ("who", "what", "subject", "words", "since", "until")
        return {name: getattr(self, name) for name in names}

    @property
    def query(self) -> str:
        """What stands behind the question mark."""
        return query_of(self.parts)

    def wanted(self, session: Session, zone: ZoneInfo) -> AuditFilter:
        """The filter; days are those of ``zone``, the last one included. Raises Problem 422."""
        action = action_of(self.what) if self.what else None
        if self.what and action is None:
            raise Problem(422, "There is no such deed: choose one from the list.")
        since, until = _day(self.since, zone), _day(self.until, zone, after=1)
        spelled = () if action is None else (action.value, *action.former)
        return AuditFilter(_actors(session, self.who), spelled, self.subject, self.words, since, until)


def _address(
    who: Annotated[str, Query(max_length=200)] = "",
    what: Annotated[str, Query(max_length=60)] = "",
    subject: Annotated[str, Query(max_length=200)] = "",
    words: Annotated[str, Query(max_length=200)] = "",
    since: Annotated[str, Query(max_length=10)] = "",
    until: Annotated[str, Query(max_length=10)] = "",
) -> AuditAddress:
    parts = (who, what, subject, words, since, until)
    return AuditAddress(*map(tidied, parts))


Searched = Annotated[AuditAddress, Depends(_address)]


@router.get("/audit")
def log(
    request: Request,
    chorus: Here,
    person: MayReadAudit,
    address: Searched,
    before: PageStart = None,
    check: str = "",
) -> Response:
    """The audit log, the latest first; with ``check`` the latest part of its chain is verified."""
    with chorus.database.read() as session:
        wanted = address.wanted(session, _zone(chorus, person))
        found, older = audit_log.lines(session, wanted, before)
        checked = audit.check(session, CHECKED_HERE) if check else None
    return render(
        request,
        "admin/audit.html",
        person=person,
        lines=found,
        older=older,
        before=before,
        checked=checked,
        address=address,
        actions=sorted(AuditAction, key=lambda one: one.words),
    )


@router.get("/audit.csv")
def as_csv(chorus: Here, person: MayReadAudit, address: Searched) -> Response:
    """The same lines for a spreadsheet; no cell of it is taken for a formula."""
    with chorus.database.read() as session:
        wanted = address.wanted(session, _zone(chorus, person))
        text = csv_text(_COLUMNS, _rows(session, wanted))
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"', "Cache-Control": "no-store"}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _rows(session: Session, wanted: AuditFilter) -> Iterator[tuple[object, ...]]:
    for number, line in enumerate(audit_log.everything(session, wanted)):
        if number == IN_FILE:
            return
        yield _row(line)


def _row(line: AuditRow) -> tuple[object, ...]:
    details = "; ".join(f"{key}: {value}" for key, value in line.detail.items() if value not in (None, ""))
    at = line.at.isoformat(timespec="seconds")
    return line.id, at, line.actor, did(line.action), line.action, line.subject, details, line.hash


def _actors(session: Session, who: str) -> tuple[str, ...]:
    """How lines may spell whoever is meant: as it was typed, and everybody whose name or address it is in."""
    if not who:
        return ()
    people = staff.named_like(session, who, _MOST_ACTORS)
    return tuple(dict.fromkeys([who, *(actor(one) for one in people)]))


def _zone(chorus: Chorus, person: Person) -> ZoneInfo:
    return zone_of(person, chorus.settings.timezone)


def _day(text: str, zone: ZoneInfo, after: int = 0) -> datetime | None:
    """When a day begins in ``zone``, or the one so many days later; None for no day. Raises Problem 422."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=after)
        return on_the_clock_of(zone, datetime.combine(day, time()).isoformat())
    except (ValueError, OverflowError) as error:
        raise Problem(422, "Write the day like 2026-03-05.") from error
