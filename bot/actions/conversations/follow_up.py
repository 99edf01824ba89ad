"""The customer writes again: what that is, and what follows for the question and its accepted answer.

Thanks settle a question and accept the answer; "that did not help" takes that back and opens it again;
something else becomes a question of its own; details go back to who answered; an aside changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.actions.conversations.visibility import show_anew
from bot.actions.conversations.withdraw import keep_from_public
from bot.actions.dialogue.accept import refuse, thanked
from bot.actions.dialogue.thread import Thread
from bot.actions.matters import praise
from bot.states import ChangeKind, PostKind
from bot.store import changes, rows
from bot.store.conversations import answers, offers, questions
from bot.store.engine import Session
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import PostRow, QuestionRow
from bot.text.language import language_of
from routing.dialogue.classifier import judge
from routing.dialogue.marks import says_thanks
from routing.dialogue.turns import By, TurnKind, Utterance
from routing.ladder.priority import urgency
from routing.model.domain import WITH_ANSWER, OfferState, Outcome, Question, QuestionState
from routing.model.entities import without_links_and_handles
from routing.model.lifecycle import Event
from routing.model.text import is_wordless

_WAITED_ELSEWHERE = (QuestionState.ASKED_BACK, QuestionState.UNREPLIED, QuestionState.DISMISSED)
"""Without an answer, and not with anybody of ours either."""


@dataclass(frozen=True, slots=True)
class Continued:
    """What a further post is; None where it is a question of its own, which ``follows`` another or none."""

    verdict: PostKind | None
    follows: int | None = None


def follow_up(session: Session, question: QuestionRow, post: PostRow, now: datetime) -> Continued:
    """A further post of who asked. Nothing is done where the question is gone."""
    lock_row(session, question)
    if question.state in (QuestionState.WITHDRAWN, QuestionState.JOINED):
        return Continued(None)
    thread = Thread.of(session, question)
    kind = thread.judge_post(post).kind
    if post.is_public and not is_wordless(post.text) and _begins(question, kind):
        _begin_with(session, question, post, now)
        open_again(session, question, post, now)
        question.satisfied = None
        return Continued(PostKind.QUESTION)
    if question.state not in WITH_ANSWER:
        return _before_an_answer(session, question, thread, post, kind, now)
    match kind:
        case TurnKind.THANKS:
            _thanks(session, question, thread, post, now)
            settle(session, question, now, satisfied=True)
            return Continued(PostKind.THANKS)
        case TurnKind.ASIDE:
            return Continued(PostKind.ASIDE)
        case TurnKind.NEW_QUESTION:
            if question.state == QuestionState.ANSWERED:
                _thanks(session, question, thread, post, now)
                settle(session, question, now, satisfied=says_thanks(post.text) or None)
            return Continued(None, follows=question.id)
        case TurnKind.NOT_HELPED:
            refuse(session, question, thread.refused_by(post), now)
            open_again(session, question, post, now)
            return Continued(PostKind.NOT_HELPED)
    open_again(session, question, post, now)
    return Continued(PostKind.FOLLOW_UP)


def _before_an_answer(
    session: Session, question: QuestionRow, thread: Thread, post: PostRow, kind: TurnKind, now: datetime
) -> Continued:
    """There is no answer of ours yet: everything but an aside, or thanks to somebody else, adds to it."""
    if kind == TurnKind.ASIDE:
        return Continued(PostKind.ASIDE)
    if kind == TurnKind.THANKS and thread.is_of_another(post):
        settle(session, question, now, satisfied=True)
        return Continued(PostKind.THANKS)
    open_again(session, question, post, now)
    return Continued(PostKind.FOLLOW_UP)


def settle(session: Session, question: QuestionRow, now: datetime, *, satisfied: bool | None) -> None:
    """The customer is content, or (None) a person closed the question."""
    questions.move(session, question, Event.THANKS if satisfied else Event.CLOSED)
    changes.append(session, ChangeKind.WORK, question.id, now)
    question.settled_at = now
    question.satisfied = satisfied if satisfied is not None else question.satisfied
    offers.end_of_question(session, question.id, OfferState.WITHDRAWN, now)
    helped = {one.employee_id for one in answers.published(session, question.id)} if satisfied else set()
    for employee in sorted(one for one in helped if one is not None):
        solved = {"outcome": Outcome.SOLVED, "employee": employee}
        changes.append(session, ChangeKind.OUTCOME, question.id, now, **solved)


def _begins(question: QuestionRow, kind: TurnKind) -> bool:
    """Whether the question begins with a further post of this kind: nothing was asked before."""
    return kind == TurnKind.QUESTION or (is_wordless(question.text) and kind != TurnKind.ASIDE)


def _begin_with(session: Session, question: QuestionRow, post: PostRow, now: datetime) -> None:
    """A question that began without words, or without asking, begins with this post: so it is shown.

    What came first stands beside it, unless it surely asked nothing.
    """
    before = rows.find(session, PostRow, question.post_id)
    if before is not None:
        was_aside = judge(Utterance(By.CUSTOMER, before.text)).kind == TurnKind.ASIDE
        says_something = any(before.pictures) or not (was_aside or is_wordless(before.text))
        before.verdict = PostKind.FOLLOW_UP if says_something else PostKind.ASIDE
    question.post_id, question.text, question.note = post.id, post.text, ""
    question.language = post.language or language_of(without_links_and_handles(post.text))
    show_anew(session, question, now)


def _thanks(session: Session, question: QuestionRow, thread: Thread, post: PostRow, now: datetime) -> None:
    answer, is_meant = thread.thanked_for(post)
    thanked(session, question, answer, is_meant=is_meant, now=now)


def open_again(session: Session, question: QuestionRow, post: PostRow, now: datetime) -> None:
    """It is asked about again, in a new round where there was an answer; the brand replies to this post."""
    had_answer = question.state in WITH_ANSWER
    if question.state == QuestionState.DISMISSED:
        praise.leave(session, question, now)
    question.reply_to = post.id
    if had_answer or question.state in _WAITED_ELSEWHERE:
        question.round += 1
        question.rung = 0
        question.reopened_at = now
        question.satisfied = False if had_answer else question.satisfied
    if question.state == QuestionState.ESCALATED:
        question.priority = max(question.priority, _urgency(question, post, now))
    reopened = question.state not in (QuestionState.ANSWERING, QuestionState.ESCALATED)
    questions.move(session, question, Event.FOLLOW_UP, due_at=now if reopened else None)
    if question.state != QuestionState.ANSWERING and not post.is_public:
        keep_from_public(session, question, now)


def _urgency(question: QuestionRow, post: PostRow, now: datetime) -> int:
    """How urgent a question is with what the post adds: no ladder looks again at what waits for a person."""
    said = Question(
        id=question.id,
        text=f"{question.text}\n{post.text}",
        asked_at=question.asked_at,
        round=question.round,
        reach=question.reach,
        reopened_at=question.reopened_at,
    )
    return urgency(said, now).value
