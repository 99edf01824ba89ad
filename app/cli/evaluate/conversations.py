"""Conversations played through the product: figures, and what came of each as a line of JSON."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.cli.evaluate.played import Stage
from app.files.text_files import UnreadableText, numbered_lines
from routing.dialogue.turns import By, TurnKind, Utterance
from routing.evaluation.conversations import QuestionOutcome, Scorecard


class BadConversations(ValueError):
    """The file is not what the evaluation reads; ``str(error)`` says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class LabelledTalk:
    """One line: its turns as they are judged, their known kinds and the known outcome of its questions."""

    id: str
    language: str | None
    turns: tuple[Utterance, ...]
    known: tuple[TurnKind, ...] | None
    questions: tuple[QuestionOutcome, ...]


def evaluate_conversations(file: Path, judgements: Path | None = None) -> dict[str, object]:
    """Play conversations as if they came in by a feed, and say how often that is right where the file tells.

    Args:
        file: JSON lines ``{"id", "language", "turns": [{"by", "text", "to", "kind"?}], "questions"?}``;
            gzipped if the name ends in ``.gz``.
        judgements: Where to write ``{"id", "turns": [{"kind"}], "questions": [{"opened_by", "accepted",
            "keep", "title"}]}`` for each.

    Raises:
        BadConversations: The file cannot be read as described.
    """
    tally, lines = Scorecard.empty(), []
    conversations = list(_conversations(file))
    with (
        tempfile.TemporaryDirectory(prefix="chorus-evaluate-") as directory,
        Stage.opened(Path(directory)) as stage,
    ):
        for conversation in conversations:
            played = stage.play(conversation.turns)
            if conversation.known is not None:
                tally.add(conversation.known, played.kinds, conversation.questions, played.questions)
            questions = [
                {**asdict(one), "title": title}
                for one, title in zip(played.questions, played.titles, strict=True)
            ]
            kinds = [{"kind": kind} for kind in played.kinds]
            lines.append({"id": conversation.id, "turns": kinds, "questions": questions})
    if judgements is not None:
        written = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        judgements.write_text(written, encoding="utf-8")
    return {"file": file.name, "conversations": len(conversations), **tally.figures()}


def _conversations(file: Path) -> Iterator[LabelledTalk]:
    try:
        for number, line in numbered_lines(file):
            yield _conversation(file, number, line)
    except UnreadableText as error:
        raise BadConversations(str(error)) from error


def _conversation(file: Path, number: int, line: str) -> LabelledTalk:
    try:
        row = json.loads(line)
        turns = tuple(
            Utterance(By(one["by"]), str(one["text"]), _place(one.get("to"), n))
            for n, one in enumerate(row["turns"])
        )
        is_labelled = all("kind" in one for one in row["turns"])
        return LabelledTalk(
            id=str(row["id"]),
            language=row.get("language"),
            turns=turns,
            known=tuple(TurnKind(one["kind"]) for one in row["turns"]) if is_labelled else None,
            questions=tuple(
                QuestionOutcome(int(one["opened_by"]), one["accepted"], bool(one["keep"]))
                for one in row.get("questions", ())
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadConversations(
            f"{file}, line {number}: a conversation needs id and turns with by, text and to "
            f"({type(error).__name__}: {error})."
        ) from error


def _place(to: Any, turn: int) -> int | None:
    if to is None:
        return None
    if not isinstance(to, int) or not 0 <= to < turn:
        raise ValueError(f"turn {turn} replies to {to}, which is no turn before it")
    return to
