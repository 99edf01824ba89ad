"""What enters the archive: whether somebody with a like question would be glad to find it, with the reason.

What nothing solved stays out. Of what was answered, a small logistic regression tells what passes (an outage,
today's hours, one person's case) and what was taken for an answer by mistake from what lasts; its weights
were learnt from the examples, each as it is taken after what the others teach.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from routing.dialogue.classifier import judge, stored_weights
from routing.dialogue.marks import plain
from routing.dialogue.turns import By, TurnKind, Utterance


class HeldBack(StrEnum):
    """Why a question stays out of the archive."""

    AUTHOR = "author"
    """Whoever answered wants it to stay out."""
    UNSOLVED = "unsolved"
    """Nothing that was said solves it."""
    NO_QUESTION = "no_question"
    """Nothing was asked: praise, a sigh, an advertisement."""
    OUTAGE = "outage"
    """It is about something that is down, and passes."""
    CASE = "case"
    """It is one person's order, booking or account."""
    TODAY = "today"
    """Its answer holds today only."""
    UNCLEAR = "unclear"
    """The words alone would help nobody else."""
    TOPIC = "topic"
    """The house keeps answers about this topic out."""
    RETRACTED = "retracted"
    """Its answers were there, and have been taken back."""


@dataclass(frozen=True, slots=True)
class Worth:
    """How likely somebody else is glad to find it (0 to 1), and why it stays out where that is too little.

    ``is_out`` says that it stays out however likely that is: nothing was asked, or solved.
    """

    probability: float
    doubt: HeldBack
    is_out: bool = False


KEPT_FROM = 0.2
"""A good entry that is missing costs more than a poor one that is there: doubt keeps."""
_MANNER = frozenset(
    {
        *("exclaims", "shouts", "begins small", "trails off", "laughs", "quoted"),
        *("emoji", "only emoji", "glad emoji", "cross emoji", "model or number", "several numbers"),
    }
)
"""How something is said tells nothing of how long it holds."""
_REASONS: Mapping[HeldBack, tuple[str, ...]] = {
    HeldBack.OUTAGE: ("q:c:outage", "a:c:outage"),
    HeldBack.CASE: ("q:c:case", "a:c:case", "a:c:wait"),
    HeldBack.TODAY: ("q:c:today", "a:c:today", "a:time of day"),
}


@dataclass(frozen=True, slots=True)
class ArchiveGate:
    """The house's rules for its archive: topics, by short names, that stay out, and how sure it has to be."""

    topics_out: frozenset[str] = frozenset()
    keeps_from: float = KEPT_FROM

    def why_out(self, topic: str | None, judged: Worth) -> HeldBack | None:
        """Why what was judged stays out by these rules; None: it enters."""
        if topic is not None and topic in self.topics_out:
            return HeldBack.TOPIC
        return judged.doubt if judged.is_out or judged.probability < self.keeps_from else None


def worth(question: str, answer: str | None, *, is_accepted: bool = False) -> Worth:
    """How much a question and the answer that solved it are worth to the archive.

    ``is_accepted`` where somebody said that it did: so something was asked, however it sounded.
    """
    if answer is None:
        return Worth(0.0, HeldBack.UNSOLVED, is_out=True)
    opening = judge(Utterance(By.CUSTOMER, question))
    if opening.kind == TurnKind.ASIDE and not is_accepted:
        return Worth(1 - opening.probability, HeldBack.NO_QUESTION, is_out=True)
    seen = seen_of(question, answer)
    weights = stored_weights()["gate"]
    score = weights[""][0] + sum(weights[name][0] for name in seen if name in weights)
    weighed = {
        reason: sum(weights[name][0] for name in names if name in seen and name in weights)
        for reason, names in _REASONS.items()
    }
    reason = min(weighed, key=lambda one: weighed[one])
    return Worth(1 / (1 + math.exp(-score)), reason if weighed[reason] < 0 else HeldBack.UNCLEAR)


def seen_of(question: str, answer: str) -> frozenset[str]:
    """What the gate looks at: marks of the question (``q:``) and of the answer (``a:``)."""
    asked, said = plain(question), plain(answer)
    names = {f"q:{name}" for name in asked.marks - _MANNER} | {f"a:{name}" for name in said.marks - _MANNER}
    names |= {f"a:w:{token}" for token in said.words if not token.isdigit()}
    names |= {f"q:w:{token}" for token in asked.words if not token.isdigit()}
    return frozenset(names)
