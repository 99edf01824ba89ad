"""Many people at once, pasted from a spreadsheet: looked at line by line, then added, all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request, Response
from pydantic import AfterValidator

from app.files.csv_files import rows_of
from app.files.text_files import UnreadableText
from app.identity.auth import MayManagePeople, Person, guarded, new_login_link
from app.identity.decisions import DecisionContext, change
from app.identity.newcomers import COLUMNS, REQUIRED, Admission, NewcomerLine, admit, read_newcomer, words_of
from app.web.html import render
from app.wiring.composition import Chorus, Here
from app.wiring.steering.rules import joining_terms_of
from bot.posts import PlatformName
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.people import EmployeeRow

router = guarded("/admin/first-run")

_MOST_PEOPLE = 500
"""So many at once: they are added in one transaction, and more would keep everybody else waiting for long."""
_MOST_LOOKED_UP = 25
"""So many accounts are looked up at their platforms while somebody waits for the page."""
_HEAD = "name,email,topics,languages,hours"

PastedList = Annotated[
    str, Form(max_length=500_000), AfterValidator(lambda text: text.replace("\0", "").replace("\r\n", "\n"))
]


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody who is in now, and the link with which they sign in the first time."""

    employee: EmployeeRow
    link: str


class _OnlyLooked(Exception):
    """What was tried is taken back: it was a look, or somebody's line is wrong."""

    def __init__(self, admitted: Sequence[Admission]) -> None:
        super().__init__("only looked")
        self.admitted = admitted


@router.get("/people")
def asked(request: Request, chorus: Here, person: MayManagePeople) -> Response:
    """A box for a list."""
    return _page(request, chorus, person, people=f"{_HEAD}\n")


@router.post("/people")
def add(
    request: Request,
    chorus: Here,
    person: MayManagePeople,
    people: PastedList = "",
    agreed: Annotated[str, Form(max_length=10)] = "",
    only_look: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Look at a list, or add everybody on it; what is wrong is told by line, and the list stays as typed."""
    opted_in = agreed == "yes"
    try:
        found = _newcomers(chorus, people)
    except UnreadableText as error:
        return _page(request, chorus, person, people=people, agreed=opted_in, refused=str(error))
    try:
        with change(chorus, person) as at:
            invited = _add_all(chorus, at, found, opted_in=opted_in, only_look=bool(only_look))
    except _OnlyLooked as looked:
        return _page(request, chorus, person, people=people, agreed=opted_in, admitted=looked.admitted)
    return render(
        request,
        "admin/first_run/invited.html",
        stands_at="/admin/first-run/people",
        person=person,
        invited=invited,
    )


def _add_all(
    chorus: Chorus, at: DecisionContext, found: Sequence[NewcomerLine], *, opted_in: bool, only_look: bool
) -> list[Invitation]:
    admitted = admit(at.session, found, at.now, opted_in=opted_in)
    if only_look or any(one.problem for one in admitted):
        raise _OnlyLooked(admitted)
    for topic in (topic for one in admitted for topic in one.new_topics):
        at.record(AuditAction.TOPIC_ADD, f"topic {topic.slug}")
    invited = [_invite(chorus, at, one.employee) for one in admitted if one.employee is not None]
    at.record(AuditAction.EMPLOYEE_SIGN_IN_LINK, "employees", numbers=[one.employee.id for one in invited])
    return invited


def _newcomers(chorus: Chorus, text: str) -> list[NewcomerLine]:
    """Raises UnreadableText where it is no list of people."""
    found = rows_of(text, "the list", COLUMNS, REQUIRED)
    if not found:
        raise UnreadableText("There is nobody on the list yet: write a line for each person below the first.")
    if len(found) > _MOST_PEOPLE:
        raise UnreadableText(
            f"There are {len(found)} people on the list: paste at most {_MOST_PEOPLE} at once, or use "
            "chorus employee import."
        )
    remote = [
        account
        for row in found
        for account in words_of(row.values["identities"])
        if not account.lower().startswith(f"{PlatformName.LOCAL}:")
    ]
    if len(remote) > _MOST_LOOKED_UP:
        raise UnreadableText(
            f"The list names {len(remote)} accounts that have to be looked up at their platforms: paste at "
            f"most {_MOST_LOOKED_UP} at once, or leave them out: people link their own at their desk."
        )
    return [read_newcomer(row, chorus.settings.timezone, chorus.platforms) for row in found]


def _invite(chorus: Chorus, at: DecisionContext, employee: EmployeeRow) -> Invitation:
    at.record(AuditAction.EMPLOYEE_ADD, f"employee {employee.id}", email=employee.email)
    return Invitation(employee, new_login_link(at.session, chorus.settings, employee, at.now))


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    *,
    people: str,
    agreed: bool = False,
    refused: str = "",
    admitted: Sequence[Admission] = (),
) -> Response:
    problems = sum(bool(one.problem) for one in admitted)
    return render(
        request,
        "admin/first_run/people.html",
        status=422 if refused or problems else 200,
        person=person,
        people=people,
        agreed=agreed,
        refused=refused,
        admitted=admitted,
        problems=problems,
        columns=COLUMNS,
        joins=joining_terms_of(chorus.settings),
    )
