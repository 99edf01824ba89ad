"""The list of people: searched, narrowed and ordered, a page at a time; the filter stands in the address."""

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

from fastapi import Query, Request, Response

from app.admin.confirmations import notice
from app.identity.auth import MayReadPeople, guarded
from app.web.forms import PageStart, number_in
from app.web.html import render
from app.wiring.composition import Here
from app.wiring.steering.rules import joining_terms_of
from bot.roles import Role
from bot.store.departments import directory
from bot.store.queries.pages import desk
from bot.store.queries.pages.staff import StaffFilter, StaffLack, StaffOrder, TakesPart, staff
from bot.store.topics import named
from bot.text.times.hours import format_hours

router = guarded("/admin")

_Named = Annotated[str, Query(max_length=60)]


@router.get("/employees")
def listed(
    request: Request,
    chorus: Here,
    person: MayReadPeople,
    words: Annotated[str, Query(max_length=200)] = "",
    role: _Named = "",
    department: _Named = "",
    topic: _Named = "",
    state: _Named = "",
    order: _Named = "",
    after: PageStart = None,
    done: str = "",
) -> Response:
    """The people by name, the newest first, or those with most on their plates."""
    typed = {"words": words, "role": role, "department": department, "topic": topic, "state": state}
    given = {name: text.replace("\0", "").strip() for name, text in {**typed, "order": order}.items()}
    with chorus.database.read() as session:
        wanted = StaffFilter(
            given["words"],
            named.slug_now(session, given["topic"]),
            given["state"],
            after,
            number_in(given["department"]),
            given["role"],
            given["order"] or StaffOrder.NAME,
        )
        people, further = staff(session, wanted, chorus.database.now(session))
        departments = directory.names(session)
        topics = desk.topic_names(session)
    return render(
        request,
        "admin/people/list.html",
        person=person,
        people=people,
        hours={one.employee.id: format_hours(one.employee.hours) for one in people},
        further=further,
        wanted=wanted,
        kept={name: text for name, text in given.items() if text},
        narrowed=any(value for name, value in asdict(wanted).items() if name != "order"),
        topics=topics,
        departments=departments,
        roles=_choices(Role),
        states=_choices(TakesPart) + _choices(StaffLack),
        orders=_choices(StaffOrder),
        joins=joining_terms_of(chorus.settings),
        notice=notice(done),
    )


def _choices(kinds: type[StrEnum]) -> list[tuple[str, str]]:
    """Each as it stands in the address, and as people read it."""
    return [(one.value, one.value) for one in kinds]
