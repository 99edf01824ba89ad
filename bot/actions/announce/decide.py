"""What becomes of an announcement that was proposed: approved or declined, planned, taken back in time.

Everything happens in the caller's transaction. What cannot be decided like that raises ``Undecidable`` with a
message for whoever tried.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from bot.actions.announce.progress import follow_one
from bot.actions.announce.shown import AnnouncedWords, PlatformPosts, shown_on_each
from bot.actions.people.details import Invalid
from bot.actions.rules import Rules
from bot.actions.second_person import check_second_person
from bot.actions.undecidable import NotAsGiven, Undecidable
from bot.platforms.base import Platform
from bot.platforms.registry import traits_of
from bot.roles import Permission
from bot.states import (
    BEFORE_IT_GOES_OUT,
    NOT_STARTED,
    AnnouncementState,
    ChangeKind,
    DeliveryState,
)
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.house import announcements
from bot.store.row_locks import lock_row
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.conversations import DeliveryRow
from routing.model.phrases import phrase

LONGEST_AHEAD = timedelta(days=366)
"""So far ahead something can be planned."""
SAME_WORDS_APART = timedelta(days=1)
"""Within this time a platform could take two announcements of the same words for one."""
_PLANNABLE = (AnnouncementState.APPROVED, AnnouncementState.PLANNED)


def words_of(row: AnnouncementRow) -> AnnouncedWords:
    """What an announcement says."""
    return AnnouncedWords(row.text, tuple(row.platforms), row.warning, row.variants)


def approve(session: Session, row: AnnouncementRow, revision: int, person_id: int, now: datetime) -> None:
    """Its words stand. ``revision`` is the one that ``person_id`` has read.

    Raises Undecidable, also where a second person has to approve it.
    """
    check_second_person(session, Permission.ANNOUNCE, row.proposed_by, person_id)
    lock_row(session, row)
    if row.corrects_id is not None:
        raise Undecidable("This is a correction: approve it on its page.")
    check_as_read(row, revision)
    row.state, row.approved_by, row.approved_at, row.note = (
        AnnouncementState.APPROVED,
        person_id,
        now,
        "",
    )
    _note(session, row, now)


def check_as_read(row: AnnouncementRow, revision: int) -> None:
    """Raise Undecidable unless it waits for an approval, with the words that somebody has read."""
    if row.state != AnnouncementState.PROPOSED:
        raise Undecidable(f"This announcement is {row.state} meanwhile: there is nothing to approve.")
    if row.revision != revision:
        raise Undecidable("It was changed since you read it: read it again, and approve it then.")


def decline(session: Session, row: AnnouncementRow, why: str, now: datetime) -> None:
    """Not like that: whoever proposed it reads why, and may change it. Planned, it does not go out."""
    lock_row(session, row)
    if row.state not in (AnnouncementState.PROPOSED, *_PLANNABLE):
        raise Undecidable(f"This announcement is {row.state} meanwhile: it cannot be declined any more.")
    if not why:
        raise NotAsGiven("Say why, so that whoever proposed it knows what to change.")
    _unplan(session, row)
    row.state, row.note = AnnouncementState.DECLINED, why
    row.approved_by, row.approved_at, row.planned_at = None, None, None
    _note(session, row, now)


def plan(
    session: Session,
    row: AnnouncementRow,
    at: datetime,
    platforms: Mapping[str, Platform],
    rules: Rules,
    now: datetime,
    *,
    seen: str | None = None,
) -> None:
    """It goes out at this moment, on each of its platforms once; one that has passed means at once.

    Planned before, it moves; ``seen`` is the moment that whoever moves it knows of (ISO, empty for none).
    Raises Undecidable, and Invalid where ``at`` lies too far ahead.
    """
    lock_row(session, row)
    if row.corrects_id is not None:
        raise Undecidable("A correction goes out as soon as it is approved: there is nothing to plan.")
    if row.state not in _PLANNABLE:
        raise Undecidable(f"This announcement is {row.state}: only one that is approved can be planned.")
    if seen is not None and seen != moment_planned(row):
        raise Undecidable(
            "Somebody has planned it meanwhile: look when it goes out now, and plan it anew if need be."
        )
    if at > now + LONGEST_AHEAD:
        raise Invalid("at", "That is more than a year ahead.")
    at = max(at, now)
    shown = shown_on_each(words_of(row), platforms, rules)
    for one in shown:
        if one.impossible is not None:
            raise Undecidable(f"On {traits_of(one.platform).label} it cannot go out. {one.impossible}")
    _unplan(session, row)
    refuse_twins(session, (row.id,), shown, at)
    announcements.forget_messages(session, row.id)
    for one in shown:
        parts = [(platforms[one.platform].new_key(at), text) for text in one.parts]
        announcements.queue(session, row, one.platform, parts, at=at, now=now)
    row.state, row.planned_at = AnnouncementState.PLANNED, at
    _note(session, row, now)


def moment_planned(row: AnnouncementRow) -> str:
    """When it is to go out, as the form to plan it knows it; empty where it is not planned."""
    return row.planned_at.isoformat() if row.planned_at else ""


def withdraw(session: Session, row: AnnouncementRow, now: datetime) -> None:
    """It does not go out, or, where something of it is out, not on the platforms where nothing is."""
    lock_row(session, row)
    if row.corrects_id is not None and row.state == AnnouncementState.DECLINED:
        raise Undecidable(phrase("It was declined: there is nothing to take back."))
    if row.state in BEFORE_IT_GOES_OUT:
        _unplan(session, row)
        row.state = AnnouncementState.WITHDRAWN
        _note(session, row, now)
        return
    messages = announcements.held_messages(session, row.id)
    untouched = [one for name in row.platforms for one in _untouched(messages, name)]
    if row.state != AnnouncementState.PUBLISHING or not untouched:
        raise Undecidable(phrase("It is too late to take it back: it is out, or just going out."))
    announcements.stop(session, untouched, "It was taken back before it went out here.")
    follow_one(session, row, now)


def _untouched(messages: Sequence[DeliveryRow], platform: str) -> list[DeliveryRow]:
    """The messages to a platform to which nothing of the announcement has gone."""
    there = [one for one in messages if one.platform == platform]
    return there if all(one.state in NOT_STARTED for one in there) else []


def _unplan(session: Session, row: AnnouncementRow) -> None:
    """Take its messages out of the queue. Raises Undecidable where one may be going out."""
    messages = announcements.held_messages(session, row.id)
    if any(one.state not in (*NOT_STARTED, DeliveryState.WITHDRAWN) for one in messages):
        raise Undecidable(phrase("It is too late to take it back: it is out, or just going out."))
    announcements.stop(session, messages, "The announcement was taken back.")


def refuse_twins(
    session: Session, own: Collection[int], shown: Sequence[PlatformPosts], at: datetime
) -> None:
    """Raise Undecidable where another announcement than these says the same there on about the same day.

    Platforms refuse such a one, and whoever looks for a message of unknown outcome would find its twin.
    """
    said = {(one.platform, text) for one in shown for text in one.parts}
    for twin in announcements.messages_about(session, at, SAME_WORDS_APART):
        if twin.announcement_id not in own and (twin.platform, twin.sends.text) in said:
            label = traits_of(twin.platform).label
            raise Undecidable(
                f"Announcement {twin.announcement_id} says the same on {label} within a day: "
                "say it in other words, or plan it for another day."
            )


def _note(session: Session, row: AnnouncementRow, now: datetime) -> None:
    rows.keep(session, row)
    changes.append(session, ChangeKind.WORK, 0, now)
