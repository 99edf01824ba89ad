"""Somebody's browser before an application, without a network between them."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI

ADDRESS = "http://answers.test"


@dataclass
class Browser:
    """Somebody's browser: it keeps its cookies."""

    app: FastAPI
    client: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)
    base: str = ADDRESS
    raises: bool = False
    """Whether an error of the application is the test's."""

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.request("GET", path, headers=headers)

    def post(self, path: str, fields: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        return self.request("POST", path, headers=headers, data=fields or {})

    def request(self, method: str, path: str, *, headers: Any = None, **body: Any) -> httpx.Response:
        """One request, without following where it leads. Underscores in header names stand for hyphens."""
        named = {name.replace("_", "-"): value for name, value in (headers or {}).items()}

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(
                self.app, raise_app_exceptions=self.raises, client=(self.client, 1234)
            )
            async with httpx.AsyncClient(
                transport=transport, base_url=self.base, cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, headers={"accept": "text/html", **named}, **body)
                self.cookies = dict(client.cookies)
                return answer

        return asyncio.run(send())
