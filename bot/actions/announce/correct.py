"""Other words for an announcement that is out: proposed, approved by somebody else, and out at once.

A correction is an announcement of its own, with messages of its own, so it goes out as exactly once as any.
On each platform it goes the way of a corrected answer (``taking_back.way``); nothing is done where the words
stay as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.actions.announce.decide import check_as_read, refuse_twins, words_of
from bot.actions.announce.propose import check_length
from bot.actions.announce.shown import AnnouncedWords, PlatformPosts, shown_on_each
from bot.actions.people.details import Invalid
from bot.actions.rules import Rules
from bot.actions.second_person import check_second_person
from bot.actions.taking_back.way import send_that_way, way_of
from bot.actions.undecidable import Undecidable
from bot.platforms.base import Platform
from bot.platforms.registry import traits_of
from bot.roles import Permission
from bot.states import (
    NOT_STARTED,
    UNSURE,
    AnnouncementState,
    ChangeKind,
    CorrectionWay,
    DeliveryState,
)
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.house import announcements
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.conversations import DeliveryRow
from bot.wording import by_itself
from routing.model.phrases import phrase, sentences

LONGEST_WHY = 500
"""Characters of a reason."""
_STANDS_STILL = (
    AnnouncementState.PUBLISHED,
    AnnouncementState.FAILED,
    AnnouncementState.DECLINED,
    AnnouncementState.WITHDRAWN,
)
_NOT_SAID = phrase("Write what it should say instead: these are the words that are out.")


@dataclass(frozen=True, slots=True)
class PlannedPlace:
    """What becomes of the words on one platform; ``wrong`` are the posts that stand there now."""

    shown: PlatformPosts
    way: CorrectionWay
    wrong: tuple[DeliveryRow, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands on one platform now: the announcement, or the correction of it, that was put there last."""

    said: AnnouncementRow
    posts: tuple[DeliveryRow, ...]


def standing_on_each(session: Session, root: AnnouncementRow) -> dict[str, Standing]:
    """Where an announcement is out whole now, by platform, and as what."""
    chain = [root, *announcements.corrections(session, [root.id])]
    messages = announcements.messages_of_all(session, [one.id for one in chain])
    gone = {one.id for one in messages if one.sends.edits is None}
    gone -= {one.id for one in announcements.standing(session, messages)}
    found: dict[str, Standing] = {}
    for name in root.platforms:
        for one in chain:
            own = tuple(each for each in messages if (each.announcement_id, each.platform) == (one.id, name))
            is_out = all(each.state == DeliveryState.SENT and each.id not in gone for each in own)
            if own and is_out:
                found[name] = Standing(one, own)
    return found


def words_now(root: AnnouncementRow, there: Mapping[str, Standing]) -> AnnouncedWords:
    """What is said now, where that is other words on some platforms than on the rest."""
    latest = max((one.said for one in there.values()), key=lambda one: one.id, default=root)
    others = {name: one.said.words_on(name) for name, one in there.items()}
    variants = {name: text for name, text in others.items() if text != latest.text}
    return AnnouncedWords(latest.text, tuple(root.platforms), root.warning, variants)


def plan_correction(
    session: Session,
    root: AnnouncementRow,
    words: AnnouncedWords,
    platforms: Mapping[str, Platform],
    rules: Rules,
) -> list[PlannedPlace]:
    """What these words would become, where they are others than those that are out; nothing is written.

    Raises Undecidable where it cannot be.
    """
    words, there = words.as_said(rules), standing_on_each(session, root)
    changed = tuple(name for name, one in there.items() if words.on(name) != one.said.words_on(name))
    if not changed or not words.text:
        raise Undecidable(_NOT_SAID)
    shown = shown_on_each(replace(words, platforms=changed), platforms, rules)
    return [_place(one, words, there[one.platform].posts, root, platforms, rules) for one in shown]


def _place(
    shown: PlatformPosts,
    words: AnnouncedWords,
    wrong: Sequence[DeliveryRow],
    root: AnnouncementRow,
    platforms: Mapping[str, Platform],
    rules: Rules,
) -> PlannedPlace:
    way = way_of(wrong, len(shown.parts), rules)
    if way is CorrectionWay.BELOW and shown.impossible is None:
        below = by_itself.correction(root.language, words.on(shown.platform))
        again = AnnouncedWords(below, (shown.platform,), words.warning)
        (shown,) = shown_on_each(again, platforms, rules)
    return PlannedPlace(shown, way, tuple(wrong))


def propose_correction(
    session: Session,
    root: AnnouncementRow,
    words: AnnouncedWords,
    why: str,
    platforms: Mapping[str, Platform],
    rules: Rules,
    by: int,
    now: datetime,
) -> AnnouncementRow:
    """Put other words in front of somebody else; until they approve them the former ones stand.

    Raises Undecidable and Invalid.
    """
    chain = announcements.held_chain(session, root.id)
    _check_correctable(session, chain)
    if not why:
        raise Invalid("why", phrase("Say why it is corrected: whoever approves it reads that."))
    if len(why) > LONGEST_WHY:
        raise Invalid(
            "why",
            phrase(
                "At most %(most)s characters are allowed; these are %(length)s.",
                most=LONGEST_WHY,
                length=len(why),
            ),
        )
    for name, text in {"text": words.text, **(words.variants or {})}.items():
        check_length(name, text)
    words = words.as_said(rules)
    places = plan_correction(session, root, words, platforms, rules)
    _check_possible(places)
    row = AnnouncementRow(
        text=words.text,
        platforms=[one.shown.platform for one in places],
        variants=dict(words.variants or {}),
        warning=root.warning,
        language=root.language,
        corrects_id=root.id,
        why=why,
        proposed_by=by,
        created_at=now,
        changed_at=now,
    )
    rows.keep(session, row)
    changes.append(session, ChangeKind.WORK, 0, now)
    return row


def approve_correction(
    session: Session,
    row: AnnouncementRow,
    revision: int,
    platforms: Mapping[str, Platform],
    rules: Rules,
    person_id: int,
    now: datetime,
) -> None:
    """Its words are right, says whoever has read them: they go out at once.

    Raises Undecidable, also where a second person has to approve it.
    """
    check_second_person(session, Permission.ANNOUNCE, row.proposed_by, person_id)
    root = rows.one(session, AnnouncementRow, row.corrects_id)
    chain = announcements.held_chain(session, root.id)
    check_as_read(row, revision)
    _check_correctable(session, [one for one in chain if one.id != row.id])
    places = plan_correction(session, root, words_of(row), platforms, rules)
    _check_possible(places)
    refuse_twins(session, [one.id for one in chain], [one.shown for one in places], now)
    row.platforms = [one.shown.platform for one in places]
    row.state, row.approved_by, row.approved_at, row.note = AnnouncementState.PLANNED, person_id, now, ""
    row.planned_at = now
    rows.keep(session, row)
    for one in places:
        name = one.shown.platform
        parts = [(platforms[name].new_key(now), text) for text in one.shown.parts]
        announcements.queue(session, row, name, parts, at=now, now=now)
    queued = announcements.messages(session, row.id)
    for one in places:
        send_that_way([each for each in queued if each.platform == one.shown.platform], one.wrong, one.way)
    rows.keep(session, *queued)
    changes.append(session, ChangeKind.WORK, 0, now)


def _check_correctable(session: Session, chain: Sequence[AnnouncementRow]) -> None:
    """Raise Undecidable unless the first of these is out, and all of them stand still."""
    root = chain[0]
    if root.corrects_id is not None:
        raise Undecidable(
            phrase("This corrects announcement %(number)s: correct that again.", number=str(root.corrects_id))
        )
    if root.state != AnnouncementState.PUBLISHED:
        raise Undecidable(
            phrase("Only an announcement that is out, and all of it done with, can be corrected.")
        )
    if any(one.state not in _STANDS_STILL for one in chain):
        raise Undecidable(phrase("A correction of it is on its way already, or waits for an approval."))
    messages = announcements.messages_of_all(session, [one.id for one in chain], held=True)
    if any(one.state in (*NOT_STARTED, *UNSURE) for one in messages):
        raise Undecidable(phrase("Something of it is still on its way: wait until that is known."))


def _check_possible(places: Sequence[PlannedPlace]) -> None:
    for one in places:
        if one.shown.impossible is not None:
            label = traits_of(one.shown.platform).label
            cannot = phrase("On %(platform)s it cannot go out.", platform=label)
            raise Undecidable(sentences(cannot, one.shown.impossible))
