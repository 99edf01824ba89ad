"""What an issue in a tracker says of a matter: what the public may read, or what a person wrote for it."""

from bot.actions.hooks.payload import content_of
from bot.channels.messages import BrandProfile
from bot.channels.trackers import Issue
from bot.states import HookEvent
from bot.store.engine import Session
from bot.store.tables.hooks import HookEventRow

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
    lines.append("\n".join(f"- {name}: {value}" for name, value in _figures(facts)))
    return Issue(str(title)[:LONGEST_TITLE], "\n\n".join(lines)[: LONGEST_TEXT * 2], event.key, event.at)


def _figures(facts: dict[str, object]) -> list[tuple[str, object]]:
    """What is known of the matter, without what is empty."""
    named = {
        "questions": "Questions",
        "since": "Since",
        "topic": "Topic",
        "said": "Noticed",
        "url": "Public page",
        "in_charge_url": "For people in charge",
    }
    return [(label, facts[name]) for name, label in named.items() if facts.get(name)]
