"""What the JSON columns hold, by name: how it is written, and read from rows of any age.

The columns themselves stay plain JSON, so that a row which nobody can make sense of is still found, set aside
and shown; it fails where its value is asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.posts import Mention, Visibility
from routing.model.domain import Outcome, Reason, Shift, TopicWeight


@dataclass(frozen=True, slots=True)
class Payload:
    """What a publication sends. ``created_at`` is the moment in ISO 8601 that is written into the record."""

    text: str = ""
    created_at: str = ""
    in_reply_to: str | None = None
    refs: Mapping[str, str] = field(default_factory=dict)
    visibility: Visibility = Visibility.PRIVATE
    language: str | None = None
    warning: str = ""
    repost_of: str | None = None
    edits: "BrandPost | None" = None
    """The post of the brand's that gets these words, where it is no new one."""

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Payload":
        """What a column holds; what is missing there, or stands for nothing, is as the class says."""
        return cls(
            text=str(stored.get("text") or ""),
            created_at=str(stored.get("created_at") or ""),
            in_reply_to=stored.get("in_reply_to"),
            refs=stored.get("refs") or {},
            visibility=Visibility.least(stored.get("visibility")),
            language=stored.get("language"),
            warning=stored.get("warning") or "",
            repost_of=stored.get("repost_of"),
            edits=BrandPost.read(stored["edits"]) if stored.get("edits") else None,
        )

    def stored(self) -> dict[str, Any]:
        """As the column holds it."""
        values: dict[str, Any] = {
            "text": self.text,
            "in_reply_to": self.in_reply_to,
            "refs": dict(self.refs),
            "visibility": self.visibility.value,
            "warning": self.warning,
            "language": self.language,
            "created_at": self.created_at,
        }
        if self.repost_of is not None:
            values["repost_of"] = self.repost_of
        return values if self.edits is None else {**values, "edits": self.edits.stored()}


@dataclass(frozen=True, slots=True)
class BrandPost:
    """A post of the brand's, as its platform knows it, and where people see it."""

    external_id: str
    url: str | None = None
    refs: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "BrandPost":
        """What a column holds. Raises LookupError where it is no post."""
        return cls(str(stored["external_id"]), stored.get("url"), stored.get("refs") or {})

    def stored(self) -> dict[str, Any]:
        """As the column holds it."""
        return {"external_id": self.external_id, "url": self.url, "refs": dict(self.refs)}


@dataclass(frozen=True, slots=True)
class Notice:
    """What a notice is about, where its row does not say so: an answer, a challenge, a note, or what follows.

    ``alarm`` says that something waits; ``department`` is the one that concerns, None: the house, as it
    concerns those in charge of it.
    ``digest`` is the number of a department (0: the house), ``week`` the day after its week (ISO 8601);
    ``given`` is a line of the board that somebody is to look after (``question-12``).
    """

    answer: int | None = None
    alarm: str | None = None
    ids: tuple[str, ...] = ()
    digest: int | None = None
    week: str = ""
    given: str = ""
    challenge: int | None = None
    department: int | None = None
    note: int | None = None

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Notice":
        """What a column holds."""
        return cls(
            stored.get("answer"),
            stored.get("alarm"),
            tuple(stored.get("ids", ())),
            stored.get("digest"),
            stored.get("week", ""),
            stored.get("given", ""),
            stored.get("challenge"),
            stored.get("department"),
            stored.get("note"),
        )

    def stored(self) -> dict[str, Any]:
        """As the column holds it."""
        if self.alarm is not None:
            of = {} if self.department is None else {"department": self.department}
            return {"alarm": self.alarm, "ids": list(self.ids), **of}
        if self.digest is not None:
            return {"digest": self.digest, "week": self.week}
        if self.given:
            return {"given": self.given}
        if self.challenge is not None:
            return {"challenge": self.challenge}
        if self.note is not None:
            return {"note": self.note}
        return {} if self.answer is None else {"answer": self.answer}


@dataclass(frozen=True, slots=True)
class Happened:
    """What came of a question for one employee."""

    outcome: Outcome
    employee: int

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Happened":
        """What a column holds. Raises LookupError or ValueError where it is no outcome."""
        return cls(Outcome(stored["outcome"]), int(stored["employee"]))


@dataclass(frozen=True, slots=True)
class Detail:
    """What a customer added to a question, as the public may see it, and when they did.

    ``warning`` is the content warning that the words are folded behind, ``pictures`` describe what came with
    them.
    """

    words: str
    at: datetime
    warning: str = ""
    pictures: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Everything that can be read of it, for the search."""
        return "\n".join(one for one in (self.warning, self.words, *self.pictures) if one)


def details(stored: Iterable[Mapping[str, Any]]) -> tuple[Detail, ...]:
    """What was added, the earliest first."""
    return tuple(
        Detail(
            str(one["words"]),
            datetime.fromisoformat(one["at"]),
            str(one.get("warning") or ""),
            tuple(one.get("pictures") or ()),
        )
        for one in stored
    )


def stored_details(added: Iterable[Detail]) -> list[dict[str, Any]]:
    """As the column holds them."""
    return [
        {
            "words": one.words,
            "at": one.at.isoformat(),
            "warning": one.warning,
            "pictures": list(one.pictures),
        }
        for one in added
    ]


@dataclass(frozen=True, slots=True)
class Suggested:
    """An entry that may answer a question: the probability people read, and the one before calibration."""

    entry_id: int
    probability: float
    uncalibrated: float


def suggested(stored: Iterable[Sequence[float]]) -> tuple[Suggested, ...]:
    """Suggestions, the likeliest first; two numbers stand in rows from before anything was calibrated."""
    return tuple(Suggested(int(entry), first, rest[0] if rest else first) for entry, first, *rest in stored)


def stored_suggestions(found: Iterable[Suggested]) -> list[list[float]]:
    """As the column holds them."""
    return [[one.entry_id, round(one.probability, 4), round(one.uncalibrated, 6)] for one in found]


def weights(stored: Iterable[Sequence[Any]]) -> tuple[TopicWeight, ...]:
    """Topics with their weights, the main one first. Raises ValueError where they are none."""
    return tuple(TopicWeight(str(slug), float(weight)) for slug, weight in stored)


def stored_weights(topics: Iterable[TopicWeight]) -> list[list[Any]]:
    """As the column holds them."""
    return [[topic.slug, round(topic.weight, 4)] for topic in topics]


def reasons(stored: Iterable[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """Why somebody was asked, the weightiest reason first."""
    return tuple(Reason(str(one["kind"]), str(one["text"]), float(one["share"])) for one in stored)


def stored_reasons(why: Iterable[Reason]) -> list[dict[str, Any]]:
    """As the column holds them."""
    return [{"kind": one.kind, "text": one.text, "share": round(one.share, 6)} for one in why]


def shifts(stored: Iterable[Sequence[int]]) -> tuple[Shift, ...]:
    """Working hours; none means always."""
    return tuple(Shift(*one) for one in stored)


def stored_shifts(hours: Iterable[Shift]) -> list[list[int]]:
    """As the column holds them."""
    return [[one.weekday, one.start, one.end] for one in hours]


def mentions(stored: Iterable[Mapping[str, str | None]]) -> tuple[Mention, ...]:
    """Whom a post addresses."""
    return tuple(Mention(str(one["handle"]), one.get("id")) for one in stored)


def stored_mentions(addressed: Iterable[Mention]) -> list[dict[str, str | None]]:
    """As the column holds them."""
    return [{"handle": one.handle, "id": one.id} for one in addressed]


@dataclass(frozen=True, slots=True)
class NoticedSurge:
    """A surge as it was when it was noticed; nothing in it is in anybody's words.

    ``people`` asked within ``minutes``, where ``usual`` were to be expected; ``began`` is when those minutes
    did. Most of them write in ``language`` and on ``platform``, as others do not; None: nothing is so shared.
    """

    began: datetime
    people: int
    minutes: int
    usual: float
    language: str | None = None
    platform: str | None = None

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "NoticedSurge":
        """What a column holds."""
        return cls(
            datetime.fromisoformat(stored["began"]),
            int(stored["people"]),
            int(stored["minutes"]),
            float(stored["usual"]),
            stored.get("language"),
            stored.get("platform"),
        )

    def stored(self) -> dict[str, Any]:
        """As the column holds it."""
        return {
            "began": self.began.isoformat(),
            "people": self.people,
            "minutes": self.minutes,
            "usual": round(self.usual, 2),
            "language": self.language,
            "platform": self.platform,
        }
