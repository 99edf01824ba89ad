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
    if _is_overtaken(session, name, follows):
        raise Invalid("version", _OVERTAKEN)
    anew = accept_anew and name == GUIDELINES
    return _handed_in(session, TextRow(name=name, title=title, paragraphs=kept, accept_anew=anew), by, now)


def propose_retiring(
    session: Session, name: str, by: tuple[int, str], now: datetime, *, follows: int | None = None
) -> TextRow:
    """A last version of a further text, which says nothing: once it is approved the text is in force no more.

    Its earlier versions stay on record, and a new one brings it back. Raises Undecidable, also where there is
    a later version than ``follows``.
    """
    if _is_overtaken(session, name, follows):
        raise Undecidable("Somebody else has handed in another version meanwhile: read that one first.")
    latest = next((one for one in texts.versions(session, name) if one.published_at is not None), None)
    if latest is None:
        raise Undecidable("This text is not in force, so there is nothing to retire.")
    if latest.retires:
        raise Undecidable("This text is retired already.")
    return _handed_in(session, TextRow(name=name, title=latest.title, paragraphs=[]), by, now)


def _is_overtaken(session: Session, name: str, follows: int | None) -> bool:
    """Whether another version is the latest; none is handed in meanwhile."""
    changes.serialise(session, "texts")
    return follows is not None and follows != (texts.newest(session, name) or 0)


def _handed_in(session: Session, row: TextRow, by: tuple[int, str], now: datetime) -> TextRow:
    row.proposed_at, row.proposed_by, row.proposed_by_id = now, by[1], by[0]
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
    _check_undecided(row)
    if texts.newest(session, row.name) != row.id:
        raise Undecidable("There is a newer version: read that one, and approve it then.")
    row.published_at, row.published_by = now, by[1]
    if row.accept_anew:
        staff.ask_to_accept_anew(session)
    rows.keep(session, row)


def withdraw_text(session: Session, row: TextRow, by: str, now: datetime) -> None:
    """A version that nobody has approved waits no more; its words stay on record.

    Whoever may write one may: its author, or somebody in charge. What is in force stays so. Raises
    Undecidable.
    """
    lock_row(session, row)
    _check_undecided(row)
    if texts.newest(session, row.name) != row.id:
        raise Undecidable("There is a newer version: this one waits for nobody any more.")
    row.withdrawn_at, row.withdrawn_by = now, by
    rows.keep(session, row)


def _check_undecided(row: TextRow) -> None:
    if row.published_at is not None:
        raise Undecidable(
            f"{row.published_by} has approved it meanwhile: this version is in force already, or was."
        )
    if row.withdrawn_at is not None:
        raise Undecidable(
            f"{row.withdrawn_by} has withdrawn it meanwhile: hand in another version where one is due."
        )
