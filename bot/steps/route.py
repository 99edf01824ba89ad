"""Stop 2b: put due questions in front of the right people."""

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from bot.actions.conversations.answer import Answering
from bot.actions.conversations.reuse import POST_FROM
from bot.actions.conversations.wake_waiting import FreedCapacity
from bot.actions.rules import Rules
from bot.actions.unprompted import point_to_archive
from bot.states import ChangeKind, HookEvent
from bot.steps.learning.learner import Learner
from bot.steps.time_slices import TimeSlices
from bot.store import changes
from bot.store.claim import LostLease, claim, finish_all, set_aside
from bot.store.conversations import offers, questions
from bot.store.conversations.questions import LONGEST_WAITING
from bot.store.engine import Database, Session
from bot.store.hooks.outbox import tell
from bot.store.queries import routing as reads
from bot.store.rows import find
from bot.store.tables.conversations import OfferRow, QuestionRow
from bot.store.tables.values import Suggested, stored_suggestions, stored_weights
from bot.store.topics import named as topics
from routing.ladder.policy import Policy
from routing.ladder.roster import Roster
from routing.ladder.route import route_many
from routing.model.arrays import Vector
from routing.model.domain import ROUTED, Load, Offer, Question, QuestionState, Routing, TopicWeight
from routing.model.lifecycle import Event, advance
from routing.model.topics import Taxonomy

log = structlog.get_logger(__name__)


class SuggestsEntries(Protocol):
    """Knows which entries of the archive may answer a new question."""

    def answered_before(self, question: str) -> Sequence[tuple[int, float, float]]:
        """Entry ids with their probability, calibrated and before that, the likeliest first."""


@dataclass
class Route:
    """Asks the router about due questions and stores its offers."""

    database: Database
    rules: Rules
    policy: Policy
    owner: str
    learner: Learner
    archive: SuggestsEntries | None = None
    answering: Answering | None = None
    notify: Callable[[Session, Sequence[OfferRow]], None] | None = None
    wake: Callable[[], None] = lambda: None
    give_way: Callable[[], None] = lambda: None
    """Called between two stretches of work: the place to rest where something else is urgent."""
    checkpoint: Callable[[str], None] = lambda _name: None
    jitter: Callable[[], float] = random.random
    freed: FreedCapacity = field(default_factory=FreedCapacity)
    _version: int = -1
    _roster: Roster = field(default_factory=lambda: Roster(()))
    _taxonomy: Taxonomy = field(default_factory=lambda: Taxonomy(()))
    _taken: list[tuple["_Decided", Routing]] = field(default_factory=list)
    """What the present transaction will write."""
    _plates: reads.Plates = field(default_factory=reads.Plates)

    def run(self, limit: int = 100) -> int:
        """Route up to ``limit`` due questions; the number handled is returned."""
        with self.database.read() as session:
            now = self.database.now(session)
            has_work = reads.any_due(session, now) or self.freed.has_news(session, now)
        if not has_work:
            return 0
        # Whoever has a hand free by these loads has been told to those who wait for it: none is overtaken.
        loads = self._wake_waiting(now, limit)
        with self.database.write() as session:
            rows = claim(
                session,
                QuestionRow,
                ROUTED,
                now=self.database.now(session),
                lease=self.rules.lease,
                owner=self.owner,
                limit=limit,
                first=LONGEST_WAITING,
            )
        if not rows:
            return 0
        self.learner.follow()
        with self.database.read() as session:
            now = self.database.now(session)
        known = self._read(rows)
        routings = self._decide(known, loads, now)
        readable = [row for row, _ in routings if row.rung == 0 and not row.suggestions]
        suggestions = {row.id: self._answered(row) for row in readable}
        self.give_way()
        learned = {one.id for one in known.questions if one.answered_by}
        decided = [
            _Decided(row, routing, suggestions.get(row.id, ()), row.id in learned)
            for row, routing in routings
        ]
        decided += [_Decided(row, error) for row, error in known.failed]
        TimeSlices(
            self.database,
            handle=self._take,
            failed=self._failed,
            finish=self._write,
            rest=self.give_way,
            prepare=lambda _session, _rows: self._taken.clear(),
        ).work(decided)
        self.checkpoint("after_offer")
        self.wake()
        return len(rows)

    def _wake_waiting(self, now: datetime, limit: int) -> Mapping[int, Load]:
        """Wake questions that waited for somebody to have time; people's loads are returned."""
        self.freed.end_expired(self.database)
        with self.database.read() as session:
            newest = self.freed.newest(session)
            self._refresh(session)
            loads = self._plates.loads(session, self._roster.employees, now)
            waiting = self.freed.look(session, self._roster, loads, self._taxonomy, now, limit, newest)
        if waiting:
            with self.database.write() as session:
                questions.wake(session, waiting, self.database.now(session))
        return loads

    def _take(self, session: Session, decided: "_Decided") -> None:
        if isinstance(decided.routing, Exception):
            self._set_aside(session, decided.row, decided.routing)
        else:
            self._taken.append((decided, decided.routing))

    def _write(self, session: Session) -> None:
        """Write what was decided for all questions of this transaction."""
        renamed = Taxonomy((), topics.former_slugs(session)).renamed  # as they are called by now
        finish_all(
            session,
            [
                (decided.row, _values(decided, replace(routing, topics=renamed(routing.topics))))
                for decided, routing in self._taken
            ],
        )
        if pressing := [one.row.id for one, routing in self._taken if self._presses(routing)]:
            offers.go_on(session, pressing, self.database.now(session))
        offers.make(session, [offer for _, routing in self._taken for offer in routing.offers])
        for decided, routing in self._taken:
            self._tell(session, decided, routing)
            _tell_others(session, decided.row, routing)
        self._tell_experts(session, renamed)
        routed = [decided.row.id for decided, _ in self._taken]
        changes.append(session, ChangeKind.WORK, 0, self.database.now(session), questions=routed)
        self.checkpoint("after_route")

    def _presses(self, routing: Routing) -> bool:
        """Whether a question waits for nobody who has it for themself."""
        return routing.priority >= self.policy.hurried_from

    def _tell_experts(
        self, session: Session, renamed: Callable[[Sequence[TopicWeight]], tuple[TopicWeight, ...]]
    ) -> None:
        """What was learned of a question is about other topics where the ladder judges so anew."""
        refiled = [
            decided.row.id
            for decided, routing in self._taken
            if decided.is_learned
            and {one.slug for one in renamed(routing.topics)} != {one.slug for one in decided.row.weights}
        ]
        if refiled:
            changes.append(session, ChangeKind.TOPIC, 0, self.database.now(session), refiled=refiled)

    def _refresh(self, session: Session) -> None:
        version = reads.roster_version(session)
        if version != self._version:
            self._roster = Roster(reads.employees(session))
            self._taxonomy = topics.taxonomy(session)
            self._version = version
            for problem in self._roster.problems:
                log.warning("employee cannot be asked", problem=problem)

    def _read(self, rows: Sequence[QuestionRow]) -> "_Known":
        """What is known of all; where that fails, one by one, so that none takes the others with it."""
        try:
            return self._known(rows)
        except Exception as error:
            log.exception("questions could not be read together", questions=len(rows))
            if len(rows) == 1:
                return _Known(failed=[(rows[0], error)])
        known = _Known()
        for row in rows:
            known.take_in(self._read([row]))
        return known

    def _known(self, rows: Sequence[QuestionRow]) -> "_Known":
        with self.database.read() as session:
            asked = reads.offers_of(session, [row.id for row in rows])
            return _Known(list(rows), self._questions(session, rows), dict(asked))

    def _questions(self, session: Session, rows: Sequence[QuestionRow]) -> list[Question]:
        numbers = [row.id for row in rows]
        before = reads.answerers(session, numbers)
        added = reads.added_texts(session, numbers)
        return [
            Question(
                id=row.id,
                text="\n".join([row.text, *added.get(row.id, ())]),
                asked_at=row.asked_at,
                customer=f"{row.platform}:{row.customer_id}",
                platform=row.platform,
                language=row.language,
                topics=self._taxonomy.renamed(row.weights) if row.topics_by else (),
                reopened_at=row.reopened_at,
                round=row.round,
                rung=row.rung,
                reach=row.reach,
                answered_by=before.get(row.id, ()),
                priority=row.priority,
            )
            for row in rows
        ]

    def _decide(
        self, known: "_Known", loads: Mapping[int, Load], now: datetime
    ) -> list[tuple[QuestionRow, Routing | Exception]]:
        """Route all together; where that fails, one by one, so that one question cannot stop the others."""
        vectors = {
            one.id: vector for one in known.questions if (vector := self._vector(one.text)) is not None
        }

        def decide(some: Sequence[Question]) -> list[Routing]:
            with self.learner.lend() as experts:
                return route_many(
                    some,
                    self._roster,
                    self.policy,
                    now,
                    taxonomy=self._taxonomy,
                    experts=experts,
                    vectors=vectors,
                    asked=known.asked,
                    loads=loads,
                )

        try:
            return list(zip(known.rows, decide(known.questions), strict=True))
        except Exception:
            log.exception("a batch of questions failed; trying them one by one")
        decided: list[tuple[QuestionRow, Routing | Exception]] = []
        for row, question in zip(known.rows, known.questions, strict=True):
            try:
                decided.append((row, decide([question])[0]))
            except Exception as error:
                log.exception("question failed", question_id=row.id)
                decided.append((row, error))
        return decided

    def _vector(self, text: str) -> Vector | None:
        """What a text means, as far as that can be told; words alone will do."""
        try:
            return self.learner.vector_of(text)
        except Exception:
            log.exception("the meaning of a question cannot be told")
            return None

    def _answered(self, row: QuestionRow) -> tuple[Suggested, ...]:
        """Suggestions help; a question that the archive fails on goes its way without."""
        if self.archive is None:
            return ()
        try:
            found = self.archive.answered_before(row.text)
        except Exception:
            log.exception("the archive could not be asked", question_id=row.id)
            return ()
        return tuple(Suggested(*likely) for likely in found)

    def _tell(self, session: Session, decided: "_Decided", routing: Routing) -> None:
        """What follows from a question's offers, in the same transaction."""
        row = decided.row
        points = self.answering is not None and self.answering.rules.first_reply
        if points and row.rung == 0 and row.round == 0:
            self._point(session, row, decided.suggested or row.suggested)
        asked = [offer.employee_id for offer in routing.offers]
        if self.notify is not None and asked:
            self.notify(session, offers.of_round(session, row.id, asked, row.round))
        log.info("question routed", question_id=row.id, state=routing.state, offers=asked)

    def _failed(self, session: Session, decided: "_Decided", error: Exception) -> None:
        self._taken.clear()
        if isinstance(error, LostLease):
            log.info("question changed while it was routed", question_id=decided.row.id)
            return
        log.error("offers not stored", question_id=decided.row.id, exc_info=error)
        with suppress(LostLease):
            self._set_aside(session, decided.row, error)

    def _point(self, session: Session, row: QuestionRow, found: Sequence[Suggested]) -> None:
        """Where the operator wants it, a sure match is pointed to at once."""
        question = find(session, QuestionRow, row.id, anew=True)
        if question is None or self.answering is None or not found or found[0].probability < POST_FROM:
            return
        question.same_as_entry = found[0].entry_id
        point_to_archive(self.answering, session, question, found[0].entry_id, self.database.now(session))

    def _set_aside(self, session: Session, row: QuestionRow, error: Exception) -> None:
        wait = timedelta(seconds=2 ** (row.attempts + 1) * (0.5 + self.jitter() / 2))
        set_aside(
            session,
            row,
            error,
            attempts=self.rules.attempts,
            quarantined=QuestionState.QUARANTINED,
            due_at=self.database.now(session) + wait,
        )


@dataclass(slots=True)
class _Known:
    """Questions that can be routed, with whom they were put to, and those that could not even be read."""

    rows: list[QuestionRow] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    asked: dict[int, list[Offer]] = field(default_factory=dict)
    failed: list[tuple[QuestionRow, Exception]] = field(default_factory=list)

    def take_in(self, other: "_Known") -> None:
        self.rows += other.rows
        self.questions += other.questions
        self.asked |= other.asked
        self.failed += other.failed


@dataclass(frozen=True, slots=True)
class _Decided:
    """A question with what the router says of it, or why it could not, and what may answer it already."""

    row: QuestionRow
    routing: Routing | Exception
    suggested: Sequence[Suggested] = ()
    """What the archive said just now; empty where it was not asked."""
    is_learned: bool = False
    """Whether somebody answered it before: the experts' model knows it under the topics that it had."""


def _values(decided: _Decided, routing: Routing) -> dict[str, Any]:
    """The columns to finish a question with."""
    row = decided.row
    return {
        "state": _state(row, routing),
        "due_at": routing.due_at,
        "rung": routing.rung,
        "topics": stored_weights(routing.topics),
        "priority": routing.priority,
        "note": row.note or (routing.note if routing.state is QuestionState.ESCALATED else ""),
        "suggestions": stored_suggestions(decided.suggested) or row.suggestions,
        "waits_since": (row.reopened_at or row.asked_at) if routing.waits else None,
        "attempts": 0,
    }


def _tell_others(session: Session, row: QuestionRow, routing: Routing) -> None:
    before, after = QuestionState(row.state), QuestionState(routing.state)
    told = questions.told_of(before, _EVENTS[routing.state], after)
    if told is HookEvent.QUESTION_OFFERED and not routing.offers:
        return  # it was looked at, and nobody else is asked
    if told is not None:
        tell(session, told, row.id, people=len(routing.offers))


_EVENTS = {
    QuestionState.OPEN: Event.WAITED,
    QuestionState.OFFERED: Event.OFFERED,
    QuestionState.ESCALATED: Event.EXHAUSTED,
}


def _state(row: QuestionRow, routing: Routing) -> QuestionState:
    """The router's state, by way of the state machine."""
    return advance(QuestionState(row.state), _EVENTS[routing.state])
