"""The rules that name topics follow topics that move: whose answers are looked at twice, or stay out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.actions.steering.change_rules import put_version
from bot.actions.undecidable import Undecidable
from bot.store.engine import Session
from bot.store.house import rule_versions


@dataclass(frozen=True, slots=True)
class TopicRule:
    """A rule about some topics, by its name.

    ``says`` is what it does, and ``setting`` where the environment says it; ``locked`` whether it alone does.
    """

    name: str
    topics: tuple[str, ...]
    says: str
    setting: str
    locked: bool = False


def follow_topic(
    session: Session, rules: Sequence[TopicRule], former: str, slug: str, by: str, why: str, now: datetime
) -> bool:
    """What is said of ``former`` is said of ``slug``, too; whether that is new.

    Raises Undecidable where the environment keeps such a rule: nobody may lose that protection unawares.
    """
    newest = rule_versions.newest(session)
    values = dict(newest.values) if newest is not None else {}
    moving = {}
    for one in rules:
        named = one.topics if one.locked else values.get(one.name, one.topics)
        if former in named and slug not in named:
            if one.locked:
                raise Undecidable(
                    f"Answers about “{former}” {one.says}, and the environment keeps that rule: put “{slug}” "
                    f"into {one.setting} first."
                )
            moving[one.name] = [*named, slug]
    if not moving:
        return False
    follows = newest.id if newest is not None else 0
    if put_version(session, follows, values | moving, by, why, now) is None:
        raise Undecidable("Somebody else is changing the rules at this moment: try again.")
    return True
