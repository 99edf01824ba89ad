"""The settings as the steps and the router know them."""

from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from app.wiring.settings import Settings
from bot.actions.rules import Rules
from bot.text.hours import parse_hours
from bot.wording.guard import GuardPolicy
from routing.figures.working_hours import WorkingHours
from routing.ladder.policy import Policy, three_rungs


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
        ),
        max_parts=publish.max_parts,
        approve_first=publish.approve_first,
        daily_limit=publish.daily_limit,
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
