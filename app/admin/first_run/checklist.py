"""What is left to do in a new house, until it is done or somebody puts the list away."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request, Response

from app.admin.confirmations import notice
from app.identity.auth import MayManagePeople, actor, guarded, see_other
from app.identity.decisions import decision
from app.web.html import render
from app.wiring.composition import Chorus, Here
from bot.actions.people import first_person
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.first_steps import first_steps

router = guarded("/admin/first-run")


@dataclass(frozen=True, slots=True)
class SetupStep:
    """Something to do once: the page where it is done, and whether it is."""

    title: str
    why: str
    page: str
    is_done: bool


def left_to_do(session: Session, chorus: Chorus) -> Sequence[SetupStep]:
    """All steps while the list is open and one is left; else none."""
    if not first_person.checklist_is_open(session):
        return ()
    found = steps(session, chorus)
    return found if any(not one.is_done for one in found) else ()


def steps(session: Session, chorus: Chorus) -> list[SetupStep]:
    """The first steps in the order in which they help each other."""
    connectable = [name for name, one in chorus.platforms.items() if one.traits.connects]
    done = first_steps(session, connectable)
    found = [
        SetupStep(
            "The brand's name and tag",
            "What stands on every page, and what marks an employee's answer.",
            "/admin/first-run/brand",
            "brand_name" in chorus.settings.model_fields_set,
        ),
        SetupStep(
            "Topics",
            "By them questions find the people who know the answer.",
            "/admin/first-run/topics",
            done.topics,
        ),
        SetupStep(
            "People",
            "Who answers: a list from a spreadsheet, one by one, or whoever joins by themselves.",
            "/admin/first-run/people",
            done.people,
        ),
        SetupStep(
            "The brand's account",
            "On X, Mastodon or Bluesky; the built-in feed is there to try things out.",
            "/admin/connections",
            done.account,
        ),
    ]
    if chorus.local is not None:
        found.append(
            SetupStep(
                "A trial question",
                "From a customer's post to the brand's reply, on the built-in feed.",
                "/admin/first-run/question",
                done.published,
            )
        )
    return found


@router.get("")
def listed(request: Request, chorus: Here, person: MayManagePeople, done: str = "") -> Response:
    """The steps, each with its page."""
    with chorus.database.read() as session:
        found = steps(session, chorus)
        is_open = first_person.checklist_is_open(session)
    return render(
        request,
        "admin/first_run/checklist.html",
        person=person,
        steps=found,
        is_open=is_open,
        notice=notice(done),
    )


@router.post("/dismiss")
def dismiss(chorus: Here, person: MayManagePeople) -> Response:
    """Put the list away for everybody; its pages stay where they are."""
    with decision(chorus, person) as at:
        first_person.put_checklist_away(at.session, actor(person), at.now)
        at.record(AuditAction.CHECKLIST_DISMISS, "first run")
    return see_other("/admin")
