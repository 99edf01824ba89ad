"""Who is told of what happens, as rows; their secrets are encrypted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, or_
from sqlmodel import Session, col, select

from bot.states import LISTENED, HookEndpointState, HookMessageState, HookTemplate
from bot.store.hooks.outbox import endpoints_changed
from bot.store.sealing import Sealer
from bot.store.tables.hooks import HookAttemptRow, HookEndpointRow, HookMessageRow

GONE = "It says that it wants nothing any more (410)."
TAKES_NOTHING = timedelta(minutes=30)
"""After so long of failing a person should know: most is over by itself before."""
SETTINGS_NAME = "Settings"
"""What the endpoint is called that the settings name."""


@dataclass(frozen=True, slots=True)
class EndpointSecrets:
    """What only we and the endpoint know: the ``whsec_...`` that signs, and a tracker's token.

    ``previous`` are the secrets that were replaced within a day of each other, with blanks between them.
    """

    secret: str = field(default="", repr=False)
    previous: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    def stored(self) -> Mapping[str, str]:
        """The values that are sealed."""
        given = {"secret": self.secret, "previous": self.previous, "token": self.token}
        return {name: value for name, value in given.items() if value}


def listed(session: Session) -> Sequence[HookEndpointRow]:
    """All endpoints, the oldest first: people add them by hand, and there are few."""
    return session.exec(select(HookEndpointRow).order_by(col(HookEndpointRow.id))).all()


def listening(session: Session) -> Sequence[HookEndpointRow]:
    """The endpoints that are told of anything."""
    return [one for one in listed(session) if one.state == HookEndpointState.ON]


def is_in_trouble(now: datetime) -> ColumnElement[bool]:
    """Whether an endpoint wants a person: it takes nothing, gave messages up, or was switched off by a 410.

    What a person switched off is in no trouble.
    """
    has_dead = exists().where(
        col(HookMessageRow.endpoint_id) == HookEndpointRow.id,
        col(HookMessageRow.state) == HookMessageState.DEAD,
    )
    state, failing = col(HookEndpointRow.state), col(HookEndpointRow.failing_since)
    return or_(
        and_(state == HookEndpointState.ON, or_(failing <= now - TAKES_NOTHING, has_dead)),
        and_(state == HookEndpointState.OFF, col(HookEndpointRow.problem) == GONE),
    )


def of_settings(session: Session) -> HookEndpointRow | None:
    """The endpoint that the settings name, or once did."""
    return session.exec(select(HookEndpointRow).where(col(HookEndpointRow.from_settings).is_(True))).first()


def trackers(session: Session) -> Sequence[HookEndpointRow]:
    """The endpoints that make issues, as far as they are on."""
    return [one for one in listening(session) if one.template != HookTemplate.STANDARD]


def opened(sealed: bytes, sealer: Sealer) -> EndpointSecrets:
    """An endpoint's secrets. Raises Unreadable."""
    return EndpointSecrets(**sealer.open(sealed)) if sealed else EndpointSecrets()


def keep(session: Session, row: HookEndpointRow) -> None:
    """Store an endpoint, new or changed."""
    session.add(row)
    session.flush()
    endpoints_changed(session)


def remove(session: Session, row: HookEndpointRow) -> None:
    """Forget an endpoint with its messages and what came of them."""
    session.execute(delete(HookAttemptRow).where(col(HookAttemptRow.endpoint_id) == row.id))
    session.execute(delete(HookMessageRow).where(col(HookMessageRow.endpoint_id) == row.id))
    session.delete(row)
    session.flush()
    endpoints_changed(session)


def adopt(session: Session, url: str | None, now: datetime) -> None:
    """Let the endpoint of the settings be what they say; without ``url`` it is off.

    A new address is on, whatever became of the former one.
    """
    row = of_settings(session)
    if url is None:
        if row is not None and row.state == HookEndpointState.ON:
            row.state, row.problem = HookEndpointState.OFF, "The settings name no address any more."
            keep(session, row)
        return
    if row is None:
        row = HookEndpointRow(
            name=SETTINGS_NAME, url=url, from_settings=True, created_at=now, events=list(LISTENED)
        )
    elif row.url == url and row.events == list(LISTENED):
        return
    if row.url != url:
        row.url = url
        works(row)
    row.events = list(LISTENED)
    keep(session, row)


def works(row: HookEndpointRow) -> None:
    """It is on, and nothing is wrong with it."""
    row.state, row.problem, row.failing_since = HookEndpointState.ON, None, None
    row.failures, row.rests_until = 0, None


def reseal(session: Session, sealer: Sealer) -> int:
    """Encrypt all secrets under the present key; of how many endpoints is returned. Raises Unreadable."""
    rows = [row for row in listed(session) if row.sealed]
    for row in rows:
        row.sealed = sealer.reseal(row.sealed)
        session.add(row)
    session.flush()
    return len(rows)
