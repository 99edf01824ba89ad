"""Stop 3: an employee's words become an answer and its deliveries, in the caller's transaction.

Posts with the tag come here from intake, the desk comes directly. What may not go out by itself is held for
a person with a reason in words; the customer's question then stays with whoever was asked.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.actions.conversations import reuse
from bot.actions.conversations.audience import Audience
from bot.actions.conversations.hold_or_publish import (
    QUESTION_DELETED,
    REWRITING,
    TOLD_ALREADY,
    WRITTEN_AGAIN,
    Around,
    Decision,
    Said,
    composed,
    decide_answer,
    is_repostable,
    said_by,
    words_of,
)
from bot.actions.conversations.tell import tell_author, tell_held
from bot.actions.dialogue.thread import Thread
from bot.actions.rules import InForce, Rules
from bot.actions.steering.given import GivenLately
from bot.platforms.base import Platform
from bot.states import AnswerKind, AnswerState, ChangeKind, Via
from bot.store import changes, rows
from bot.store.backup import restored
from bot.store.conversations import answers, deliveries, offers, publications, questions
from bot.store.engine import Session
from bot.store.people import identities
from bot.store.people.identities import Handles
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from bot.wording.attachments import kept_warning
from bot.wording.compose import CannotCompose
from routing.dialogue.turns import TurnKind
from routing.model.domain import OfferState, QuestionState
from routing.model.lifecycle import Event


class NotAnswerable(Exception):
    """This answer cannot be taken; ``str(error)`` tells its author why and what to do."""


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """What an employee says in answer to a question.

    ``post`` is the tagged post that it was said in, None at the desk. ``approved_by`` names a person who has
    seen it: nothing but impossibility holds it then. ``kind`` is what its writer says that it is; None: what
    it is judged to be. ``for_archive`` is whether the archive may have it; the private tag forbids it, too.
    """

    question: QuestionRow
    employee: EmployeeRow
    text: str
    via: Via
    post: PostRow | None = None
    approved_by: str | None = None
    kind: TurnKind | None = None
    for_archive: bool = True


@dataclass(frozen=True, slots=True)
class _Judged:
    """An answer that is about to be stored, what was decided of it, and from what."""

    answer: AnswerRow
    decision: Decision
    around: Around


@dataclass(frozen=True, slots=True)
class Answering:
    """Takes answers in: knows the platforms' measures and the house's rules."""

    platforms: Mapping[str, Platform]
    in_force: InForce

    @property
    def rules(self) -> Rules:
        """The rules of this moment."""
        return self.in_force()

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
        kind: TurnKind | None = None,
        for_archive: bool = True,
    ) -> AnswerRow:
        """Store an answer and, unless something holds it, its deliveries; end the offers.

        Raises NotAnswerable when there is nobody to answer (any more), or nobody whom the desk may answer in
        public.
        """
        given = NewAnswer(question, employee, text, via, post, approved_by, kind, for_archive)
        (taken,) = self.take_all(session, [given], now)
        if isinstance(taken, NotAnswerable):
            raise taken
        return taken

    def take_all(
        self, session: Session, given: Sequence[NewAnswer], now: datetime
    ) -> list[AnswerRow | NotAnswerable]:
        """As ``take`` of each of these, in order: what it would raise stands in the answer's place.

        No two may be about the same question.
        """
        questions.held_all(session, [one.question.id for one in given])
        for one in given:
            changes.append(session, ChangeKind.WORK, one.question.id, now)
        around = self._around_all(session, given, now)
        handles = identities.handles(session, {one.employee.id for one in given})
        threads = Thread.of_all(session, {one.question.id for one in given})
        found = [
            self._judged(session, one, about, handles, threads[one.question.id], now)
            for one, about in zip(given, around, strict=True)
        ]
        judged = [one for one in found if isinstance(one, _Judged)]
        self._do_all(session, judged, now)
        for taken in judged:
            if taken.answer.state != AnswerState.DROPPED:
                reuse.note_help(session, taken.around.question, taken.answer, now)
            if taken.answer.via == Via.POST:  # at the desk the page says so at once
                tell_author(session, self.rules, taken.answer, now)
        return [one if isinstance(one, NotAnswerable) else one.answer for one in found]

    def _judged(
        self,
        session: Session,
        given: NewAnswer,
        around: Around,
        handles: Handles,
        thread: Thread,
        now: datetime,
    ) -> _Judged | NotAnswerable:
        question, post = given.question, given.post
        if question.state == QuestionState.WITHDRAWN:
            return NotAnswerable(QUESTION_DELETED)
        if given.via is Via.DESK and around.audience.why_not is not None:
            # Who wrote it still has it in front of them; a post has nowhere else to go.
            return NotAnswerable(around.audience.why_not)
        try:
            said = self._said(session, question, given.employee, given.text, post, handles)
        except NotAnswerable as error:
            return error
        answer = AnswerRow(
            question_id=question.id,
            employee_id=given.employee.id,
            post_id=post.id if post else None,
            via=given.via,
            text=said.text,
            warning=said.warning,
            round=question.round,
            credit=said.credit,
            reuse_of=said.reuse_of,
            said=given.kind or thread.judge_answer(said.text, post),
            said_by_person=given.kind is not None,
            for_archive=given.for_archive and not self.rules.keeps_out(given.text),
            written_at=now,
        )
        decision = decide_answer(said, around, self.rules, approved=given.approved_by is not None)
        return _Judged(answer, decision, around)

    def preview(
        self, session: Session, question: QuestionRow, employee: EmployeeRow, text: str, now: datetime
    ) -> Decision:
        """What would become of an answer from the desk; nothing is written."""
        try:
            handles = identities.handles(session, [employee.id])
            said = self._said(session, question, employee, text, None, handles)
        except NotAnswerable as error:
            return Decision(impossible=str(error))
        given = NewAnswer(question, employee, text, Via.DESK)
        (around,) = self._around_all(session, [given], now)
        decided = decide_answer(said, around, self.rules)
        return replace(decided, judged=Thread.of(session, question).judge_answer(said.text))

    def rewrite(
        self, session: Session, question: QuestionRow, answer: AnswerRow, post: PostRow, now: datetime
    ) -> bool:
        """The tagged post has been edited before its answer went out: judge its words as if they were new.

        False, and nothing is done, when it is out or just going out.
        """
        queued = answer.state == AnswerState.QUEUED
        if not answers.stop(session, answer, AnswerState.HELD, REWRITING, now):
            return False
        employee = rows.one(session, EmployeeRow, answer.employee_id)
        deliveries.discard(session, answer.id)
        try:
            handles = identities.handles(session, [employee.id])
            said = self._said(session, question, employee, post.text, post, handles)
        except NotAnswerable as error:
            answer.held_for = str(error)
            tell_held(session, [answer])
        else:
            if said.text != answer.text:
                answers.rewrite(
                    session, answer, said.text, by="author", reason="The post was edited.", now=now
                )
            answer.warning, answer.reuse_of, answer.credit = said.warning, said.reuse_of, said.credit
            answer.for_archive = not self.rules.keeps_out(post.text)
            if not answer.said_by_person:
                answer.said = Thread.of(session, question).judge_answer(said.text, post)
            given = NewAnswer(question, employee, post.text, Via.POST, post)
            (around,) = self._around_all(session, [given], now, beside=answer)
            decision = decide_answer(said, around, self.rules)
            self._do_all(session, [_Judged(answer, decision, around)], now)
        if queued and answer.state != AnswerState.QUEUED:
            questions.move(session, question, Event.ANSWER_DROPPED, due_at=now)
        tell_author(session, self.rules, answer, now)
        return True

    def send(self, session: Session, question: QuestionRow, answer: AnswerRow, now: datetime) -> AnswerRow:
        """Queue an answer that a person approves, or hold it with the reason why nobody can approve it.

        What is not public, what the guard refuses and what has no place to go is held.
        """
        around = self._beside(session, question, publications.own_post(session, answer))
        said = Said(answer.text, answer.warning, answer.credit, answer.reuse_of)
        decision = decide_answer(said, around, self.rules, approved=True)
        if decision.dropped:
            answer.state, answer.held_for = AnswerState.HELD, decision.dropped
            tell_held(session, [answer])
        else:
            self._do_all(session, [_Judged(answer, decision, around)], now)
        return answer

    def say(
        self,
        session: Session,
        question: QuestionRow,
        text: str,
        now: datetime,
        *,
        kind: AnswerKind = AnswerKind.ANSWER,
        said: TurnKind | None = None,
    ) -> AnswerRow | None:
        """Publish what nobody in particular says; None where it has no place to go, or nobody asked us."""
        return self.say_all(session, [(question, text)], now, kind=kind, said=said)[0]

    def say_all(
        self,
        session: Session,
        texts: Sequence[tuple[QuestionRow, str]],
        now: datetime,
        *,
        kind: AnswerKind,
        said: TurnKind | None = None,
    ) -> list[AnswerRow | None]:
        """As ``say``, in reply to each of these questions, all in one."""
        posts = publications.surroundings_of_all(session, [(question, None) for question, _ in texts])
        found: list[AnswerRow | None] = []
        going: list[tuple[AnswerRow, list[str], str, Around]] = []
        for (question, text), seen in zip(texts, posts, strict=True):
            around, answer = self._within(question, seen), None
            if not question.unasked and around.platform and around.reply_to and not around.audience.why_not:
                warning = kept_warning("", around.reply_to.warning, self.rules.guard, question.language)
                with suppress(CannotCompose):  # this customer's handle or warning leaves no room for it
                    parts = composed(text, "", question, around.platform, self.rules, warning, to_many=True)
                    answer = AnswerRow(
                        question_id=question.id, text=text, kind=kind, said=said, written_at=now
                    )
                    answer.round = question.round
                    going.append((answer, parts, warning, around))
            found.append(answer)
        rows.keep(session, *(answer for answer, *_ in going))
        due_at = now if kind is AnswerKind.STATEMENT else self.rules.speaks_from(now)
        deliveries.queue_all(session, [self._publication(*one, now) for one in going], now=now, due_at=due_at)
        return found

    def _said(
        self,
        session: Session,
        question: QuestionRow,
        employee: EmployeeRow,
        text: str,
        post: PostRow | None,
        handles: Handles,
    ) -> Said:
        """What an answer says, or repeats by an entry's number. Raises NotAnswerable."""
        words = words_of(text, post, employee.name, self.rules)
        try:
            reused = reuse.named(session, words)
        except reuse.NotThere as error:
            raise NotAnswerable(str(error)) from error
        handle = handles.on(question.platform, employee.id)
        return said_by(words, post.warning if post else "", employee, handle, reused, self.rules)

    def _beside(self, session: Session, question: QuestionRow, own: PostRow | None) -> Around:
        """What there is around an answer that is not weighed against others."""
        return self._within(question, publications.surroundings(session, question, own))

    def _within(self, question: QuestionRow, posts: publications.Surroundings) -> Around:
        platform = self.platforms.get(question.platform)
        return Around(question, platform, posts.target, Audience.among(posts), own=posts.own)

    def _around_all(
        self,
        session: Session,
        given: Sequence[NewAnswer],
        now: datetime,
        *,
        beside: AnswerRow | None = None,
    ) -> list[Around]:
        """All that there is around each of these; ``beside`` is one's answer, where it is stored already."""
        rules = self.rules
        rounds = answers.of_rounds(session, [one.question for one in given])
        posts = publications.surroundings_of_all(session, [(one.question, one.post) for one in given])
        restored_at = restored.restored_at(session)
        found = []
        for one, seen in zip(given, posts, strict=True):
            question, author, own = one.question, one.employee, one.post
            others = [each for each in rounds[question.id] if each is not beside]
            earlier = [each for each in others if each.employee_id is not None and not each.asks_back]
            held = [each for each in earlier if each.state == AnswerState.HELD]
            found.append(
                replace(
                    self._within(question, seen),
                    author=author,
                    earlier=earlier,
                    publishable=[
                        each.id
                        for each in held
                        if Audience.of(session, question, publications.own_post(session, each)).why_not
                        is None
                    ],
                    restored=restored.why_hold(restored_at, own.posted_at) if own else None,
                    given=GivenLately.by(session, author.id, rules, now),
                )
            )
        return found

    def _do_all(self, session: Session, judged: Sequence[_Judged], now: datetime) -> None:
        """Drop the answers, hold them, or put them in the outbox: each as it was decided."""
        for one in judged:
            answer, decision = one.answer, one.decision
            answer.state, answer.held_for = AnswerState.QUEUED, decision.dropped or decision.held_for
            if answer.held_for:
                answer.state = AnswerState.DROPPED if decision.dropped else AnswerState.HELD
        rows.keep(session, *(one.answer for one in judged))
        tell_held(session, [one.answer for one in judged])
        ended = [(one.answer.question_id, one.answer.employee_id) for one in judged if _ends_offer(one)]
        offers.end_answered(session, ended, now)
        for one in judged:
            for former in one.decision.replaces if one.answer.state != AnswerState.DROPPED else ():
                answers.stop(session, former, AnswerState.WITHDRAWN, WRITTEN_AGAIN, now)
        self._queue_all(session, [one for one in judged if one.answer.state == AnswerState.QUEUED], now)

    def _queue_all(self, session: Session, judged: Sequence[_Judged], now: datetime) -> None:
        """Put answers in the outbox; nobody else is asked about their questions any more."""
        publications = [
            self._publication(one.answer, one.decision.parts, one.decision.warning, one.around, now)
            for one in judged
        ]
        deliveries.queue_all(session, publications, now=now, due_at=self.rules.goes_out(now))
        asked = [one.around.question for one in judged]
        offers.end_of_questions(session, [one.id for one in asked], OfferState.WITHDRAWN, now)
        questions.move_all(session, [(one, None) for one in asked], Event.ANSWER_STORED)

    def _publication(
        self, answer: AnswerRow, parts: Sequence[str], warning: str, around: Around, now: datetime
    ) -> deliveries.Publication:
        """The parts, each under a key of its own, no more visible than what they answer."""
        new_key, own = self.platforms[around.question.platform].new_key, around.own
        return deliveries.Publication(
            answer,
            around.question,
            around.reply_to,
            [(new_key(now + timedelta(microseconds=n)), part) for n, part in enumerate(parts)],
            visibility=around.audience.visibility,
            warning=warning,
            repost=own if is_repostable(answer, own, warning, self.rules) else None,
        )


def _ends_offer(judged: _Judged) -> bool:
    """Whether its author has done what they were asked for."""
    dropped = judged.decision.dropped
    may_be_public = dropped is None and judged.around.audience.why_not is None
    return may_be_public or dropped == TOLD_ALREADY
