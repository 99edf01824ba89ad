"""Stop 3: an employee's words become an answer and its deliveries, in the caller's transaction.

Posts with the tag come here from intake, the desk comes directly. What may not go out by itself is held for
a person with a reason in words; the customer's question then stays with whoever was asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.actions.conversations import reuse
from bot.actions.conversations.audience import Audience
from bot.actions.conversations.hold_or_publish import (
    TOLD_ALREADY,
    Around,
    Decision,
    Said,
    composed,
    decide_answer,
    said_by,
    words_of,
)
from bot.actions.conversations.tell import tell_author
from bot.actions.rules import Rules
from bot.platforms.base import Platform
from bot.states import AnswerKind, AnswerState, ChangeKind, Via
from bot.store import changes, rows
from bot.store.backup import restored
from bot.store.conversations import answers, deliveries, offers, questions
from bot.store.conversations.publications import own_post, surroundings
from bot.store.engine import Session
from bot.store.people import identities
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from bot.wording.attachments import kept_warning
from routing.model.domain import OfferState, QuestionState
from routing.model.lifecycle import Event


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
        NotAnswerable when there is nobody to answer (any more), or nobody whom the desk may answer in public.
        """
        lock_row(session, question)
        changes.append(session, ChangeKind.WORK, question.id, now)
        if question.state == QuestionState.WITHDRAWN:
            raise NotAnswerable("The customer has deleted this question, so it cannot be answered any more.")
        around = self._around(session, question, employee, post, now)
        if via is Via.DESK and around.audience.why_not is not None:
            # Who wrote it still has it in front of them; a post has nowhere else to go.
            raise NotAnswerable(around.audience.why_not)
        said = self._said(session, question, employee, text, post)
        decision = decide_answer(said, around, self.rules, approved=approved_by is not None)
        answer = AnswerRow(
            question_id=question.id,
            employee_id=employee.id,
            post_id=post.id if post else None,
            via=via,
            text=said.text,
            warning=said.warning,
            round=question.round,
            credit=said.credit,
            reuse_of=said.reuse_of,
            written_at=now,
        )
        self._do(session, answer, decision, around, now)
        if answer.state != AnswerState.DROPPED:
            reuse.note_help(session, question, answer, now)
        if via is Via.POST:  # at the desk the page says so at once
            tell_author(session, self.rules, answer, now)
        return answer

    def preview(
        self, session: Session, question: QuestionRow, employee: EmployeeRow, text: str, now: datetime
    ) -> Decision:
        """What would become of an answer from the desk; nothing is written."""
        try:
            said = self._said(session, question, employee, text, None)
        except NotAnswerable as error:
            return Decision(impossible=str(error))
        return decide_answer(said, self._around(session, question, employee, None, now), self.rules)

    def rewrite(
        self, session: Session, question: QuestionRow, answer: AnswerRow, post: PostRow, now: datetime
    ) -> bool:
        """The tagged post has been edited before its answer went out: judge its words as if they were new.

        False, and nothing is done, when it is out or just going out.
        """
        queued = answer.state == AnswerState.QUEUED
        if not answers.stop(session, answer, AnswerState.HELD, "Its author is rewriting it.", now):
            return False
        employee = rows.one(session, EmployeeRow, answer.employee_id)
        deliveries.discard(session, answer.id)
        try:
            said = self._said(session, question, employee, post.text, post)
        except NotAnswerable as error:
            answer.held_for = str(error)
        else:
            if said.text != answer.text:
                answers.rewrite(
                    session, answer, said.text, by="author", reason="The post was edited.", now=now
                )
            answer.warning, answer.reuse_of, answer.credit = said.warning, said.reuse_of, said.credit
            around = self._around(session, question, employee, post, now, beside=answer)
            self._do(session, answer, decide_answer(said, around, self.rules), around, now)
        if queued and answer.state != AnswerState.QUEUED:
            questions.move(session, question, Event.ANSWER_DROPPED, due_at=now)
        tell_author(session, self.rules, answer, now)
        return True

    def send(self, session: Session, question: QuestionRow, answer: AnswerRow, now: datetime) -> AnswerRow:
        """Queue an answer that a person approves, or hold it with the reason why nobody can approve it.

        What is not public, what the guard refuses and what has no place to go is held.
        """
        around = self._beside(session, question, own_post(session, answer))
        said = Said(answer.text, answer.warning, answer.credit, answer.reuse_of)
        decision = decide_answer(said, around, self.rules, approved=True)
        if decision.dropped:
            answer.state, answer.held_for = AnswerState.HELD, decision.dropped
        else:
            self._do(session, answer, decision, around, now)
        return answer

    def point_to_archive(
        self, session: Session, question: QuestionRow, entry_id: int, now: datetime
    ) -> AnswerRow | None:
        """A first reply with the link of an entry; whoever was offered the question still is."""
        found = reuse.of_entry(session, entry_id)
        around = self._beside(session, question, None)
        if found is None or around.platform is None or around.reply_to is None or around.audience.why_not:
            return None
        text = reuse.pointer(found.entry, self.rules.archive_url)
        warning = kept_warning("", around.reply_to.warning, self.rules.guard)
        parts = composed(text, "", question, around.platform, self.rules, warning)
        answer = AnswerRow(
            question_id=question.id, text=text, round=question.round, kind=AnswerKind.POINTER, written_at=now
        )
        rows.keep(session, answer)
        self._queue(session, answer, parts, warning, around, now, due_at=now)
        return answer

    def _said(
        self,
        session: Session,
        question: QuestionRow,
        employee: EmployeeRow,
        text: str,
        post: PostRow | None,
    ) -> Said:
        """What an answer says, or repeats by an entry's number. Raises NotAnswerable."""
        words = words_of(text, post, employee.name, self.rules)
        try:
            reused = reuse.named(session, words)
        except reuse.NotThere as error:
            raise NotAnswerable(str(error)) from error
        handle = identities.handle_of(session, employee.id, question.platform)
        return said_by(words, post.warning if post else "", employee, handle, reused, self.rules)

    def _beside(self, session: Session, question: QuestionRow, own: PostRow | None) -> Around:
        """What there is around an answer that is not weighed against others."""
        posts = surroundings(session, question, own)
        platform = self.platforms.get(question.platform)
        return Around(question, platform, posts.target, Audience.among(posts), own=own)

    def _around(
        self,
        session: Session,
        question: QuestionRow,
        author: EmployeeRow,
        own: PostRow | None,
        now: datetime,
        *,
        beside: AnswerRow | None = None,
    ) -> Around:
        """All that there is around an answer; ``beside`` is that answer, where it is stored already."""
        rules = self.rules
        earlier = [
            one
            for one in answers.of_round(session, question)
            if one.employee_id is not None and one is not beside
        ]
        held = [one for one in earlier if one.state == AnswerState.HELD]
        day = now - timedelta(days=1)
        return replace(
            self._beside(session, question, own),
            author=author,
            earlier=earlier,
            publishable=[
                one.id
                for one in held
                if Audience.of(session, question, own_post(session, one)).why_not is None
            ],
            restored=restored.why_hold(session, own.posted_at) if own else None,
            given=answers.count_given(session, author.id) if rules.approve_first else 0,
            given_today=answers.count_given(session, author.id, since=day) if rules.daily_limit else 0,
        )

    def _do(
        self, session: Session, answer: AnswerRow, decision: Decision, around: Around, now: datetime
    ) -> None:
        """Drop the answer, hold it, or put it in the outbox."""
        answer.state, answer.held_for = AnswerState.QUEUED, decision.dropped or decision.held_for
        if answer.held_for:
            answer.state = AnswerState.DROPPED if decision.dropped else AnswerState.HELD
        rows.keep(session, answer)
        question = around.question
        may_be_public = decision.dropped is None and around.audience.why_not is None
        if may_be_public or decision.dropped == TOLD_ALREADY:
            offers.end_of_question(session, question.id, OfferState.ANSWERED, now, only=answer.employee_id)
        if answer.state == AnswerState.DROPPED:
            return
        for one in decision.replaces:
            answers.stop(session, one, AnswerState.WITHDRAWN, "Its author has written it again.", now)
        if answer.state == AnswerState.HELD:
            return
        due_at = now + self.rules.undo_window
        self._queue(session, answer, decision.parts, decision.warning, around, now, due_at=due_at)
        offers.end_of_question(session, question.id, OfferState.WITHDRAWN, now)
        questions.move(session, question, Event.ANSWER_STORED)

    def _queue(
        self,
        session: Session,
        answer: AnswerRow,
        parts: Sequence[str],
        warning: str,
        around: Around,
        now: datetime,
        *,
        due_at: datetime,
    ) -> None:
        """Put the parts in the outbox, each under a key of its own, no more visible than what they answer."""
        new_key = self.platforms[around.question.platform].new_key
        deliveries.queue_parts(
            session,
            answer,
            around.question,
            around.reply_to,
            [(new_key(now + timedelta(microseconds=n)), part) for n, part in enumerate(parts)],
            now=now,
            due_at=due_at,
            visibility=around.audience.visibility,
            warning=warning,
        )
