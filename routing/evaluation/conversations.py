"""How well a conversation is understood: kinds, what solved each question, and what the archive keeps."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from routing.dialogue.turns import TurnKind


@dataclass(frozen=True, slots=True)
class QuestionOutcome:
    """What is said, or known, of one question: by the places of turns in its conversation."""

    opened_by: int
    accepted: int | None
    keep: bool


@dataclass(slots=True)
class Scorecard:
    """Judgements beside what is known, conversation by conversation."""

    kinds: Counter[tuple[TurnKind, TurnKind]]
    """Pairs of the known kind and the judged one."""
    right: int = 0
    questions: int = 0
    good: int = 0
    good_held_back: int = 0
    poor: int = 0
    poor_held_back: int = 0

    @classmethod
    def empty(cls) -> "Scorecard":
        return cls(Counter())

    def add(
        self,
        known: Sequence[TurnKind],
        judged: Sequence[TurnKind],
        questions: Sequence[QuestionOutcome],
        found: Sequence[QuestionOutcome],
    ) -> None:
        """One conversation: the kinds of its turns, its questions as known, and as found."""
        self.kinds.update(zip(known, judged, strict=True))
        by_opening = {one.opened_by: one for one in found}
        for question in questions:
            mine = by_opening.get(question.opened_by)
            self.questions += 1
            self.right += question.accepted == (mine.accepted if mine else None)
            is_held_back = mine is None or not mine.keep
            self.good += question.keep
            self.good_held_back += question.keep and is_held_back
            self.poor += not question.keep
            self.poor_held_back += not question.keep and is_held_back

    def figures(self) -> dict[str, object]:
        """Precision, recall and F1 of each kind that occurs, right acceptances, and the gate's two errors.

        ``good_held_back`` is the share of what is worth keeping that is held back, ``poor_kept`` the share of
        the rest that is kept; ``poor_held_back`` is what is left of that.
        """
        return {
            "turns": sum(self.kinds.values()),
            "kinds": {
                kind.value: self._of_kind(kind)
                for kind in TurnKind
                if any(kind in pair for pair in self.kinds)
            },
            "questions": self.questions,
            "right_acceptance": _share(self.right, self.questions),
            "gate": {
                "worth_keeping": self.good,
                "good_held_back": _share(self.good_held_back, self.good),
                "not_worth_keeping": self.poor,
                "poor_held_back": _share(self.poor_held_back, self.poor),
                "poor_kept": _share(self.poor - self.poor_held_back, self.poor),
            },
        }

    def _of_kind(self, kind: TurnKind) -> dict[str, float | int | None]:
        hits = self.kinds[kind, kind]
        there = sum(count for (known, _), count in self.kinds.items() if known == kind)
        said = sum(count for (_, judged), count in self.kinds.items() if judged == kind)
        precision, recall = _share(hits, said), _share(hits, there)
        f1 = None if not said + there else round(2 * hits / (said + there), 3)
        return {"turns": there, "precision": precision, "recall": recall, "f1": f1}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None
