"""The web application: every room's routes around one process's parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import anyio
from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles

from app import admin, desk
from app.admin.figures import api_figures
from app.identity import auth, joining, setup
from app.local import feed as local
from app.public import api, archive, feeds, matters, private, staff
from app.public.questions import api_questions
from app.public.survey import page as survey
from app.public.voice import announcements, campaigns, tell_first
from app.web import events, health, webhooks
from app.web.guard.compression import Compression
from app.web.guard.security import install_security
from app.web.problems import install
from app.wiring.channels import confirm_mails_of, house_of, join_mails_of, login_links_of
from app.wiring.composition import Chorus
from app.wiring.telemetry import registry_for
from bot.store.running.probe import Probe

_ROOMS = (
    webhooks,
    health,
    archive,
    matters,
    announcements,
    tell_first,
    campaigns,
    staff,
    private,
    survey,
    api,
    api_questions,
    api_figures,
    feeds,
    events,
    auth,
    joining,
    setup,
    desk,
    admin,
)
_THREADS = 6
"""Requests that are worked on at once; the others wait. One interpreter answers more of them this way."""
_DESCRIPTION = (
    "Answers that employees gave to customers on social feeds, for everybody to search. "
    "Reading answers needs no key, reading questions a token; what one client may ask in a minute is in the "
    "RateLimit headers."
)


@lru_cache(maxsize=2)
def _routes(*, with_feed: bool) -> list[BaseRoute]:
    """The routes of every room, put together once in a process: what each takes costs much to work out."""
    rooms = APIRouter()
    for room in (*_ROOMS, *((local,) if with_feed else ())):
        rooms.include_router(room.router)
    return rooms.routes


def _title(chorus: Chorus) -> str:
    return f"{chorus.settings.brand_name}: answers"


class _Application(FastAPI):
    """The application; its description for programs names the brand as it is called now."""

    def openapi(self) -> dict[str, Any]:
        title = _title(self.state.chorus)
        if title != self.title:
            self.title, self.openapi_schema = title, None
        return super().openapi()


def create_app(chorus: Chorus) -> FastAPI:
    """The application that serves ``chorus``; starting and stopping it starts and stops the parts."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        await anyio.to_thread.run_sync(chorus.start)
        yield
        await anyio.to_thread.run_sync(chorus.stop)

    app = _Application(
        routes=_routes(with_feed=chorus.local is not None),
        title=_title(chorus),
        description=_DESCRIPTION,
        version=version("chorus-support"),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # ours is in app.web.problems
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # ours is in app.wiring.telemetry
    )
    app.state.chorus = chorus
    app.state.registry = registry_for(chorus.database)
    app.state.probe = Probe(chorus.database)
    app.state.send_login_link = login_links_of(chorus.given, lambda: house_of(chorus.settings))
    app.state.send_join_mail = join_mails_of(chorus.given, lambda: house_of(chorus.settings))
    app.state.send_confirm_mail = confirm_mails_of(chorus.given, lambda: house_of(chorus.settings))
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    install(app)
    app.add_middleware(Compression)
    install_security(app, chorus.given, chorus.timer)
    return app
