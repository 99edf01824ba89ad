"""A decision of somebody who is signed in: one transaction, noted in the audit log, and heard of at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from app.identity.auth import Person, actor
from app.web.problems import Problem, there
from app.wiring.composition import Chorus
from bot.actions.conversations.answer import NotAnswerable
from bot.actions.people.details import Invalid
from bot.actions.undecidable import NotAsGiven, Undecidable
from bot.store import rows
from bot.store.engine import Session
from bot.store.house import audit
from bot.store.house.audit_actions import AuditAction
from bot.store.row_locks import RowGone
from routing.model.lifecycle import Impossible
from routing.model.phrases import phrase

_GONE = phrase("Somebody else has removed this meanwhile: it is not there any more.")


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """The transaction, its moment, and who decides."""

    session: Session
    now: datetime
    person: Person

    def row(self, table: type[rows.Row], row_id: int, what: str) -> rows.Row:
        """What is decided about. Raises Problem 404 where there is no ``what``."""
        return there(rows.find(self.session, table, row_id), what)

    def record(self, action: AuditAction, subject: str, **detail: object) -> None:
        """Note in the audit log what was done."""
        audit.append(self.session, actor(self.person), action, subject, detail, self.now)


@contextmanager
def change(chorus: Chorus, person: Person) -> Iterator[DecisionContext]:
    """Change something, and wake whoever goes on from there. What is refused is for the caller to show.

    Raises Problem 409 where somebody else has removed meanwhile what is to be changed.
    """
    try:
        with chorus.database.write() as session:
            yield DecisionContext(session, chorus.database.now(session), person)
    except RowGone as error:
        raise Problem(409, _GONE) from error
    chorus.bell.ring()


@contextmanager
def decision(chorus: Chorus, person: Person) -> Iterator[DecisionContext]:
    """As ``change``: what cannot be decided (any more) is a 409 that says why.

    What was not given as it has to be is a 422: changed, it can be sent again.
    """
    try:
        with change(chorus, person) as at:
            yield at
    except NotAsGiven as error:
        raise Problem(422, str(error)) from error
    except (Undecidable, NotAnswerable, Impossible, Invalid) as error:
        raise Problem(409, str(error)) from error
