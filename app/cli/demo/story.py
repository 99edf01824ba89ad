"""The demo's story as checked, frozen values: read from the JSON files beside this module, never written.

It knows neither clock nor database: the archive is dated "so many days ago", the scenes "so many seconds
later", and whoever tells the story decides when now is.
"""

import json
from collections.abc import Collection, Iterator
from enum import StrEnum
from importlib.resources import files
from itertools import accumulate
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from routing.model.domain import Expertise, Shift, Topic

BRAND = "{brand}"
"""Stands for the brand's handle (without @) in the story's texts."""
TAG = "{tag}"
"""Stands for the tag that marks an employee's answer."""

Handle = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,29}$")]
Weekday = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
WEEKDAYS: tuple[Weekday, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class StoryPart(BaseModel):
    """What every part of the story has in common: it does not change and has no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Persona(StoryPart):
    """Somebody who posts: a customer, or a stranger who is nobody's employee."""

    handle: Handle
    name: str


class Lead(Persona):
    """The person in charge of the brand's Chorus, who gets what nobody else can answer."""

    email: str
    title: str


class Brand(StoryPart):
    """The invented company."""

    name: str
    tagline: str
    in_charge: Lead


class Remark(StoryPart):
    """What somebody said of the brand, before the story begins, without asking it anything."""

    by: Handle
    text: str


class Subject(StoryPart):
    """A topic of the demo's taxonomy."""

    slug: str
    name: str
    keywords: tuple[str, ...]

    def as_topic(self) -> Topic:
        """The same as the router knows it."""
        return Topic(slug=self.slug, name=self.name, keywords=self.keywords)


class Hours(StoryPart):
    """Working time on some days of the week: ``days`` as in ``Mon-Fri``, times as ``HH:MM``, local."""

    days: str = Field(pattern=r"^[A-Z][a-z]{2}-[A-Z][a-z]{2}$")
    start: str = Field(alias="from", pattern=r"^[0-2]\d:[0-5]\d$")
    end: str = Field(alias="to", pattern=r"^[0-2]\d:[0-5]\d$")

    def shifts(self) -> tuple[Shift, ...]:
        """One shift per day, the first day first.

        Raises:
            ValueError: If a day's name is unknown or the days run backwards.
        """
        names: tuple[str, ...] = WEEKDAYS
        first, last = (names.index(day) for day in self.days.split("-"))
        if first > last:
            raise ValueError(f"{self.days}: write the earlier day first")
        return tuple(Shift(day, minutes(self.start), minutes(self.end)) for day in range(first, last + 1))


class Colleague(Persona):
    """One of the brand's employees. ``topics`` gives the level, 1 to 3; no ``hours`` means always on duty."""

    email: str
    title: str
    timezone: str
    languages: tuple[str, ...]
    topics: dict[str, Annotated[int, Field(ge=1, le=3)]]
    hours: tuple[Hours, ...] = ()
    daily_cap: int = 60
    open_cap: int = 4

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        return ZoneInfo(name).key

    @property
    def expertise(self) -> tuple[Expertise, ...]:
        """What they declare to know, best first."""
        ranked = sorted(self.topics.items(), key=lambda known: -known[1])
        return tuple(Expertise(topic, level) for topic, level in ranked)

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """Their working week in their own time zone."""
        return tuple(shift for hours in self.hours for shift in hours.shifts())


class ArchivedReply(StoryPart):
    """One answer in the archive. The text is as published: without tag, credit or handle."""

    by: Handle
    text: str


class Chapter(StoryPart):
    """A question of the past with its answers, the accepted one first.

    ``minutes`` is how long the first answer took; ``settled`` says that the customer confirmed it; ``asked``
    is how often the same was asked in all.
    """

    topic: str
    customer: Handle
    days_ago: float = Field(gt=0)
    minutes: int = Field(ge=1)
    settled: bool = False
    asked: int = Field(default=1, ge=1)
    mention: str
    title: str
    answers: tuple[ArchivedReply, ...] = Field(min_length=1)


class Does(StrEnum):
    """What somebody does in a line of a scene."""

    ASK = "ask"
    """The customer posts; always a scene's first line."""
    ANSWER = "answer"
    """An employee replies, with the tag, to the customer's latest post."""
    ADD = "add"
    """Another employee replies to the same post after the first answer."""
    PASS = "pass"  # noqa: S105
    """Whoever was offered the question passes it on; ``text`` is what they think."""
    PASS_ALL = "pass_all"  # noqa: S105
    """Everybody who was offered the question passes it on."""
    FOLLOW_UP = "follow_up"
    """The customer replies to the brand's answer with a further question."""
    THANK = "thank"
    """The customer replies to the brand's answer that it helped."""
    INTRUDE = "intrude"
    """A stranger replies with the tag; nothing may come of it."""
    DELETE = "delete"
    """The customer deletes the question; ``text`` is empty."""


class Shows(StrEnum):
    """The one thing that a scene is there to show."""

    ANSWER = "answer"
    THANKS = "thanks"
    FOLLOW_UP = "follow_up"
    PRAISE = "praise"
    STRANGER = "stranger"
    THREAD = "thread"
    PASS = "pass"  # noqa: S105
    ADDITION = "addition"
    DELETION = "deletion"
    ESCALATION = "escalation"
    INVITATION = "invitation"
    """Nobody answers for minutes, so that a visitor finds a question at the desk."""


TAGGED = frozenset({Does.ANSWER, Does.ADD, Does.INTRUDE})


class ScriptLine(StoryPart):
    """One thing that one of the people named in ``by`` does, ``after`` seconds after the line before."""

    does: Does
    by: tuple[Handle, ...] = Field(min_length=1)
    after: float = Field(ge=0)
    text: str

    def speaker(self, preferred: Collection[str] = (), silent: Collection[str] = ()) -> str | None:
        """Who says it: the first in ``by`` who is among ``preferred``, else the first of them.

        Args:
            preferred: Handles that fit best now, such as those who were offered the question or are on duty.
            silent: Handles that must not speak, such as whoever passed or has answered already.
        """
        able = [handle for handle in self.by if handle not in silent]
        return next((handle for handle in able if handle in preferred), able[0] if able else None)


class Scene(StoryPart):
    """One customer's story, opening ``after`` seconds after the scene before it opened."""

    id: str
    shows: Shows
    topic: str | None
    after: float = Field(ge=0)
    lines: tuple[ScriptLine, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _opens_with_the_question(self) -> Self:
        asks = [line.does is Does.ASK for line in self.lines]
        if not asks[0] or any(asks[1:]):
            raise ValueError(f"scene {self.id}: the first line, and only that, asks")
        return self

    @property
    def customer(self) -> str:
        """The handle of whoever asks."""
        return self.lines[0].by[0]

    @property
    def question(self) -> str:
        """What they ask."""
        return self.lines[0].text


class Beat(StoryPart):
    """A line and the second at which it is due, counted from the story's beginning."""

    at: float
    scene: Scene
    line: ScriptLine


class Story(StoryPart):
    """Everything the demo tells, with the brand's handle and tag filled in."""

    handle: str
    tag: str
    brand: Brand
    topics: tuple[Subject, ...]
    words: tuple[str, ...]
    """What is listened for where nobody addresses the brand."""
    remarks: tuple[Remark, ...]
    employees: tuple[Colleague, ...]
    customers: tuple[Persona, ...]
    strangers: tuple[Persona, ...]
    archive: tuple[Chapter, ...]
    scenes: tuple[Scene, ...]

    def employee(self, handle: str) -> Colleague:
        """The employee with this handle.

        Raises:
            KeyError: If nobody has it.
        """
        return {employee.handle: employee for employee in self.employees}[handle]

    @property
    def host(self) -> Colleague:
        """The employee at whose desk visitors sit: always on duty, so that there is something to answer."""
        return next(employee for employee in self.employees if not employee.hours)

    def beats(self) -> tuple[Beat, ...]:
        """Every line of every scene in the order in which it is due; scenes overlap."""
        openings = accumulate(scene.after for scene in self.scenes)
        beats = [
            beat for at, scene in zip(openings, self.scenes, strict=True) for beat in scene_beats(scene, at)
        ]
        return tuple(sorted(beats, key=lambda beat: beat.at))

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        people = [*self.employees, *self.customers, *self.strangers, self.brand.in_charge]
        for what, names in (
            ("handle", [person.handle for person in people]),
            ("topic", [topic.slug for topic in self.topics]),
            ("scene", [scene.id for scene in self.scenes]),
        ):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{what} used twice: {', '.join(twice)}")
        return self

    @model_validator(mode="after")
    def _refers_to_what_exists(self) -> Self:
        topics = {topic.slug for topic in self.topics}
        used = {topic for employee in self.employees for topic in employee.topics}
        used |= {chapter.topic for chapter in self.archive}
        used |= {scene.topic for scene in self.scenes if scene.topic}
        if unknown := sorted(used - topics):
            raise ValueError(f"unknown topics: {', '.join(unknown)}")
        for line, group in self._casting():
            if strange := sorted(set(line.by) - {person.handle for person in group}):
                raise ValueError(f"{', '.join(strange)} cannot {line.does} ({line.text[:40]})")
        return self

    @model_validator(mode="after")
    def _tags_and_addresses(self) -> Self:
        for line, _group in self._casting():
            if (line.does in TAGGED) != (self.tag in line.text):
                raise ValueError(f"exactly answers carry the tag: {line.text[:40]}")
            if line.does in {Does.ASK, Does.FOLLOW_UP, Does.THANK} and f"@{self.handle}" not in line.text:
                raise ValueError(f"customers address the brand: {line.text[:40]}")
        return self

    def _casting(self) -> Iterator[tuple[ScriptLine, tuple[Persona, ...]]]:
        groups: dict[Does, tuple[Persona, ...]] = dict.fromkeys(Does, self.customers)
        groups |= dict.fromkeys((Does.ANSWER, Does.ADD, Does.PASS, Does.PASS_ALL), self.employees)
        groups[Does.INTRUDE] = self.strangers
        return ((line, groups[line.does]) for scene in self.scenes for line in scene.lines)


def scene_beats(scene: Scene, opening: float) -> Iterator[Beat]:
    """The lines of one scene with the seconds at which they are due, when it opens at ``opening``."""
    times = accumulate((line.after for line in scene.lines), initial=opening)
    next(times)
    return (Beat(at=at, scene=scene, line=line) for at, line in zip(times, scene.lines, strict=True))


def minutes(clock: str) -> int:
    """Minutes after midnight of a time like ``08:30``."""
    hours, rest = clock.split(":")
    return int(hours) * 60 + int(rest)


def load_story(handle: str = "brand", tag: str = "#chorus") -> Story:
    """The demo's story for a brand account ``handle`` (no @) whose employees answer with ``tag``.

    Raises:
        pydantic.ValidationError: If one of the story's files breaks its rules.
    """
    parts = {**_read("cast.json"), **_read("scenes.json"), "archive": _read("archive.json")}
    return Story.model_validate({**_filled(parts, handle, tag), "handle": handle, "tag": tag})


class Outage(StoryPart):
    """The other story: a cloud is down and everybody says so at once, and many want something changed.

    Posts are pairs of who posts and what; what the brand says stands under its language, the first without.
    """

    second: Handle
    """The employee who is in charge beside the brand's lead, and approves what they write."""
    wishes: tuple[tuple[Handle, str], ...]
    outage: tuple[tuple[Handle, str], ...]
    late: tuple[tuple[Handle, str], ...]
    """Who says so after the brand has spoken."""
    statement: dict[str, str]
    settled: dict[str, str]
    demand: str
    department: str
    """Which is in charge of what is demanded; the ``second`` leads it."""
    joiners: tuple[Handle, ...]
    looked_at: dict[str, str]

    @model_validator(mode="after")
    def _everybody_is_told_something(self) -> Self:
        if not all("" in one for one in (self.statement, self.settled, self.looked_at)):
            raise ValueError("what the brand says needs words for everybody, under the empty language")
        return self


def load_outage(handle: str = "brand") -> Outage:
    """The story of the outage for a brand account ``handle`` (no @).

    Raises:
        pydantic.ValidationError: If its file breaks its rules.
    """
    return Outage.model_validate(_filled(_read("outage.json"), handle, ""))


def _read(name: str) -> Any:
    return json.loads((files("app.cli.demo") / name).read_text(encoding="utf-8"))


def _filled(part: Any, handle: str, tag: str) -> Any:
    """The same JSON value with both placeholders replaced in every text."""
    if isinstance(part, str):
        return part.replace(BRAND, handle).replace(TAG, tag)
    if isinstance(part, list):
        return [_filled(item, handle, tag) for item in part]
    if isinstance(part, dict):
        return {key: _filled(value, handle, tag) for key, value in part.items()}
    return part
