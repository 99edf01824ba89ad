"""After a question is settled its customer may be asked, once in a while, how it went.

Only who addressed the brand in public is asked, and only where the platform takes a further reply of its own
accord: where an app may answer once only, the answer was that reply.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.platforms.registry import traits_of
from bot.store import changes, rows
from bot.store.conversations import questions
from bot.store.engine import Session
from bot.store.privacy import surveys
from bot.store.privacy.surveys import SettledUpTo
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.store.tables.figures import SurveyRow
from bot.wording.by_itself import survey_question
from routing.figures.survey import SurveyKind
from routing.model.domain import QuestionState

BATCH = 100
Say = Callable[[Session, QuestionRow, str, datetime], AnswerRow | None]
"""Put words for a question's customer into the outbox; None where there is nobody to say them to."""
LATEST = timedelta(days=1)
"""Who could not be asked by then is not asked any more: nobody remembers, and it must not come as a flood."""
_OF_A_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class SurveyRules:
    """Whether, whom and when the brand asks how it went.

    ``share`` of a hundred settled questions, at most once in ``rest`` for one customer, on ``platforms`` (all
    that take it where none is named), ``after`` the question was settled; the link works for ``lasts``.
    """

    kind: SurveyKind | None = None
    brand: str = "Our brand"
    share: int = 100
    rest: timedelta = timedelta(days=90)
    platforms: frozenset[str] = frozenset()
    after: timedelta = timedelta(hours=1)
    lasts: timedelta = timedelta(days=14)

    def asks_on(self, platform: str) -> bool:
        """Whether anybody is asked there."""
        return not traits_of(platform).one_reply and (not self.platforms or platform in self.platforms)


def is_any_due(session: Session, rules: SurveyRules, now: datetime) -> bool:
    """Whether any settled question is to be looked at."""
    if rules.kind is None:
        return False
    return bool(surveys.settled_after(session, _begin(session, rules, now), now - rules.after, 1))


def ask_due(
    session: Session,
    rules: SurveyRules,
    say: Say,
    link: Callable[[int, datetime], str],
    now: datetime,
) -> tuple[int, int]:
    """Ask the next customers whose question was settled long enough ago; how many were looked at and asked.

    ``link`` makes the address of a survey's page. One transaction at a time does this.
    """
    if rules.kind is None:
        return 0, 0
    changes.serialise(session, "survey")
    until = now - rules.after
    found = surveys.settled_after(session, _begin(session, rules, now), until, BATCH)
    if not found:
        return 0, 0
    reached = SettledUpTo(found[-1].settled_at or until, found[-1].id)
    asked = sum(
        _ask(session, say, question, rules, link, now)
        for question in questions.held_all(session, [one.id for one in found])
    )
    surveys.note_looked(session, reached, now)
    return len(found), asked


def _begin(session: Session, rules: SurveyRules, now: datetime) -> SettledUpTo:
    earliest = SettledUpTo(now - rules.after - LATEST)
    last = surveys.looked_up_to(session)
    return earliest if last is None or last.at < earliest.at else last


def _ask(
    session: Session,
    say: Say,
    question: QuestionRow,
    rules: SurveyRules,
    link: Callable[[int, datetime], str],
    now: datetime,
) -> bool:
    if rules.kind is None or not _may_be_asked(question, rules):
        return False
    if surveys.was_asked(session, question, now - rules.rest):
        return False
    row = SurveyRow(
        question_id=question.id,
        platform=question.platform,
        customer_id=question.customer_id,
        kind=rules.kind,
        asked_at=now,
        expires_at=now + rules.lasts,
    )
    rows.keep(session, row)
    address = link(row.id, row.expires_at)
    words = survey_question(question.language, rules.brand, rules.kind, address)
    answer = say(session, question, words, now)
    if answer is None:  # it was not asked in public, or the platform is switched off
        surveys.remove(session, row)
        return False
    row.answer_id = answer.id
    rows.keep(session, row)
    return True


def _may_be_asked(question: QuestionRow, rules: SurveyRules) -> bool:
    return (
        question.state == QuestionState.SETTLED
        and question.answered_at is not None
        and bool(question.customer_id)
        and not question.unasked
        and rules.asks_on(question.platform)
        and _drawn(question) < rules.share
    )


def _drawn(question: QuestionRow) -> int:
    """A number below 100 that is always the same for the question, and any for the next one."""
    digest = hashlib.blake2b(f"survey {question.platform} {question.id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % _OF_A_HUNDRED
