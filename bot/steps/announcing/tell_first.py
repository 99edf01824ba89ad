"""Mails announcements to those who asked to hear first: each once, however the process dies.

A mail cannot be read back: one of which nobody can tell whether it went out is not sent again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

import structlog

from bot.channels.base import Channel
from bot.channels.customers.announced import FirstMail, MailingKind, first_message
from bot.channels.messages import BrandProfile, Message
from bot.posts import Ambiguous, Rejected, Retry
from bot.states import AnnouncementState, DeliveryState
from bot.store import rows
from bot.store.claim import LostLease, finish
from bot.store.engine import Database, Session
from bot.store.house import subscribers
from bot.store.queries.voice import announcements
from bot.store.tables.announcements import (
    AnnouncementMailRow,
    AnnouncementRow,
    MailingRow,
    SubscriberRow,
)

log = structlog.get_logger(__name__)

AT_ONCE = 500
"""Subscribers for whom mails are put in within one transaction."""
_LEASE = timedelta(minutes=5)
_SECONDS = 30.0
_AGAIN = timedelta(minutes=5)
_SHORTEST = 1.0


@dataclass
class TellFirst:
    """Puts the mails of an announcement into their queue, a batch at a turn, and sends some.

    ``is_on`` tells whether the house mails any now, and ``stop`` makes the address at which a subscriber ends
    these mails.
    """

    database: Database
    is_on: Callable[[], bool]
    house: Callable[[], BrandProfile]
    mail: Channel
    owner: str
    stop: Callable[[int], str]
    checkpoint: Callable[[str], None] = field(default=lambda _name: None)

    def run(self, limit: int = 20) -> int:
        """Put in a batch and send up to ``limit`` mails; what there was to do is returned."""
        if not self.is_on():
            return 0
        with self.database.read() as session:
            if not subscribers.any_open(session, self.database.now(session)):
                return 0
        with self.database.write() as session:
            spread = subscribers.spread(session, self.database.now(session), AT_ONCE)
            self.checkpoint("while_spreading")
        with self.database.write() as session:
            now = self.database.now(session)
            due = subscribers.claim_due(session, now=now, owner=self.owner, lease=_LEASE, limit=limit)
        deadline = monotonic() + _SECONDS
        has_stopped = False
        for row in due:
            left = deadline - monotonic()
            try:
                if has_stopped or left <= _SHORTEST:
                    self._finish(row, due_at=row.due_at)
                else:
                    has_stopped = self._handle(row, left)
            except LostLease:
                log.warning("mail taken over by another worker", mail_id=row.id)
            except Exception:
                log.exception("announcement not mailed", mail_id=row.id)
                self._later(row, "It could not be composed.")
        return spread + len(due)

    def _handle(self, row: AnnouncementMailRow, left: float) -> bool:
        """Send one, or put it away; whether the mail server takes nothing now is returned."""
        with self.database.write() as session:
            now = self.database.now(session)
            if row.attempts:  # whoever had it before has begun, and did not come back
                finish(session, row, state=DeliveryState.UNKNOWN, due_at=None)
                return False
            found = self._composed(session, row, now)
            if found is None:
                return False
            subscribers.note_begun(session, row, now)
        to, message = found
        self.checkpoint("before_mail")
        try:
            self.mail.send(
                to, message, key=f"chorus-first-{row.mailing_id}-{row.subscriber_id}", timeout=left
            )
        except Retry as error:
            self._later(row, str(error))
            return True
        except Ambiguous as error:
            self._finish(row, state=DeliveryState.UNKNOWN, due_at=None, last_error=str(error))
        except Rejected as error:
            self._finish(row, state=DeliveryState.REJECTED, due_at=None, last_error=str(error))
        else:
            self.checkpoint("after_mail")
            self._finish(row, state=DeliveryState.SENT, due_at=None, last_error=None)
        return False

    def _composed(
        self, session: Session, row: AnnouncementMailRow, now: datetime
    ) -> tuple[str, Message] | None:
        """Whom it goes to, and what it says by now; None where it is put away or put off."""
        reader = rows.find(session, SubscriberRow, row.subscriber_id)
        mailing = rows.find(session, MailingRow, row.mailing_id)
        root = rows.find(session, AnnouncementRow, row.root_id)
        if reader is None or reader.confirmed_at is None or mailing is None or root is None:
            finish(session, row, state=DeliveryState.WITHDRAWN, due_at=None)
            return None
        kind = MailingKind(mailing.kind)
        before = subscribers.told_of(session, row)
        if any(one.lease_until is not None and one.lease_until > now for one in before):
            finish(session, row, due_at=now + timedelta(seconds=30))
            return None
        if not _is_news(session, kind, root, mailing, [one.first_sent_at for one in before]):
            finish(session, row, state=DeliveryState.WITHDRAWN, due_at=None)
            return None
        said = announcements.as_said(session, [root.id])[root.id]
        told = FirstMail(kind, said.text, root.warning, self.stop(reader.id))
        return reader.address, first_message(self.house(), told, reader.language)

    def _later(self, row: AnnouncementMailRow, why: str) -> None:
        """Surely not taken: tried again for a day."""
        with self.database.write() as session:
            now = self.database.now(session)
            if now >= row.give_up_at:
                finish(session, row, state=DeliveryState.REJECTED, due_at=None, last_error=why)
            else:
                finish(session, row, due_at=now + _AGAIN, attempts=0, first_sent_at=None, last_error=why)

    def _finish(self, row: AnnouncementMailRow, **values: object) -> None:
        with self.database.write() as session:
            finish(session, row, **values)


def _is_news(
    session: Session,
    kind: MailingKind,
    root: AnnouncementRow,
    mailing: MailingRow,
    before: list[datetime | None],
) -> bool:
    """Whether it tells its reader something: that it is wrong, only whoever was mailed it."""
    if kind is MailingKind.RETRACTED:
        return any(one is not None for one in before)
    if root.state == AnnouncementState.WITHDRAWN:
        return False
    if kind is MailingKind.ANNOUNCED:
        return True
    said = rows.find(session, AnnouncementRow, mailing.announcement_id)
    out = said.published_at if said is not None else None
    latest = max((one for one in before if one is not None), default=None)
    return out is not None and latest is not None and latest <= out
