"""Stop 3: an employee's words become an answer and its deliveries, in the caller's transaction.

Posts with the tag come here from intake, the desk comes directly. What may not go out by itself is held for
a person with a reason in words; the customer's question then stays with whoever was asked.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import guard
from bot.compose import CannotCompose, compose, credit_line
from bot.platforms.base import Platform
from bot.posts import PlatformName
from bot.rules import Rules
from bot.states import AnswerState, Via
from bot.steps import reuse
from bot.steps.judge import judge
from bot.store import answers, deliveries, identities, questions, restored
from bot.store.engine import Session
from bot.store.people import EmployeeRow
from bot.store.tables import AnswerRow, PostRow, QuestionRow
from routing.domain import OfferState, QuestionState
from routing.lifecycle import Event
from routing.text import normalise, strip_leading_handles, strip_tag

_SAME = 0.93
"""Similarity (0 to 1) from which two answers to one question count as the same."""


class NotAnswerable(Exception):
    """This answer cannot be taken; ``str(error)`` tells its author why and what to do."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Takes answers in: knows the platforms' measures and the house's rules."""

    platforms: Mapping[str, Platform]
    rules: Rules

    def take(
        self,
        session: Session,
        question: QuestionRow,
        employee: EmployeeRow,
        text: str,
        *,
        via: Via,
        now: datetime,
        post: PostRow | None = None,
        approved_by: str | None = None,
    ) -> AnswerRow:
        """Store an answer and, unless something holds it, its deliveries; end the offers.

        ``approved_by`` names a person who has seen it: nothing but impossibility holds it then. Raises
        NotAnswerable when there is nobody to answer any more.
        """
        if question.state == QuestionState.WITHDRAWN:
            raise NotAnswerable("The customer has deleted this question, so it cannot be answered any more.")
        words, credit = self.words(text), self.credit(session, employee, question.platform)
        try:
            reused = reuse.named(session, words)
        except reuse.NotThere as error:
            raise NotAnswerable(str(error)) from error
        answer = AnswerRow(
            question_id=question.id or 0,
            employee_id=employee.id,
            post_id=post.id if post else None,
            via=via,
            text=reused.answer.text if reused else words,
            round=question.round,
            credit=reused.credit(credit) if reused else credit,
            reuse_of=reused.entry.id if reused else None,
            written_at=now,
        )
        earlier = [one for one in answers.of_round(session, question) if one.employee_id is not None]
        session.add(answer)
        twin = next((one for one in earlier if _same(one.text, answer.text) and _counts(one)), None)
        if twin is not None:
            answer.state = AnswerState.DROPPED
            answer.held_for = "It says the same as the answer that is there already, so it was not published."
            session.flush()
            questions.end_offers(session, question, now, OfferState.ANSWERED, only=employee.id)
            return answer
        session.flush()
        verdict = guard.examine(answer.text, self.rules.guard)
        if verdict.outcome is guard.Outcome.REFUSE:
            answer.state, answer.held_for = AnswerState.DROPPED, verdict.words
            return answer
        why = self._why_restored(session, post)
        if why is None and approved_by is None:
            why = self._why_hold(session, answer, employee, earlier, now)
        self.send(session, question, answer, now, held_for=why)
        judge(session, question, answer, now)
        return answer

    def point_to_archive(
        self, session: Session, question: QuestionRow, entry_id: int, now: datetime
    ) -> AnswerRow | None:
        """A first reply with the link of an entry; whoever was offered the question still is."""
        found = reuse.of_entry(session, entry_id)
        target = session.get(PostRow, question.reply_to) if question.reply_to else None
        if found is None or target is None or question.platform not in self.platforms:
            return None
        text = reuse.pointer(found.entry, self.rules.archive_url)
        answer = AnswerRow(
            question_id=question.id or 0,
            text=text,
            round=question.round,
            kind="pointer",
            written_at=now,
        )
        session.add(answer)
        session.flush()
        parts = self.compose(text, "", question)
        self._queue(session, answer, question, target, parts, now, now)
        return answer

    def send(
        self,
        session: Session,
        question: QuestionRow,
        answer: AnswerRow,
        now: datetime,
        *,
        held_for: str | None = None,
    ) -> AnswerRow:
        """Compose an answer and queue it, or hold it with the reason why."""
        target = session.get(PostRow, question.reply_to) if question.reply_to else None
        parts: list[str] = []
        try:
            parts = self.compose(answer.text, answer.credit, question)
        except CannotCompose as error:
            held_for = str(error)
        if held_for is None and (target is None or target.deleted_at is not None):
            held_for = "The customer's post is not there to reply to."
        questions.end_offers(session, question, now, OfferState.ANSWERED, only=answer.employee_id)
        if held_for is not None:
            answer.state, answer.held_for = AnswerState.HELD, held_for
            session.add(answer)
            session.flush()
            return answer
        answer.state, answer.held_for = AnswerState.QUEUED, None
        session.add(answer)
        self._queue(session, answer, question, target, parts, now, now + self.rules.undo_window)
        questions.end_offers(session, question, now, OfferState.WITHDRAWN)
        questions.move(session, question, Event.ANSWER_STORED)
        return answer

    def _queue(
        self,
        session: Session,
        answer: AnswerRow,
        question: QuestionRow,
        target: PostRow | None,
        parts: list[str],
        now: datetime,
        due_at: datetime,
    ) -> None:
        """Put the parts in the outbox, each under a key of its own."""
        new_key = self.platforms[question.platform].new_key
        keyed = [(new_key(now + timedelta(microseconds=n)), part) for n, part in enumerate(parts)]
        deliveries.queue_parts(session, answer, question, target, keyed, now=now, due_at=due_at)

    def compose(self, text: str, credit: str, question: QuestionRow) -> list[str]:
        """The posts an answer would become on the question's platform. Raises CannotCompose."""
        platform = self.platforms.get(question.platform)
        if platform is None:
            raise CannotCompose(
                f"Chorus is not connected to {question.platform} now: nothing can be published there."
            )
        asker = question.customer_handle if question.platform == PlatformName.MASTODON else None
        return compose(
            text,
            credit=credit,
            measure=platform.measure,
            asker=asker,
            tag=self.rules.tag,
            max_parts=self.rules.max_parts,
        )

    def words(self, text: str) -> str:
        """The answer's own words: without tag and leading handles."""
        before = ""
        while before != text:
            before, text = text, strip_leading_handles(strip_tag(text, self.rules.tag)).strip()
        return text

    def credit(self, session: Session, employee: EmployeeRow, platform: str) -> str:
        """How the public sees who answered."""
        handle = identities.handle_of(session, employee.id or 0, platform)
        return credit_line(employee.name, handle, self.rules.credit)

    def _why_restored(self, session: Session, post: PostRow | None) -> str | None:
        """Why an answer that may have been published before the database was restored has to wait."""
        return restored.why_hold(session, post.posted_at) if post is not None else None

    def _why_hold(
        self,
        session: Session,
        answer: AnswerRow,
        employee: EmployeeRow,
        earlier: list[AnswerRow],
        now: datetime,
    ) -> str | None:
        """Why a person has to decide about this answer; None when it may go out by itself."""
        if any(one.state in answers.ON_ITS_WAY for one in earlier):
            return "Somebody else's answer is out or on its way: add this one, correct the first, or drop it."
        verdict = guard.examine(answer.text, self.rules.guard)
        if verdict.outcome is not guard.Outcome.ALLOW:
            return " ".join(finding.words for finding in verdict.findings)
        newcomers = self.rules.approve_first
        if newcomers and answers.count_of(session, employee.id or 0) < newcomers:
            return f"The first {newcomers} answers of a newcomer are approved by a person."
        if self.rules.daily_limit:
            today = answers.count_of(session, employee.id or 0, since=now - timedelta(days=1))
            if today >= self.rules.daily_limit:
                return f"{employee.name} gave {today} answers within a day; a person approves more than that."
        return None


def _counts(answer: AnswerRow) -> bool:
    return answer.state in (*answers.ON_ITS_WAY, AnswerState.HELD)


def _same(one: str, other: str) -> bool:
    first, second = normalise(one), normalise(other)
    if first == second:
        return True
    matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
    return matcher.quick_ratio() >= _SAME and matcher.ratio() >= _SAME
