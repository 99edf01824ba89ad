"""The project's own conversations (``routing/dialogue/examples``), with their labels."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from routing.dialogue.turns import ASKS, By, TurnKind, Utterance

EXAMPLES = Path(__file__).parents[1] / "routing" / "dialogue" / "examples"
_BY = {"c": By.CUSTOMER, "e": By.EMPLOYEE, "o": By.OTHER}


@dataclass(frozen=True)
class Example:
    """A labelled conversation; ``keeps`` says of each question whether the archive should show it."""

    language: str
    turns: tuple[Utterance, ...]
    keeps: tuple[bool, ...]


def examples() -> list[Example]:
    """All of them, language by language."""
    return [one for file in sorted(EXAMPLES.glob("*.txt")) for one in _read(file)]


def _read(file: Path) -> Iterator[Example]:
    for block in f"\n{file.read_text(encoding='utf-8').strip()}".split("\n@")[1:]:
        head, *lines = block.split("\n")
        turns: list[Utterance] = []
        for line in lines:
            if not line.strip():
                continue
            mark, _, text = line.partition(": ")
            by, kind = mark.split()
            speaks_again = bool(turns) and turns[-1].by == _BY[by]
            to = None if not turns or (speaks_again and by == "c") else len(turns) - 1
            turns.append(Utterance(_BY[by], text, to, TurnKind(kind)))
        keeps = tuple(word == "keep" for word in head.split())
        asked = sum(one.kind in ASKS for one in turns if one.by != By.OTHER)
        assert len(keeps) == asked, (file.name, lines)
        yield Example(file.stem, tuple(turns), keeps)
