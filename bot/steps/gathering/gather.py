"""Which questions are about the same thing, as they come in; and whether that is more than usual.

One process at a time gathers. What it decides is written with the questions, so that another one can go on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot.actions.matters import gathering, praise
from bot.steps.gathering.memory import MatterMemory, VectorOf
from bot.store.engine import Database, Session
from bot.store.matters import counted, gathered, voices
from bot.store.matters.gathered import AskedQuestion
from bot.store.matters.voices import Voice
from bot.store.running import leases
from bot.store.tables.matters import MatterDecisionKind
from routing.matters.features import comparable
from routing.matters.surges import Surge
from routing.matters.table import UnknownMatter
from routing.model.arrays import Vector

log = structlog.get_logger(__name__)

_LEASE = timedelta(seconds=60)
_AT_ONCE = 100
_AGAIN = timedelta(minutes=10)
_HEARD_WITHIN = timedelta(days=1)
_HEARD_AT_ONCE = 300
_COUNTED_AT_ONCE = 2_000
_NAME = "gather"


@dataclass
class Gather:
    """Says of each new question which matter it is about.

    ``snapshot`` is a file to start from after a restart; it is disposable.
    """

    database: Database
    owner: str
    vector_of: VectorOf
    snapshot: Path | None = None
    wake: Callable[[], None] = lambda: None
    _memory: MatterMemory | None = None
    _heard_at: datetime | None = None
    """When those who spoke of no matter were last listened to again."""

    def run(self) -> int:
        """Gather some questions, by what people have decided, and voices beside; how many is returned."""
        with self.database.read() as session:
            has_questions, has_voices = gathered.any_waiting(session), voices.any_waiting(session)
            if not has_questions and not has_voices:
                return 0
        with self.database.write() as session:
            if not leases.take(session, _NAME, self.owner, self.database.now(session), _LEASE):
                self._memory = None  # another one goes on, and knows more from then on
                return 0
        try:
            memory = self._loaded()
            done = self._gather(memory) if has_questions else 0
            return done + (self._hear(memory) if has_voices else 0)
        except Overtaken:
            self._memory = None
            return 0
        except Exception:
            self._memory = None  # what it holds may not be what is written
            raise

    def look_again(self) -> int:
        """Look at the latest questions together, where enough have come: matters merge and part."""
        memory = self._memory
        if memory is None or not memory.clustering.is_due:
            return 0
        try:
            found = memory.clustering.regroup()
            with self.database.write() as session:
                is_overtaken = gathered.last_decision(session) > memory.decision
                if not is_overtaken:
                    gathering.regroup(session, found, self.database.now(session))
                    _check_numbers(session, memory)
        except Overtaken:
            self._memory = None
            return 0
        except Exception:
            self._memory = None
            raise
        if is_overtaken:  # a person has decided something meanwhile: what was found is of before
            self._memory = None
            return 0
        self._save(memory)
        return len(found.moved) + len(found.merged)

    def calm(self) -> int:
        """Say of surges that are over that they are; how many are returned.

        Beside that people are counted, and who spoke of no matter so far is listened to again.
        """
        memory = self._memory
        if memory is None:
            return 0
        self._listen_again()
        self._count()
        with self.database.read() as session:
            now = self.database.now(session)
        over = memory.watch.calmed(now.timestamp())
        if over:
            with self.database.write() as session:
                gathered.settle_surges(session, over, now)
        return len(over)

    def _loaded(self) -> MatterMemory:
        if self._memory is None:
            self._memory = MatterMemory.load(self.database, self.snapshot, self.vector_of)
        return self._memory

    def _gather(self, memory: MatterMemory) -> int:
        with self.database.read() as session:
            rows = gathered.waiting(session, _AT_ONCE)
            decided = gathered.decisions(session, memory.decision)
            moved = gathered.these(session, [one.question_id for one in decided if one.question_id])
        vectors = {row.id: self._vector(row, memory) for row in (*rows, *moved.values()) if row.counts}
        with self.database.write() as session:
            now = self.database.now(session)
            memory.apply(decided)
            for one in decided:
                asked = moved.get(one.question_id or 0)
                if one.kind == MatterDecisionKind.MOVE and asked is not None:
                    number = self._moved(memory, asked, vectors.get(asked.id), one.matter, one.other)
                    gathering.moved(session, one, asked, number, now)
            if decided:
                gathered.reach(session, memory.decision, now)
            praises = [row for row in rows if row.praises]
            if praises:
                praise.gathered_in(session, praises, memory.clustering.new_number, now)
            others = [row for row in rows if not row.praises]
            placed = self._placed(memory, others, vectors)
            surges = gathering.gathered_in(session, others, placed.matters, placed.surges, now)
            _check_numbers(session, memory)
        for surge in surges:
            log.warning("more people than usual", matter=surge.matter, said=str(surge))
        if surges:
            self.wake()
        return len(rows) + len(decided)

    def _hear(self, memory: MatterMemory) -> int:
        """Say of posts that ask us nothing which matter they speak of. They open none, and raise no alarm."""
        with self.database.read() as session:
            said = voices.waiting(session, _AT_ONCE)
        matters = {one.number: memory.nearest(one, self._vector(one, memory)) for one in said}
        with self.database.write() as session:
            gathering.hear(session, matters, self.database.now(session))
        return len(said)

    def _listen_again(self) -> None:
        """Now and then: what somebody asks later may be what others have said before."""
        with self.database.read() as session:
            now = self.database.now(session)
        if self._heard_at is not None and now - self._heard_at < _AGAIN:
            return
        self._heard_at = now
        with self.database.write() as session:
            voices.look_again(session, now - _HEARD_WITHIN, _HEARD_AT_ONCE)

    def _count(self) -> None:
        """Keep how many people asked about each matter of late, so that lists count nobody."""
        with self.database.read() as session:
            due = counted.due(session, self.database.now(session), _COUNTED_AT_ONCE)
        if not due:
            return
        with self.database.write() as session:
            gathering.count_people(session, due, self.database.now(session))

    def _vector(self, row: AskedQuestion | Voice, memory: MatterMemory) -> Vector | None:
        return self.vector_of(comparable(row.text)) if memory.clustering.features.meaning else None

    def _placed(
        self, memory: MatterMemory, rows: Sequence[AskedQuestion], vectors: Mapping[int, Vector | None]
    ) -> "_Placed":
        matters: dict[int, int | None] = {}
        surges: list[Surge] = []
        for row in rows:
            placement = memory.add(row, vectors.get(row.id))
            matters[row.id] = placement.matter if placement is not None else None
            if placement is not None and (surge := memory.count(placement.matter, row)) is not None:
                surges.append(surge)
        return _Placed(matters, surges)

    def _moved(
        self,
        memory: MatterMemory,
        asked: AskedQuestion,
        vector: Vector | None,
        origin: int,
        target: int | None,
    ) -> int:
        try:
            return memory.move(asked, vector, origin, target)
        except (UnknownMatter, ValueError):  # let go long ago: the rows alone say where it is
            return target if target is not None else memory.clustering.new_number()

    def _save(self, memory: MatterMemory) -> None:
        if self.snapshot is not None:
            try:
                memory.save(self.snapshot)
            except OSError as error:
                log.warning("the snapshot of the matters could not be written", error=str(error))


class Overtaken(Exception):
    """A person has opened a matter meanwhile, perhaps under a number that was given to another one here."""


def _check_numbers(session: Session, memory: MatterMemory) -> None:
    """Before anything is kept. Raises Overtaken; whoever opens later finds these numbers taken."""
    since = gathered.decisions(session, memory.decision)
    if any(one.kind == MatterDecisionKind.OPEN for one in since):
        raise Overtaken


@dataclass(frozen=True, slots=True)
class _Placed:
    matters: dict[int, int | None]
    surges: list[Surge]
