"""What the people of a surge have in common that others have not: language, platform, words."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from babel import Locale

from bot.platforms.registry import traits_of
from bot.store.engine import Session
from bot.store.matters import gathered
from bot.store.matters.gathered import AskedQuestion
from bot.text.personal import find
from routing.matters.surges import Surge
from routing.model.text import SaidText

_OF_SURGE = 500
"""So many of its latest questions tell what its people have in common."""
_BESIDE = 1_000
"""So many of everybody's latest questions are what they are compared with."""
_PAST = 20
"""From so many earlier questions on a matter's words are compared with its own past."""
_ENGLISH = Locale("en").languages


@dataclass(frozen=True, slots=True)
class WhoTheyAre:
    """What follows the figures of a surge; ``outside`` holds no words of customers.

    ``language`` and ``platform`` are what most of them share, None where they share none.
    """

    in_charge: str
    outside: str
    language: str | None
    platform: str | None


def who_they_are(session: Session, surge: Surge) -> WhoTheyAre:
    """What most of those who ask now have in common, and those who asked otherwise have not."""
    from routing.matters.description import most_of, shared_words  # with numpy

    since = datetime.fromtimestamp(surge.at, UTC) - timedelta(minutes=surge.minutes)
    asked = gathered.of_matter(session, surge.matter, _OF_SURGE)
    now = _latest_of_each([one for one in asked if one.at > since])
    past = [one for one in asked if one.at <= since]
    others = [one for one in gathered.latest(session, 0, _BESIDE) if one.matter != surge.matter]
    language = most_of([one.language for one in now], [one.language for one in others])
    platform = most_of([one.person[0] for one in now], [one.person[0] for one in others])
    before = past if len(past) >= _PAST else others
    words = shared_words([_said(one) for one in now], [_said(one) for one in before])
    shared = [
        *([f"in {_ENGLISH.get(language, language)}"] if language else []),
        *([f"on {traits_of(platform).label}"] if platform else []),
    ]
    quoted = " ".join(f"“{word}”" for word in words if not find(word))
    in_charge = _mostly([*shared, *([f"with {quoted}"] if quoted else [])])
    return WhoTheyAre(in_charge, _mostly(shared), language, platform)


def _mostly(shared: list[str]) -> str:
    return f"; mostly {', '.join(shared)}" if shared else ""


def _latest_of_each(asked: list[AskedQuestion]) -> list[AskedQuestion]:
    """Each person once, with what they said last; ``asked`` has the latest first."""
    return list({one.person: one for one in reversed(asked)}.values())


def _said(one: AskedQuestion) -> SaidText:
    return SaidText(one.text, one.language, one.person)
