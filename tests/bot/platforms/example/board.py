"""The notice board itself, in memory: what stands on it is the record that tests look at."""

import json
import re
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import httpx

from tests.bot.platforms.fake_clock import FakeClock

Note = dict[str, Any]
Fault = Callable[[httpx.Request, Callable[[], httpx.Response]], httpx.Response]
ADDRESS = "https://board.example"


class NoticeBoard:
    """One board with people on it."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.token = "good"
        self.people = [
            {"id": "u1", "handle": "brand"},
            {"id": "u2", "handle": "sam"},
            {"id": "u3", "handle": "jane"},
        ]
        self.notes: dict[str, Note] = {}
        self.keys: dict[str, str] = {}
        self.faults: deque[Fault] = deque()
        self._count = 0

    def put(self, handle: str, text: str, **fields: str | datetime | None) -> str:
        """Somebody writes a note; its id is returned."""
        self._count += 1
        note_id = str(self._count)
        self.notes[note_id] = {
            "id": note_id,
            "author": self._person(handle),
            "text": text,
            "reply_to": None,
            "repost_of": None,
            "written_at": self.clock().isoformat(),
            "mentions": [one for one in self.people if f"@{one['handle']}" in text],
            "tags": re.findall(r"#(\w+)", text),
            **fields,
        }
        return note_id

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What the board answers to a call."""
        if request.headers["authorization"] != f"Bearer {self.token}":
            return httpx.Response(401, json={"error": "Who are you?"})
        if request.method == "PUT" and self.faults:
            return self.faults.popleft()(request, lambda: self._done(request))
        return self._done(request)

    def _done(self, request: httpx.Request) -> httpx.Response:
        asked, place = request.url.params, request.url.path.split("/")[1:]
        match request.method, place:
            case "GET", ["me"]:
                return httpx.Response(200, json=self.people[0])
            case "GET", ["accounts"]:
                found = [one for one in self.people if one["handle"] == asked["handle"]]
                return httpx.Response(200, json=found[0]) if found else httpx.Response(404)
            case "GET", ["notes"]:
                return self._listed(asked)
            case "GET", ["notes", key]:
                there = self.keys.get(key)
                return httpx.Response(200, json={"id": there}) if there in self.notes else httpx.Response(404)
            case "DELETE", ["notes", note_id]:
                return httpx.Response(204 if self.notes.pop(unquote(note_id), None) else 404)
            case _:
                return self._put(place[-1], json.loads(request.content))

    def _listed(self, asked: httpx.QueryParams) -> httpx.Response:
        notes = [one for one in self.notes.values() if int(one["id"]) > int(asked.get("after", 0))]
        if "ids" in asked:
            notes = [one for one in notes if one["id"] in asked["ids"].split(",")]
        if "mentions" in asked:
            notes = [one for one in notes if asked["mentions"] in {who["id"] for who in one["mentions"]}]
        if "authors" in asked:
            authors, tags = asked["authors"].split(","), asked["tags"].split(",")
            notes = [one for one in notes if one["author"]["id"] in authors]
            notes = [one for one in notes if not set(tags).isdisjoint(one["tags"])]
        last = notes[-1]["id"] if notes else asked.get("after", "0")
        return httpx.Response(200, json={"notes": notes, "last": last, "more": False})

    def _put(self, key: str, told: Note) -> httpx.Response:
        if key not in self.keys:
            beneath = [told[name] for name in ("reply_to", "repost_of") if told[name]]
            if any(one not in self.notes for one in beneath):
                return httpx.Response(404)
            self.keys[key] = self.put(
                "brand", told["text"], reply_to=told["reply_to"], repost_of=told["repost_of"]
            )
        return httpx.Response(201, json={"id": self.keys[key]})

    def _person(self, handle: str) -> dict[str, str]:
        return next(one for one in self.people if one["handle"] == handle)
