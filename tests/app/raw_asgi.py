"""Requests that no HTTP client would send, handed to the application as the web server does."""

import asyncio
from typing import Any

from starlette.types import ASGIApp


def half_sent(app: ASGIApp, path: str) -> list[Any]:
    """What the application says to somebody who went before the body of their POST was there.

    Whatever it raises is raised here.
    """
    said: list[Any] = []

    async def gone() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        said.append(message)

    async def ask() -> None:
        scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": []}
        await app(scope, gone, send)

    asyncio.run(ask())
    return said
