"""Stop 2a: what is this post? Question, follow-up, tagged answer, thanks, deletion, edit, or not for us.

A missed question is the worst error: doubt means question, and what is dismissed can be brought back.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.actions import private_details
from bot.actions.conversations.answer import Answering, NewAnswer, NotAnswerable
from bot.actions.conversations.audience import PRIVATE_ANSWER
from bot.actions.conversations.follow_up import follow_up
from bot.actions.conversations.visibility import show_added
from bot.actions.dialogue.thread import Thread, belongs_to
from bot.actions.endorse import endorsed_by_reply
from bot.actions.rules import Rules
from bot.actions.survey.say import say_in_reply
from bot.actions.taking_back.own_posts import post_changed
from bot.actions.unprompted import ask_what
from bot.platforms.base import Platform
from bot.posts import Author, PlatformError
from bot.states import ADDED, ChangeKind, PostKind, PostState, Via
from bot.steps.intake.overhearing import Overhearing
from bot.steps.intake.reading import JOINS, WORDLESS, Asking, Reading
from bot.steps.intake.slice import Decided, Slice, TaggedAnswer
from bot.steps.looks.lookups import ask
from bot.steps.time_slices import NotTogether, TimeSlices
from bot.store import changes
from bot.store.claim import LostLease, claim, fences, finish, finish_all, set_aside
from bot.store.conversations import posts, questions, threads
from bot.store.conversations.ingest import Ingest, NotStored
from bot.store.conversations.posts import WITHOUT_WORDS
from bot.store.conversations.questions import Opening
from bot.store.conversations.threads import Above
from bot.store.engine import Database, Session
from bot.store.matters import campaigns
from bot.store.people import identities
from bot.store.tables.columns import LONGEST_REASON
from bot.store.tables.conversations import PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from routing.dialogue.classifier import SURELY_ASIDE
from routing.dialogue.turns import TurnKind
from routing.model.domain import QuestionState

log = structlog.get_logger(__name__)

_LATER = timedelta(seconds=2)
_LATEST = timedelta(minutes=10)
"""The longest pause between two tries."""
_PLATFORM_REST = timedelta(seconds=15)
"""How long a post waits whose platform cannot be asked now."""
_MOST_WAITS = 16
"""Tries after which a reply is decided without the post above it: some five minutes."""
_JUDGED_ANEW = (PostKind.NOT_FOR_US, PostKind.UNMATCHED, PostKind.LISTENED)
"""Posts that belong to nothing yet: one that was edited is judged like a new one."""


class WaitForParent(Exception):
    """The post replies to one that has not come in yet."""


@dataclass
class Intake:
    """Looks at new posts in the order they came in."""

    database: Database
    platforms: Mapping[str, Platform]
    answering: Answering
    ingest: Ingest
    owner: str
    wake: Callable[[], None] = lambda: None
    checkpoint: Callable[[str], None] = lambda _name: None
    _brands: dict[str, Author] = field(default_factory=dict)
    _read: dict[int, Reading] = field(default_factory=dict)
    _slice: Slice = field(init=False)
    """The present transaction's posts."""

    @property
    def rules(self) -> Rules:
        """The rules of this moment."""
        return self.answering.rules

    def run(self, limit: int = 100) -> int:
        """Handle up to ``limit`` posts; the number handled is returned."""
        with self.database.read() as session:
            if not posts.any_due(session, self.database.now(session)):
                return 0
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
            rest=self.ingest.rush.give_way,
            prepare=self._prepare,
        ).work(rows)
        self.wake()
        return len(rows)

    def _finish(self, session: Session) -> None:
        """Write what was decided of all posts of this transaction."""
        share = self._slice
        now = share.now
        tagged = [one.given for _, one in share.answers]
        share.note_endorsed(endorsed_by_reply(session, self.answering, tagged, now))
        taken = self.answering.take_all(session, [one.given for _, one in share.answers], now)
        for (post, answer), became in zip(share.answers, taken, strict=True):
            refused = {"last_error": str(became)} if isinstance(became, NotAnswerable) else None
            share.done.append((post, {**answer.values, **(refused or {"verdict": PostKind.ANSWER})}))
        numbers = questions.open_all(session, share.openings, now)
        for opening, number in zip(share.openings, numbers, strict=True):
            share.done.append((opening.post, _done(PostKind.QUESTION, number)))
            if self.rules.asks_back and opening.note == WORDLESS:
                self._ask_back(session, number, now)
        finish_all(session, [(post, {**_HANDLED, **values}) for post, values in share.done])
        finish_all(session, share.waiting)
        share.overhearing.write(session, share.done, now)
        for post, values in share.done:
            known = {"verdict": values["verdict"], "question_id": values.get("question_id")}
            log.info("post handled", **known, post_id=post.id, platform=post.platform)
        touched = {values["question_id"] for _, values in share.done if values.get("question_id")}
        show_added(session, {values["question_id"] for _, values in share.done if _is_added(values)}, now)
        changes.append(session, ChangeKind.WORK, 0, now, questions=sorted(touched))
        self.checkpoint("after_intake")

    def _ask_back(self, session: Session, question_id: int, now: datetime) -> None:
        """Ask what a post without words is about, unless its author has been asked that already."""
        question = questions.held_one(session, question_id)
        if not questions.any_asked_back(session, question.platform, question.customer_id):
            ask_what(self.answering, session, question, now)

    def _read_ahead(self, rows: Sequence[PostRow]) -> None:
        """Read the posts before any transaction begins: it takes longer than writing what comes of them."""
        self._read.clear()
        brands: dict[str, Author] = {}
        for platform in {row.platform for row in rows}:
            with suppress(Exception):
                brands[platform] = self._brand(platform)
        for row in rows:
            if row.platform in brands:
                with suppress(Exception):  # whoever handles the post reads it again, and it fails alone
                    self._read[row.id] = Reading.of(row, brands[row.platform], self.rules)

    def _prepare(self, session: Session, rows: Sequence[PostRow]) -> None:
        """Read what the posts need, of each kind for all at once, and hold the questions they are about."""
        share = self._slice = Slice(
            self.database.now(session),
            fences=fences(session, rows),
            behind=identities.employees_behind(session, {(row.platform, row.author_id) for row in rows}),
            above=threads.above_all(session, [row for row in rows if row.deleted_at is None]),
        )
        share.overhearing = Overhearing.of(session, rows, self.rules.listened_a_day, share.now)
        for platform, seen in share.handles_of(rows).items():
            identities.note_handles(session, platform, seen)
        share.just_asked = self._just_asked(session, rows, share.now)
        asked = {row.question_id for row in rows}
        asked |= {one.id for one in share.just_asked.values()}
        asked |= {one.question.id for one in share.above.values() if one.question}
        questions.held_all(session, [one for one in asked if one is not None])

    def _handle(self, session: Session, row: PostRow) -> None:
        """Decide what a post is; most of what follows is written at the end, for all together."""
        share = self._slice
        if share.fences.get(row.id) != row.fence:
            log.info("post changed while it was handled", post_id=row.id, platform=row.platform)
            return
        try:
            share.join(row)
            share.take_in(row, self._judge(session, row, share.now))
        except WaitForParent:  # raised before anything is written
            pause = self._pause(row.attempts - self._patience + 1)
            values = {"state": PostState.WAITING, "due_at": share.now + pause, "attempts": row.attempts + 1}
            share.waiting.append((row, values))

    def _failed(self, session: Session, row: PostRow, error: Exception) -> None:
        self._slice = Slice(self.database.now(session))  # what was decided of it is not written either
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

    def _judge(self, session: Session, post: PostRow, now: datetime) -> Decided:
        """What the post is, and the question it belongs to."""
        if post.deleted_at is not None:
            self._slice.is_about(post.question_id)
            post_changed(session, self.answering, post, now)
            return _done(PostKind.GONE, post.question_id)
        if post.verdict is not None and (post.edited_at is None or post.verdict not in _JUDGED_ANEW):
            # Without an edit it was set aside after it had been judged, and a person has let it back in.
            if post.edited_at is not None:
                self._slice.is_about(post.question_id)
                post_changed(session, self.answering, post, now)
            done = _done(PostKind(post.verdict), post.question_id)  # a code's words are never kept
            return {**done, **WITHOUT_WORDS} if post.verdict == PostKind.CODE else done
        return self._judge_new(session, post, now)

    def _judge_new(self, session: Session, post: PostRow, now: datetime) -> Decided:
        """Of a post that belongs to nothing yet."""
        reading = self._read.get(post.id) or Reading.of(post, self._brand(post.platform), self.rules)
        if reading.is_own:
            return _NOT_FOR_US
        author = (post.platform, post.author_id)
        for code in reading.codes:
            linked = identities.link_by_code(session, code, *author, post.author_handle, now)
            if linked is not None:
                self._slice.behind[author] = linked
                return {**_NOT_FOR_US, "verdict": PostKind.CODE, "employee_id": linked.id}
        employee = self._slice.behind[author]
        if employee is not None and not identities.may_answer(employee):
            employee = None
        shown = () if employee is not None and reading.is_tagged else reading.proofs
        if (proof := private_details.posted(session, *author, shown, now)) is not None:
            return {**_NOT_FOR_US, "verdict": PostKind.CODE, "question_id": proof.question_id}
        if employee is not None and not reading.is_tagged:  # their own account is none of our business
            return {**_NOT_FOR_US, "employee_id": employee.id}
        above = self._slice.above[post.id]
        if above.question is not None and above.question.state == QuestionState.JOINED:
            raise WaitForParent  # it has just become part of another one: what is above is there by then
        is_awaited = employee is not None or above.is_pending or (reading.is_addressed and not above.is_known)
        is_late = now - post.received_at >= self.rules.parent_patience and not above.is_pending
        may_wait = post.in_reply_to is not None and post.attempts < _MOST_WAITS
        if above.question is None and may_wait and is_awaited and not is_late:
            raise WaitForParent
        if employee is None:
            return self._of_customer(session, post, reading, above, now)
        question = above.question or self._of_named(session, post, reading)
        return self._of_employee(post, employee, question)

    def _of_named(self, session: Session, post: PostRow, reading: Reading) -> QuestionRow | None:
        """The open question of a customer whom the post names."""
        if self._slice.has_opening_of(reading.named):
            raise NotTogether
        return threads.of_customers(session, post.platform, reading.named)

    def _of_employee(self, post: PostRow, employee: EmployeeRow, question: QuestionRow | None) -> Decided:
        """A tagged post of somebody with the authority to answer."""
        values = {**_done(PostKind.UNMATCHED), "employee_id": employee.id}
        if question is None:
            return {**values, "last_error": None if post.is_public else PRIVATE_ANSWER}
        if self.rules.counts_answers and self._slice.has_answer_of(employee):
            raise NotTogether
        self._slice.is_about(question.id)
        given = NewAnswer(question, employee, post.text, Via.POST, post)
        return TaggedAnswer(given, {**values, "question_id": question.id})

    def _of_customer(
        self, session: Session, post: PostRow, reading: Reading, above: Above, now: datetime
    ) -> Decided:
        """A post of somebody who has no authority here: a customer, or a passer-by."""
        asking = reading.asking or Asking.of(post)
        if (campaign := self._joined(session, post, reading)) is not None:
            return Opening(post, QuestionState.DISMISSED, asking.language, JOINS, joins_matter=campaign)
        follows, question = None, above.question
        is_addressed = reading.is_addressed or above.answers_announcement
        if question is not None and question.customer_id == post.author_id:
            self._slice.is_about(question.id)
            question.unasked = question.unasked and not is_addressed
            if say_in_reply(session, question, post, now):
                return _done(PostKind.ASIDE, question.id)
            continued = follow_up(session, question, post, now)
            if continued.verdict is not None:
                return _done(continued.verdict, question.id)
            follows = continued.follows
        elif question is not None and (said := self._of_another(session, question, post, reading)):
            return said
        elif not is_addressed or (question is not None and reading.is_tagged):
            return self._unaddressed(post, asking.language)
        elif question is None and post.is_public:
            added = self._added(session, post, now)
            if added is not None:
                return added
        return Opening(post, asking.state, asking.language, asking.note, follows, above.announcement_id)

    def _unaddressed(self, post: PostRow, language: str | None) -> Decided:
        """Of a post that asks us nothing: on the tray where we listen for it. Nobody of ours comes there."""
        is_ours = self._slice.behind[post.platform, post.author_id] is not None
        is_heard = not is_ours and self._slice.overhearing.hear(post, language)
        return _done(PostKind.LISTENED) if is_heard else _NOT_FOR_US

    def _joined(self, session: Session, post: PostRow, reading: Reading) -> int | None:
        """The matter whose campaign a post joins: said in public, and to the brand."""
        if not reading.joins or not reading.is_addressed or not post.is_public:
            return None
        return campaigns.joinable(session, reading.joins)

    def _of_another(
        self, session: Session, question: QuestionRow, post: PostRow, reading: Reading
    ) -> Decided | None:
        """Of somebody else's post in a customer's thread: None where it may be a question of their own."""
        if reading.is_tagged or not post.is_public or question.state == QuestionState.WITHDRAWN:
            return None
        judged = Thread.of(session, question).judge_other(post)
        if judged.kind == TurnKind.ANSWER:
            return _done(PostKind.COMMUNITY, question.id)
        is_idle = judged.kind in (TurnKind.THANKS, TurnKind.ASIDE) and judged.probability >= SURELY_ASIDE
        return dict(_NOT_FOR_US) if is_idle else None

    def _just_asked(
        self, session: Session, rows: Sequence[PostRow], now: datetime
    ) -> dict[tuple[str, str], QuestionRow]:
        """What the authors of posts that reply to nothing asked a moment ago."""
        since = now - self.rules.same_question_within
        new = [row for row in rows if row.in_reply_to is None and row.question_id is None]
        return threads.just_asked(session, {(row.platform, row.author_id) for row in new}, since)

    def _added(self, session: Session, post: PostRow, now: datetime) -> Decided | None:
        """Of a post beside the thread of what its author asked a moment ago: None where it adds nothing."""
        if post.in_reply_to is not None:
            return None
        if self._slice.has_opening_by(post):
            raise NotTogether
        question = self._slice.just_asked.get((post.platform, post.author_id))
        if question is None or not belongs_to(session, question, post):
            return None
        self._slice.is_about(question.id)
        continued = follow_up(session, question, post, now)
        return None if continued.verdict is None else _done(continued.verdict, question.id)

    def _brand(self, platform: str) -> Author:
        if platform not in self._brands:
            adapter = self.platforms.get(platform)
            if adapter is None:
                return Author("")
            self._brands[platform] = adapter.brand()
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


def _is_added(values: Mapping[str, Any]) -> bool:
    """Whether this is a post that adds to a question, or one that is gone and may have."""
    return values.get("question_id") is not None and values["verdict"] in (*ADDED, PostKind.GONE)


_HANDLED = {"due_at": None, "attempts": 0, "last_error": None}
"""The columns of a post that is done with, if nothing else is said."""
_NOT_FOR_US = {**_done(PostKind.NOT_FOR_US), **WITHOUT_WORDS}  # of a post that is not kept
