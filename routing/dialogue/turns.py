"""The turns of a conversation: who speaks, what is said, and of which kind it is."""

from dataclasses import dataclass
from enum import StrEnum


class By(StrEnum):
    """Who speaks in a thread."""

    CUSTOMER = "customer"
    """Who opened it."""
    EMPLOYEE = "employee"
    OTHER = "other"
    """Anybody else."""


class TurnKind(StrEnum):
    """What a turn is; the examples in ``routing/dialogue/examples`` show what is meant."""

    QUESTION = "question"
    """Reports or asks something that wants an answer, even in anger."""
    DETAILS = "details"
    """Adds to the open question: a model, the reply to a question back, a correction, a nudge."""
    THANKS = "thanks"
    """Says that it helped, or thanks after an answer."""
    NOT_HELPED = "not_helped"
    """What was tried did not help, or the reply was none."""
    NEW_QUESTION = "new_question"
    """Asks something else than what this thread was about, thanks or not."""
    ASIDE = "aside"
    """Praise, anger with nothing to answer, a joke, a bare handle: nothing to do."""
    ANSWER = "answer"
    """Would help somebody else with the same question."""
    QUESTION_BACK = "question_back"
    """Asks and offers nothing yet, whatever the form."""
    REDIRECT = "redirect"
    """Only sends elsewhere: a private message, a phone number, a form."""
    COURTESY = "courtesy"
    """Nothing but kindness."""


OPENING = (TurnKind.QUESTION, TurnKind.ASIDE)
"""What a turn of somebody who is no employee can be before any question was asked."""
FOLLOWING = (
    TurnKind.DETAILS,
    TurnKind.THANKS,
    TurnKind.NOT_HELPED,
    TurnKind.NEW_QUESTION,
    TurnKind.ASIDE,
)
"""What the customer's further turns can be."""
FROM_OTHERS = (
    TurnKind.DETAILS,
    TurnKind.THANKS,
    TurnKind.NOT_HELPED,
    TurnKind.QUESTION,
    TurnKind.ASIDE,
    TurnKind.ANSWER,
)
"""What somebody else can say in a customer's thread."""
REPLIES = (TurnKind.ANSWER, TurnKind.QUESTION_BACK, TurnKind.REDIRECT, TurnKind.COURTESY)
"""What an employee's turn can be."""
ASKS = (TurnKind.QUESTION, TurnKind.NEW_QUESTION)


@dataclass(frozen=True, slots=True)
class Utterance:
    """One post of a conversation. ``kind`` is None as long as nobody has judged it.

    ``to`` is the place of the turn it replies to, None where it replies to none of them. ``pictures`` counts
    what came with the words.
    """

    by: By
    text: str
    to: int | None = None
    kind: TurnKind | None = None
    pictures: int = 0
    leans: TurnKind | None = None
    """What it is likeliest to be, where that was not sure enough to be its kind."""

    @property
    def taken_for(self) -> TurnKind | None:
        """How those who speak next are likely to have taken it."""
        return self.leans or self.kind
