"""A model of the experts together with how far in the change log it has learned; its snapshot on disk."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import structlog

from bot.private_files import make_private_directory, make_private_file
from bot.states import ChangeKind
from bot.store import changes
from bot.store.engine import Database
from bot.store.queries import learning
from bot.store.queries.learning import LogLine, LogPage
from routing.experts.evidence import PastQuestion
from routing.model.arrays import Vector
from routing.model.domain import PastAnswer

if TYPE_CHECKING:
    from routing.experts.experts import Experts

log = structlog.get_logger(__name__)

MEANT_AT_ONCE = 32
"""Of so many lines the questions' meaning is told as they are learned; of more it is recalled later."""
_SEQ_BYTES = 8


def no_meaning(_text: str) -> Vector | None:
    """Where no embedding model is installed."""
    return None


@dataclass
class TaughtModel:
    """What was learned from the lines up to ``seq``. Numpy is imported when one is made."""

    experts: "Experts"
    seq: int = 0

    @classmethod
    def load(cls, snapshot: Path | None, database: Database) -> Self:
        """The model of the snapshot; where that is missing, damaged or of another database, an empty one."""
        from routing.experts.experts import Experts
        from routing.experts.snapshot import DamagedSnapshot

        seq = seq_of(snapshot, database)
        if snapshot is None or not seq:
            return cls(Experts())
        try:
            return cls(Experts.from_bytes(memoryview(snapshot.read_bytes())[_SEQ_BYTES:]), seq)
        except (OSError, ValueError, DamagedSnapshot) as error:
            log.warning("snapshot of the experts is unusable; learning anew", error=str(error))
            return cls(Experts())

    def to_bytes(self) -> bytes:
        """As ``save`` writes it."""
        return self.seq.to_bytes(_SEQ_BYTES, "little") + self.experts.to_bytes()

    def take_in(
        self, database: Database, limit: int, vector_of: Callable[[str], Vector | None] = no_meaning
    ) -> int:
        """Learn from the next lines, at most so many; how many there were is returned.

        A line that nothing can be learned from is passed over: the model can do without one answer, and the
        questions that wait for it cannot wait for ever.
        """
        with database.read() as session:
            page = learning.after(session, self.seq, limit)
        if len(page.lines) > MEANT_AT_ONCE:
            vector_of = no_meaning
        for line in page.lines:
            try:
                self._take_in(line, page, vector_of)
            except Exception:
                log.exception("nothing can be learned from a change", seq=line.seq)
            self.seq = line.seq
        return len(page.lines)

    def _take_in(self, line: LogLine, page: LogPage, vector_of: Callable[[str], Vector | None]) -> None:
        if line.kind == ChangeKind.ANSWER:
            self._learn(line, vector_of)
            return
        if line.kind == ChangeKind.TOPIC:
            self._refile(line, page)
            return
        happened = line.happened
        self.experts.outcome(line.row_id, happened.employee, happened.outcome, line.at)

    def _refile(self, line: LogLine, page: LogPage) -> None:
        """Questions are about other topics now: all of a former one, or those that the line names.

        Of the latter it counts what they are about by now, as if they had been learned only then.
        """
        if not line.refiled:
            self.experts.rename_topic(str(line.said["former"]), str(line.said["slug"]))
            return
        for number in line.refiled:
            asked = page.asked.get(number)
            if asked is not None:
                about = asked.topics
                question = PastQuestion(
                    number, asked.asked_at, asked.text, topics=about, language=asked.language
                )
                self.experts.refile(question)

    def _learn(self, line: LogLine, vector_of: Callable[[str], Vector | None]) -> None:
        if line.employee_id is None or line.answered_at is None:  # gone, or nobody's of ours
            return
        if line.question_id is None or line.asked_at is None or not line.text:
            return
        slugs = tuple(topic.slug for topic in line.weights)
        self.experts.learn(
            PastQuestion(line.question_id, line.asked_at, line.text, topics=slugs, language=line.language),
            PastAnswer(line.question_id, line.employee_id, line.answered_at, "", slugs),
            vector_of(line.text),
        )


def seq_of(snapshot: Path | None, database: Database) -> int:
    """Up to where the snapshot has learned; 0 where it cannot be used."""
    if snapshot is None or not snapshot.is_file():
        return 0
    with snapshot.open("rb") as file:
        seq = int.from_bytes(file.read(_SEQ_BYTES), "little")
    with database.read() as session:
        if seq <= changes.head(session):
            return seq
    log.warning("snapshot of the experts is of another database; learning anew")
    return 0


def save(data: bytes, snapshot: Path) -> None:
    """Write a snapshot, whole or not at all."""
    make_private_directory(snapshot.parent)
    fresh = snapshot.with_suffix(f".{os.getpid()}.new")
    make_private_file(fresh)
    fresh.write_bytes(data)
    fresh.replace(snapshot)
