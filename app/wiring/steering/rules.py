"""The settings as the steps and the router know them, and what people in charge may change of them."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import structlog
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from app.wiring.rule_settings import BrandSettings, RuleName, SecondAnswer
from app.wiring.settings import Settings
from bot.actions.people.joining import JoiningTerms
from bot.actions.rules import Rules
from bot.actions.survey.ask import SurveyRules
from bot.actions.topics.topic_rules import TopicRule
from bot.states import CorrectionWay
from bot.text.times.closed_days import parse_closed_days
from bot.text.times.hours import parse_hours
from bot.wording.guard import GuardPolicy
from routing.dialogue.gate import ArchiveGate
from routing.figures.survey import SurveyKind
from routing.figures.value import ValueRates
from routing.figures.working_hours import WorkingHours
from routing.ladder.policy import Policy, three_rungs

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_ALL = "all"
CHANGEABLE: tuple[str, ...] = tuple(name for name in get_args(RuleName) if name != _ALL)
"""The rules that are changed in the browser, in the order in which the page shows them."""

_ELSEWHERE: Mapping[str, tuple[str, str]] = {
    "business_hours": ("figures", "hours"),
    "archive_topics_out": ("archive", "topics_out"),
    "archive_keeps_from": ("archive", "keeps_from"),
    "announcement_mails": ("mail", "announcements"),
    "joining": ("joining", "mode"),
    "joining_domains": ("joining", "domains"),
}
"""The rules that are not called as their setting is; others are settings of the brand, or of publishing."""
_OF_JOINING = ("joining", "joining_domains")
_ANY = Settings()

_log = structlog.get_logger(__name__)


def locked(settings: Settings) -> frozenset[str]:
    """The rules that the environment keeps."""
    names = settings.publish.locked
    return frozenset(CHANGEABLE if _ALL in names else names)


def field_of(name: str) -> FieldInfo:
    """The setting that a rule is."""
    group, field = place_of(name)
    return type(_group(_ANY, group)).model_fields[field]


def value_of(settings: Settings, name: str) -> Any:
    """What these settings say of a rule."""
    group, field = place_of(name)
    return getattr(_group(settings, group), field)


def place_of(name: str) -> tuple[str, str]:
    """The group of settings in which a rule stands (empty: in none), and what it is called there."""
    if name in BrandSettings.model_fields:
        return "", name
    return _ELSEWHERE.get(name, ("publish", name))


def _group(settings: Settings, name: str) -> BaseModel:
    group: BaseModel = getattr(settings, name) if name else settings
    return group


def problems_of(settings: Settings, values: Mapping[str, Any]) -> dict[str, "ErrorDetails"]:
    """What is wrong with values in the place of the settings', by the names of their rules."""
    problems: dict[str, ErrorDetails] = {}
    for group, fields in _by_group(values).items():
        try:
            _changed(settings, group, fields)
        except ValidationError as error:
            told = {str(one["loc"][0]): one for one in error.errors()}
            problems |= {
                name: told[place_of(name)[1]]
                for name in values
                if place_of(name)[1] in told and place_of(name)[0] == group
            }
    return problems


def refusals_of(settings: Settings, changed: Collection[str]) -> dict[str, str]:
    """Why settings do not go together, by the rules that say so; only where one of these was changed."""
    by_mail = settings.mail.host is not None
    found = settings.joining.refusals(by_mail=by_mail)
    told = {name: found[place_of(name)[1]] for name in _OF_JOINING if place_of(name)[1] in found}
    return told if any(name in changed for name in _OF_JOINING) else {}


def with_changes(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """The settings with these values in the place of theirs. Raises ValidationError."""
    for group, fields in _by_group(values).items():
        settings = settings.model_copy(update=_changed(settings, group, fields))
    return settings


def _by_group(values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        group, field = place_of(name)
        found.setdefault(group, {})[field] = value
    return found


def _changed(settings: Settings, name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What becomes different of a group, or of the brand's own settings. Raises ValidationError."""
    if not name:
        brand = {one: getattr(settings, one) for one in BrandSettings.model_fields}
        checked = BrandSettings.model_validate({**brand, **fields})
        return {one: getattr(checked, one) for one in fields}
    group = _group(settings, name)
    return {name: type(group).model_validate({**group.model_dump(), **fields})}


def changed(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """The settings with what people in charge changed on top, but for what is locked.

    A value that an earlier version of Chorus took and this one does not is left out, and the log says so.
    """
    wanted = {
        name: value
        for name, value in values.items()
        if name in CHANGEABLE and name not in locked(settings) and _is_fit(settings, name, value)
    }
    return with_changes(settings, wanted)


def _is_fit(settings: Settings, name: str, value: Any) -> bool:
    if not problems_of(settings, {name: value}):
        return True
    _log.error("a rule has a value that it cannot have; the setting counts", rule=name)
    return False


def rules_of(settings: Settings, personal_channels: tuple[str, ...] = ()) -> Rules:
    """The house's rules as the steps know them."""
    publish = settings.publish
    return Rules(
        brand=settings.brand_name,
        tag=settings.tag,
        private_tag=private_tag_of(settings),
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
        author_edits=publish.author_edits,
        adds_second=publish.second_answer is SecondAnswer.ADD,
        second_look=frozenset(publish.second_look),
        hours=parse_hours(publish.hours),
        zone=ZoneInfo(settings.timezone),
        closed=parse_closed_days(settings.closed_days),
        undo_window=timedelta(seconds=publish.undo_window),
        unknown_to_person=publish.unknown_to_person,
        personal_channels=personal_channels,
        gather_notices=timedelta(seconds=settings.mail.gather_seconds),
        archive=ArchiveGate(frozenset(settings.archive.topics_out), settings.archive.keeps_from),
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


def private_tag_of(settings: Settings) -> str:
    """The tag that keeps an answer out of the archive."""
    return settings.private_tag or f"{settings.tag}-private"


def policy_of(settings: Settings) -> Policy:
    """The ladder as the router knows it."""
    ladder = settings.ladder
    return Policy(
        rungs=three_rungs(ladder.first, ladder.more, ladder.everyone, timedelta(seconds=ladder.patience)),
        wait_for_duty=timedelta(seconds=ladder.give_up_after),
        claim=timedelta(seconds=ladder.claim_lasts),
    )


def working_hours_of(settings: Settings) -> WorkingHours:
    """The brand's business hours with its closed days, and the zone in which days are counted."""
    hours = parse_hours(settings.figures.hours)
    return WorkingHours(ZoneInfo(settings.timezone), hours, parse_closed_days(settings.closed_days))


def joining_terms_of(settings: Settings) -> JoiningTerms:
    """Who may join by themselves."""
    joining = settings.joining
    return JoiningTerms(joining.mode, joining.domains, settings.mail.host is not None)


def survey_rules_of(settings: Settings) -> SurveyRules:
    """Whether, whom and when the brand asks how it went."""
    survey = settings.survey
    return SurveyRules(
        kind=None if survey.kind == "off" else SurveyKind(survey.kind),
        brand=settings.brand_name,
        share=survey.share,
        rest=timedelta(days=survey.rest_days),
        platforms=frozenset(survey.platforms),
        after=timedelta(minutes=survey.after_minutes),
        lasts=timedelta(days=survey.open_days),
    )


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


def rules_about_topics(settings: Settings, rules: Rules) -> tuple[TopicRule, ...]:
    """The rules that name topics, and follow these where they go; those that the environment keeps cannot."""
    kept = locked(settings)
    return (
        TopicRule(
            "second_look",
            tuple(rules.second_look),
            "wait for a second pair of eyes",
            "CHORUS_PUBLISH__SECOND_LOOK",
            "second_look" in kept,
        ),
        TopicRule(
            "archive_topics_out",
            tuple(rules.archive.topics_out),
            "stay out of the archive",
            "CHORUS_ARCHIVE__TOPICS_OUT",
            "archive_topics_out" in kept,
        ),
    )
