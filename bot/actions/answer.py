"""Stop 3: an employee's words become an answer and its deliveries, in the caller's transaction.

Posts with the tag come here from intake, the desk comes directly. What may not go out by itself is held for
a person with a reason in words; the customer's question then stays with whoever was asked.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.actions import reuse
from bot.actions.audience import Audience, own_post
from bot.actions.judge import judge
from bot.actions.rules import Rules
from bot.actions.tell import tell_author
from bot.platforms.base import Platform
from bot.states import AnswerKind, AnswerState, ChangeKind, Via
from bot.store import changes
from bot.store.backup import restored
from bot.store.conversations import answers, deliveries, offers, questions
from bot.store.engine import Session
from bot.store.hold import hold
from bot.store.people import identities
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from bot.wording import guard
from bot.wording.beside import LONGEST_WARNING, Folded, kept_warning, not_carried, own_warning, unwarned
from bot.wording.compose import CannotCompose, CreditStyle, compose, credit_line
from bot.wording.signature import names_of, without_signature
from routing.model.domain import OfferState, QuestionState
from routing.model.lifecycle import Event
from routing.model.text import normalise, own_words

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
        NotAnswerable when there is nobody to answer (any more), or nobody whom the desk may answer in public.
        """
        hold(session, question)
        changes.append(session, ChangeKind.WORK, question.id, now)
        if question.state == QuestionState.WITHDRAWN:
            raise NotAnswerable("The customer has deleted this question, so it cannot be answered any more.")
        private = Audience.of(session, question, None).why_not if via is Via.DESK else None
        if private is not None:  # who wrote it still has it in front of them; a post has nowhere else to go
            raise NotAnswerable(private)
        said = self._said(session, question, employee, text, post)
        earlier = [one for one in answers.of_round(session, question) if one.employee_id is not None]
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
        session.add(answer)
        if self._is_told_already(session, question, answer, earlier, now):
            answer.state = AnswerState.DROPPED
            answer.held_for = "It says the same as the answer that is there already, so it was not published."
            session.flush()
            offers.end_of_question(session, question.id, OfferState.ANSWERED, now, only=employee.id)
        else:
            session.flush()
            self._judge(session, question, answer, earlier, now, approved=approved_by is not None)
        if answer.state != AnswerState.DROPPED:
            judge(session, question, answer, now)
        if via is Via.POST:  # at the desk the page says so at once
            tell_author(session, self.rules, answer, now)
        return answer

    def rewrite(
        self, session: Session, question: QuestionRow, answer: AnswerRow, post: PostRow, now: datetime
    ) -> bool:
        """The tagged post has been edited before its answer went out: judge its words as if they were new.

        False, and nothing is done, when it is out or just going out.
        """
        queued = answer.state == AnswerState.QUEUED
        if not answers.stop(session, answer, AnswerState.HELD, "Its author is rewriting it.", now):
            return False
        employee = session.get_one(EmployeeRow, answer.employee_id)
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
            earlier = [
                one
                for one in answers.of_round(session, question)
                if one.employee_id is not None and one.id != answer.id
            ]
            self._judge(session, question, answer, earlier, now)
        if queued and answer.state != AnswerState.QUEUED:
            questions.move(session, question, Event.ANSWER_DROPPED, due_at=now)
        tell_author(session, self.rules, answer, now)
        return True

    def point_to_archive(
        self, session: Session, question: QuestionRow, entry_id: int, now: datetime
    ) -> AnswerRow | None:
        """A first reply with the link of an entry; whoever was offered the question still is."""
        found = reuse.of_entry(session, entry_id)
        target = session.get(PostRow, question.reply_to) if question.reply_to else None
        if found is None or target is None or question.platform not in self.platforms:
            return None
        if Audience.of(session, question, None, target).why_not is not None:
            return None
        text = reuse.pointer(found.entry, self.rules.archive_url)
        answer = AnswerRow(
            question_id=question.id,
            text=text,
            round=question.round,
            kind=AnswerKind.POINTER,
            written_at=now,
        )
        session.add(answer)
        session.flush()
        warning = self.warning(session, question, "")
        parts = self.compose(text, "", question, warning)
        self._queue(session, answer, question, target, parts, warning, now, now)
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
        """Compose an answer and queue it, or hold it with the reason why.

        Whoever approved it, what is not public, what the guard refuses and what has no place to go is held.
        """
        target = session.get(PostRow, question.reply_to) if question.reply_to else None
        private = Audience.of(session, question, own_post(session, answer), target).why_not
        warning = self.warning(session, question, answer.warning)
        parts: list[str] = []
        try:
            parts = self.compose(answer.text, answer.credit, question, warning)
        except CannotCompose as error:
            held_for = str(error)
        if held_for is None and (target is None or target.deleted_at is not None):
            held_for = "The customer's post is not there to reply to."
        verdict = self.examine(question, answer.text, answer.warning, answer.credit)
        if verdict.outcome is guard.Outcome.REFUSE:
            held_for = verdict.words
        if private is None:
            offers.end_of_question(session, question.id, OfferState.ANSWERED, now, only=answer.employee_id)
        if private is not None or held_for is not None:
            answer.state, answer.held_for = AnswerState.HELD, private or held_for
            session.add(answer)
            session.flush()
            return answer
        answer.state, answer.held_for = AnswerState.QUEUED, None
        session.add(answer)
        due_at = now + self.rules.undo_window
        self._queue(session, answer, question, target, parts, warning, now, due_at)
        offers.end_of_question(session, question.id, OfferState.WITHDRAWN, now)
        questions.move(session, question, Event.ANSWER_STORED)
        return answer

    def _queue(
        self,
        session: Session,
        answer: AnswerRow,
        question: QuestionRow,
        target: PostRow | None,
        parts: list[str],
        warning: str,
        now: datetime,
        due_at: datetime,
    ) -> None:
        """Put the parts in the outbox, each under a key of its own, no more visible than what they answer."""
        new_key = self.platforms[question.platform].new_key
        keyed = [(new_key(now + timedelta(microseconds=n)), part) for n, part in enumerate(parts)]
        audience = Audience.of(session, question, own_post(session, answer), target)
        deliveries.queue_parts(
            session,
            answer,
            question,
            target,
            keyed,
            now=now,
            due_at=due_at,
            visibility=audience.visibility,
            warning=warning,
        )

    def compose(self, text: str, credit: str, question: QuestionRow, warning: str = "") -> list[str]:
        """The posts an answer would become on the question's platform, each behind the content warning.

        Raises CannotCompose.
        """
        platform = self.platforms.get(question.platform)
        if platform is None:
            raise CannotCompose(
                f"Chorus is not connected to {question.platform} now: nothing can be published there."
            )
        if len(warning) > LONGEST_WARNING:
            raise CannotCompose(
                f"The content warning has {len(warning)} characters; at most {LONGEST_WARNING} are allowed."
            )
        return compose(
            text,
            credit=credit,
            measure=Folded(platform.measure, warning) if warning else platform.measure,
            asker=question.customer_handle or None,
            greets=platform.traits.greets_asker,
            tag=self.rules.tag,
            max_parts=self.rules.max_parts,
        )

    def warning(self, session: Session, question: QuestionRow, own: str) -> str:
        """The content warning in front of the brand's reply: the answer's ``own``, else the question's."""
        target = session.get(PostRow, question.reply_to) if question.reply_to else None
        return kept_warning(own, target.warning if target else "", self.rules.guard)

    def examine(self, question: QuestionRow, text: str, *beside: str) -> guard.Verdict:
        """What the guard says of an answer, and of what is published ``beside`` it (warning, credit)."""
        policy, platform = self.rules.guard, self.platforms.get(question.platform)
        if platform is not None:
            policy = policy.on(platform.measure, question.customer_handle)
        return guard.examine(text, policy, *beside)

    def words(self, text: str, author: str) -> str:
        """The answer's own words: without tag, leading handles and, if it will be credited, signature."""
        text = own_words(text, self.rules.tag)
        return text if self.rules.credit is CreditStyle.NONE else without_signature(text, names_of(author))

    def credit(self, session: Session, employee: EmployeeRow, platform: str) -> str:
        """How the public sees who answered."""
        handle = identities.handle_of(session, employee.id, platform)
        return credit_line(employee.name, handle, self.rules.credit)

    def _said(
        self,
        session: Session,
        question: QuestionRow,
        employee: EmployeeRow,
        text: str,
        post: PostRow | None,
    ) -> "_Said":
        """What an answer says, or repeats by an entry's number. Raises NotAnswerable."""
        warning = own_warning(post.warning, self.rules.tag) if post else ""
        words = self.words(unwarned(text, post.warning) if post else text, employee.name)
        credit = self.credit(session, employee, question.platform)
        try:
            reused = reuse.named(session, words)
        except reuse.NotThere as error:
            raise NotAnswerable(str(error)) from error
        if reused is None:
            return _Said(words, warning, credit)
        return _Said(
            reused.answer.text, warning or reused.answer.warning, reused.credit(credit), reused.entry.id
        )

    def _is_told_already(
        self,
        session: Session,
        question: QuestionRow,
        answer: AnswerRow,
        earlier: list[AnswerRow],
        now: datetime,
    ) -> bool:
        """Whether another answer says the same and is out, on its way, or may still be published.

        One of the same person that was held is what this one replaces.
        """
        twins = [one for one in earlier if _same(one.text, answer.text)]
        if any(one.state in answers.ON_ITS_WAY for one in twins):
            return True
        for one in (twin for twin in twins if twin.state == AnswerState.HELD):
            if one.employee_id == answer.employee_id:
                answers.stop(session, one, AnswerState.WITHDRAWN, "Its author has written it again.", now)
            elif Audience.of(session, question, own_post(session, one)).why_not is None:
                return True
        return False

    def _judge(
        self,
        session: Session,
        question: QuestionRow,
        answer: AnswerRow,
        earlier: list[AnswerRow],
        now: datetime,
        *,
        approved: bool = False,
    ) -> None:
        """Drop it, hold it, or send it."""
        verdict = self.examine(question, answer.text, answer.warning, answer.credit)
        if verdict.outcome is guard.Outcome.REFUSE:
            answer.state, answer.held_for = AnswerState.DROPPED, verdict.words
            session.add(answer)
            session.flush()
            return
        own = own_post(session, answer)
        why = restored.why_hold(session, own.posted_at) if own is not None else None
        if why is None and not approved:
            why = self._why_hold(session, answer, own, earlier, verdict, now)
        self.send(session, question, answer, now, held_for=why)

    def _why_hold(
        self,
        session: Session,
        answer: AnswerRow,
        own: PostRow | None,
        earlier: list[AnswerRow],
        verdict: guard.Verdict,
        now: datetime,
    ) -> str | None:
        """Why a person has to decide about this answer; None when it may go out by itself."""
        others = [one for one in earlier if one.state in answers.ON_ITS_WAY]
        if any(one.employee_id != answer.employee_id for one in others):
            return "Somebody else's answer is out or on its way: add this one, correct the first, or drop it."
        if others:
            return "Its author has answered this already: add this one, correct the first, or drop it."
        if verdict.outcome is not guard.Outcome.ALLOW:
            return verdict.words
        return (own and not_carried(own.pictures, own.choices)) or self._why_too_many(session, answer, now)

    def _why_too_many(self, session: Session, answer: AnswerRow, now: datetime) -> str | None:
        """Why this person's answer waits: a newcomer's, or one of very many."""
        newcomers = self.rules.approve_first
        if newcomers and answers.count_beside(session, answer) < newcomers:
            return f"The first {newcomers} answers of a newcomer are approved by a person."
        if self.rules.daily_limit:
            today = answers.count_beside(session, answer, since=now - timedelta(days=1))
            if today >= self.rules.daily_limit:
                name = session.get_one(EmployeeRow, answer.employee_id).name
                return f"{name} gave {today} answers within a day; a person approves more than that."
        return None


@dataclass(frozen=True, slots=True)
class _Said:
    """An answer's words, the content warning in front of them, who is credited, and the entry repeated."""

    text: str
    warning: str
    credit: str
    reuse_of: int | None = None


def _same(one: str, other: str) -> bool:
    first, second = normalise(one), normalise(other)
    if first == second:
        return True
    matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
    return matcher.quick_ratio() >= _SAME and matcher.ratio() >= _SAME
