"""Plays the outage: customers post on the built-in feed, and two people in charge do what they would do.

Everything goes the way it goes in life: posts by the feed, decisions by the pages, each as somebody who is
signed in. Whatever a visitor has done meanwhile is left as it is.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Protocol
from urllib.parse import urlsplit

import httpx
import structlog

from app.cli.demo.story import Outage
from bot.wording.joining import joining

log = structlog.get_logger(__name__)

_TICK_SECONDS = 0.1
_LOOK_AGAIN = 1.0
_PATIENCE = 45.0
"""Seconds of the story after which a deed that is not possible is left out, and the next one tried."""
_LEAST_PATIENCE = timedelta(seconds=40)
"""However fast the story runs, Chorus itself works at its own pace."""


class OutageSite(Protocol):
    """What those in charge see; posts are named by their ids on the feed, matters by their numbers."""

    def matters(self, posts: list[str]) -> list[int]:
        """The matters of these posts, the one of most in front; none of what is not gathered yet."""

    def is_surging(self, matter: int) -> bool:
        """Whether more people than usual were noticed there."""

    def proposed(self, matter: int) -> int | None:
        """What waits there for a second person's approval."""

    def told(self, matter: int) -> int:
        """How many people were told what was said last."""

    def supporters(self, matter: int) -> int:
        """How many people asked about it or joined it, each once."""

    def sign_in(self, handle: str) -> str:
        """A one-time link for somebody."""

    def email(self, handle: str) -> str:
        """Somebody's mail address, by which they are put into a department."""


@dataclass
class Director:
    """One performance of the outage; ``second`` is how long a second of the story lasts."""

    script: Outage
    brand: str
    lead: str
    client: httpx.Client
    house: OutageSite
    say: Callable[[str], None]
    second: timedelta = timedelta(seconds=1)
    _posts: dict[str, list[str]] = field(default_factory=lambda: {"wishes": [], "outage": []})
    _lines: list[tuple[float, str, str, str]] = field(init=False)
    _deeds: list[tuple[float, Callable[[], bool]]] = field(init=False)
    _next_try: float = 0.0
    _tried_since: float | None = None
    _matter: int = 0
    _campaign: int = 0

    def __post_init__(self) -> None:
        self._lines = sorted(self._lines_of_customers())
        self._deeds = [
            (20, self._announce_outage),
            (60, self._notice),
            (75, self._join_languages),
            (80, self._write_statement),
            (95, self._approve),
            (115, self._report_told),
            (120, self._make_campaign),
            (125, self._give_to_department),
            (160, self._join_languages),
            (170, self._report_campaign),
            (175, self._write_settled),
            (190, self._approve),
            (210, self._report_settled),
            (215, self._answer_campaign),
            (225, self._approve_campaign),
        ]

    @property
    def is_over(self) -> bool:
        """Whether everything has been said and done, or left out."""
        return not self._lines and not self._deeds

    def play(self, stopping: threading.Event) -> None:
        """Perform everything when it is due and possible, until the end or until told to stop."""
        began = monotonic()
        while not self.is_over and not stopping.wait(_TICK_SECONDS):
            self.perform_due((monotonic() - began) / self.second.total_seconds())

    def perform_due(self, now: float) -> None:
        """Post what is due ``now`` seconds of the story after its beginning, and do the next deed."""
        while self._lines and self._lines[0][0] <= now:
            _, of, author, text = self._lines.pop(0)
            self._post(of, author, text)
        if not self._deeds or self._deeds[0][0] > now or self._next_try > now:
            return
        self._tried_since = now if self._tried_since is None else self._tried_since
        patience = max(_PATIENCE, _LEAST_PATIENCE / self.second)
        if self._do(self._deeds[0][1]) or now - self._tried_since > patience:
            self._deeds.pop(0)
            self._tried_since = None
        else:
            self._next_try = now + _LOOK_AGAIN

    def _do(self, deed: Callable[[], bool]) -> bool:
        """Whether it is done, or was decided by a visitor."""
        try:
            return deed()
        except httpx.HTTPStatusError as error:
            log.info("a deed of the demo is left out", status=error.response.status_code)
            return error.response.is_client_error
        except httpx.TransportError as error:
            log.info("a deed of the demo is tried again", error=str(error))
            return False

    def _lines_of_customers(self) -> Iterator[tuple[float, str, str, str]]:
        for number, (author, text) in enumerate(self.script.wishes):
            yield 1.0 + 3.0 * number, "wishes", author, text
        for number, (author, text) in enumerate(self.script.outage):
            yield 20.0 + 2.0 * number, "outage", author, text
        for number, (author, text) in enumerate(self.script.late):
            yield 135.0 + 4.0 * number, "outage", author, text

    def _post(self, of: str, author: str, text: str) -> None:
        try:
            answer = self.client.post("/local/posts", json={"author": author, "text": text})
            answer.raise_for_status()
        except httpx.HTTPError as error:
            log.info("a post of the demo is left out", error=str(error))
            return
        self._posts.setdefault(of, []).append(str(answer.json()["id"]))

    def _announce_outage(self) -> bool:
        self.say(f"An outage begins: watch customers write at {self._address('/local')}")
        return True

    def _notice(self) -> bool:
        found = self.house.matters(self._posts["outage"])
        surging = [one for one in found if self.house.is_surging(one)]
        if not surging:
            return False
        self._matter = surging[0]
        self.say(f"More people than usual ask, and that was noticed: {self._address('/admin/matters')}")
        return True

    def _join_languages(self) -> bool:
        """By words alone each language is a matter of its own, until a person says that they are one."""
        others = [one for one in self.house.matters(self._posts["outage"]) if one != self._matter]
        for other in others[:8]:
            self._as(self.lead, f"/admin/matters/{self._matter}/merge", {"other": str(other)})
            self._matter = self.house.matters(self._posts["outage"])[0]
        if others:
            self.say(f"What they say in other languages was joined: {self._matter_page()}")
        return True

    def _write_statement(self) -> bool:
        self._write(self._matter, "statement", self.script.statement)
        self.say(f"A statement is written, and waits for a second person: {self._matter_page()}#said")
        return True

    def _approve(self) -> bool:
        number = self.house.proposed(self._matter)
        if number is not None:
            self._as(self.script.second, f"/admin/statements/{number}/approve", {})
            self.say(f"{self.script.second.capitalize()}, the second person in charge, has approved it.")
        return True

    def _report_told(self) -> bool:
        told = self.house.told(self._matter)
        if told < len(self.script.outage) // 2:
            return False
        public = self._address(f"/m/{self._matter}")
        self.say(f"{told} people were told in reply to their own posts, each once; everybody reads {public}")
        return True

    def _make_campaign(self) -> bool:
        found = self.house.matters(self._posts["wishes"])
        if not found:
            return False
        self._campaign = found[0]
        page = f"/admin/matters/{self._campaign}"
        for other in found[1:]:
            self._as(self.lead, f"{page}/merge", {"other": str(other)})
        self._campaign = self.house.matters(self._posts["wishes"])[0]
        page = f"/admin/matters/{self._campaign}"
        self._as(self.lead, f"{page}/campaign", {"demand": self.script.demand})
        self._as(self.lead, f"{page}/campaign/open", {})
        self.say(f"A campaign is open: join it at {self._address(f'/m/{self._campaign}')}")
        began = self._deeds[0][0]
        address = self._address(f"/m/{self._campaign}")
        text = joining(self.brand, self.script.demand, self._campaign, address)
        joined = [(began + 3.0 * n, "joins", who, text) for n, who in enumerate(self.script.joiners, start=1)]
        self._lines = sorted([*self._lines, *joined])
        return True

    def _give_to_department(self) -> bool:
        """A department is in charge of the campaign, and says that it has seen it."""
        if not self._campaign:
            return True
        there = self._as(self.lead, "/admin/departments", {"name": self.script.department})
        number = urlsplit(there).path.rpartition("/")[2]
        put_in = {"who": self.house.email(self.script.second), "leads": "yes"}
        self._as(self.lead, f"/admin/departments/{number}/people", put_in)
        page = f"/admin/matters/{self._campaign}"
        self._as(self.lead, f"{page}/department", {"department": number})
        self._as(self.script.second, f"{page}/answers", {"kind": "seen"})
        place = self._address(f"/admin/departments/{number}")
        self.say(f"The department {self.script.department} is in charge of it: {place}")
        return True

    def _report_campaign(self) -> bool:
        if not self._campaign:
            return True
        people = self.house.supporters(self._campaign)
        page = self._address(f"/admin/matters/{self._campaign}")
        self.say(f"{people} people have joined; some of them look like a net: {page}#campaign")
        return True

    def _write_settled(self) -> bool:
        self._write(self._matter, "settled", self.script.settled)
        self.say("It works again: “settled” is written.")
        return True

    def _report_settled(self) -> bool:
        told = self.house.told(self._matter)
        if not told:
            return False
        self.say(f"{told} people were told that it is over: {self._address(f'/m/{self._matter}')}")
        return True

    def _answer_campaign(self) -> bool:
        if self._campaign:
            self._write(self._campaign, "looked_at", self.script.looked_at)
        return True

    def _approve_campaign(self) -> bool:
        number = self.house.proposed(self._campaign) if self._campaign else None
        if number is not None:
            self._as(self.script.second, f"/admin/statements/{number}/approve", {})
            self.say(f"The campaign has a first word of the brand: {self._address(f'/m/{self._campaign}')}")
        return True

    def _write(self, matter: int, kind: str, texts: Mapping[str, str]) -> None:
        form = {f"text-{code}" if code else "text": text for code, text in texts.items()}
        self._as(self.lead, f"/admin/matters/{matter}/statements", {"kind": kind, "audience": "all", **form})

    def _as(self, handle: str, path: str, form: dict[str, str]) -> str:
        """Do something at the pages as somebody; where that leads is returned.

        Raises httpx.HTTPStatusError where it is refused.
        """
        self.client.post(urlsplit(self.house.sign_in(handle)).path)
        try:
            answer = self.client.post(path, data=form)
        finally:
            self.client.post("/sign-out")
        if not answer.is_redirect:
            answer.raise_for_status()
        return str(answer.headers.get("location", ""))

    def _matter_page(self) -> str:
        return self._address(f"/admin/matters/{self._matter}")

    def _address(self, path: str) -> str:
        return str(self.client.base_url.join(path))
