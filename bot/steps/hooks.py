"""Telling other programs what happened: each endpoint its messages, at least once, under one id each.

Whoever dies between sending and noting leaves a message under a lease; when that is over it is sent again,
with the same ``webhook-id``. An endpoint that takes nothing is left alone for longer and longer, so that it
keeps none of the others waiting.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

import httpx
import structlog

from bot.actions.hooks.issue import issue_of
from bot.actions.hooks.outcome import EndpointView, note
from bot.actions.hooks.payload import message_of
from bot.channels.hook_client import SECONDS, HookClient, HookOutcome
from bot.channels.messages import BrandProfile
from bot.channels.trackers import Issue
from bot.platforms.base import Clock
from bot.platforms.wire.signing import Signer
from bot.store.claim import LostLease
from bot.store.engine import Database
from bot.store.hooks import endpoints, messages, outbox
from bot.store.rows import one
from bot.store.sealing import Sealer, Unreadable
from bot.store.tables.hooks import HookEventRow, HookMessageRow

log = structlog.get_logger(__name__)

_LEASE = timedelta(seconds=90)
_TURN_SECONDS = 30.0
"""So long one endpoint's messages are sent in a turn: far less than the lease."""
_AT_ONCE = 20
_SPREAD = 200
_PARALLEL = 4
_FORGOTTEN = 1_000
_FIRST = 1
"""The fence of a message that nobody has had in hand before; of any other an issue may be there already."""


@dataclass(frozen=True, slots=True)
class SettingsEndpoint:
    """The endpoint that the settings name, and the private hosts to which messages may go."""

    url: str | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)
    private_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A message, read when it goes out."""

    row: HookMessageRow
    key: str
    content: dict[str, object] = field(default_factory=dict)
    issue: Issue | None = None


@dataclass
class Hooks:
    """Gives endpoints their messages and sends them. ``jitter`` draws between 0 and 1."""

    database: Database
    house: Callable[[], BrandProfile]
    owner: str
    sealer: Callable[[], Sealer]
    clock: Clock
    settings: SettingsEndpoint = SettingsEndpoint()
    checkpoint: Callable[[str], None] = lambda _name: None
    jitter: Callable[[], float] = lambda: 0.5
    transport: httpx.BaseTransport | None = None
    _adopted: bool = False
    _clients: dict[str, HookClient] = field(default_factory=dict)
    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_PARALLEL, thread_name_prefix="hooks")
    )

    def run(self) -> int:
        """Spread new events and send what is due; how much there was to do is returned."""
        self._adopt()
        with self.database.read() as session:
            is_new = messages.any_new(session)
        spread = 0
        if is_new:
            with self.database.write() as session:
                spread = messages.spread(session, self.database.now(session), _SPREAD)
                self.checkpoint("after_spread")
        with self.database.read() as session:
            due = messages.due_endpoints(session, self.database.now(session))
            views = [EndpointView.of(row) for row in due]
        sent = list(self._pool.map(self._send_all, views)) if views else []
        return spread + sum(sent)

    def look(self) -> int:
        """Look up who listens, so that nobody who is writing has to."""
        with self.database.read() as session:
            outbox.listeners(self.database).look(session)
        return 0

    def forget(self) -> int:
        """Give up what is too old for endpoints that take nothing, and forget what nobody needs."""
        with self.database.write() as session:
            now = self.database.now(session)
            buried = messages.bury(session, now)
            gone = messages.forget(session, now, _FORGOTTEN)
        return buried + gone

    def close(self) -> None:
        """Let what is being sent end, and stop."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        for client in self._clients.values():
            client.close()

    def _adopt(self) -> None:
        if self._adopted:
            return
        with self.database.write() as session:
            endpoints.adopt(session, self.settings.url, self.database.now(session))
        self._adopted = True

    def _send_all(self, endpoint: EndpointView) -> int:
        """Send an endpoint what is due for it, until it does not take something."""
        try:
            rows = self._claimed(endpoint)
            end, left = monotonic() + _TURN_SECONDS, list(rows)
            while left and monotonic() < end - SECONDS:
                if not self._send(endpoint, left.pop(0)):
                    break
            if left:
                with self.database.write() as session:
                    messages.give_back(session, left, self.database.now(session))
        except LostLease:
            log.warning("hook message taken over by another worker", endpoint=endpoint.id)
            return 0
        except Exception:
            log.exception("an endpoint's messages could not be sent", endpoint=endpoint.id)
            return 0
        return len(rows)

    def _claimed(self, endpoint: EndpointView) -> Sequence[HookMessageRow]:
        with self.database.write() as session:
            return messages.claim_of(
                session,
                endpoint.id,
                now=self.database.now(session),
                owner=self.owner,
                lease=_LEASE,
                limit=_AT_ONCE,
            )

    def _send(self, endpoint: EndpointView, row: HookMessageRow) -> bool:
        """Whether the endpoint has taken a message; either way that is noted."""
        outcome = self._attempt(endpoint, row)
        self.checkpoint("after_hook")
        with self.database.write() as session:
            note(session, row, outcome, self.database.now(session), jitter=self.jitter())
        if outcome.problem is not None:
            log.info("hook not taken", endpoint=endpoint.id, message=row.id, problem=outcome.problem)
        return outcome.problem is None

    def _attempt(self, endpoint: EndpointView, row: HookMessageRow) -> HookOutcome:
        try:
            prepared = self._prepared(endpoint, row)
            client = self._client(endpoint)
            if prepared.issue is None:
                signer = Signer(self._secrets(endpoint))
                return client.send(prepared.content, prepared.key, signer)
            again = row.fence > _FIRST
            token = endpoints.opened(endpoint.sealed, self.sealer()).token
            return client.open_issue(endpoint.template, token, prepared.issue, look_first=again)
        except (Unreadable, ValueError) as error:
            return HookOutcome(timedelta(0), problem=str(error))

    def _prepared(self, endpoint: EndpointView, row: HookMessageRow) -> _Prepared:
        with self.database.read() as session:
            event = one(session, HookEventRow, row.event_id)
            if endpoint.is_tracker:
                return _Prepared(row, event.key, issue=issue_of(session, event, self.house()))
            return _Prepared(row, event.key, message_of(session, event, self.house()))

    def _secrets(self, endpoint: EndpointView) -> Sequence[str]:
        if endpoint.from_settings:
            return self.settings.secrets
        opened = endpoints.opened(endpoint.sealed, self.sealer())
        is_previous_valid = endpoint.previous_until is not None and self._now() < endpoint.previous_until
        return [opened.secret, *(opened.previous.split() if is_previous_valid else [])]

    def _now(self) -> datetime:
        with self.database.read() as session:
            return self.database.now(session)

    def _client(self, endpoint: EndpointView) -> HookClient:
        allowed = endpoint.from_settings or endpoint.host in self.settings.private_hosts
        key = f"{endpoint.id} {allowed} {endpoint.url}"
        if key not in self._clients:
            for former in [one for one in self._clients if one.startswith(f"{endpoint.id} ")]:
                self._clients.pop(former).close()
            self._clients[key] = HookClient(
                endpoint.url, self.clock, allow_private=allowed, transport=self.transport
            )
        return self._clients[key]
