"""What the API sends of questions, field by field, as its description shows it."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from bot.states import AnswerKind, AnswerState
from routing.model.domain import QuestionState

_QUESTION: dict[str, JsonValue] = {
    "id": "12",
    "state": "answered",
    "platform": "mastodon",
    "topic": "tv",
    "language": "en",
    "asked_at": "2026-03-05T13:58:00Z",
    "answered_at": "2026-03-05T14:05:00Z",
    "settled_at": None,
    "satisfied": None,
    "matter": "3",
    "entry": "9",
    "title": "No picture since the update",
    "question": "no picture since the update",
    "url": "https://answers.example.com/q/9-no-picture-since-the-update",
    "source_url": "https://mastodon.example/@sam/113",
}
_ANSWER: dict[str, JsonValue] = {
    "id": "31",
    "state": "published",
    "kind": "answer",
    "written_at": "2026-03-05T14:04:00Z",
    "published_at": "2026-03-05T14:05:00Z",
    "accepted": True,
    "text": "Hold the power button for ten seconds, then switch the TV on again.",
    "answered_by": "JD",
    "source_url": "https://mastodon.example/@brand/114",
}


class QuestionItem(BaseModel):
    """A customer's question. Its words are told only where the public archive shows them."""

    model_config = ConfigDict(json_schema_extra={"examples": [_QUESTION]})

    id: str = Field(description="The question's number, as in outgoing hooks.")
    state: str = Field(description=f"One of {', '.join(f'`{one}`' for one in QuestionState)}.")
    platform: str
    topic: str | None = Field(description="The slug of what it is mainly about.")
    language: str | None = Field(description="ISO 639-1 code.")
    asked_at: datetime
    answered_at: datetime | None = Field(description="When the first answer was out.")
    settled_at: datetime | None
    satisfied: bool | None = Field(description="What the customer said of it, where they did.")
    matter: str | None = Field(description="The number of the matter that it is part of.")
    entry: str | None = Field(description="The `id` of its public entry, as in `/api/v1/answers/{id}`.")
    title: str | None = Field(description="The entry's title.")
    question: str | None = Field(description="The customer's words, where the archive may repeat them.")
    url: str | None = Field(description="The entry's page.")
    source_url: str | None = Field(description="The customer's post, while the entry shows it.")


class QuestionPage(BaseModel):
    """A stretch of the list of questions."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_QUESTION], "next": "WzEyXQ"}]})

    items: list[QuestionItem]
    next: str | None = Field(description="The `cursor` of the following page; null at the end.")


class QuestionAnswer(BaseModel):
    """An answer to a question. Its words are told only where the public archive shows them."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ANSWER]})

    id: str = Field(description="The answer's number, as in outgoing hooks.")
    state: str = Field(description=f"One of {', '.join(f'`{one}`' for one in AnswerState)}.")
    kind: str = Field(description=f"One of {', '.join(f'`{one}`' for one in AnswerKind)}.")
    written_at: datetime
    published_at: datetime | None
    accepted: bool = Field(description="Whether it is the accepted answer of a public entry.")
    text: str | None
    answered_by: str | None = Field(description="The credit of the employee who answered.")
    source_url: str | None = Field(description="The answer as the brand account published it.")


class QuestionAnswers(BaseModel):
    """All answers to a question, the earliest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_ANSWER]}]})

    items: list[QuestionAnswer]
