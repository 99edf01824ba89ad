"""Conversations in a file, made fit for the built-in feed.

A text that lacks the brand's handle gets it in front, links are dropped, a missing expert is a stand-in
employee. Each line is one conversation; its key stays the same over restarts.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from app.files.json_lines import first_problem
from app.files.text_files import numbered_lines
from app.wiring.environment import UnusableSettings
from routing.model.entities import LINKS
from routing.model.text import has_tag, mentions

STAND_IN = "stand_in"
"""The account of the employee who answers where a line names no expert."""
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_]+")
_SIGNATURE = re.compile(r"\s*[\^*~/-]\s?[A-Za-z]{1,3}\s*$")


class ConversationLine(BaseModel):
    """One line of the file; what else it holds is of no interest."""

    model_config = ConfigDict(extra="ignore")

    text: str
    author: str | None = None
    answer: str | None = None
    expert: str | None = None


@dataclass(frozen=True, slots=True)
class RecordedConversation:
    """A customer's question and, where there is one, an employee's tagged answer."""

    key: str
    author: str
    text: str
    expert: str
    answer: str

    @property
    def answer_key(self) -> str:
        """What makes posting the answer twice harmless, as ``key`` does for the question."""
        return f"{self.key}:answer"


def read_conversations(file: Path, handle: str, tag: str) -> Iterator[RecordedConversation]:
    """Every line as a conversation.

    Raises UnreadableText, or UnusableSettings with the number of a line that holds none.
    """
    for number, line in numbered_lines(file):
        yield _conversation(f"{file}, line {number}", number, line, handle, tag)


def _conversation(place: str, number: int, line: str, handle: str, tag: str) -> RecordedConversation:
    try:
        read = ConversationLine.model_validate_json(line)
    except ValidationError as error:
        raise UnusableSettings(f"{place}: {first_problem(error)}.") from error
    text = _without_links(read.text)
    if handle.casefold() not in (name.casefold() for name in mentions(text)):
        text = f"@{handle} {text}"
    answer = _SIGNATURE.sub("", _without_links(read.answer or ""))
    if answer and not has_tag(answer, tag):
        answer = f"{answer} {tag}"
    digest = hashlib.sha256(line.strip().encode()).hexdigest()[:24]
    return RecordedConversation(
        key=f"replay:{number}:{digest}",
        author=_name(read.author) or f"customer_{number}",
        text=text,
        expert=_name(read.expert) or STAND_IN,
        answer=answer,
    )


def _without_links(text: str) -> str:
    return re.sub(r"[ \t]{2,}", " ", LINKS.sub("", text)).strip()


def _name(text: str | None) -> str:
    return _NOT_IN_NAMES.sub("_", text or "").strip("_")[:30].lower()
