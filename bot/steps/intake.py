"""Stop 2a: what is this post? Question, follow-up, tagged answer, thanks, deletion, edit, or not for us.

A missed question is the worst error: doubt means question, and what is dismissed can be brought back.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.actions.answer import Answering, NotAnswerable
from bot.actions.audience import PRIVATE_ANSWER, PRIVATE_QUESTION
from bot.actions.edit import post_edited
from bot.actions.rules import Rules
from bot.actions.withdraw import keep_from_public, post_deleted
from bot.platforms.base import Platform
from bot.posts import PlatformError, Visibility
from bot.states import ChangeKind, PostKind, PostState, Via
from bot.steps.looks.lookups import ask
from bot.steps.time_slices import TimeSlices
from bot.store import changes
from bot.store.claim import LostLease, claim, fences, finish, set_aside
from bot.store.conversations import questions
from bot.store.conversations.ingest import Ingest, NotStored
from bot.store.conversations.posts import WITHOUT_WORDS
from bot.store.engine import Database, Session
from bot.store.people import identities
from bot.store.row_locks import lock_row
from bot.store.tables.columns import LONGEST_REASON
from bot.store.tables.conversations import PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from bot.text.language import language_of
from bot.wording.restate import quotation
from routing.model.domain import WITH_ANSWER, QuestionState
from routing.model.entities import without_links_and_handles
from routing.model.lifecycle import Event
from routing.model.text import has_tag, is_not_for_us, is_thanks, mentions

log = structlog.get_logger(__name__)

LINK_CODE = re.compile(r"\bchorus-[a-z0-9]{8}\b", re.IGNORECASE)
_LATER = timedelta(seconds=2)
_LATEST = timedelta(minutes=10)
"""The longest pause between two tries."""
_PLATFORM_REST = timedelta(seconds=15)
"""How long a post waits whose platform cannot be asked now."""
_MOST_WAITS = 16
"""Tries after which a reply is decided without the post above it: some five minutes."""
_JUDGED_ANEW = (PostKind.NOT_FOR_US, PostKind.UNMATCHED)
"""Posts that belong to nothing yet: one that was edited is judged like a new one."""


class WaitForParent(Exception):
    """The post replies to one that has not come in yet."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What becomes of a post if it is a question, from its words alone."""

    state: QuestionState
    language: str | None
    note: str

    @classmethod
    def of(cls, post: PostRow) -> "_Reading":
        state, note = QuestionState.OPEN, ""
        if not Visibility.least(post.visibility).is_public:
            state, note = QuestionState.ESCALATED, PRIVATE_QUESTION
        elif is_not_for_us(post.text):
            state, note = QuestionState.DISMISSED, "Looks like praise or advertising, not a question."
        if not note and quotation(post.text)[0] is None:
            note = "Holds personal data: please do not repeat it in an answer."
        return cls(state, post.language or language_of(without_links_and_handles(post.text)), note)


@dataclass
class Intake:
    """Looks at new posts in the order they came in."""

    database: Database
    platforms: Mapping[str, Platform]
    rules: Rules
    answering: Answering
    ingest: Ingest
    owner: str
    wake: Callable[[], None] = lambda: None
    checkpoint: Callable[[str], None] = lambda _name: None
    _brands: dict[str, tuple[str, str]] = field(default_factory=dict)
    _read: dict[int, _Reading] = field(default_factory=dict)
    _fences: dict[int, int] = field(default_factory=dict)
    """The present fences of this transaction's posts."""
    _behind: dict[tuple[str, str], EmployeeRow | None] = field(default_factory=dict)
    """Whose accounts wrote them."""

    def run(self, limit: int = 100) -> int:
        """Handle up to ``limit`` posts; the number handled is returned."""
        with self.database.write() as session:
            rows = claim(
                session,
                PostRow,
                [PostState.NEW, PostState.WAITING],
                now=self.database.now(session),
                lease=self.rules.lease,
                owner=self.owner,
                limit=limit,
            )
        if not rows:
            return 0
        self._fetch_parents([row for row in rows if row.state == PostState.WAITING])
        self._read_ahead(rows)
        TimeSlices(
            self.database,
            handle=self._handle,
            failed=self._failed,
            finish=self._finish,
            rest=self.ingest.storm.give_way,
            prepare=self._prepare,
        ).work(rows)
        self.wake()
        return len(rows)

    def _finish(self, session: Session) -> None:
        changes.append(session, ChangeKind.WORK, 0, self.database.now(session))
        self.checkpoint("after_intake")

    def _read_ahead(self, rows: Sequence[PostRow]) -> None:
        """Read the posts before any transaction begins: it takes longer than writing what comes of them."""
        self._read.clear()
        for row in rows:
            with suppress(Exception):  # whoever handles the post reads it again, and it fails alone
                self._read[row.id] = _Reading.of(row)

    def _prepare(self, session: Session, rows: Sequence[PostRow]) -> None:
        """Read what every post needs in two queries instead of two for each."""
        self._fences = fences(session, rows)
        self._behind = identities.employees_behind(session, {(row.platform, row.author_id) for row in rows})

    def _handle(self, session: Session, row: PostRow) -> None:
        now = self.database.now(session)
        context = {"post_id": row.id, "platform": row.platform}
        if self._fences.get(row.id) != row.fence:
            log.info("post changed while it was handled", **context)
            return
        try:
            values = self._judge(session, row, now)
        except WaitForParent:  # raised before anything is written
            pause = self._pause(row.attempts - self._patience + 1)
            finish(session, row, state=PostState.WAITING, due_at=now + pause, attempts=row.attempts + 1)
            return
        finish(session, row, **{"due_at": None, "attempts": 0, "last_error": None, **values})
        log.info("post handled", verdict=values["verdict"], question_id=values.get("question_id"), **context)

    def _failed(self, session: Session, row: PostRow, error: Exception) -> None:
        if isinstance(error, LostLease):
            log.info("post changed while it was handled", post_id=row.id, platform=row.platform)
            return
        if isinstance(error, PlatformError):  # the platform's trouble, which passes
            self._put_off(session, row, error)
            return
        log.error("post failed", post_id=row.id, platform=row.platform, exc_info=error)
        waits = _MOST_WAITS if row.state == PostState.WAITING else 0  # to wait is no failure
        with suppress(LostLease):
            set_aside(
                session,
                row,
                error,
                attempts=self.rules.attempts + waits,
                quarantined=PostState.QUARANTINED,
                due_at=self.database.now(session) + self._pause(row.attempts + 1),
            )

    def _put_off(self, session: Session, row: PostRow, error: PlatformError) -> None:
        log.info("post waits for its platform", post_id=row.id, platform=row.platform, error=str(error))
        due_at = self.database.now(session) + _PLATFORM_REST
        with suppress(LostLease):
            finish(session, row, due_at=due_at, last_error=str(error)[:LONGEST_REASON])

    @property
    def _patience(self) -> int:
        """How many tries there are before a reply's patience is over."""
        return int(self.rules.parent_patience / _LATER)

    def _pause(self, doublings: int) -> timedelta:
        return min(_LATER * 2.0 ** min(max(doublings, 0), 20), _LATEST)

    def _judge(self, session: Session, post: PostRow, now: datetime) -> dict[str, Any]:
        """The columns to finish the post with: its verdict, and the question it belongs to."""
        if post.deleted_at is not None:
            post_deleted(session, post, now)
            return _done(PostKind.GONE, post.question_id)
        if post.verdict is not None and post.edited_at is not None and post.verdict not in _JUDGED_ANEW:
            post_edited(session, self.answering, post, now)
            return _done(PostKind(post.verdict), post.question_id)
        if post.verdict is not None and post.edited_at is None:
            # It was set aside after it had been judged, and a person has let it back in.
            return _done(PostKind(post.verdict), post.question_id)
        brand_id, brand_handle = self._brand(post.platform)
        if post.author_id == brand_id or post.is_repost:
            return {**_done(PostKind.NOT_FOR_US), **WITHOUT_WORDS}
        employee = self._behind[post.platform, post.author_id]
        linked = self._link(session, post, now)
        if linked is not None:
            return {**_done(PostKind.CODE), "employee_id": linked.id, **WITHOUT_WORDS}
        tagged = has_tag(post.text, self.rules.tag) or any(
            tag.casefold() == self.rules.tag.lstrip("#").casefold() for tag in post.tags
        )
        if employee is not None and identities.may_answer(employee):
            if not tagged:  # what employees post on their own account is none of our business
                return {**_done(PostKind.NOT_FOR_US), "employee_id": employee.id, **WITHOUT_WORDS}
            return self._answer(session, post, employee, now)
        return self._customer(session, post, tagged, brand_id, brand_handle, now)

    def _link(self, session: Session, post: PostRow, now: datetime) -> EmployeeRow | None:
        """Whether the post proves whose account it comes from, with a code given out for that."""
        for code in LINK_CODE.findall(post.text):
            employee = identities.use_link_code(session, code.lower(), post.platform, now)
            if employee is not None:
                identities.link(
                    session,
                    employee.id,
                    post.platform,
                    post.author_id,
                    post.author_handle,
                    proof="code",
                    now=now,
                )
                self._behind[post.platform, post.author_id] = employee
                return employee
        return None

    def _answer(
        self, session: Session, post: PostRow, employee: EmployeeRow, now: datetime
    ) -> dict[str, Any]:
        """A tagged post of somebody with the authority to answer."""
        question = self._question_of(session, post)
        base = {"employee_id": employee.id, "state": PostState.DONE}
        if question is None:
            why = None if Visibility.least(post.visibility).is_public else PRIVATE_ANSWER
            return {**base, "verdict": PostKind.UNMATCHED, "last_error": why}
        try:
            self.answering.take(session, question, employee, post.text, via=Via.POST, now=now, post=post)
        except NotAnswerable as error:
            return {
                **base,
                "verdict": PostKind.UNMATCHED,
                "question_id": question.id,
                "last_error": str(error),
            }
        return {**base, "verdict": PostKind.ANSWER, "question_id": question.id}

    def _question_of(self, session: Session, post: PostRow) -> QuestionRow | None:
        """The question a tagged post answers: up the thread, else the open one of the customer it names."""
        if post.in_reply_to:
            found = questions.up_the_thread(session, post.platform, post.in_reply_to)
            if found is not None:
                return found
            self._wait(session, post)
        named = [one.handle for one in post.addressed] or mentions(post.text)
        brand = self._brand(post.platform)[1].casefold()
        return questions.waiting_of_customers(
            session, post.platform, [name for name in named if name.casefold() != brand]
        )

    def _wait(self, session: Session, post: PostRow) -> None:
        """Raise WaitForParent while the post replied to may still come in, a bounded number of times."""
        if post.attempts >= _MOST_WAITS:
            return
        waited = self.database.now(session) - post.received_at
        if waited < self.rules.parent_patience:
            raise WaitForParent
        if questions.is_being_judged(session, post.platform, post.in_reply_to or "", below=post.external_id):
            raise WaitForParent

    def _customer(
        self, session: Session, post: PostRow, tagged: bool, brand_id: str, brand_handle: str, now: datetime
    ) -> dict[str, Any]:
        """A post of somebody who has no authority here: a customer, or a passer-by."""
        addressed = _addresses(post, brand_id, brand_handle)
        question = None
        if post.in_reply_to:
            question = questions.up_the_thread(session, post.platform, post.in_reply_to)
            if question is None and self._may_belong(session, post, addressed):
                self._wait(session, post)
        if question is not None and question.customer_id == post.author_id:
            return self._follow_up(session, post, question, now)
        if not addressed or (question is not None and tagged):
            return {**_done(PostKind.NOT_FOR_US), **WITHOUT_WORDS}
        return self._question(session, post, now)

    def _may_belong(self, session: Session, post: PostRow, addressed: bool) -> bool:
        """Whether the question above a reply may still turn up."""
        parent = post.in_reply_to or ""
        if questions.is_being_judged(session, post.platform, parent, below=post.external_id):
            return True
        return addressed and not questions.is_known(session, post.platform, parent)

    def _follow_up(
        self, session: Session, post: PostRow, question: QuestionRow, now: datetime
    ) -> dict[str, Any]:
        """The customer wrote again: thanks settles, anything else goes back to who answered."""
        lock_row(session, question)
        if question.state == QuestionState.WITHDRAWN:
            return self._question(session, post, now)
        had_answer = question.state in WITH_ANSWER
        if had_answer and is_thanks(post.text):
            questions.settle(session, question, now, satisfied=True)
            return _done(PostKind.THANKS, question.id)
        question.reply_to = post.id
        if had_answer or question.state == QuestionState.DISMISSED:
            question.round += 1
            question.rung = 0
            question.reopened_at = now
            question.satisfied = False if had_answer else question.satisfied
        reopened = question.state not in (QuestionState.ANSWERING, QuestionState.ESCALATED)
        questions.move(session, question, Event.FOLLOW_UP, due_at=now if reopened else None)
        if question.state != QuestionState.ANSWERING and not Visibility.least(post.visibility).is_public:
            keep_from_public(session, question, now)
        return _done(PostKind.FOLLOW_UP, question.id)

    def _question(self, session: Session, post: PostRow, now: datetime) -> dict[str, Any]:
        reading = self._read.get(post.id) or _Reading.of(post)
        number = questions.open_question(
            session, post, now, reading.state, language=reading.language, note=reading.note
        )
        return _done(PostKind.QUESTION, number)

    def _brand(self, platform: str) -> tuple[str, str]:
        if platform not in self._brands:
            adapter = self.platforms.get(platform)
            if adapter is None:
                return "", ""
            author = adapter.brand()
            self._brands[platform] = (author.id, author.handle)
        return self._brands[platform]

    def _fetch_parents(self, rows: list[PostRow]) -> None:
        """Ask the platforms for posts that others reply to and that have not come in.

        Whatever goes wrong with that, the replies are decided without it when they have waited long enough.
        """
        for platform in {row.platform for row in rows}:
            adapter = self.platforms.get(platform)
            wanted = sorted({row.in_reply_to for row in rows if row.platform == platform and row.in_reply_to})
            if adapter is None or not wanted:
                continue
            try:
                found = [look.post for look in ask(adapter, wanted).found if look.post is not None]
                self.ingest.write(found)
            except (PlatformError, NotStored) as error:
                log.info("parent not fetched", platform=platform, error=str(error))


def _done(verdict: PostKind, question_id: int | None = None) -> dict[str, Any]:
    return {"state": PostState.DONE, "verdict": verdict, "question_id": question_id}


def _addresses(post: PostRow, brand_id: str, brand_handle: str) -> bool:
    """Whether a post addresses the brand: by account where the platform tells, else by its handle."""
    if any(one.id == brand_id for one in post.addressed if one.id):
        return True
    handle = brand_handle.casefold()
    named = [one.handle for one in post.addressed] + mentions(post.text)
    return any(name.casefold() in (handle, handle.partition("@")[0]) for name in named)
