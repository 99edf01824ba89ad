"""Answers that wait for a decision: held ones, and tagged posts whose question nobody could tell."""

from fastapi import Request, Response

from app.admin.notices import notice
from app.desk.questions import QuestionId
from app.identity.auth import MayDecide, MayWatch, guarded, recorded, see_other
from app.web.forms import Line, decisions
from app.web.html import render
from app.web.problems import Problem
from app.wiring.composition import Here
from bot.actions import decide
from bot.states import AnswerKind
from bot.store.queries import admin as reads
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow

router = guarded("/admin")


@router.get("/answers")
def waiting(request: Request, chorus: Here, person: MayWatch, done: str = "") -> Response:
    """What waits for a decision."""
    with chorus.database.read() as session:
        posts = reads.unmatched(session)
        return render(
            request,
            "admin/answers.html",
            person=person,
            held=reads.held(session),
            unmatched=posts,
            candidates={
                name: reads.candidates(session, name) for name in {post.platform for post, _ in posts}
            },
            notice=notice(done),
        )


@router.post("/answers/{answer_id}/approve")
def approve(chorus: Here, person: MayDecide, answer_id: QuestionId, place: Line = "addition") -> Response:
    """Publish it: beside the one that is there, or as its correction."""
    if place not in decide.PLACES:
        raise Problem(422, "An answer is published as an addition or as a correction.")
    with decisions(), chorus.database.write() as session:
        now = chorus.database.now(session)
        answer = session.get(AnswerRow, answer_id)
        if answer is None:
            raise Problem(404, "There is no such answer.")
        decide.approve(session, chorus.answering, answer, AnswerKind(place), now)
        recorded(session, person, "approved an answer", f"answer {answer_id}", now, place=place)
    chorus.bell.ring()
    return see_other("/admin/answers?done=answered")


@router.post("/answers/{answer_id}/drop")
def drop(chorus: Here, person: MayDecide, answer_id: QuestionId, why: Line = "") -> Response:
    """It is not published."""
    if not why:
        raise Problem(422, "Tell its author in a few words why it is not published.")
    with decisions(), chorus.database.write() as session:
        now = chorus.database.now(session)
        answer = session.get(AnswerRow, answer_id)
        if answer is None:
            raise Problem(404, "There is no such answer.")
        decide.drop(session, answer, why, now)
        recorded(session, person, "dropped an answer", f"answer {answer_id}", now, why=why)
    return see_other("/admin/answers?done=dropped")


@router.post("/posts/{post_id}/match")
def match(
    chorus: Here, person: MayDecide, post_id: QuestionId, question: Line = "", other: Line = ""
) -> Response:
    """Say which question a tagged post answers."""
    number = (other or question).lstrip("#")
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        raise Problem(422, "Choose the question, or give its number.")
    with decisions(), chorus.database.write() as session:
        now = chorus.database.now(session)
        post, found = session.get(PostRow, post_id), session.get(QuestionRow, int(number))
        if post is None or found is None:
            raise Problem(404, f"There is no question {number}.")
        decide.match(session, chorus.answering, post, found, now)
        recorded(session, person, "matched a post", f"post {post_id}", now, question=found.id)
    chorus.bell.ring()
    return see_other("/admin/answers?done=matched")


@router.post("/posts/{post_id}/set-aside")
def set_aside(chorus: Here, person: MayDecide, post_id: QuestionId) -> Response:
    """It answers no question of ours."""
    with decisions(), chorus.database.write() as session:
        now = chorus.database.now(session)
        post = session.get(PostRow, post_id)
        if post is None:
            raise Problem(404, "There is no such post.")
        decide.set_aside(session, post, now)
        recorded(session, person, "set a post aside", f"post {post_id}", now)
    return see_other("/admin/answers?done=set_aside")
