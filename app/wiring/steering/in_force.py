"""What is in force: the operator's settings, and what people in charge changed of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.wiring.settings import Settings
from app.wiring.steering.rules import changed, private_tag_of, rules_of
from bot.actions.rules import Rules
from bot.actions.steering.rulebook import Rulebook
from bot.store.engine import Database


@dataclass(frozen=True, slots=True)
class HouseRules:
    """Settings and rules that belong together: of one version."""

    settings: Settings
    rules: Rules


def in_force(
    given: Settings,
    values: Mapping[str, Any],
    former: Sequence[Mapping[str, Any]] = (),
    personal_channels: tuple[str, ...] = (),
) -> HouseRules:
    """The values of a version on top of the settings; ``former`` are those that counted until lately."""
    settings = changed(given, values)
    earlier = [changed(given, one) for one in former]
    rules = replace(
        rules_of(settings, personal_channels),
        former_tags=_others(settings.tag, [one.tag for one in earlier]),
        former_private_tags=_others(private_tag_of(settings), [private_tag_of(one) for one in earlier]),
    )
    return HouseRules(settings, rules)


def _others(tag: str, earlier: Sequence[str]) -> tuple[str, ...]:
    told = {one.casefold(): one for one in earlier}
    return tuple(one for key, one in told.items() if key != tag.casefold())


def rulebook_of(
    given: Settings,
    database: Database,
    timer: Callable[[], float],
    personal_channels: tuple[str, ...] = (),
) -> Rulebook[HouseRules]:
    """The book of what is in force, kept up with the database."""
    return Rulebook(
        database, lambda values, former: in_force(given, values, former, personal_channels), timer
    )


def in_force_now(given: Settings, database: Database) -> HouseRules:
    """What is in force at this moment, for a command that ends soon."""
    return Rulebook(database, lambda values, former: in_force(given, values, former))()
