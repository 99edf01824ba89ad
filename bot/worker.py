"""The loop over the steps. The database is the only queue, so any number of workers may run anywhere."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import cycle, islice
from time import monotonic

import structlog

from bot.store.engine import Database
from bot.store.running import leases, nodes

log = structlog.get_logger(__name__)

_LONGEST_PAUSE = 30.0
_DRAIN_SECONDS = 28.0
_MANY = 50
"""Whoever handled as many in a turn has no time to lose with waiting for more."""


class Bell:
    """Tells whoever is there that something is new; made before those who listen to it."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def tell(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever the bell is rung."""
        self._listeners.append(listener)

    def ring(self) -> None:
        """Something is new: whoever waits looks at once."""
        for listener in self._listeners:
            listener()


@dataclass(slots=True)
class Scheduled:
    """Work that is done at each turn of its lane or, with ``every``, at most once in so many seconds."""

    run: Callable[[], int]
    every: float = 0.0
    _ran_at: float | None = None

    def take_turn(self, at: float) -> bool:
        """Whether the work is due at ``at``; if so, its seconds begin, whatever comes of it."""
        if self._ran_at is not None and abs(at - self._ran_at) < self.every:
            return False
        self._ran_at = at
        return True


@dataclass(slots=True)
class Lane:
    """Steps that one thread runs in turn, as long as one of them has work.

    ``rest`` is how many seconds it waits for a wake-up before it looks again by itself; ``hears`` says
    whether it is woken at all. After a turn with little work it lets more come together for ``gathers``
    seconds: what all rows of a turn share costs as much for one as for thirty.
    """

    name: str
    steps: Sequence[Scheduled]
    rest: float = 0.5
    hears: bool = True
    gathers: float = 0.0
    woken: threading.Event = field(default_factory=threading.Event)
    failures: int = 0

    def turn(self, at: float | None = None) -> int:
        """Run the steps that are due at ``at``, or without it all of them; what they handled is returned.

        A step that fails takes none of the others' turns; what the first one raised is raised at the end.
        """
        handled, failures = 0, []
        for step in self.steps:
            if at is not None and not step.take_turn(at):
                continue
            try:
                handled += step.run()
            except Exception as error:
                log.exception("a step failed", lane=self.name)
                failures.append(error)
        if failures:
            raise failures[0]
        return handled


class Worker:
    """Runs the lanes until told to stop; a failing step is logged and tried again, ever more patiently.

    ``timer`` gives the seconds by which steps are due, ``learned`` the share of the past that is learned
    where that is still going on.
    """

    def __init__(
        self,
        database: Database,
        lanes: Sequence[Lane],
        *,
        name: str,
        closing: Sequence[Callable[[], None]] = (),
        timer: Callable[[], float] = monotonic,
        learned: Callable[[], float | None] = lambda: None,
    ) -> None:
        self._database = database
        self._lanes = tuple(lanes)
        self._closing = tuple(closing)
        self._timer = timer
        self._learned = learned
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self.name = name

    def run_once(self, *names: str) -> int:
        """One turn, in this thread, of what is due; what was handled is returned.

        Lanes that are asked for by name run all their steps, due or not.
        """
        return sum(self._turn(lane, names) for lane in self._chosen(names))

    def run_until_idle(self, *names: str, turns: int = 100) -> int:
        """Turn these lanes, or all, one after the other until none of them has anything to do right now."""
        lanes = self._chosen(names)
        handled = idle = 0
        for lane in islice(cycle(lanes), turns * len(lanes)):
            done = self._turn(lane, names)
            handled, idle = handled + done, 0 if done else idle + 1
            if idle == len(lanes):
                break
        return handled

    def _chosen(self, names: Sequence[str]) -> list[Lane]:
        return [lane for lane in self._lanes if not names or lane.name in names]

    def _turn(self, lane: Lane, names: Sequence[str]) -> int:
        return lane.turn() if names else lane.turn(self._timer())

    def wake(self, *names: str) -> None:
        """Something is new: the lanes of these names, or without names all that listen, look at once."""
        for lane in self._lanes:
            if lane.name in names if names else lane.hears:
                lane.woken.set()

    def start(self) -> None:
        """Run the lanes in threads of their own."""
        with self._database.read() as session:
            started_at = self._database.now(session)
        self._threads = [
            threading.Thread(target=self._run, args=(lane,), name=f"lane-{lane.name}", daemon=True)
            for lane in self._lanes
        ]
        self._threads.append(
            threading.Thread(target=self._report, args=(started_at,), name="lane-report", daemon=True)
        )
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what is under way and stop; half a minute at the most."""
        self._stopping.set()
        self.wake(*(lane.name for lane in self._lanes))
        end = monotonic() + _DRAIN_SECONDS
        for thread in self._threads:
            thread.join(timeout=max(0.0, end - monotonic()))
        for close in self._closing:
            close()
        if self._threads:
            with self._database.write() as session:
                nodes.forget(session, self.name)
                leases.give_all_back(session, self.name)
        self._threads = []

    @property
    def is_whole(self) -> bool:
        """Whether every lane that was started still has its thread."""
        return bool(self._threads) and all(thread.is_alive() for thread in self._threads)

    def run(self) -> None:
        """Start, and stay until ``stop`` is called from elsewhere."""
        self.start()
        self._stopping.wait()

    def report(self, started_at: datetime) -> None:
        """Say that this node, which began at ``started_at``, is alive, and how far it has learned."""
        with self._database.write() as session:
            now, learned = self._database.now(session), self._learned()
            nodes.report(session, self.name, now, started_at=started_at, works=True, learned=learned)

    def _run(self, lane: Lane) -> None:
        while not self._stopping.is_set():
            lane.woken.clear()
            try:
                handled = lane.turn(self._timer())
                lane.failures = 0
            except Exception:  # noqa: BLE001 - it is in the log
                lane.failures += 1
                self._stopping.wait(min(0.2 * 2.0 ** min(lane.failures, 8), _LONGEST_PAUSE))
                continue
            if not handled:
                lane.woken.wait(lane.rest)
            elif handled < _MANY:
                self._stopping.wait(lane.gathers)

    def _report(self, started_at: datetime) -> None:
        while not self._stopping.is_set():
            try:
                self.report(started_at)
            except Exception:
                log.exception("this node could not report itself")
            self._stopping.wait(5.0)
