"""Posts that were set aside: what they say, why, and what a person can do about it."""

from fastapi import Request, Response

from app.admin.confirmations import Back, notice, returned
from app.identity.auth import MayDecide, MayWatch, Person, guarded
from app.identity.decisions import DecisionContext, decision
from app.web.forms import PageStart, RowId
from app.web.html import render
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from bot.store.conversations import set_aside
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.conversations import PostRow

router = guarded("/admin")


@router.get("/posts")
def listed(
    request: Request, chorus: Here, person: MayWatch, before: PageStart = None, done: str = ""
) -> Response:
    """A page of what was set aside, the latest first."""
    with chorus.database.read() as session:
        posts, older = set_aside.listed(session, before)
        return render(
            request,
            "admin/posts.html",
            person=person,
            posts=[(post, set_aside.was_taken_in(post)) for post in posts],
            older=older,
            before=before,
            notice=notice(done),
        )


@router.post("/posts/{post_id}/again")
def again(chorus: Here, person: MayDecide, post_id: RowId, back: Back = "") -> Response:
    try_post_again(chorus, person, post_id)
    return returned(back, "/admin/posts", "tried")


def try_post_again(chorus: Chorus, person: Person, post_id: int) -> None:
    """Try once more: what was in the way may be mended. Raises Problem."""
    with decision(chorus, person) as at:
        if not set_aside.try_again(at.session, post_id, at.now):
            raise _not_waiting(at, post_id)
        at.record(AuditAction.POST_TRY_AGAIN, f"post {post_id}")


@router.post("/posts/{post_id}/dismiss")
def dismiss(chorus: Here, person: MayDecide, post_id: RowId, back: Back = "") -> Response:
    dismiss_post(chorus, person, post_id)
    return returned(back, "/admin/posts", "seen_to")


def dismiss_post(chorus: Chorus, person: Person, post_id: int) -> None:
    """A person has seen to it. Raises Problem."""
    with decision(chorus, person) as at:
        if not set_aside.dismiss(at.session, post_id, at.now):
            raise _not_waiting(at, post_id)
        at.record(AuditAction.POST_DISMISS, f"post {post_id}")


def _not_waiting(at: DecisionContext, post_id: int) -> Problem:
    at.row(PostRow, post_id, "such post")
    return Problem(409, "This post does not wait here, or not for this: look at the list anew.")
