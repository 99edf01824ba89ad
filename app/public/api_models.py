"""What the API sends, field by field, as its description shows it."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from bot.platforms.registry import TRAITS

_EXAMPLE: dict[str, JsonValue] = {
    "id": "12",
    "title": "No picture since the update",
    "answer": "Hold the power button for ten seconds, then switch the TV on again.",
    "topic": "tv",
    "language": "en",
    "platform": "mastodon",
    "url": "https://answers.example.com/q/12-no-picture-since-the-update",
    "source_url": "https://mastodon.example/@sam/113",
    "answered_by": "JD",
    "answered_at": "2026-03-05T14:05:00Z",
    "score": 11.4,
}
_REPLY: dict[str, JsonValue] = {
    "text": _EXAMPLE["answer"],
    "kind": "answer",
    "answered_by": "JD",
    "answered_at": _EXAMPLE["answered_at"],
    "source_url": "https://mastodon.example/@brand/114",
}
_DETAIL: dict[str, JsonValue] = {
    "text": "it is the 55 inch one, by the way",
    "pictures": [],
    "added_at": "2026-03-05T14:00:00Z",
}

Warned = Annotated[str | None, Field(exclude_if=lambda value: value is None)]


class Answer(BaseModel):
    """A question and its accepted answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: str = Field(description="The public number, as in `/q/{id}`.")
    title: str = Field(description="The question, restated in few words.")
    answer: str = Field(description="The accepted answer, as plain text.")
    topic: str | None = Field(description="The slug of its topic.")
    language: str | None = Field(description="ISO 639-1 code.")
    platform: str = Field(description=f"Where it was asked: {', '.join(TRAITS)}.")
    url: str = Field(description="The page of the question.")
    source_url: str | None = Field(description="The customer's post, while it is public.")
    answered_by: str | None = Field(description="The credit of the employee who answered.")
    answered_at: datetime = Field(description="When the answer was published.")
    score: float | None = Field(description="How well it matches; null where nothing was searched for.")
    warning: Warned = Field(
        default=None, description="Only where there is a content warning to fold `answer` behind."
    )


class AnswerPage(BaseModel):
    """A stretch of a list."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_EXAMPLE], "next": "WzIwXQ"}]})

    items: list[Answer]
    next: str | None = Field(description="The `cursor` of the following page; null at the end.")
    meant: Annotated[str | None, Field(exclude_if=lambda value: value is None)] = Field(
        default=None, description="What was searched for, only where that is not `q` as it was typed."
    )


class Correction(BaseModel):
    """That an answer took the place of one that was wrong."""

    corrected_at: datetime
    thanks_to: str | None = Field(description="Who knew better, where they may be named.")


class Reply(BaseModel):
    """One of the answers to a question."""

    text: str
    kind: str = Field(description="`answer`, `addition`, `correction` or `community` (another customer's).")
    answered_by: str | None
    answered_at: datetime
    source_url: str | None = Field(description="The answer as the brand account published it.")
    corrections: Annotated[list[Correction], Field(exclude_if=lambda value: not value)] = Field(
        default=[], description="Only where it was put right: when, the latest first."
    )
    warning: Warned = Field(
        default=None, description="Only where there is a content warning to fold `text` behind."
    )


class Added(BaseModel):
    """What a customer added to their question."""

    text: str
    pictures: list[str] = Field(description="What is to be seen on the pictures that came with it.")
    added_at: datetime
    warning: Warned = Field(
        default=None, description="Only where there is a content warning to fold `text` behind."
    )


class AnswerDetail(Answer):
    """A question with everything the public may see of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_EXAMPLE,
                    "score": None,
                    "question": "no picture since the update",
                    "question_warning": None,
                    "question_pictures": ["A TV that shows a blue screen"],
                    "details": [_DETAIL],
                    "asked_at": "2026-03-05T13:58:00Z",
                    "asked_count": 14,
                    "updated_at": "2026-03-06T09:00:00Z",
                    "answers": [_REPLY],
                }
            ]
        }
    )

    question: str | None = Field(description="The customer's words, where they may be repeated.")
    question_warning: str | None = Field(
        description="The content warning to fold `question` behind; mostly null."
    )
    question_pictures: list[str] = Field(description="What is to be seen on the pictures that came with it.")
    details: list[Added] = Field(description="What the customer added later, where it may be repeated.")
    asked_at: datetime
    asked_count: int = Field(description="How often this was asked.")
    updated_at: datetime
    answers: list[Reply] = Field(description="All answers, the accepted one first.")


class Suggestion(Answer):
    """An entry that may answer a question."""

    probability: float = Field(ge=0, le=1, description="That it answers the question, calibrated.")


class Suggestions(BaseModel):
    """The entries that most probably answer a question."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": [{**_EXAMPLE, "score": None, "probability": 0.93}]}]}
    )

    items: list[Suggestion]
