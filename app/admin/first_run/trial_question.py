"""A trial question: posted on the built-in feed as a customer would, and followed to the brand's reply."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.identity.auth import MayManagePeople, Person, guarded, see_other
from app.identity.decisions import change
from app.web.forms import ShortText
from app.web.html import render
from app.wiring.composition import Chorus, Here
from bot.posts import PlatformError, PostEvent
from bot.store.conversations.ingest import NotStored
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.pages.trial import TrialWay, way_of

router = guarded("/admin/first-run")

_CUSTOMER = "trial-customer"
_EXAMPLE = "No picture since the update. What can I do?"

PostId = Annotated[str, Query(max_length=20, pattern=r"^\d*$")]


@router.get("/question")
def followed(request: Request, chorus: Here, person: MayManagePeople, post: PostId = "") -> Response:
    """How far the question has come, or a form for one."""
    return _page(request, chorus, person, post=post)


@router.post("/question")
def ask(request: Request, chorus: Here, person: MayManagePeople, text: ShortText = "") -> Response:
    """Post it as a customer; from here it goes the way of every other."""
    local, feed = chorus.local, chorus.feed
    if local is None or feed is None:
        return _page(request, chorus, person)
    words = text if f"@{local.brand().handle}".lower() in text.lower() else f"@{local.brand().handle} {text}"
    if not text:
        return _page(request, chorus, person, typed=text, error="Write what a customer would ask.")
    try:
        post = feed.append(_CUSTOMER, words)
        body, _ = local.webhook(PostEvent.CREATED, post)
        chorus.ingest.write(list(local.parse(body)))
    except (PlatformError, NotStored) as error:
        return _page(request, chorus, person, typed=text, error=str(error))
    with change(chorus, person) as at:
        at.record(AuditAction.TRIAL_ASK, f"local post {post.id}")
    return see_other(f"/admin/first-run/question?post={post.id}")


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    *,
    post: str = "",
    typed: str | None = None,
    error: str = "",
) -> Response:
    way = TrialWay()
    if post:
        with chorus.database.read() as session:
            way = way_of(session, post)
    return render(
        request,
        "admin/first_run/question.html",
        status=422 if error else 200,
        person=person,
        local=chorus.local,
        post=post,
        way=way,
        is_asked=any(employee_id == person.id for employee_id, _ in way.asked),
        typed=_EXAMPLE if typed is None else typed,
        error=error,
    )
