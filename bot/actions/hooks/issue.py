"""What an issue in a tracker says of a matter: what the public may read, or what a person wrote for it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from bot.actions.hooks.payload import content_of
from bot.channels.messages import BrandProfile
from bot.channels.trackers import Issue
from bot.states import HookEvent
from bot.store.engine import Session
from bot.store.tables.hooks import HookEventRow
from bot.store.topics.named import names_of

LONGEST_TITLE = 200
LONGEST_TEXT = 5_000


def issue_of(session: Session, event: HookEventRow, house: BrandProfile) -> Issue:
    """The issue for an event about a matter; a person's own words take the place of ours."""
    facts = content_of(session, event, house)
    number = event.subject
    if event.kind == HookEvent.TEST:
        text = f"This is a test from {house.base_url}: issues can be opened here. It can be closed."
        return Issue(f"Test from {house.brand}", text, event.key, event.at)
    title = (
        facts.get("written_title") or facts.get("title") or f"Matter {number} of {house.brand}'s customers"
    )
    lines = [str(facts["written_text"])] if facts.get("written_text") else []
    if facts.get("statement"):
        lines.append(f"The brand says: {facts['statement']}")
    lines.append("\n".join(f"- {name}: {value}" for name, value in _figures(session, facts, house)))
    return Issue(str(title)[:LONGEST_TITLE], "\n\n".join(lines)[: LONGEST_TEXT * 2], event.key, event.at)


def _figures(session: Session, facts: dict[str, object], house: BrandProfile) -> list[tuple[str, object]]:
    """What is known of the matter, as people write it, without what is empty."""
    named = {
        "questions": "Questions",
        "since": "Since",
        "topic": "Topic",
        "said": "Noticed",
        "url": "Public page",
        "in_charge_url": "For people in charge",
    }
    told = dict(facts)
    if since := facts.get("since"):
        told["since"] = _moment(datetime.fromisoformat(str(since)), house.timezone)
    if topic := facts.get("topic"):
        told["topic"] = names_of(session, [str(topic)]).get(str(topic), topic)
    return [(label, told[name]) for name, label in named.items() if told.get(name)]


def _moment(at: datetime, zone: str) -> str:
    """By the brand's clock: ``5 March 2026, 14:05 (Europe/Berlin)``."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{format_date(local.date(), 'd MMMM y', locale='en')}, {local:%H:%M} ({zone})"
