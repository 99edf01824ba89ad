"""Requests that no HTTP client would send, handed to the application as the web server does."""

import asyncio
from typing import Any

from starlette.types import ASGIApp


def half_sent(app: ASGIApp, path: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> list[Any]:
    """What the application says to somebody who went before the body of their POST was there.

    Whatever it raises is raised here.
    """
    said: list[Any] = []

    async def gone() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        said.append(message)

    async def ask() -> None:
        scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": [*headers]}
        await app(scope, gone, send)

    asyncio.run(ask())
    return said


def asked(app: ASGIApp, path: str, headers: list[tuple[bytes, bytes]], query: str = "") -> list[Any]:
    """What the application says to a GET with exactly these headers, some of them perhaps twice or odd.

    The client is this machine. Whatever the application raises is raised here.
    """
    said: list[Any] = []

    async def nothing() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    async def ask() -> None:
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": headers,
            "client": ("127.0.0.1", 5000),
            "server": ("127.0.0.1", 8000),
        }
        await app(scope, nothing, send)

    asyncio.run(ask())
    return said
