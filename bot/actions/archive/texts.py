"""The public texts: a second person approves a new version, the earlier ones stay on record."""

from collections.abc import Sequence
from datetime import datetime

from bot.actions.archive.placeholders import PLACEHOLDERS, unknown_placeholders
from bot.actions.people.details import Invalid
from bot.actions.second_person import check_second_person
from bot.actions.undecidable import Undecidable
from bot.roles import Permission
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.house import texts
from bot.store.people import staff
from bot.store.row_locks import lock_row
from bot.store.tables.house import TextRow

GUIDELINES = "guidelines"
"""The text that employees accept before they take part."""


_OVERTAKEN = (
    "Somebody else has handed in another version since you opened this page. What you typed is still here: "
    "take over from theirs what is to stay, then hand it in again."
)


def propose_text(
    session: Session,
    name: str,
    title: str,
    paragraphs: Sequence[str],
    by: tuple[int, str],
    now: datetime,
    *,
    accept_anew: bool = False,
    follows: int | None = None,
) -> TextRow:
    """A new version of a public text, for a second person to approve; one that waited already is replaced.

    ``by`` is the id of whoever wrote it and how the audit log calls them. ``accept_anew`` has employees
    accept the guidelines again. ``follows`` is the version that was the latest where they wrote it (0: there
    was none). Raises Invalid, also where there is a later one by now: its words would be lost.
    """
    title = " ".join(title.split())
    kept = [one.strip() for one in paragraphs if one.strip()]
    if not title or len(title) > 120:
        raise Invalid("title", "A title has 1 to 120 characters.")
    if not kept:
        raise Invalid("paragraphs", "The text is empty.")
    _check_placeholders("title", title)
    for paragraph in kept:
        _check_placeholders("paragraphs", paragraph)
    changes.serialise(session, "texts")
    if follows is not None and follows != (texts.newest(session, name) or 0):
        raise Invalid("version", _OVERTAKEN)
    row = TextRow(
        name=name,
        title=title,
        paragraphs=kept,
        proposed_at=now,
        proposed_by=by[1],
        proposed_by_id=by[0],
        accept_anew=accept_anew and name == GUIDELINES,
    )
    rows.keep(session, row)
    return row


def _check_placeholders(field: str, text: str) -> None:
    if unknown := unknown_placeholders(text):
        known = " and ".join(f"{{{name}}} for {meaning}" for name, meaning in PLACEHOLDERS.items())
        raise Invalid(field, f"{unknown[0]} stands for nothing: write {known}, and no other words in braces.")


def approve_text(session: Session, row: TextRow, by: tuple[int, str], now: datetime) -> None:
    """A second person puts the version into force that they have read. Raises Undecidable."""
    check_second_person(session, Permission.MANAGE_TEXTS, row.proposed_by_id, by[0])
    lock_row(session, row)
    if row.published_at is not None:
        raise Undecidable("This version is in force already, or was.")
    if texts.newest(session, row.name) != row.id:
        raise Undecidable("There is a newer version: read that one, and approve it then.")
    row.published_at, row.published_by = now, by[1]
    if row.accept_anew:
        staff.ask_to_accept_anew(session)
    rows.keep(session, row)
