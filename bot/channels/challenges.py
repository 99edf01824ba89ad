"""What a notice says of a challenge: to whoever made it, and to the author of the answer (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.channels.messages import BrandProfile, Message, one_line, written
from bot.wording.languages.speaking import said
from routing.model.phrases import phrase


@dataclass(frozen=True, slots=True)
class ChallengeOutcome:
    """What became of a challenge; ``why`` is why it was declined, or why nothing is left to decide.

    ``is_own_post`` where the author of the answer had edited or deleted the post that it came from.
    """

    question_id: int
    is_challenger: bool
    is_own_post: bool
    is_accepted: bool
    is_over: bool
    has_correction: bool
    why: str = ""


def challenges_message(
    house: BrandProfile, name: str, outcomes: Sequence[ChallengeOutcome], language: str | None = None
) -> Message:
    """Tell an employee what became of challenges: of theirs, or of answers of theirs."""
    mine = f"{house.base_url}/desk/answers"
    return written(
        language,
        phrase("%(brand)s: Whether an answer was wrong", brand=house.brand),
        phrase("Hello %(name)s,", name=one_line(name)),
        *(_outcome(house, one, language) for one in outcomes),
        phrase("What you said, and what became of it: %(address)s", address=mine),
    )


def _outcome(house: BrandProfile, outcome: ChallengeOutcome, language: str | None) -> str:
    address = f"{house.base_url}/desk/questions/{outcome.question_id}"
    why = said(outcome.why, language)
    told = f"{said(_became(outcome), language)} {one_line(why)}".strip()
    where = phrase("The question: %(address)s", address=address)
    return f"{told}\n{said(where, language)}"


def _became(outcome: ChallengeOutcome) -> str:
    number = str(outcome.question_id)
    if not outcome.is_challenger:
        return phrase(
            "A colleague said that your answer to question %(question)s is wrong. It stays as it is.",
            question=number,
        )
    if outcome.is_own_post:
        return _of_own_post(outcome, number)
    if outcome.is_over:
        return phrase(
            "Nothing is left to decide about the answer to question %(question)s that you challenged.",
            question=number,
        )
    if not outcome.is_accepted:
        return phrase(
            "The answer to question %(question)s that you challenged stays as it is.", question=number
        )
    if outcome.has_correction:
        return phrase(
            "You were right about the answer to question %(question)s: it is being corrected. Thank you!",
            question=number,
        )
    return phrase(
        "You were right about the answer to question %(question)s: it is taken back. Thank you!",
        question=number,
    )


def _of_own_post(outcome: ChallengeOutcome, number: str) -> str:
    if outcome.is_accepted and outcome.has_correction:
        return phrase("Your answer to question %(question)s now says what you edited.", question=number)
    if outcome.is_accepted:
        return phrase(
            "Your answer to question %(question)s is taken back, as your post was.", question=number
        )
    return phrase(
        "You changed your post, but your answer to question %(question)s stays as it was published.",
        question=number,
    )
