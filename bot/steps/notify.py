"""Telling people: of a question offered to them, of an answer of theirs; an alarm to people in charge.

At most one message more than needed: when nobody can tell whether a notice went out, it is sent once again,
and never a third time.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any

import structlog

from bot.actions.deliveries.alarms import queue_alarms
from bot.actions.rules import Rules
from bot.channels.alarms import Alarm, alarm_message
from bot.channels.base import Channel, Reach, reaching
from bot.channels.challenges import challenges_message
from bot.channels.digest import DigestFigures, digest_message
from bot.channels.given import given_message
from bot.channels.messages import BrandProfile, Message, answers_message, offers_message
from bot.channels.noted import noted_message
from bot.posts import Ambiguous, PlatformError, Rejected, Retry
from bot.states import DeliveryState
from bot.store.claim import LostLease, finish
from bot.store.conversations import notices
from bot.store.departments import digests
from bot.store.departments.surge_alarms import surges_to_tell
from bot.store.engine import Database, Session
from bot.store.people import notes
from bot.store.people.recipients import Recipient, recipient
from bot.store.queries.board import department_alarms
from bot.store.queries.board.given import pages_of, still_given
from bot.store.running import leases
from bot.store.tables.conversations import DeliveryRow, OfferRow
from bot.store.taking_back import challenge_notices

log = structlog.get_logger(__name__)

DESK_OPEN = timedelta(minutes=5)
"""Who has used a page this recently sees the question there; a notice waits until they have not."""
_LOOK_LEASE = timedelta(seconds=60)
_GIVE_UP = timedelta(days=1)
_GIVE_UP_DIGEST = timedelta(days=3)
_SHORTEST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=5)
_MOST_SENDS = 2
_SETTLED = "It has been settled meanwhile."
_AGAIN_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class _Letter:
    """One message for one recipient (None: the team), and the notices it makes good."""

    to: Recipient | None
    rows: tuple[DeliveryRow, ...]
    message: Message


@dataclass
class Notify:
    """Sends due notices and looks at what people in charge should hear of."""

    database: Database
    house: Callable[[], BrandProfile]
    rules: Rules
    owner: str
    channels: Mapping[str, Channel]
    timezone: Callable[[], str] = lambda: "UTC"
    """The brand's, for what goes to nobody in particular."""
    figures: Callable[[Session, int, date, datetime], DigestFigures | None] = lambda *_: None
    """Tells a department's figures of the week before a Monday."""

    def queue(self, session: Session, offers: Sequence[OfferRow]) -> None:
        """A notice for each new offer, in the caller's transaction."""
        if personal := reaching(self.channels, Reach.PERSON):
            now, gather = self.database.now(session), self.rules.gather_notices
            notices.queue_offers(session, offers, personal, now, gather)

    def run(self, limit: int = 50) -> int:
        """Send up to ``limit`` notices that are due; the number handled is returned."""
        with self.database.read() as session:
            if not notices.any_due(session, self.database.now(session)):
                return 0
        with self.database.write() as session:
            now = self.database.now(session)
            rows = notices.claim_due(session, now=now, owner=self.owner, lease=self.rules.lease, limit=limit)
        deadline = monotonic() + self.rules.sending_time.total_seconds()
        stopped: set[str] = set()
        for group in _grouped(rows):
            self._handle(group, deadline, stopped)
        return len(rows)

    def look(self) -> int:
        """Queue what people in charge should hear of, which is returned; one node does at a time."""
        with self.database.write() as session:
            now = self.database.now(session)
            if not leases.take(session, "alarms", self.owner, now, _LOOK_LEASE):
                return 0
            personal, team = (reaching(self.channels, one) for one in (Reach.PERSON, Reach.TEAM))
            return queue_alarms(session, now, personal=personal, team=team)

    def _handle(self, rows: Sequence[DeliveryRow], deadline: float, stopped: set[str]) -> None:
        channel = rows[0].platform
        left = deadline - monotonic()
        try:
            if channel in stopped or left <= 1:
                self._later(rows, timedelta(seconds=2))
                return
            letter = self._letter(rows)
            if letter is not None:
                self._send(letter, left, stopped)
        except LostLease:
            log.warning("notice taken over by another worker", notice_ids=[row.id for row in rows])
        except Exception:
            log.exception("notice failed", notice_ids=[row.id for row in rows])
            self._later(rows, _LONGEST_WAIT)

    def _letter(self, rows: Sequence[DeliveryRow]) -> _Letter | None:
        """What is to be said now, if anything is; the rest is put off or put away."""
        with self.database.write() as session:
            now = self.database.now(session)
            to = self._recipient(session, rows)
            why = self._pointless(rows, to)
            if why:
                _put_away(session, rows, why)
                return None
            if to is not None and to.seen_at is not None and _waits(rows) and now - to.seen_at < DESK_OPEN:
                for row in rows:
                    finish(session, row, due_at=to.seen_at + DESK_OPEN)
                return None
            fresh = [row for row in rows if row.attempts < _most_sends(row)]
            _put_away(
                session, [row for row in rows if row not in fresh], "Nobody can tell whether it went out."
            )
            letter = self._composed(session, to, fresh, now)
            if letter is not None:
                notices.begin(session, letter.rows, now)
            return letter

    def _recipient(self, session: Session, rows: Sequence[DeliveryRow]) -> Recipient | None:
        employee_id, digest = rows[0].employee_id, rows[0].tells.digest
        if employee_id is not None:
            return recipient(session, employee_id)
        box = digests.mailbox(session, digest) if digest is not None else None
        if box is None:
            return None
        return Recipient(0, box.name, box.email, self.timezone(), has_left=False, seen_at=None)

    def _pointless(self, rows: Sequence[DeliveryRow], to: Recipient | None) -> str:
        channel = self.channels.get(rows[0].platform)
        if channel is None:
            return f"Notices by {rows[0].platform} are switched off."
        if channel.reaches is Reach.TEAM:
            return ""
        return "This person has left." if to is None or to.has_left else ""

    def _composed(
        self, session: Session, to: Recipient | None, rows: Sequence[DeliveryRow], now: datetime
    ) -> _Letter | None:
        if not rows:
            return None
        if rows[0].tells.answer is not None:
            return self._about_answers(session, to, rows)
        if rows[0].tells.challenge is not None:
            return self._about_challenges(session, to, rows)
        if rows[0].tells.note is not None:
            return self._about_notes(session, to, rows)
        if rows[0].tells.digest is not None:
            return self._about_week(session, to, rows[0])
        if rows[0].tells.given:
            return self._about_given(session, to, rows, now)
        if rows[0].offer_id is None:
            return self._alarm(session, to, rows, now)
        return self._about_offers(session, to, rows, now)

    def _about_offers(
        self, session: Session, to: Recipient | None, rows: Sequence[DeliveryRow], now: datetime
    ) -> _Letter | None:
        offered, resting = notices.still_offered(session, rows, now)
        for row in rows:
            if row.id in resting:  # whoever has it meanwhile may give it back at any moment
                finish(session, row, due_at=now + self.rules.gather_notices)
        awake = [row for row in rows if row.id not in resting]
        going = _still_told(session, awake, offered, "The offer is over.")
        if not going or to is None:
            return None
        message = offers_message(self.house(), to.name, to.timezone, list(offered.values()), now, to.language)
        return _Letter(to, going, message)

    def _alarm(
        self, session: Session, to: Recipient | None, rows: Sequence[DeliveryRow], now: datetime
    ) -> _Letter | None:
        department = rows[0].tells.department
        standing = notices.still_standing if department is None else department_alarms.still_overdue
        found = standing(session, rows, now)
        if not any(found.values()):
            _put_away(session, rows, _SETTLED)
            return None
        language = to.language if to is not None else None
        place = None if department is None else f"/admin/departments/{department}"
        zone = to.timezone if to is not None else self.timezone()
        surges = surges_to_tell(session, found.get(Alarm.SURGES, ()), zone, now)
        return _Letter(to, tuple(rows), alarm_message(self.house(), found, language, place, surges))

    def _about_answers(
        self, session: Session, to: Recipient | None, rows: Sequence[DeliveryRow]
    ) -> _Letter | None:
        found = notices.not_out(session, rows)
        going = _still_told(session, rows, found, _SETTLED)
        if not going or to is None:
            return None
        outcomes = [found[row.id] for row in going]
        return _Letter(to, going, answers_message(self.house(), to.name, outcomes, to.language))

    def _about_given(
        self, session: Session, to: Recipient | None, rows: Sequence[DeliveryRow], now: datetime
    ) -> _Letter | None:
        keys = still_given(session, to.id, [row.tells.given for row in rows], now) if to is not None else []
        _put_away(session, [row for row in rows if row.tells.given not in keys], _SETTLED)
        going = tuple(row for row in rows if row.tells.given in keys)
        if not going or to is None:
            return None
        places = pages_of(session, to.id, keys)
        return _Letter(to, going, given_message(self.house(), to.name, places, len(keys), to.language))

    def _about_challenges(
        self, session: Session, to: Recipient | None, rows: Sequence[DeliveryRow]
    ) -> _Letter | None:
        found = challenge_notices.told(session, rows)
        going = _still_told(session, rows, found, "It has been settled otherwise.")
        if not going or to is None:
            return None
        outcomes = [found[row.id] for row in going]
        return _Letter(to, going, challenges_message(self.house(), to.name, outcomes, to.language))

    def _about_notes(
        self, session: Session, to: Recipient | None, rows: Sequence[DeliveryRow]
    ) -> _Letter | None:
        found = notes.told(session, rows)
        going = _still_told(session, rows, found, "The note is not there any more.")
        if not going or to is None:
            return None
        written = [found[row.id] for row in going]
        return _Letter(to, going, noted_message(self.house(), to.name, written, to.language))

    def _about_week(self, session: Session, to: Recipient | None, row: DeliveryRow) -> _Letter | None:
        told = row.tells
        if to is None or not digests.still_reads(session, row, told.digest or 0):
            _put_away(session, [row], "It is not wanted any more.")
            return None
        whose, monday = told.digest or 0, date.fromisoformat(told.week)
        figures = self.figures(session, whose, monday, self.database.now(session))
        week = digests.of_week(session, whose, monday, to.timezone, figures)
        if week.is_empty:
            _put_away(session, [row], "Nobody asked anything.")
            return None
        is_personal = row.employee_id is not None
        return _Letter(
            to, (row,), digest_message(self.house(), to.name, week, to.language, is_personal=is_personal)
        )

    def _send(self, letter: _Letter, left: float, stopped: set[str]) -> None:
        channel = letter.rows[0].platform
        context = {"notice_ids": [row.id for row in letter.rows], "channel": channel}
        try:
            to = letter.to.email if letter.to is not None else ""
            self.channels[channel].send(to, letter.message, key=_key(letter.rows), timeout=left)
        except Retry as error:
            log.warning("notice not taken; it is tried again", error=str(error), **context)
            stopped.add(channel)
            self._refused(letter.rows, error)
        except Ambiguous as error:
            log.warning("notice with unknown outcome", error=str(error), **context)
            self._unsure(letter.rows, error)
        except Rejected as error:
            log.warning("notice refused", error=str(error), **context)
            with self.database.write() as session:
                _put_away(session, letter.rows, str(error), code=error.code)
        else:
            log.info("notice sent", **context)
            with self.database.write() as session:
                now = self.database.now(session)
                for row in letter.rows:
                    finish(session, row, state=DeliveryState.SENT, sent_at=now, due_at=None, last_error=None)

    def _refused(self, rows: Sequence[DeliveryRow], error: Retry) -> None:
        """Surely not taken: tried again, ever more patiently, for a day or while the offer is open."""
        with self.database.write() as session:
            now = self.database.now(session)
            age = now - min(row.created_at for row in rows)
            if age > (_GIVE_UP if rows[0].tells.digest is None else _GIVE_UP_DIGEST):
                _put_away(session, rows, str(error))
                return
            wait = max(_SHORTEST_WAIT, min(age / 2, _LONGEST_WAIT))
            due_at = max(now + wait, error.at or now)
            for row in rows:
                finish(session, row, due_at=due_at, attempts=row.attempts - 1, last_error=str(error))

    def _unsure(self, rows: Sequence[DeliveryRow], error: PlatformError) -> None:
        with self.database.write() as session:
            now = self.database.now(session)
            for row in rows:
                if row.attempts < _most_sends(row):
                    finish(session, row, due_at=now + _AGAIN_AFTER, last_error=str(error))
                else:
                    _put_away(session, [row], str(error))

    def _later(self, rows: Sequence[DeliveryRow], wait: timedelta) -> None:
        with self.database.write() as session:
            now = self.database.now(session)
            for row in rows:
                finish(session, row, due_at=now + wait)


def _grouped(rows: Sequence[DeliveryRow]) -> list[list[DeliveryRow]]:
    """One group for each message: a person's offers, answers, challenges, notes, alarms; a digest.

    Alarms to the team, and those about a department, are apart from others.
    """
    groups: dict[tuple[Any, ...], list[DeliveryRow]] = {}
    for row in rows:
        told = row.tells
        alone = row.id if told.digest is not None else told.department or 0
        kinds = (told.answer is not None, told.challenge is not None, told.note is not None, bool(told.given))
        about = (row.offer_id is None, *kinds, alone)
        groups.setdefault((row.platform, row.employee_id, *about), []).append(row)
    return list(groups.values())


def _waits(rows: Sequence[DeliveryRow]) -> bool:
    """Whether whoever is at the desk sees it there anyway: of a note only whoever looks at its question."""
    return rows[0].tells.note is None


def _most_sends(row: DeliveryRow) -> int:
    """A digest goes out once at the most: it is no news that somebody would miss."""
    return _MOST_SENDS if row.tells.digest is None else 1


def _still_told(
    session: Session, rows: Sequence[DeliveryRow], found: Mapping[int, object], why: str
) -> tuple[DeliveryRow, ...]:
    """The notices that still tell something, which is ``found`` by their ids; the others are put away."""
    _put_away(session, [row for row in rows if row.id not in found], why)
    return tuple(row for row in rows if row.id in found)


def _put_away(session: Session, rows: Sequence[DeliveryRow], why: str, code: str | None = None) -> None:
    for row in rows:
        finish(session, row, state=DeliveryState.WITHDRAWN, reason=why, code=code, due_at=None)


def _key(rows: Sequence[DeliveryRow]) -> str:
    """The same for the same notices, so that a message sent twice can be recognised as one."""
    keys = "\n".join(sorted(row.key for row in rows))
    return f"chorus-{hashlib.sha256(keys.encode()).hexdigest()[:32]}"
