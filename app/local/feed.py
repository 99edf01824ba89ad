"""The built-in feed: its page, its JSON, and the signed webhooks with which it tells Chorus what happened.

Anyone can post as anyone here, so it serves only this machine unless the operator opened it. It is a feed
like any other: a post reaches Chorus through ``POST /webhooks/local``, and what a crash interrupts is caught
up by the listener.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import httpx
import structlog
from fastapi import APIRouter, BackgroundTasks, Depends, Form, Header, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.types import ASGIApp

from app.identity.auth import see_other
from app.web.events import Since, stream
from app.web.forms import number_in
from app.web.guard.clients import is_from_this_machine
from app.web.html import render
from app.web.problem_models import UNUSABLE, DoorAnswers, problem_response
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from bot.live import FEED
from bot.platforms.local.adapter import LONGEST_POST, PAGE, FeedPost, Local, local_url
from bot.posts import PostEvent, Rejected
from bot.store.house.feed import StoredFeed
from bot.store.queries.pages import local as reads
from bot.text.characters import clean
from routing.model.phrases import phrase

log = structlog.get_logger(__name__)

_CONVERSATIONS = 20
_CUSTOMERS = ("sam", "robin", "kim", "alex")
"""Names to begin with, until somebody has posted."""
_LONGEST_KEY = 200
_NAMES = phrase("A name has letters, digits, _ . and - only.")


@dataclass(frozen=True, slots=True)
class Feed:
    """The feed's storage and its adapter."""

    posts: StoredFeed
    adapter: Local


def feed_here(request: Request, chorus: Here) -> Feed:
    """The local feed, for those who may use it. Raises Problem where it is off or the client is elsewhere."""
    if chorus.feed is None or chorus.local is None:
        raise Problem(404, phrase("The local feed is switched off here."))
    if not chorus.settings.local.open_to_network and not is_from_this_machine(request, chorus.settings):
        raise Problem(
            403,
            phrase(
                "On the local feed anyone can post as anyone, so it serves only the machine it runs on. To "
                "open it to the network, set CHORUS_LOCAL__OPEN_TO_NETWORK=true."
            ),
        )
    return Feed(chorus.feed, chorus.local)


FeedHere = Annotated[Feed, Depends(feed_here)]


class NewPost(BaseModel):
    """A post to put on the feed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"author": "sam", "text": "@brand no picture since the update"}},
    )

    author: str = Field(min_length=1, max_length=64, description="Whose post it is; any name will do.")
    text: str = Field(min_length=1, max_length=10_000, description=f"At most {LONGEST_POST} characters.")
    in_reply_to: str | None = Field(
        default=None, max_length=64, description="The id of the post it replies to."
    )


class PostMade(BaseModel):
    """The post that was stored."""

    id: str
    url: str


class PostShown(BaseModel):
    """A post on the feed."""

    id: str
    author: str
    text: str
    in_reply_to: str | None
    posted_at: datetime


class PostList(BaseModel):
    """Posts, oldest first."""

    items: list[PostShown]


router = APIRouter(
    tags=["Local feed"],
    responses={
        **UNUSABLE,
        403: problem_response("Only programs on this machine may use the feed."),
        404: problem_response("The feed is switched off here, or there is no such post."),
    },
)
_OF_NEW: DoorAnswers = {
    400: problem_response("The body is no JSON."),
    408: problem_response("The body did not come."),
    413: problem_response("The body is larger than is accepted."),
    415: problem_response("The body is of another type than JSON."),
}


async def push(app: ASGIApp, local: Local, event: PostEvent, post: FeedPost) -> None:
    """Tell Chorus what happened to a post, by a signed webhook to its own door.

    A failure is logged and left to the listener, which reads the feed again.
    """
    body, headers = local.webhook(event, post)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            answer = await client.post("/webhooks/local", content=body, headers=headers)
    except httpx.HTTPError as error:
        log.warning("local webhook not delivered", local_post=post.id, error=str(error))
        return
    if not answer.is_success:
        log.warning("local webhook refused", local_post=post.id, status=answer.status_code)


@router.get("/local", include_in_schema=False)
def page(
    request: Request, chorus: Here, feed: FeedHere, before: str = "", reply: str = "", text: str = ""
) -> Response:
    """The feed as people see it; ``text`` is a post that somebody finds ready there."""
    written = {"persona": "", "name": "", "text": clean(text)[:LONGEST_POST]}
    return _page(request, chorus, feed, before=before, reply=reply, written=written)


@router.get("/local/live", include_in_schema=False, dependencies=[Depends(feed_here)])
async def live(chorus: Here, since: Since) -> StreamingResponse:
    """Tell the page when somebody posted or Chorus did something."""
    return stream(chorus.live, {FEED: FEED}, since)


@router.post("/local", include_in_schema=False)
def post_from_page(
    request: Request,
    chorus: Here,
    feed: FeedHere,
    work: BackgroundTasks,
    persona: Annotated[str, Form(max_length=100)] = "",
    name: Annotated[str, Form(max_length=100)] = "",
    text: Annotated[str, Form(max_length=10_000)] = "",
    in_reply_to: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Post what was written on the page; a free name goes before the chosen one."""
    author = name.strip() or persona.strip()
    try:
        post = _append(feed, author, text.replace("\r\n", "\n"), in_reply_to or None, None)
    except Problem as problem:
        if problem.status_code != 422:
            raise
        written = {"persona": persona, "name": name, "text": text}
        return _page(
            request, chorus, feed, reply=in_reply_to, written=written, problem=problem.detail, status=422
        )
    work.add_task(push, request.app, feed.adapter, PostEvent.CREATED, post)
    return see_other(f"/local#post-{post.id}")


@router.post("/local/{post_id}/delete", include_in_schema=False)
def delete_from_page(
    request: Request, feed: FeedHere, work: BackgroundTasks, post_id: Annotated[str, Path(max_length=64)]
) -> Response:
    """Take a post down from the page."""
    _remove(request, feed, work, post_id)
    return see_other("/local")


async def _new_post(request: Request) -> NewPost:
    """The body, read strictly: what is no JSON of this shape is refused with every reason."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(415, "Send the post as JSON, with Content-Type: application/json.")
    body = await request.body()
    try:
        return NewPost.model_validate_json(body)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        if any(one["type"] == "json_invalid" for one in problems):
            raise Problem(400, f"The body is not JSON: {problems[0]['msg']}") from error
        errors = [(".".join(map(str, one["loc"])) or "body", one["msg"]) for one in problems]
        raise Problem(422, "; ".join(f"{name}: {why}" for name, why in errors), errors=errors) from error


@router.post(
    "/local/posts",
    status_code=201,
    response_model=PostMade,
    summary="Post on the local feed",
    responses=_OF_NEW,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": NewPost.model_json_schema()}},
        }
    },
)
async def create(
    request: Request,
    feed: FeedHere,
    work: BackgroundTasks,
    new: Annotated[NewPost, Depends(_new_post)],
    idempotency_key: Annotated[
        str | None, Header(max_length=_LONGEST_KEY, description="The same key again posts nothing new.")
    ] = None,
) -> PostMade:
    """Post as anyone. Chorus hears of it at once, like of a post on any other platform."""
    post = await run_in_threadpool(_append, feed, new.author, new.text, new.in_reply_to, idempotency_key)
    work.add_task(push, request.app, feed.adapter, PostEvent.CREATED, post)
    return PostMade(id=post.id, url=local_url(str(request.app.state.chorus.settings.base_url), post.id))


@router.get("/local/posts", response_model=PostList, summary="Read the local feed")
def read(
    response: Response,
    feed: FeedHere,
    after: Annotated[str, Query(max_length=64, description="Only posts after the one with this id.")] = "",
    author: Annotated[str, Query(max_length=100, description="Only posts of this author.")] = "",
) -> PostList:
    """At most 100 posts, oldest first."""
    response.headers["Cache-Control"] = "no-store"
    try:
        found = feed.posts.page(after=after or None, author=author.lstrip("@") or None, limit=PAGE)
    except ValueError as error:
        raise Problem(422, f"after: {error}", errors=[("after", str(error))]) from error
    return PostList(
        items=[
            PostShown(
                id=post.id,
                author=post.author,
                text=post.text,
                in_reply_to=post.in_reply_to,
                posted_at=post.posted_at,
            )
            for post in found
        ]
    )


@router.delete("/local/posts/{post_id}", status_code=204, summary="Delete a post of the local feed")
def delete(
    request: Request, feed: FeedHere, work: BackgroundTasks, post_id: Annotated[str, Path(max_length=64)]
) -> None:
    """Take a post down. Chorus forgets the words of a question that is deleted."""
    _remove(request, feed, work, post_id)


def _append(feed: Feed, author: str, text: str, in_reply_to: str | None, key: str | None) -> FeedPost:
    try:
        name = feed.adapter.identify(author).handle
    except Rejected as error:
        raise _wrong("author", f"{error} {_NAMES}") from error
    if name.casefold() == feed.adapter.brand().id:
        raise _wrong(
            "author", phrase("“%(name)s” is the brand's own account: only Chorus posts as it.", name=name)
        )
    if "\0" in text or not text.strip():
        raise _wrong("text", phrase("A post needs some text, without NUL characters."))
    if not feed.adapter.measure.fits(text):
        length = feed.adapter.measure.length(text)
        raise _wrong(
            "text",
            phrase(
                "A post has at most %(most)s characters; this one has %(length)s.",
                most=LONGEST_POST,
                length=length,
            ),
        )
    try:
        return feed.posts.append(
            name, text, in_reply_to=in_reply_to or None, key=f"client:{key}" if key else None
        )
    except LookupError as error:
        raise _wrong("in_reply_to", phrase("The post to reply to is not there (any more).")) from error


def _wrong(name: str, why: str) -> Problem:
    return Problem(422, why, errors=[(name, why)])


def _remove(request: Request, feed: Feed, work: BackgroundTasks, post_id: str) -> None:
    post = next(iter(feed.posts.get([post_id])), None)
    if post is None or not feed.posts.remove(post_id):
        raise Problem(404, phrase("There is no such post on the local feed."))
    work.add_task(push, request.app, feed.adapter, PostEvent.DELETED, post)


def _page(
    request: Request,
    chorus: Chorus,
    feed: Feed,
    *,
    before: str = "",
    reply: str = "",
    written: dict[str, str] | None = None,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    brand, seen = feed.adapter.brand().handle, chorus.live.seen()  # before anything is read
    with chorus.database.read() as session:
        threads, older = reads.conversations(session, brand, limit=_CONVERSATIONS, before=number_in(before))
        employees = reads.employees_here(session)
        names = [brand, *(one.handle for one in employees)]
        customers = reads.recent_customers(session, names, 12)
        topics = reads.topic_names(session)
    known = {name.casefold() for name in customers}
    customers += [name for name in _CUSTOMERS if name not in known][: max(0, 4 - len(customers))]
    answered = next(iter(feed.posts.get([reply])), None) if reply else None
    return render(
        request,
        "local/feed.html",
        status=status,
        brand=brand,
        threads=threads,
        older=older,
        before=before,
        employees=employees,
        customers=customers,
        topics=topics,
        reply=answered,
        written=written or {"persona": "", "name": "", "text": ""},
        problem=problem,
        longest=LONGEST_POST,
        seen=seen,
    )
