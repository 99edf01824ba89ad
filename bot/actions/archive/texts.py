"""The public texts: a new version comes into force, the earlier ones stay on record."""

from collections.abc import Sequence
from datetime import datetime

from bot.actions.people.details import Invalid
from bot.store import rows
from bot.store.engine import Session
from bot.store.tables.house import TextRow


def publish_text(
    session: Session, name: str, title: str, paragraphs: Sequence[str], by: str, now: datetime
) -> TextRow:
    """A new version of a public text. Raises Invalid."""
    title = " ".join(title.split())
    kept = [one.strip() for one in paragraphs if one.strip()]
    if not title or len(title) > 120:
        raise Invalid("title", "A title has 1 to 120 characters.")
    if not kept:
        raise Invalid("paragraphs", "The text is empty.")
    row = TextRow(name=name, title=title, paragraphs=kept, published_at=now, published_by=by)
    rows.keep(session, row)
    return row
