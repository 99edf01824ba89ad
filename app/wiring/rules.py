"""The settings as the steps and the router know them, and what people in charge may change of them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import structlog
from pydantic import ValidationError

from app.wiring.settings import PublishSettings, RuleName, SecondAnswer, Settings
from bot.actions.rules import Rules
from bot.states import CorrectionWay
from bot.text.hours import parse_hours
from bot.wording.guard import GuardPolicy
from routing.figures.value import ValueRates
from routing.figures.working_hours import WorkingHours
from routing.ladder.policy import Policy, three_rungs

_ALL = "all"
CHANGEABLE: tuple[str, ...] = tuple(name for name in get_args(RuleName) if name != _ALL)
"""The rules that are changed in the browser, in the order in which the page shows them."""

_log = structlog.get_logger(__name__)


def locked(settings: Settings) -> frozenset[str]:
    """The rules that the environment keeps."""
    names = settings.publish.locked
    return frozenset(CHANGEABLE if _ALL in names else names)


def with_changes(settings: Settings, values: Mapping[str, Any]) -> PublishSettings:
    """What is published and how, with these values in the place of the settings'. Raises ValidationError."""
    return PublishSettings.model_validate({**settings.publish.model_dump(), **values})


def changed(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """The settings with what people in charge changed on top, but for what is locked.

    A value that an earlier version of Chorus took and this one does not is left out, and the log says so.
    """
    wanted = {
        name: value
        for name, value in values.items()
        if name in CHANGEABLE and name not in locked(settings) and _is_fit(settings, name, value)
    }
    return settings.model_copy(update={"publish": with_changes(settings, wanted)})


def _is_fit(settings: Settings, name: str, value: Any) -> bool:
    try:
        with_changes(settings, {name: value})
    except ValidationError:
        _log.error("a rule has a value that it cannot have; the setting counts", rule=name)
        return False
    return True


def rules_of(settings: Settings, personal_channels: tuple[str, ...] = ()) -> Rules:
    """The house's rules as the steps know them."""
    publish = settings.publish
    return Rules(
        brand=settings.brand_name,
        tag=settings.tag,
        private_tag=settings.private_tag or f"{settings.tag}-private",
        credit=publish.credit,
        guard=GuardPolicy(
            own_domains=frozenset((*publish.domains, urlsplit(settings.base_url).hostname or "")) - {""},
            blocked_words=publish.blocked_words,
            own_contacts=publish.contacts,
            region=publish.region,
            hold_money=publish.hold_money,
        ),
        max_parts=publish.max_parts,
        approve_first=publish.approve_first,
        daily_limit=publish.daily_limit,
        hourly_limit=publish.hourly_limit,
        correction=CorrectionWay(publish.correction),
        adds_second=publish.second_answer is SecondAnswer.ADD,
        second_look=frozenset(publish.second_look),
        hours=parse_hours(publish.hours),
        zone=ZoneInfo(settings.timezone),
        undo_window=timedelta(seconds=publish.undo_window),
        unknown_to_person=publish.unknown_to_person,
        personal_channels=personal_channels,
        first_reply=publish.first_reply,
        asks_back=publish.ask_back,
        reposts_on=frozenset(one.removesuffix(":repost") for one in publish.mode if one.endswith(":repost")),
        archive_url=settings.base_url,
        private_kept=timedelta(days=settings.private.keep_days),
        listened_a_day=settings.listening.daily_posts,
        listened_kept=timedelta(days=settings.listening.keep_days),
        same_question_within=timedelta(seconds=settings.ladder.same_question_within),
        customer_patience=timedelta(seconds=settings.ladder.customer_patience),
        customer_reminder=timedelta(seconds=settings.ladder.customer_reminder) or None,
    )


def policy_of(settings: Settings) -> Policy:
    """The ladder as the router knows it."""
    ladder = settings.ladder
    return Policy(
        rungs=three_rungs(ladder.first, ladder.more, ladder.everyone, timedelta(seconds=ladder.patience)),
        wait_for_duty=timedelta(seconds=ladder.give_up_after),
    )


def working_hours_of(settings: Settings) -> WorkingHours:
    """The brand's business hours, and the zone in which days are counted."""
    return WorkingHours(ZoneInfo(settings.timezone), parse_hours(settings.figures.hours))


def prices_of(settings: Settings) -> ValueRates:
    """What an answer in public is taken to be worth, and to cost."""
    figures = settings.figures
    return ValueRates(
        calls_avoided=figures.calls_avoided,
        call_cost=figures.call_cost,
        hour_cost=figures.hour_cost,
        minutes_an_answer=settings.matters.minutes_an_answer,
        minutes_an_offer=figures.minutes_an_offer,
    )
