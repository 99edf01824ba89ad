"""Plays the demo's story: each line is posted on the built-in feed as a person would post it."""

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import httpx
import structlog

from app.demo.story import Beat, Does, Story
from bot.store.engine import Database
from bot.store.queries import performers

log = structlog.get_logger(__name__)

_LATER_SECONDS = 1.0
_GIVE_UP_SECONDS = 120.0


@dataclass
class Player:
    """One performance of the story; ``second`` is how long a second of the story lasts."""

    story: Story
    client: httpx.Client
    database: Database
    second: timedelta = timedelta(seconds=1)
    _questions: dict[str, str] = field(default_factory=dict)
    _latest: dict[str, str] = field(default_factory=dict)
    _spoke: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def play(self, stopping: threading.Event) -> None:
        """Perform every line when it is due and possible, until the end or until told to stop."""
        began = monotonic()
        factor = self.second.total_seconds()
        waiting = [(began + beat.at * factor, beat) for beat in self.story.beats()]
        while waiting and not stopping.wait(0.1):
            now = monotonic()
            due = [one for one in waiting if one[0] <= now]
            for one in due:
                at, beat = one
                waiting.remove(one)
                if stopping.is_set():
                    return
                if not self._perform(beat) and now - at < _GIVE_UP_SECONDS * max(factor, 0.05):
                    waiting.append((at + _LATER_SECONDS * factor, beat))

    def _perform(self, beat: Beat) -> bool:
        """Do what the line says; False when what it reacts to has not happened yet."""
        try:
            return self._act(beat)
        except httpx.HTTPError as error:
            log.warning("a line of the demo failed", scene=beat.scene.id, error=str(error))
            return False

    def _act(self, beat: Beat) -> bool:
        scene, line = beat.scene, beat.line
        if line.does is Does.ASK:
            self._questions[scene.id] = self._latest[scene.id] = self._post(line.by[0], line.text, None)
            return True
        question = self._questions.get(scene.id)
        if question is None:
            return False
        if line.does is Does.DELETE:
            return self.client.delete(f"/local/posts/{question}").status_code < 500
        if line.does in (Does.FOLLOW_UP, Does.THANK):
            return self._react(beat)
        if line.does is Does.INTRUDE:
            self._post(line.by[0], line.text, self._latest[scene.id])
            return True
        return self._answer(beat, question)

    def _react(self, beat: Beat) -> bool:
        """The customer replies to the brand's latest post in this scene."""
        scene = beat.scene
        published = performers.latest_publication(self.database, self._questions[scene.id])
        if published is None:
            return False
        self._latest[scene.id] = self._post(scene.customer, beat.line.text, published)
        self._spoke[scene.id].clear()
        return True

    def _answer(self, beat: Beat, question: str) -> bool:
        """An employee who was offered the question answers it, adds something, or passes."""
        scene, line = beat.scene, beat.line
        offered = performers.offered(self.database, question)
        known = {one.handle for one in self.story.employees}
        if not offered and not performers.is_routed(self.database, question):
            return False
        handle = line.speaker(preferred=offered.keys() & known, silent=self._spoke[scene.id])
        if handle is None:
            return True
        self._spoke[scene.id].add(handle)
        if line.does is Does.PASS:
            performers.decline(self.database, offered.get(handle))
            return True
        self._post(handle, line.text, self._latest[scene.id])
        return True

    def _post(self, author: str, text: str, in_reply_to: str | None) -> str:
        body = {"author": author, "text": text, **({"in_reply_to": in_reply_to} if in_reply_to else {})}
        answer = self.client.post("/local/posts", json=body)
        answer.raise_for_status()
        return str(answer.json()["id"])
