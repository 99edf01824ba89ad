"""For those who run it: is the process alive, is it ready, and what does it count."""

import hmac

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field

from app.web.guard.clients import is_from_this_machine
from app.web.problems import Problem
from app.wiring.composition import Here
from bot.store import migrations
from bot.store.engine import DatabaseDown
from bot.store.queries.troubles import troubles
from bot.store.running import nodes, switches

router = APIRouter(tags=["operations"])


class Ready(BaseModel):
    """Whether this process can do its job, and what is in the way."""

    ready: bool
    database: str = Field(examples=["up"])
    schema_revision: str | None = Field(examples=["0008"])
    search: str = Field(examples=["complete", "building"])
    experts: str = Field(examples=["complete", "learning"])
    experts_learned: float = Field(description="Share of past answers that the node least far has learned.")
    working_nodes: int
    publishing_paused: bool
    problems: list[str]


@router.get("/livez", summary="The process is alive")
async def live() -> Response:
    """Answers as long as the process runs; asks neither the database nor any platform."""
    return Response(b'{"alive":true}', media_type="application/json")


@router.get("/readyz", summary="The process can do its job", responses={503: {"model": Ready}})
def ready(request: Request, response: Response, chorus: Here) -> Ready:
    """503 while the database does not answer, takes nothing in, or has another schema than is needed.

    What is wrong with a platform is among the problems, and no reason for a 503: everything else works.
    """
    try:
        chorus.database.ping()
    except DatabaseDown as error:
        response.status_code = 503
        return Ready(
            ready=False,
            database="down",
            schema_revision=None,
            search="unknown",
            experts="unknown",
            experts_learned=0.0,
            working_nodes=0,
            publishing_paused=False,
            problems=[str(error)],
        )
    revision = migrations.current(chorus.database.engine)
    with chorus.database.read() as session:
        at = chorus.database.now(session)
        found, at_work = troubles(session, at), nodes.working(session, at)
        paused = switches.is_paused(session)
        learned = min(nodes.learning(session, at).values(), default=1.0)
        of_the_clock = chorus.timekeeping.trouble(session, at)
    fits = revision == migrations.newest()
    grave = [] if fits else [_unfit(revision)]
    grave += [trouble] if fits and (trouble := request.app.state.probe.trouble()) else []
    problems = list(grave)
    if not at_work and not grave:
        problems.append("No node is doing the work: start chorus work, or chorus serve without --no-worker.")
    problems += of_the_clock
    problems += [f"{one.platform}: {one.words}" for one in found]
    if chorus.search.trouble:
        problems.append(f"Search: {chorus.search.trouble}")
    response.status_code = 503 if grave else 200
    return Ready(
        ready=not grave,
        database="up",
        schema_revision=revision,
        search="complete" if chorus.search.is_complete else "building",
        experts="complete" if learned == 1.0 else "learning",
        experts_learned=learned,
        working_nodes=len(at_work),
        publishing_paused=paused,
        problems=problems,
    )


def _unfit(revision: str | None) -> str:
    """What to do about a database of another version, older or newer than this process."""
    if revision is not None and revision > migrations.newest():
        return (
            f"The database is at revision {revision}, which is newer than this process: stop it, and start "
            "the version that migrated the database."
        )
    return f"The database is at revision {revision}: run chorus migrate."


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request, chorus: Here) -> Response:
    """Prometheus' text format; for this machine, or with the bearer token of the settings."""
    token = chorus.settings.metrics_token
    if token is not None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), token.get_secret_value().encode()):
            raise Problem(401, "The metrics want the bearer token of CHORUS_METRICS_TOKEN.")
    elif not is_from_this_machine(request, chorus.settings):
        raise Problem(403, "Set CHORUS_METRICS_TOKEN to read the metrics from another machine.")
    return Response(generate_latest(request.app.state.registry), media_type=CONTENT_TYPE_LATEST)
