"""Why an answer waits for a person: every rule stands here once, for the deed, the preview and the dry run.

Pure: what has to be known of an answer is read before (``AnswerFacts``). What a caller cannot know it leaves
out, and no reason comes of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.actions.rules import Rules
from bot.actions.steering.given import NOTHING_GIVEN, GivenLately, why_looked_at, why_too_many
from bot.text.lengths import Measure
from bot.wording import guard
from bot.wording.guard import GuardAction, Verdict


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """What the rules look at of an answer.

    ``measure`` is its platform's (None: of none that is connected). ``restored``, ``second`` and
    ``not_carried`` are reasons by themselves, in words: it is from before a restore, there is an answer
    already, its post holds what cannot be carried over.
    """

    text: str
    warning: str
    credit: str
    author: str
    measure: Measure | None
    customer_handle: str
    topic: str | None
    given: GivenLately = NOTHING_GIVEN
    restored: str | None = None
    second: str | None = None
    not_carried: str | None = None


@dataclass(frozen=True, slots=True)
class WhyWaits:
    """What the rules say of an answer: why it is refused, or why it waits, the weightiest reason in front."""

    refused: str | None
    holds: tuple[str, ...]


_Reason = Callable[[AnswerFacts, Rules, Verdict], str | None]

REASONS: Final[tuple[_Reason, ...]] = (
    lambda facts, _rules, _verdict: facts.restored,
    lambda facts, rules, _verdict: None if rules.adds_second else facts.second,
    lambda facts, rules, _verdict: why_looked_at(facts.topic, rules),
    lambda _facts, _rules, verdict: verdict.words if verdict.outcome is GuardAction.HOLD else None,
    lambda facts, _rules, _verdict: facts.not_carried,
    lambda facts, rules, _verdict: why_too_many(facts.given, facts.author, rules),
)
"""What may hold an answer, the weightiest first: a new rule is a line here, and a fact above."""


def why_waits(facts: AnswerFacts, rules: Rules) -> WhyWaits:
    """Whether these rules refuse an answer, hold it, or let it go out by itself."""
    policy = rules.guard
    if facts.measure is not None:
        policy = policy.on(facts.measure, facts.customer_handle)
    verdict = guard.examine(facts.text, policy, facts.warning, facts.credit)
    found = (reason(facts, rules, verdict) for reason in REASONS)
    refused = verdict.words if verdict.outcome is GuardAction.REFUSE else None
    return WhyWaits(refused, tuple(one for one in found if one))
