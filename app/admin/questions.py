"""All questions by state, and what a person can do about one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import Query, Request, Response

from app.admin.confirmations import Back, notice, returned
from app.identity.auth import (
    MayDecide,
    MayReadQuestions,
    Person,
    guarded,
    see_other,
)
from app.identity.decisions import decision
from app.identity.noting import NO_NOTE, NoteDraft, remove_note, write_note
from app.identity.private_reading import read_privately
from app.identity.regrouping import endorse_post, join_questions, others_answers, part_question
from app.web.forms import OTHERS_SHOWN, Fields, LongText, PageStart, RowId, ShortText
from app.web.html import render
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from bot.actions.archive.entries import restate
from bot.actions.conversations import decide
from bot.actions.notes import LONGEST_NOTE
from bot.roles import Permission
from bot.states import TitleSource
from bot.store.archive import entries
from bot.store.conversations import belongings, questions
from bot.store.counting import counts_by_state
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.people import claims
from bot.store.privacy import handoffs
from bot.store.queries.pages import admin as reads
from bot.store.queries.pages import desk
from bot.store.tables.conversations import QuestionRow
from bot.store.topics import named as stored_topics
from bot.wording.restate import LONGEST_TITLE
from routing.model.domain import WITHOUT_ANSWER, QuestionState

router = guarded("/admin")

Deed = Callable[[Session, QuestionRow, datetime], None]


@router.get("/questions")
def listed(
    request: Request,
    chorus: Here,
    person: MayReadQuestions,
    state: Annotated[str, Query(max_length=20)] = "",
    topic: Annotated[str, Query(max_length=60)] = "",
    platform: Annotated[str, Query(max_length=20)] = "",
    words: Annotated[str, Query(max_length=200)] = "",
    before: PageStart = None,
    done: str = "",
) -> Response:
    """Questions, the latest first."""
    with chorus.database.read() as session:
        named = stored_topics.slug_now(session, topic.replace("\0", ""))
        wanted = reads.QuestionFilter(state, named, platform, words.replace("\0", "").strip(), before)
        found, older = reads.questions(session, wanted)
        return render(
            request,
            "admin/questions.html",
            person=person,
            questions=found,
            older=older,
            wanted=wanted,
            counts=counts_by_state(session, QuestionRow, QuestionState),
            states=list(QuestionState),
            topics=desk.topic_names(session),
            platforms=list(chorus.platforms),
            notice=notice(done),
        )


@router.get("/questions/{question_id}")
def detail(
    request: Request, chorus: Here, person: MayReadQuestions, question_id: RowId, done: str = ""
) -> Response:
    """One question with everything around it."""
    return _shown(request, chorus, person, question_id, done=done)


@router.post("/questions/{question_id}/notes")
def note(
    request: Request,
    chorus: Here,
    person: MayDecide,
    question_id: RowId,
    note: LongText = "",
    tell: ShortText = "",
) -> Response:
    """Say something to colleagues."""
    try:
        number = write_note(chorus, person, question_id, note, tell)
    except Problem as problem:
        errors = {"note": str(problem.detail)}
        typed = NoteDraft(note, tell)
        return _shown(
            request, chorus, person, question_id, note=typed, errors=errors, status=problem.status_code
        )
    return see_other(f"{_page_of(question_id)}?done=noted&at=note-{number}")


@router.post("/questions/{question_id}/notes/{note_id}/remove")
def forget_note(chorus: Here, person: MayDecide, question_id: RowId, note_id: RowId) -> Response:
    """Take a note back, whoever wrote it."""
    remove_note(chorus, person, question_id, note_id)
    return see_other(f"{_page_of(question_id)}?done=note_removed")


def _shown(
    request: Request,
    chorus: Chorus,
    person: Person,
    question_id: int,
    *,
    note: NoteDraft = NO_NOTE,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    done: str = "",
    left: str = "",
) -> Response:
    with chorus.database.read() as session:
        found = desk.conversation(session, question_id, person.id)
        if found is None:
            raise Problem(404, "There is no such question.")
        if found.question.joined_to is not None and not left:
            return see_other(f"/admin/questions/{questions.whole(session, found.question).id}")
        pages = handoffs.of_question(session, question_id)
        return render(
            request,
            "admin/question.html",
            status=status,
            stands_at=_page_of(question_id) if left else "",
            person=person,
            found=found,
            left=left,
            note=note,
            longest_note=LONGEST_NOTE,
            errors=errors or {},
            colleagues=desk.colleagues(session, person.id, [one.slug for one in found.question.weights]),
            claim=claims.of_questions(session, [question_id], chorus.database.now(session)).get(question_id),
            offers=reads.offers_of(session, question_id),
            deliveries=reads.deliveries_of(session, question_id),
            entry=entries.of_question(session, question_id),
            **others_answers(chorus, session, found),
            private_pages=pages,
            code_by_others=handoffs.posted_by_others(session, question_id),
            readable=[one.id for one in pages if person.may(Permission.DECIDE)],
            others=belongings.others_of_customer(session, found.question, OTHERS_SHOWN),
            topics=desk.topic_names(session),
            longest_title=LONGEST_TITLE,
            notice=notice(done),
        )


@router.post("/questions/{question_id}/private/{page_id}/read")
def read_private(
    request: Request, chorus: Here, person: MayDecide, question_id: RowId, page_id: RowId
) -> Response:
    """What the customer left privately; that it was read is noted."""
    text = read_privately(chorus, person, question_id, page_id)
    return _shown(request, chorus, person, question_id, left=text)


@router.post("/questions/{question_id}/dismiss")
def dismiss(
    chorus: Here, person: MayDecide, question_id: RowId, why: ShortText = "", back: Back = ""
) -> Response:
    dismiss_question(chorus, person, question_id, why)
    return returned(back, _page_of(question_id), "dismissed")


def dismiss_question(chorus: Chorus, person: Person, question_id: int, why: str) -> None:
    """Not for us. Raises Problem."""
    note = why or f"Dismissed by {person.name}."
    _decide(
        chorus,
        person,
        question_id,
        AuditAction.QUESTION_DISMISS,
        lambda session, question, now: decide.dismiss(session, question, note, now),
    )


@router.post("/questions/{question_id}/praise")
def praises(chorus: Here, person: MayDecide, question_id: RowId, back: Back = "") -> Response:
    """It asks nothing, and praises."""
    _decide(chorus, person, question_id, AuditAction.QUESTION_PRAISE, decide.praises)
    return returned(back, _page_of(question_id), "praise")


@router.post("/questions/{question_id}/restore")
def restore(
    chorus: Here, person: MayDecide, question_id: RowId, seen: ShortText = "", back: Back = ""
) -> Response:
    ask_anew(chorus, person, question_id, seen=seen)
    return returned(back, _page_of(question_id), "restored")


def ask_anew(chorus: Chorus, person: Person, question_id: int, *, seen: str) -> None:
    """Have people asked from the first rung on. Raises Problem.

    ``seen`` is the state that the question was in where somebody decided that.
    """
    _decide(chorus, person, question_id, AuditAction.QUESTION_RESTORE, decide.ask_again, seen=seen)


@router.post("/questions/{question_id}/close")
def close(
    chorus: Here, person: MayDecide, question_id: RowId, seen: ShortText = "", back: Back = ""
) -> Response:
    """Nothing more is to be done."""
    _decide(chorus, person, question_id, AuditAction.QUESTION_CLOSE, decide.close, seen=seen)
    return returned(back, _page_of(question_id), "closed")


@router.post("/questions/{question_id}/escalate")
def escalate(
    chorus: Here,
    person: MayDecide,
    question_id: RowId,
    why: ShortText = "",
    seen: ShortText = "",
    back: Back = "",
) -> Response:
    """Over to the people in charge."""
    note = why or f"Taken over by {person.name}."
    _decide(
        chorus,
        person,
        question_id,
        AuditAction.QUESTION_ESCALATE,
        lambda session, question, now: decide.escalate(session, question, note, now),
        seen=seen,
    )
    return returned(back, _page_of(question_id), "escalated")


@router.post("/questions/{question_id}/topics")
def set_topics(
    chorus: Here, person: MayDecide, question_id: RowId, fields: Fields, back: Back = ""
) -> Response:
    """What it is about, the main topic first."""
    main = fields.get("main", "")
    also = [name.removeprefix("also-") for name in fields if name.startswith("also-")]
    change_topics(chorus, person, question_id, [main, *also])
    return returned(back, _page_of(question_id), "saved")


def change_topics(chorus: Chorus, person: Person, question_id: int, slugs: Sequence[str]) -> None:
    """What a question is about, the main topic first; slugs that are no topic's are left out.

    Raises Problem, also where none of them is one.
    """

    def deed(session: Session, question: QuestionRow, now: datetime) -> None:
        topics = desk.topic_names(session)
        now_called = [stored_topics.slug_now(session, one) for one in slugs]
        known = [one for one in dict.fromkeys(now_called) if one in topics]
        if any(slugs) and not known:
            raise Problem(422, "There is no such topic: choose one that is there.")
        decide.set_topics(session, question, known, now)

    _decide(chorus, person, question_id, AuditAction.QUESTION_EDIT, deed)


@router.post("/questions/{question_id}/title")
def set_title(chorus: Here, person: MayDecide, question_id: RowId, title: ShortText = "") -> Response:
    """Restate it in our own words."""
    words = " ".join(title.split())
    if not words or len(words) > LONGEST_TITLE:
        raise Problem(422, f"A title has 1 to {LONGEST_TITLE} characters.")
    _decide(
        chorus,
        person,
        question_id,
        AuditAction.QUESTION_EDIT,
        lambda session, question, now: restate(session, question, words, TitleSource.MODERATOR, now),
    )
    return see_other(f"{_page_of(question_id)}?done=saved")


@router.post("/questions/{question_id}/join")
def join(chorus: Here, person: MayDecide, question_id: RowId, other: ShortText = "") -> Response:
    """This question and another one of the same customer are one."""
    kept_id = join_questions(chorus, person, question_id, other)
    return see_other(f"/admin/questions/{kept_id}?done=joined")


@router.post("/questions/{question_id}/posts/{post_id}/part")
def part(chorus: Here, person: MayDecide, question_id: RowId, post_id: RowId) -> Response:
    """A later post of the customer's asks something else."""
    opened_id = part_question(chorus, person, question_id, post_id)
    return see_other(f"/admin/questions/{opened_id}?done=parted")


@router.post("/questions/{question_id}/posts/{post_id}/endorse")
def endorse(
    chorus: Here,
    person: MayDecide,
    question_id: RowId,
    post_id: RowId,
    like: ShortText = "",
    below: LongText = "",
    back: Back = "",
) -> Response:
    """Another customer's answer is right; with ``like`` the brand likes it, and it says ``below`` it."""
    endorse_post(chorus, person, question_id, post_id, likes_it=bool(like), below=below)
    return returned(back, _page_of(question_id), "endorsed")


def _page_of(question_id: int) -> str:
    return f"/admin/questions/{question_id}"


def _decide(
    chorus: Chorus,
    person: Person,
    question_id: int,
    action: AuditAction,
    deed: Deed,
    *,
    seen: str = "",
) -> None:
    with decision(chorus, person) as at:
        question = at.row(QuestionRow, question_id, "such question")
        if seen in WITHOUT_ANSWER:
            decide.check_unanswered(at.session, question)
        before = question.state
        deed(at.session, question, at.now)
        at.record(action, f"question {question_id}", before=before)
