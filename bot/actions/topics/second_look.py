"""The rule that answers about some topics wait for a second pair of eyes follows topics that move."""

from dataclasses import dataclass
from datetime import datetime

from bot.actions.undecidable import Undecidable
from bot.store.engine import Session
from bot.store.house import rule_versions

RULE = "second_look"


@dataclass(frozen=True, slots=True)
class SecondLook:
    """The topics whose answers are looked at twice, and whether the environment alone says so."""

    topics: tuple[str, ...] = ()
    locked: bool = False


def look_at_too(
    session: Session, rule: SecondLook, former: str, slug: str, by: str, why: str, now: datetime
) -> bool:
    """Answers about ``slug`` are looked at too, where those about ``former`` are; whether that is new.

    Raises Undecidable where the environment keeps the rule: nobody may lose that protection unawares.
    """
    if former not in rule.topics or slug in rule.topics:
        return False
    if rule.locked:
        raise Undecidable(
            f"Answers about “{former}” wait for a second pair of eyes, and the environment keeps that rule: "
            f"put “{slug}” into CHORUS_PUBLISH__SECOND_LOOK first."
        )
    newest = rule_versions.newest(session)
    values = dict(newest.values) if newest is not None else {}
    values[RULE] = [*rule.topics, slug]
    if rule_versions.add(session, newest.id if newest is not None else 0, values, by, why, now) is None:
        raise Undecidable("Somebody else is changing the rules at this moment: try again.")
    return True
