"""What other rules would have made of the answers of the last weeks: nothing is written."""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.actions.rules import Rules
from bot.actions.steering.given import DAY, HOUR, GivenLately
from bot.actions.steering.why_waits import AnswerFacts, why_waits
from bot.platforms.base import Platform
from bot.store.engine import Session
from bot.store.queries import past_answers
from bot.store.queries.past_answers import AnswerOnTrial
from routing.dialogue.gate import ArchiveGate, HeldBack, worth
from routing.model.phrases import phrase, sentences

LOOKS_BACK: Final = timedelta(days=30)
LOOKS_AT: Final = 1_000
"""Answers that are looked at, the latest ones; each is judged twice."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """An answer, and why it would have waited, or been refused."""

    answer: AnswerOnTrial
    why: str


@dataclass(frozen=True, slots=True)
class KeptOut:
    """An answer, and why it would have stayed out of the archive, or did."""

    answer: AnswerOnTrial
    why: HeldBack


@dataclass(frozen=True, slots=True)
class DryRun:
    """Of ``looked_at`` answers since ``since``: what only the new rules stop, and what only the old ones did.

    ``kept_out`` are those of the published ones that only the new gate keeps out of the archive, ``let_in``
    those that only the old one did. The first answers that were looked at count as if their authors had given
    none in the hour and day before.
    """

    looked_at: int
    since: datetime
    stopped: tuple[Stopped, ...]
    freed: tuple[Stopped, ...]
    kept_out: tuple[KeptOut, ...] = ()
    let_in: tuple[KeptOut, ...] = ()


@dataclass(slots=True)
class _Author:
    ever: int
    lately: deque[datetime] = field(default_factory=deque)

    def given(self, now: datetime) -> GivenLately:
        while self.lately and self.lately[0] < now - DAY:
            self.lately.popleft()
        return GivenLately(self.ever, len(self.lately), sum(at >= now - HOUR for at in self.lately))

    def gave(self, now: datetime) -> None:
        self.ever += 1
        self.lately.append(now)


def try_out(
    session: Session, before: Rules, after: Rules, platforms: Mapping[str, Platform], now: datetime
) -> DryRun:
    """Judge the employees' answers of the last 30 days by the rules of today and by others.

    Looked at is all that holds an answer by a rule, and what keeps it out of the archive. ``platforms`` tell
    how each counts and what it makes links of.
    """
    past = past_answers.given_since(session, now - LOOKS_BACK, LOOKS_AT)
    counts = past_answers.given_before(session, past[0].id, {one.employee_id for one in past}) if past else {}
    authors: defaultdict[int, _Author] = defaultdict(lambda: _Author(0))
    authors.update({number: _Author(count) for number, count in counts.items()})
    answered: set[tuple[int, int]] = set()
    stopped, freed = [], []
    for one in past:
        given = authors[one.employee_id].given(one.written_at)
        is_second = (one.question_id, one.round) in answered
        former, later = (_why(one, given, is_second, rules, platforms) for rules in (before, after))
        if later and not former:
            stopped.append(Stopped(one, later))
        elif former and not later:
            freed.append(Stopped(one, former))
        if one.is_on_its_way:
            authors[one.employee_id].gave(one.written_at)
            answered.add((one.question_id, one.round))
    since = past[0].written_at if len(past) == LOOKS_AT else now - LOOKS_BACK
    kept_out, let_in = _past_the_gate(
        [one for one in past if one.is_on_its_way], before.archive, after.archive
    )
    return DryRun(len(past), since, tuple(reversed(stopped)), tuple(reversed(freed)), kept_out, let_in)


def _past_the_gate(
    published: Sequence[AnswerOnTrial], before: ArchiveGate, after: ArchiveGate
) -> tuple[tuple[KeptOut, ...], tuple[KeptOut, ...]]:
    """Which answers only the new gate keeps out, and which only the old one did; the latest first."""
    kept_out, let_in = [], []
    for one in reversed(published) if before != after else ():
        if one.for_archive:
            judged = worth(one.asked, one.text, is_accepted=one.is_accepted)
            former, later = (gate.why_out(one.topic, judged) for gate in (before, after))
            if later and not former:
                kept_out.append(KeptOut(one, later))
            elif former and not later:
                let_in.append(KeptOut(one, former))
    return tuple(kept_out), tuple(let_in)


def _why(
    one: AnswerOnTrial, given: GivenLately, is_second: bool, rules: Rules, platforms: Mapping[str, Platform]
) -> str:
    """Why these rules stop it; empty where they do not."""
    platform = platforms.get(one.platform)
    facts = AnswerFacts(
        one.text,
        one.warning,
        one.credit,
        one.author,
        platform.measure if platform is not None else None,
        one.customer_handle,
        one.topic,
        given,
        second=_SECOND if is_second else None,
    )
    waits = why_waits(facts, rules)
    return sentences(*([waits.refused] if waits.refused else []), *waits.holds)


_SECOND: Final = phrase("The question had an answer already.")
