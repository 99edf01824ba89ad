"""What one process is made of, put together in one place: tests hand in fakes by argument."""

import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Request

from app.wiring.budgets import terms_of
from app.wiring.notify import notices_of
from app.wiring.platforms import connect_platforms, health_checks
from app.wiring.rules import policy_of, rules_of
from app.wiring.settings import Settings
from app.wiring.telemetry import UNFIT
from bot.actions.answer import Answering
from bot.actions.rules import Rules
from bot.archive.door import Search
from bot.listener import PACES, Listener
from bot.live import Live
from bot.platforms.base import Clock, Platform
from bot.platforms.local.adapter import Local
from bot.steps.deliver import Checkpoint, Deliver
from bot.steps.expire import Expire
from bot.steps.intake import Intake
from bot.steps.learn import Learner
from bot.steps.recheck import Recheck
from bot.steps.route import Route
from bot.steps.settle import Settle
from bot.steps.timekeeping import Timekeeping, steady_seconds
from bot.steps.upkeep import Upkeep
from bot.steps.watch import Watch
from bot.store.archive.entry_source import StoredEntries
from bot.store.archive.suggestions import StoredOutcomes
from bot.store.conversations.ingest import Ingest
from bot.store.engine import Database, open_engine
from bot.store.house.feed import StoredFeed
from bot.store.queries.heads import heads
from bot.store.signals import Signals
from bot.worker import Bell, Lane, Worker
from routing.ladder.policy import Policy


@dataclass(frozen=True, slots=True)
class Chorus:
    """One process's parts. ``worker`` is None where another process does the work."""

    settings: Settings
    database: Database
    clock: Clock
    platforms: Mapping[str, Platform]
    rules: Rules
    answering: Answering
    ingest: Ingest
    search: Search
    live: Live
    bell: Bell
    arrivals: Bell
    signals: Signals
    timekeeping: Timekeeping
    feed: StoredFeed | None = None
    worker: Worker | None = None
    listeners: Sequence[Listener] = field(default=())

    @property
    def local(self) -> Local | None:
        """The adapter of the built-in feed, where that is on."""
        adapter = self.platforms.get("local")
        return adapter if isinstance(adapter, Local) else None

    def start(self) -> None:
        """Begin to follow the entries and, where this process works, to work and to listen."""
        self.search.start()
        self.signals.start()
        if self.worker is not None:
            self.worker.start()
        for listener in self.listeners:
            listener.start()

    def stop(self) -> None:
        """End what was started; what is under way is finished first, half a minute at the most."""
        stopping = [threading.Thread(target=listener.stop) for listener in self.listeners]
        for thread in stopping:
            thread.start()
        if self.worker is not None:
            self.worker.stop()
        for thread in stopping:
            thread.join(timeout=10)
        self.ingest.close()
        self.signals.stop()
        self.search.stop()
        for platform in self.platforms.values():
            platform.close()
        self.database.close()


def build(
    settings: Settings,
    *,
    works: bool = True,
    clock: Clock | None = None,
    platforms: Mapping[str, Platform] | None = None,
    policy: Policy | None = None,
    checkpoint: Checkpoint = lambda _name: None,
    timer: Callable[[], float] | None = None,
) -> Chorus:
    """Put a process together. Raises UnusableSettings.

    ``clock`` replaces the database's and the platforms' clocks, ``platforms`` the adapters, ``policy`` the
    ladder of the settings, ``checkpoint`` is called at the points where tests crash the process. ``timer``
    replaces the seconds that nobody sets, by which jumps of the clock are told; without it, a ``clock`` of
    one's own is believed.
    """
    database = Database(open_engine(settings.database_url), clock)
    time: Clock = clock or _now
    feed = StoredFeed(database) if settings.local_on else None
    adapters = connect_platforms(settings, database, feed, time) if platforms is None else platforms
    rules = rules_of(settings)
    bell, arrivals = Bell(), Bell()
    answering = Answering(adapters, rules)
    search = Search.open(
        settings.data_directory / "search",
        StoredEntries(database),
        meaning=settings.search.meaning,
        model_directory=settings.search.model_directory,
        outcomes=StoredOutcomes(database),
    )
    chorus = Chorus(
        settings=settings,
        database=database,
        clock=time,
        platforms=adapters,
        rules=rules,
        answering=answering,
        ingest=Ingest(
            database, arrivals.ring, noted=lambda platform, field: UNFIT.labels(platform, field).inc()
        ),
        search=search,
        live=Live(lambda: heads(database)),
        bell=bell,
        arrivals=arrivals,
        signals=Signals(database, bell.ring),
        timekeeping=Timekeeping(database, timer or _timer(clock), bell.ring),
        feed=feed,
    )
    bell.tell(search.nudge)
    if not works:
        return chorus
    return _with_work(chorus, policy or policy_of(settings), checkpoint)


def _with_work(chorus: Chorus, policy: Policy, checkpoint: Checkpoint) -> Chorus:
    owner = f"{socket.gethostname()}-{uuid4().hex[:8]}"
    database, rules, bell = chorus.database, chorus.rules, chorus.bell
    snapshot = chorus.settings.data_directory / "experts.snapshot"
    learner = Learner(database, snapshot, vector_of=chorus.search.vector_of)
    intake = Intake(
        database, chorus.platforms, rules, chorus.answering, chorus.ingest, owner, bell.ring, checkpoint
    )
    route = Route(
        database,
        rules,
        policy,
        owner,
        learner,
        chorus.search,
        chorus.answering,
        wake=bell.ring,
        give_way=chorus.ingest.storm.give_way,
        checkpoint=checkpoint,
    )
    terms = {name: one for name, one in terms_of(chorus.settings).items() if name in chorus.platforms}
    deliver = Deliver(
        database,
        chorus.platforms,
        rules,
        owner,
        bell.ring,
        checkpoint,
        heard=chorus.ingest.write,
        terms=terms,
    )
    recheck = Recheck(database, chorus.platforms, chorus.ingest, rules.attempts, terms)
    settle = Settle(database, chorus.platforms, rules, owner, bell.ring)
    watch = Watch(database, chorus.platforms, health_checks(chorus.settings, chorus.platforms))
    lanes = [
        Lane("route", [intake.run, route.run]),
        Lane("deliver", [deliver.run, settle.run]),
        Lane(
            "house",
            [chorus.timekeeping.run, Expire(database).run, recheck.run],
            rest=2.0,
            hears=False,
        ),
        Lane("watch", [watch.run], rest=5.0, hears=False),
        Lane("upkeep", [Upkeep(database, owner, wake=bell.ring).run], rest=30.0, hears=False),
    ]
    closing = [deliver.close, learner.save]
    notify = notices_of(chorus.settings, database, rules, owner, chorus.clock)
    if notify is not None:
        route.notify = notify.queue
        # On a lane of its own: a slow mail server must not keep offers from ending on time.
        lanes.append(Lane("notices", [notify.run], rest=2.0, hears=False))
        closing.append(notify.close)
    worker = Worker(database, lanes, name=owner, closing=closing)
    bell.tell(worker.wake)
    chorus.arrivals.tell(lambda: worker.wake("route"))
    paces = {**PACES, "x": chorus.settings.x.poll_seconds}
    listeners = [
        Listener(
            database,
            platform,
            chorus.ingest,
            owner,
            paces[name],
            streams=name in ("mastodon", "x"),
            # Ten searches a page: X lets 300 through in 15 minutes, on its small plans 60.
            answers_pace=max(paces[name], 60.0) if name == "x" else 0.0,
            answer_pages=1 if name == "x" else 20,
        )
        for name, platform in chorus.platforms.items()
        if name in paces
    ]
    return Chorus(
        **{name: getattr(chorus, name) for name in Chorus.__slots__ if name not in ("worker", "listeners")},
        worker=worker,
        listeners=listeners,
    )


def _timer(clock: Clock | None) -> Callable[[], float]:
    return steady_seconds if clock is None else lambda: clock().timestamp()


def _now() -> datetime:
    return datetime.now(UTC)


async def chorus_of(request: Request) -> Chorus:
    """The parts that serve this request."""  # async, for a plain function would go to a thread and back
    chorus: Chorus = request.app.state.chorus
    return chorus


Here = Annotated[Chorus, Depends(chorus_of)]
"""An endpoint's parameter of this type receives the parts of this process."""
