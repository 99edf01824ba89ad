"""Keeping the experts' model up to date: it follows the change log, answer by answer."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import structlog

from bot.steps.learning.process import LearningProcess, LearnsApart
from bot.steps.learning.taught_model import MEANT_AT_ONCE, TaughtModel, no_meaning, save, seq_of
from bot.store.engine import Database
from bot.store.queries import learning
from routing.model.arrays import Vector

if TYPE_CHECKING:
    from routing.experts.experts import Experts

log = structlog.get_logger(__name__)

_PAGE = 500
"""Lines of the change log that are learned at a time: routing waits for one page at the most."""
_AT_ONCE = 2_000
"""Lines that routing waits for. What is more is learned beside it."""
_FAR = 20_000
"""Lines from which learning them is given to a process of its own."""
_SAVE_EVERY_SECONDS = 300.0
_FITTED_AFTER = 100
"""After so many lines the model's weights are fitted anew to who really answered."""
_RECALLED_AT_ONCE = 32
_NEWS_SECONDS = 0.5


@dataclass
class Learner:
    """Feeds the experts' model with what happened since it last looked.

    ``snapshot`` is a file to start from; it is disposable, and a damaged one is learned anew. Where more is
    unlearned than routing can wait for, there is no model until ``catch_up``, on a lane of its own, has
    learned the rest; ``share`` tells how far it is, and is None otherwise.
    """

    database: Database
    snapshot: Path | None = None
    vector_of: Callable[[str], Vector | None] = no_meaning
    """The meaning of a text, where an embedding model is installed."""
    start_process: Callable[[str, Path], LearnsApart] = LearningProcess
    """Brings a snapshot up to date in a process of its own, given the database's address."""
    share: float | None = None
    _taught: TaughtModel | None = None
    """What routing asks."""
    _growing: TaughtModel | None = None
    """What is learned beside it and will take its place, once it has learned all."""
    _process: LearnsApart | None = None
    _process_failed: bool = False
    _to_learn: int = 0
    _learned: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while the model is asked or changed."""
    _saved_at: float = field(default_factory=monotonic)
    _unsaved: int = 0
    _unfitted: int = 0
    _recall_before: int | None = None
    """The meaning of the questions from this one on is recalled, as far as it can be told."""

    @contextmanager
    def lend(self) -> Iterator["Experts | None"]:
        """The model, which learns nothing meanwhile; None while there is none yet."""
        with self._lock:
            yield None if self._taught is None else self._taught.experts

    def follow(self) -> int:
        """Learn what is new, if that is not more than routing can wait for; how much it was is returned."""
        with self._lock:
            if self._taught is None:
                if self.share is not None or self._is_far_behind():
                    return 0
                self._taught = TaughtModel.load(self.snapshot, self.database)
            return self._follow(self._taught)

    def catch_up(self) -> int:
        """Learn beside routing what is too much for ``follow``, a piece at each call, and save it."""
        learned = self.follow()
        if self._taught is None:
            return self._learn_beside()
        if self._unsaved and monotonic() - self._saved_at > _SAVE_EVERY_SECONDS:
            self.save()
        if not learned:
            self._recall(self._taught)
        return learned

    def fit(self) -> int:
        """Fit the model's weights to who really answered, once enough was; nobody waits for that."""
        with self._lock:
            taught = self._taught
            if taught is None or self._unfitted < _FITTED_AFTER:
                return 0
            self._unfitted = 0
            fitting = taught.experts.fitting()
        weights = fitting()
        with self._lock:
            taught.experts.weigh(weights)
        return 0

    def save(self) -> None:
        """Write the snapshot, whole or not at all."""
        with self._lock:
            if self.snapshot is None or self._taught is None or not self._unsaved:
                return
            data = self._taught.to_bytes()
            self._saved_at, self._unsaved = monotonic(), 0
        save(data, self.snapshot)

    def close(self) -> None:
        """End what learns beside, and keep what is learned."""
        if self._process is not None:
            self._process.stop()
        self.save()

    def _is_far_behind(self) -> bool:
        seq = seq_of(self.snapshot, self.database)
        with self.database.read() as session:
            return learning.count_after(session, seq, _AT_ONCE + 1) > _AT_ONCE

    def _follow(self, taught: TaughtModel) -> int:
        learned = 0
        while learned < _AT_ONCE:
            some = taught.take_in(self.database, _PAGE, self.vector_of)
            learned += some
            if some < _PAGE:
                break
        if learned > MEANT_AT_ONCE:
            self._recall_before = None
        self._unsaved += learned
        self._unfitted += learned
        return learned

    def _learn_beside(self) -> int:
        if self._process is not None:
            return self._hear(self._process)
        if self._growing is None:
            return self._begin()
        some = self._growing.take_in(self.database, _PAGE)
        self._learned += some
        self.share = min(self._learned / max(self._to_learn, 1), 1.0)
        if some < _PAGE:
            with self._lock:
                self._taught, self._growing, self.share = self._growing, None, None
            self._unsaved += self._learned
            log.info("the experts' model is learned", lines=self._learned)
        return max(some, 1)

    def _begin(self) -> int:
        seq = seq_of(self.snapshot, self.database)
        with self.database.read() as session:
            self._to_learn, self._learned = learning.count_after(session, seq), 0
        with self._lock:
            if self._taught is not None:
                return 1
            self.share = 0.0
        if self.snapshot is not None and self._to_learn > _FAR and not self._process_failed:
            log.info("the experts' model is learned beside everything else", lines=self._to_learn)
            address = self.database.engine.url.render_as_string(hide_password=False)
            self._process = self.start_process(address, self.snapshot)
        else:
            self._growing = TaughtModel.load(self.snapshot, self.database)
        return 1

    def _hear(self, process: LearnsApart) -> int:
        share = process.wait(_NEWS_SECONDS)
        if share is not None:
            self.share = share
            return 1
        self._process, self._process_failed = None, not process.succeeded
        if self._process_failed:
            log.warning("the process that learns beside has failed; learning on a thread")
        return 1

    def _recall(self, taught: TaughtModel) -> None:
        """Tell the meaning of some of the latest questions that were learned without it, newest first.

        A few at each turn of the lane, for this costs a hundred times what learning does.
        """
        with self._lock:
            missing = taught.experts.without_vector(_RECALLED_AT_ONCE, self._recall_before)
        if not missing:
            return
        with self.database.read() as session:
            texts = learning.texts_of(session, missing)
        vectors = {
            number: vector for number, text in texts.items() if (vector := self.vector_of(text)) is not None
        }
        self._recall_before = 0 if texts and not vectors else min(missing)
        with self._lock:
            taught.experts.recall(vectors)
            self._unsaved += len(vectors)
