"""Conversations judged as the product judges them: figures, and each judgement as a line of JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.files.text_files import UnreadableText, numbered_lines
from bot.wording.restate import derived_title
from routing.dialogue.classifier import judge_all
from routing.dialogue.gate import worth
from routing.dialogue.resolution import Resolution, resolutions
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
    """Judge conversations turn by turn, and say how often that is right where the file tells.

    Args:
        file: JSON lines ``{"id", "language", "turns": [{"by", "text", "to", "kind"?}], "questions"?}``;
            gzipped if the name ends in ``.gz``.
        judgements: Where to write ``{"id", "turns": [{"kind"}], "questions": [{"opened_by", "accepted",
            "keep", "title"}]}`` for each.

    Raises:
        BadConversations: The file cannot be read as described.
    """
    tally, lines, count = Scorecard.empty(), [], 0
    for conversation in _conversations(file):
        count += 1
        turns = judge_all(conversation.turns)
        verdicts = [_outcome(turns, one) for one in resolutions(turns)]
        if conversation.known is not None:
            kinds = [one.kind for one in turns if one.kind is not None]
            tally.add(conversation.known, kinds, conversation.questions, verdicts)
        lines.append(
            {
                "id": conversation.id,
                "turns": [{"kind": one.kind} for one in turns],
                "questions": [_line(turns, one, conversation.language) for one in verdicts],
            }
        )
    if judgements is not None:
        written = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        judgements.write_text(written, encoding="utf-8")
    return {"file": file.name, "conversations": count, **tally.figures()}


def _text(turns: Sequence[Utterance], place: int | None) -> str | None:
    return None if place is None else turns[place].text


def _outcome(turns: Sequence[Utterance], found: Resolution) -> QuestionOutcome:
    worthy = worth(turns[found.opened_by].text, _text(turns, found.accepted))
    return QuestionOutcome(found.opened_by, found.accepted, worthy.held_back is None)


def _line(turns: Sequence[Utterance], verdict: QuestionOutcome, language: str | None) -> dict[str, Any]:
    answer = _text(turns, verdict.accepted) or ""
    title = derived_title(turns[verdict.opened_by].text, answer, topic=None, quotable=True, language=language)
    return {**asdict(verdict), "title": title}


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
