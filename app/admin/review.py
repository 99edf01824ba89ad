"""Entries that somebody should look at again: reports of readers, posts that changed, answers that aged."""

from collections.abc import Callable
from datetime import datetime

from fastapi import Request, Response

from app.admin.confirmations import Back, notice, returned
from app.identity.auth import (
    MayDecide,
    MayWatch,
    Person,
    actor,
    guarded,
)
from app.identity.decisions import decision
from app.web.forms import PageStart, RowId
from app.web.html import render
from app.wiring.composition import Chorus, Here
from bot.actions.archive import curate, review
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.pages import admin as reads
from bot.store.tables.conversations import EntryRow
from bot.wording.restate import LONGEST_TITLE
from routing.dialogue.gate import HeldBack

router = guarded("/admin")

WHY_HELD = {
    HeldBack.AUTHOR: "whoever answered wants it to stay out",
    HeldBack.UNSOLVED: "nothing that was said solves it",
    HeldBack.NO_QUESTION: "nothing was asked",
    HeldBack.OUTAGE: "it is about something that passes",
    HeldBack.CASE: "it is about one person's order, booking or account",
    HeldBack.TODAY: "its answer holds today only",
    HeldBack.UNCLEAR: "these words alone would help nobody else",
    HeldBack.TOPIC: "answers about its topic stay out",
    HeldBack.RETRACTED: "its answer was taken back",
}
"""Why the archive leaves an entry out, in words."""


@router.get("/review")
def listed(
    request: Request,
    chorus: Here,
    person: MayWatch,
    after: PageStart = None,
    hidden_before: PageStart = None,
    held_before: PageStart = None,
    untitled_before: PageStart = None,
    done: str = "",
) -> Response:
    """What is to be reviewed, what waits for a title, what the archive holds back, and what is hidden."""
    with chorus.database.read() as session:
        items, later = reads.review(session, after)
        hidden, older = reads.hidden(session, hidden_before)
        untitled, untitled_later = reads.untitled(session, untitled_before)
        held, held_later = reads.held_back(session, held_before)
        return render(
            request,
            "admin/review.html",
            person=person,
            items=items,
            later=later,
            after=after,
            hidden=hidden,
            older=older,
            hidden_before=hidden_before,
            untitled=untitled,
            untitled_later=untitled_later,
            untitled_before=untitled_before,
            longest_title=LONGEST_TITLE,
            held=held,
            held_later=held_later,
            held_before=held_before,
            why_held=WHY_HELD,
            notice=notice(done),
        )


@router.post("/entries/{entry_id}/hide")
def hide(chorus: Here, person: MayDecide, entry_id: RowId, back: Back = "") -> Response:
    hide_entry(chorus, person, entry_id)
    return returned(back, "/admin/review", "hidden")


def hide_entry(chorus: Chorus, person: Person, entry_id: int) -> None:
    """Take an entry out of sight. Raises Problem."""
    _decide(
        chorus,
        person,
        entry_id,
        AuditAction.ENTRY_HIDE,
        lambda session, entry, now: curate.hide(session, entry, actor(person), now),
    )


@router.post("/entries/{entry_id}/show")
def show(chorus: Here, person: MayDecide, entry_id: RowId, back: Back = "") -> Response:
    show_entry(chorus, person, entry_id)
    return returned(back, "/admin/review", "shown")


def show_entry(chorus: Chorus, person: Person, entry_id: int) -> None:
    """Let the public see an entry. Raises Problem."""
    _decide(chorus, person, entry_id, AuditAction.ENTRY_SHOW, curate.show)


@router.post("/entries/{entry_id}/reviewed")
def reviewed(chorus: Here, person: MayDecide, entry_id: RowId, back: Back = "") -> Response:
    note_reviewed(chorus, person, entry_id)
    return returned(back, "/admin/review", "reviewed")


def note_reviewed(chorus: Chorus, person: Person, entry_id: int) -> None:
    """Somebody has looked at an entry. Raises Problem."""
    _decide(
        chorus,
        person,
        entry_id,
        AuditAction.ENTRY_REVIEW,
        lambda session, entry, now: review.reviewed(session, entry, actor(person), now),
    )


def _decide(
    chorus: Chorus,
    person: Person,
    entry_id: int,
    action: AuditAction,
    deed: Callable[[Session, EntryRow, datetime], None],
) -> None:
    with decision(chorus, person) as at:
        deed(at.session, at.row(EntryRow, entry_id, "such entry"), at.now)
        at.record(action, f"entry {entry_id}")
