"""Plays the demo's story: every line is posted on the built-in feed, or done at the desk, as people would."""

import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Protocol
from urllib.parse import urlsplit

import httpx
import structlog

from app.cli.demo.story import Beat, Does, Scene, Story
from bot.platforms.local.adapter import LONGEST_POST

log = structlog.get_logger(__name__)

_LOOK_AGAIN = 1.0
"""Seconds of the story after which a line that is not possible yet is tried again."""
_PATIENCE = 120.0
"""Seconds of the story after which it is left out."""
_LEAST_PATIENCE = timedelta(seconds=20)
"""However fast the story runs, Chorus itself works at its own pace."""
_TICK_SECONDS = 0.1


class DemoSite(Protocol):
    """What the personas see besides the feed; posts are named by their ids on it."""

    def question(self, post: str) -> int | None:
        """The number of the question that a post belongs to; None before Chorus has read the post."""

    def offered(self, post: str) -> frozenset[str]:
        """Handles of those who hold an open offer of a post's question."""

    def is_routed(self, post: str) -> bool:
        """Whether a post's question was put in front of anybody, or set aside."""

    def published(self, post: str) -> str | None:
        """The brand's latest post about a post's question, once that is answered."""

    def sign_in(self, handle: str) -> str:
        """A one-time link with which the employee of a handle comes to the desk."""


@dataclass
class _Waiting:
    """A line that is still to come, and the second of the story at which it is tried next."""

    beat: Beat
    next_try: float


@dataclass
class Player:
    """One performance of the story; ``second`` is how long a second of the story lasts.

    Visitors may take part: a question that one of them answers, settles or deletes is theirs, and the line
    that the story had for it is left out.
    """

    story: Story
    client: httpx.Client
    house: DemoSite
    second: timedelta = timedelta(seconds=1)
    _questions: dict[str, str] = field(default_factory=dict)
    _latest: dict[str, str] = field(default_factory=dict)
    _spoke: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _waiting: list[_Waiting] = field(init=False)

    def __post_init__(self) -> None:
        self._waiting = [_Waiting(beat, beat.at) for beat in self.story.beats()]

    @property
    def is_over(self) -> bool:
        """Whether every line has been said or left out."""
        return not self._waiting

    def play(self, stopping: threading.Event) -> None:
        """Perform every line when it is due and possible, until the end or until told to stop."""
        began = monotonic()
        while not self.is_over and not stopping.wait(_TICK_SECONDS):
            self.perform_due((monotonic() - began) / self.second.total_seconds())

    def perform_due(self, now: float) -> None:
        """Do whatever is due ``now`` seconds of the story after its beginning."""
        patience = max(_PATIENCE, _LEAST_PATIENCE / self.second)
        for one in [waiting for waiting in self._waiting if waiting.next_try <= now]:
            if self._perform(one.beat) or now - one.beat.at > patience:
                self._waiting.remove(one)
            else:
                one.next_try = now + _LOOK_AGAIN

    def _perform(self, beat: Beat) -> bool:
        """Do what the line says; False when what it reacts to has not happened yet."""
        try:
            return self._act(beat)
        except httpx.HTTPStatusError as error:
            # what the line replies to is gone, because a visitor deleted or decided it
            log.info("a line of the demo is left out", scene=beat.scene.id, status=error.response.status_code)
            return error.response.is_client_error
        except httpx.TransportError as error:
            log.info("a line of the demo is tried again", scene=beat.scene.id, error=str(error))
            return False

    def _act(self, beat: Beat) -> bool:
        scene, line = beat.scene, beat.line
        if line.does is Does.ASK:
            self._questions[scene.id] = self._latest[scene.id] = self._post(line.by[0], line.text, None)
            return True
        if scene.id not in self._questions:
            return False
        if line.does is Does.DELETE:
            self.client.delete(f"/local/posts/{self._questions[scene.id]}").raise_for_status()
            return True
        if line.does in (Does.FOLLOW_UP, Does.THANK):
            return self._react(beat)
        if line.does is Does.INTRUDE:
            self._post(line.by[0], line.text, self._latest[scene.id])
            return True
        return self._work(beat)

    def _react(self, beat: Beat) -> bool:
        """The customer replies to the brand's latest post in this scene."""
        scene = beat.scene
        published = self.house.published(self._latest[scene.id])
        if published is None:
            return False
        self._latest[scene.id] = self._post(scene.customer, beat.line.text, published)
        self._spoke[scene.id].clear()
        return True

    def _work(self, beat: Beat) -> bool:
        """An employee who was offered the question answers it, adds something, or passes."""
        scene, line = beat.scene, beat.line
        latest = self._latest[scene.id]
        if not self.house.is_routed(latest):
            return False
        is_answered = self.house.published(latest) is not None
        if line.does is Does.ADD and not is_answered:
            return False
        if line.does is not Does.ADD and is_answered:
            return True
        offered = self.house.offered(latest)
        if line.does is Does.PASS_ALL:
            self._pass_on([one for one in line.by if one in offered], scene)
            return True
        handle = line.speaker(preferred=offered, silent=self._spoke[scene.id])
        if handle is not None:
            self._spoke[scene.id].add(handle)
            self._say(handle, beat)
        return True

    def _pass_on(self, handles: Iterable[str], scene: Scene) -> None:
        for handle in handles:
            self._at_desk(handle, scene, "pass", {})

    def _say(self, handle: str, beat: Beat) -> None:
        """Reply with the tag; what is too long for one post is written at the desk, and so is passing."""
        if beat.line.does is Does.PASS:
            self._pass_on([handle], beat.scene)
        elif len(beat.line.text) > LONGEST_POST:
            self._at_desk(handle, beat.scene, "answer", {"text": beat.line.text, "step": "send"})
        else:
            self._post(handle, beat.line.text, self._latest[beat.scene.id])

    def _at_desk(self, handle: str, scene: Scene, action: str, form: dict[str, str]) -> None:
        number = self.house.question(self._latest[scene.id])
        self.client.post(urlsplit(self.house.sign_in(handle)).path)
        try:
            answer = self.client.post(f"/desk/questions/{number}/{action}", data=form)
        finally:
            self.client.post("/sign-out")
        if not answer.is_redirect:
            answer.raise_for_status()

    def _post(self, author: str, text: str, in_reply_to: str | None) -> str:
        body = {"author": author, "text": text, **({"in_reply_to": in_reply_to} if in_reply_to else {})}
        answer = self.client.post("/local/posts", json=body)
        answer.raise_for_status()
        return str(answer.json()["id"])
