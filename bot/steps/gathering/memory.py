"""What whoever gathers knows: matters as sums and counts, the latest questions, and how many usually ask.

The database has the truth: which question is in which matter, and what people decided. This is made of it
again, from a snapshot on disk where there is one.
"""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Self

import numpy as np
import structlog

from bot.store.engine import Database
from bot.store.matters import gathered
from bot.store.matters.gathered import AskedQuestion
from bot.store.matters.voices import Voice
from bot.store.tables.matters import MatterDecisionKind, MatterDecisionRow
from routing.matters.clustering import MatterClustering, Placement
from routing.matters.features import GatheredQuestion, comparable
from routing.matters.saved import SavedClustering, restore, save
from routing.matters.surges import Surge, SurgeWatch
from routing.matters.table import UnknownMatter
from routing.model.arrays import Vector
from routing.model.text import tokens

log = structlog.get_logger(__name__)

_LOOKED_BACK = 8_192
"""So many of the latest questions are gone through where there is no snapshot."""
_WATCHED = 20_000
"""So many of the latest questions tell how many people usually ask."""
_ENGLISH = "en"


@dataclass
class MatterMemory:
    """One clustering, with how far it has come."""

    clustering: MatterClustering
    question: int = 0
    """The latest question that it knows."""
    decision: int = 0
    """The latest decision of a person that it knows."""
    watch: SurgeWatch = field(default_factory=SurgeWatch)

    @classmethod
    def load(cls, database: Database, snapshot: Path | None, vector_of: "VectorOf") -> Self:
        """The memory as the database has it by now: from the snapshot on, or from the latest questions."""
        probe = vector_of("a question")
        meaning = None if probe is None else len(probe)
        found = cls._opened(snapshot, meaning)
        with database.read() as session:
            decided = gathered.reached(session)
            number = gathered.next_number(session)
            since = found.question if found is not None else 0
            rows = gathered.latest(session, since, _LOOKED_BACK)
            watched = gathered.latest(session, 0, _WATCHED)
            missed = gathered.decisions(session, found.decision) if found is not None else ()
            apart, joined = gathered.parted(session), gathered.joined(session)
            if found is None or len(rows) == _LOOKED_BACK or _moves(missed, decided):
                found, missed = cls(MatterClustering(meaning)), ()
                rows = gathered.latest(session, 0, _LOOKED_BACK)
        memory = found
        memory.apply(one for one in missed if one.id <= decided)
        for row in rows:
            if row.counts:
                memory.put_back(row, vector_of)
        for matter in sorted(joined):
            if matter in memory.clustering.table:
                memory.clustering.hold_together(matter)
        for one, other in apart:
            if one in memory.clustering.table and other in memory.clustering.table:
                memory.clustering.part(one, other)
        memory.clustering.next_matter = max(memory.clustering.next_matter, number)
        memory.decision = decided
        for row in (one for one in watched if one.counts):
            memory.watch.count(row.matter or 0, row.person, row.at.timestamp())
        return memory

    @classmethod
    def _opened(cls, snapshot: Path | None, meaning: int | None) -> Self | None:
        if snapshot is None or not snapshot.exists():
            return None
        try:
            with np.load(io.BytesIO(snapshot.read_bytes())) as stored:
                saved = SavedClustering(**{one.name: stored[one.name] for one in fields(SavedClustering)})
                question, decision = stored["reached"].tolist()
            clustering = restore(saved)
        except (OSError, ValueError, KeyError) as error:
            log.warning(
                "the snapshot of the matters is unusable; gathering goes on without", error=str(error)
            )
            return None
        return cls(clustering, question, decision) if clustering.features.meaning == meaning else None

    def save(self, snapshot: Path) -> None:
        """Write the snapshot, whole or not at all. Raises OSError."""
        stored = save(self.clustering)
        arrays = {one.name: getattr(stored, one.name) for one in fields(stored)}
        buffer = io.BytesIO()
        np.savez(buffer, reached=np.array([self.question, self.decision]), **arrays)
        fresh = snapshot.with_suffix(".new")
        fresh.write_bytes(buffer.getvalue())
        fresh.replace(snapshot)

    def add(self, asked: AskedQuestion, vector: Vector | None) -> Placement | None:
        """The matter of a question; None where nothing can be told of it."""
        self.question = max(self.question, asked.id)
        if not asked.counts or (vector is None and self.clustering.features.meaning):
            return None
        return self.clustering.add(_question(asked, vector), asked.at.timestamp())

    def nearest(self, voice: Voice, vector: Vector | None) -> int | None:
        """The matter that a post speaks of without asking; it changes nothing here, and opens none."""
        if vector is None and self.clustering.features.meaning:
            return None
        words = tokens(comparable(voice.text), voice.language or _ENGLISH)
        return self.clustering.nearest(GatheredQuestion(0, words, vector, None))

    def put_back(self, asked: AskedQuestion, vector_of: "VectorOf") -> None:
        """Let a question be where it was."""
        self.question = max(self.question, asked.id)
        meaning = self.clustering.features.meaning
        vector = vector_of(comparable(asked.text)) if meaning else None
        if asked.matter is not None and (vector is not None or not meaning):
            self.clustering.put_back(_question(asked, vector), asked.matter, asked.at.timestamp())

    def count(self, matter: int, asked: AskedQuestion) -> Surge | None:
        """Somebody asked about a matter: more than usual?"""
        return self.watch.count(matter, asked.person, asked.at.timestamp())

    def apply(self, decided: Iterable[MatterDecisionRow]) -> None:
        """What people decided holds from now on; of moved questions the database has the rest."""
        for one in decided:
            self.decision = one.id
            try:
                self._apply(one)
            except (UnknownMatter, ValueError) as error:  # long ago, and let go since
                log.info("a decision about matters changes nothing here", decision=one.id, why=str(error))

    def _apply(self, decided: MatterDecisionRow) -> None:
        if decided.kind == MatterDecisionKind.MERGE and decided.other is not None:
            self.watch.merge(decided.matter, decided.other)
            self.clustering.merge(decided.matter, decided.other)
        elif decided.kind == MatterDecisionKind.OPEN:
            self.clustering.next_matter = max(self.clustering.next_matter, decided.matter + 1)
        elif decided.kind == MatterDecisionKind.FORGET and decided.question_id is not None:
            self.clustering.forget(decided.question_id, decided.matter)

    def move(self, asked: AskedQuestion, vector: Vector | None, origin: int, target: int | None) -> int:
        """A person put a question elsewhere: into ``target``, or (None) into a matter of its own.

        Raises UnknownMatter or ValueError where that can change nothing.
        """
        at = asked.at.timestamp()
        return self.clustering.move(_question(asked, vector), origin, target, at)


def _moves(missed: Iterable[MatterDecisionRow], decided: int) -> bool:
    """Whether questions have been moved since the snapshot: it does not know where to."""
    return any(one.kind == MatterDecisionKind.MOVE and one.id <= decided for one in missed)


VectorOf = Callable[[str], Vector | None]
"""What a text means; None where that cannot be told."""


def _question(asked: AskedQuestion, vector: Vector | None) -> GatheredQuestion:
    words = tokens(comparable(asked.text), asked.language or _ENGLISH)
    return GatheredQuestion(asked.id, words, vector, asked.entry)
