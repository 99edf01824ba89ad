"""Keeping the experts' model up to date: it follows the change log, answer by answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import structlog

from bot.private_files import make_private_directory, make_private_file
from bot.states import ChangeKind
from bot.store import changes, rows
from bot.store.conversations import answers
from bot.store.engine import Database, Session, is_passing
from bot.store.tables.conversations import AnswerRow, ChangeRow, QuestionRow
from routing.experts.evidence import PastQuestion
from routing.model.arrays import Vector
from routing.model.domain import PastAnswer

if TYPE_CHECKING:
    from routing.experts.experts import Experts

log = structlog.get_logger(__name__)

_BATCH = 500
_KINDS = (ChangeKind.ANSWER, ChangeKind.OUTCOME)
_SAVE_EVERY_SECONDS = 300.0
_FIT_EVERY_ANSWERS = 100
"""After so many answers the model's weights are fitted anew to who really answered."""


@dataclass
class Learner:
    """Feeds an ``Experts`` with what happened since it last looked.

    ``snapshot`` is a file to start from; it is disposable, and a damaged one is learned anew.
    """

    database: Database
    snapshot: Path | None = None
    vector_of: Callable[[str], Vector | None] = lambda _text: None
    """The meaning of a text, where an embedding model is installed."""
    _experts: "Experts | None" = None
    _seq: int = 0
    _loaded: bool = False
    _saved_at: float = field(default_factory=monotonic)
    _unsaved: int = 0
    _unfitted: int = 0

    @property
    def experts(self) -> "Experts":
        """The model. It is made when it is first needed."""
        if self._experts is None:
            from routing.experts.experts import Experts

            self._experts = Experts()
        return self._experts

    def follow(self) -> int:
        """Learn what is new; the number of changes taken in is returned.

        A change that nothing can be learned from is passed over: the model can do without one answer, and the
        questions that wait for it cannot wait for ever.
        """
        if not self._loaded:
            self._load()
        learned = 0
        while True:
            news, taken = self._take_in_some()
            learned += taken
            if taken == len(news) < _BATCH:
                break
        self._unsaved += learned
        self._unfitted += learned
        if self._unfitted >= _FIT_EVERY_ANSWERS:
            self._unfitted = 0
            self.experts.fit()
        if self._unsaved and monotonic() - self._saved_at > _SAVE_EVERY_SECONDS:
            self.save()
        return learned

    def save(self) -> None:
        """Write the snapshot, whole or not at all."""
        if self.snapshot is None or not self._unsaved:
            return
        data = self._seq.to_bytes(8, "little") + self.experts.to_bytes()
        make_private_directory(self.snapshot.parent)
        fresh = self.snapshot.with_suffix(".new")
        make_private_file(fresh)
        fresh.write_bytes(data)
        fresh.replace(self.snapshot)
        self._saved_at, self._unsaved = monotonic(), 0

    def _load(self) -> None:
        self._loaded = True
        if self.snapshot is None or not self.snapshot.is_file():
            return
        from routing.experts.experts import Experts
        from routing.experts.snapshot import DamagedSnapshot

        data = self.snapshot.read_bytes()
        try:
            seq, experts = int.from_bytes(data[:8], "little"), Experts.from_bytes(data[8:])
        except (ValueError, DamagedSnapshot) as error:
            log.warning("snapshot of the experts is unusable; learning anew", error=str(error))
            return
        with self.database.read() as session:
            if seq > changes.head(session):
                log.warning("snapshot of the experts is of another database; learning anew")
                return
        self._seq, self._experts = seq, experts

    def _take_in_some(self) -> tuple[Sequence[ChangeRow], int]:
        """The next changes, and how many of them were gone through: up to the first that failed, with it."""
        with self.database.read() as session:
            news = changes.after(session, self._seq, _KINDS, _BATCH)
            for number, change in enumerate(news, start=1):
                try:
                    self._take_in(session, change)
                except Exception as error:
                    if is_passing(error):
                        raise
                    log.exception("nothing can be learned from a change", seq=change.seq)
                    self._seq = change.seq
                    return news, number
                self._seq = change.seq
        return news, len(news)

    def _take_in(self, session: Session, change: ChangeRow) -> None:
        if change.kind == ChangeKind.ANSWER:
            self._learn(session, change.row_id)
            return
        happened = change.happened
        if happened.employee is not None:
            self.experts.outcome(change.row_id, happened.employee, happened.outcome, change.at)
            return
        for answer in _published(session, change.row_id):
            self.experts.outcome(change.row_id, answer, happened.outcome, change.at)

    def _learn(self, session: Session, answer_id: int) -> None:
        answer = rows.find(session, AnswerRow, answer_id)
        if answer is None or answer.employee_id is None:
            return
        question = rows.find(session, QuestionRow, answer.question_id)
        if question is None or not question.text:
            return
        slugs = tuple(topic.slug for topic in question.weights)
        at: datetime = answer.published_at or answer.written_at
        self.experts.learn(
            PastQuestion(
                id=question.id,
                asked_at=question.asked_at,
                text=question.text,
                topics=slugs,
                language=question.language,
            ),
            PastAnswer(question.id, answer.employee_id, at, answer.text, slugs),
            self.vector_of(question.text),
        )


def _published(session: Session, question_id: int) -> list[int]:
    return [one.employee_id for one in answers.published(session, question_id) if one.employee_id is not None]
