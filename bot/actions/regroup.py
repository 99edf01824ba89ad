"""A person says which posts of a customer are one question: two are joined, or one is parted from another.

Everything moves along in the caller's transaction: posts, answers and where they went out, who is being
asked, the accepted answer, and the entry, whose old address leads to the one it has become part of.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.actions.archive.entries import forget_customer
from bot.actions.conversations import handover
from bot.actions.conversations.audience import PRIVATE_QUESTION
from bot.actions.conversations.follow_up import open_again, settle
from bot.actions.conversations.visibility import archive_all, show_added, show_anew
from bot.actions.dialogue.accept import has_answer, weigh_again
from bot.actions.undecidable import NotAsGiven, Undecidable
from bot.states import ADDED, OF_CUSTOMERS, ChangeKind, EntryState, HookEvent, PostKind, TitleSource
from bot.store import changes, rows
from bot.store.archive import entries
from bot.store.conversations import answers, belongings, offers, questions
from bot.store.conversations.belongings import NOT_JOINED, Belongings
from bot.store.conversations.questions import Opening
from bot.store.engine import Session
from bot.store.hooks.outbox import tell
from bot.store.matters import statements
from bot.store.people import notes
from bot.store.privacy import handoffs, surveys
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import PostRow, QuestionRow
from routing.ladder.policy import Policy
from routing.model.domain import ROUTED, WITH_ANSWER, WITHOUT_ANSWER, OfferState, QuestionState
from routing.model.lifecycle import Event
from routing.model.phrases import phrase


def join(session: Session, one_id: int, another_id: int, policy: Policy, now: datetime) -> QuestionRow:
    """Two questions of one customer are one; the one that was asked first stays and is returned.

    Who is being asked about either is asked about it, or has it for themself, as before. Raises Undecidable.
    """
    both = questions.held_all(session, (one_id, another_id))
    if len(both) < 2:
        raise NotAsGiven(phrase("Give the number of another question."))
    kept, added = sorted(both, key=lambda one: (one.asked_at, one.id))
    _check_alike(kept, added)
    moved = belongings.of_question(session, added.id)
    if moved.is_going_out:
        raise Undecidable(_going_out(added))
    was = QuestionState(added.state)
    asked = offers.living_of(session, added.id)
    offers.end_of_question(session, added.id, OfferState.WITHDRAWN, now)
    questions.move(session, added, Event.JOINED)
    added.joined_to, added.text, added.suggestions = kept.id, "", []
    kept.unasked = kept.unasked and added.unasked
    for post in moved.posts:
        if post.verdict == PostKind.QUESTION:
            post.verdict = PostKind.FOLLOW_UP
    belongings.move(session, moved, kept)
    belongings.lead_on(session, added.id, kept.id)
    handoffs.move(session, added.id, kept.id)
    surveys.move(session, added.id, kept.id)
    notes.move(session, added.id, kept.id)
    statements.move(session, added.id, kept.id)
    if added.title and not kept.title:
        kept.title, kept.title_source = added.title, added.title_source
    _go_on(session, kept, added, was, moved, now)
    if kept.state in WITHOUT_ANSWER:
        handover.take_along(session, kept, asked, policy, now)
    _join_entries(session, kept, added, now)
    changes.append(session, ChangeKind.WORK, 0, now, questions=[kept.id, added.id])
    return kept


def part(session: Session, question: QuestionRow, post: PostRow, now: datetime) -> QuestionRow:
    """A later post of a question's customer asks something else: what it opens is returned.

    What was said in reply to it goes along. Raises Undecidable.
    """
    lock_row(session, question)
    whole = belongings.of_question(session, question.id)
    if post.question_id != question.id or post.verdict not in OF_CUSTOMERS or post.deleted_at is not None:
        raise Undecidable(phrase("This post is no part of the question (any more)."))
    if post.id == question.post_id:
        raise Undecidable(phrase("This post opened the question. Part one that came later."))
    if question.state in NOT_JOINED:
        raise Undecidable(phrase("This question is over; there is nothing to part."))
    if whole.is_going_out:
        raise Undecidable(_going_out(question))
    moved = whole.below(post)
    before = belongings.opened_by(session, post.id)
    opened = (
        _opened_again(session, before, now) if before is not None else _opened(session, question, post, now)
    )
    post.verdict = PostKind.QUESTION
    belongings.move(session, moved, opened)
    notes.move_back(session, opened.id, question.id)
    _begin(session, opened, post, moved, now)
    _leave(session, question, now)
    changes.append(session, ChangeKind.WORK, 0, now, questions=[question.id, opened.id])
    return opened


def _going_out(question: QuestionRow) -> str:
    return phrase(
        "An answer to question %(number)s is on its way out. Try again as soon as it is out.",
        number=str(question.id),
    )


def _check_alike(kept: QuestionRow, added: QuestionRow) -> None:
    """Raise Undecidable where these cannot be one."""
    over = next((one for one in (kept, added) if one.state in NOT_JOINED), None)
    if over is not None:
        raise Undecidable(
            phrase(
                "Question %(number)s is over: it was deleted, or is part of another one already.",
                number=str(over.id),
            )
        )
    if not kept.customer_id or (kept.platform, kept.customer_id) != (added.platform, added.customer_id):
        raise Undecidable(
            phrase(
                "Only questions of one customer on one platform can be one. To other customers, repeat the "
                "answer by its number."
            )
        )


def _go_on(
    session: Session,
    kept: QuestionRow,
    added: QuestionRow,
    was: QuestionState,
    moved: Belongings,
    now: datetime,
) -> None:
    """Where the question stands now: what the later one still needed, or had already got, counts for both."""
    latest = _latest(moved.posts)
    if was in WITH_ANSWER:
        if kept.state not in WITH_ANSWER:
            has_answer(session, kept, added.answered_at or now, now)
        if was == QuestionState.SETTLED and kept.state == QuestionState.ANSWERED:
            settle(session, kept, now, satisfied=added.satisfied)
        kept.reply_to = latest.id if latest is not None else kept.reply_to
    elif latest is not None and was != QuestionState.DISMISSED:
        if kept.state == QuestionState.ESCALATED and was in ROUTED:  # people are being asked: they go on
            kept.round, kept.rung, kept.note = kept.round + 1, 0, ""
            questions.move(session, kept, Event.RESTORED, due_at=now)
        open_again(session, kept, latest, now)


def _join_entries(session: Session, kept: QuestionRow, added: QuestionRow, now: datetime) -> None:
    """One question has one entry; who comes by the other's address is led to it."""
    own, others = entries.of_question(session, kept.id), entries.of_question(session, added.id)
    if others is not None and others.state != EntryState.GONE:
        if own is None:
            others.question_id = kept.id
            rows.keep(session, others)
            show_anew(session, kept, now)
        elif own.state != EntryState.GONE:
            lock_row(session, own)
            lock_row(session, others)
            own.asked_count += others.asked_count - 1
            own.helpful += others.helpful
            own.unhelpful += others.unhelpful
            belongings.lead_readers_on(session, others, own)
            forget_customer(session, others, now)
            others.title, others.state = "", EntryState.GONE
            rows.keep(session, own, others)
    weigh_again(session, kept, now)
    show_added(session, [kept.id], now)


def _opened(session: Session, question: QuestionRow, post: PostRow, now: datetime) -> QuestionRow:
    state, note = (QuestionState.OPEN, "") if post.is_public else (QuestionState.ESCALATED, PRIVATE_QUESTION)
    language = post.language or question.language
    opening = Opening(post, state, language, note, question.id, unasked=question.unasked)
    (number,) = questions.open_all(session, [opening], now)
    return questions.held_one(session, number)


def _opened_again(session: Session, question: QuestionRow, now: datetime) -> QuestionRow:
    """What had been joined is a question of its own again."""
    lock_row(session, question)
    questions.move(session, question, Event.RESTORED, due_at=now)
    question.round, question.rung = question.round + 1, 0
    return question


def _begin(session: Session, opened: QuestionRow, post: PostRow, moved: Belongings, now: datetime) -> None:
    """Where the parted question stands, by the answers that came along."""
    latest = _latest(moved.posts)
    opened.joined_to, opened.text = None, post.text
    opened.reply_to = latest.id if latest is not None else post.id
    entry = entries.of_question(session, opened.id)
    out = answers.published_in_order(session, [opened.id])[opened.id]
    solving = [one for one in out if not one.asks_back]
    if solving:
        has_answer(session, opened, solving[0].published_at or now, now)
    elif out:
        questions.move(session, opened, Event.ANSWER_STORED)
        questions.ask_back(session, opened, out[-1].employee_id, now)
    if entry is not None:
        entry.moved_to, entry.state, entry.title_source = None, EntryState.PUBLIC, TitleSource.DERIVED
        rows.keep(session, entry)
        tell(session, HookEvent.ENTRY_PUBLISHED, entry.id)
        show_anew(session, opened, now)
    weigh_again(session, opened, now)
    front = next((one for one in solving if one.lead), None)
    if entry is None and front is not None:
        archive_all(session, [(opened, front)], now)


def _leave(session: Session, question: QuestionRow, now: datetime) -> None:
    """What stays behind, without what was said about something else."""
    left = belongings.of_question(session, question.id)
    latest = _latest(left.posts)
    question.reply_to = latest.id if latest is not None else question.post_id
    solving = [
        one for one in answers.published_in_order(session, [question.id])[question.id] if not one.asks_back
    ]
    if question.state in WITH_ANSWER and not solving:
        question.answered_at, question.satisfied = None, None
        question.round, question.rung = question.round + 1, 0
        questions.move(session, question, Event.RESTORED, due_at=now)
    elif question.state in WITHOUT_ANSWER and solving and _is_answered(latest, solving[-1].published_at):
        has_answer(session, question, solving[0].published_at or now, now)
    weigh_again(session, question, now)
    show_added(session, [question.id], now)


def _is_answered(latest: PostRow | None, answered_at: datetime | None) -> bool:
    """Whether nothing that wants an answer came after the last one."""
    if latest is None or answered_at is None:
        return True
    return (latest.posted_at or latest.received_at) <= answered_at


def _latest(said: Sequence[PostRow]) -> PostRow | None:
    """The customer's last post that there is something to say to."""
    asking = [one for one in said if one.verdict in (PostKind.QUESTION, *ADDED) and one.deleted_at is None]
    return asking[-1] if asking else None
