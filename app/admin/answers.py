"""Answers that wait for a decision: held ones, and tagged posts whose question nobody could tell."""

from fastapi import Request, Response

from app.admin.confirmations import Back, notice, returned
from app.identity.auth import MayDecide, MayWatch, Person, guarded, see_other
from app.identity.decisions import decision
from app.web.forms import PageStart, RowId, ShortText, kind_named, row_named
from app.web.html import render
from app.web.problems import Problem, there
from app.wiring.composition import Chorus, Here
from bot.actions import overrule
from bot.actions.conversations import decide
from bot.states import AnswerKind
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.pages import admin as reads
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow

router = guarded("/admin")


@router.get("/answers")
def waiting(
    request: Request,
    chorus: Here,
    person: MayWatch,
    after: PageStart = None,
    unmatched_after: PageStart = None,
    done: str = "",
) -> Response:
    """What waits for a decision."""
    with chorus.database.read() as session:
        held, later = reads.held(session, after)
        posts, later_posts = reads.unmatched(session, unmatched_after)
        return render(
            request,
            "admin/answers.html",
            person=person,
            held=held,
            later=later,
            after=after,
            later_posts=later_posts,
            unmatched_after=unmatched_after,
            unmatched=posts,
            candidates={
                name: reads.candidates(session, name) for name in {post.platform for post, _ in posts}
            },
            notice=notice(done),
        )


@router.post("/answers/{answer_id}/approve")
def approve(
    chorus: Here, person: MayDecide, answer_id: RowId, place: ShortText = "addition", back: Back = ""
) -> Response:
    """Publish it: beside the one that is there, or as its correction."""
    if place not in decide.PLACES:
        raise Problem(422, "An answer is published as an addition or as a correction.")
    approve_answer(chorus, person, answer_id, AnswerKind(place))
    return returned(back, "/admin/answers", "answered")


def approve_answer(
    chorus: Chorus, person: Person, answer_id: int, place: AnswerKind = AnswerKind.ADDITION
) -> None:
    """Publish a held answer. Raises Problem."""
    with decision(chorus, person) as at:
        answer = at.row(AnswerRow, answer_id, "such answer")
        decide.approve(at.session, chorus.answering, answer, place, at.now)
        at.record(AuditAction.ANSWER_APPROVE, f"answer {answer_id}", place=place)


@router.post("/answers/{answer_id}/drop")
def drop(chorus: Here, person: MayDecide, answer_id: RowId, why: ShortText = "", back: Back = "") -> Response:
    drop_answer(chorus, person, answer_id, why)
    return returned(back, "/admin/answers", "dropped")


def drop_answer(chorus: Chorus, person: Person, answer_id: int, why: str) -> None:
    """A held answer is not published; its author reads why. Raises Problem."""
    if not why:
        raise Problem(422, "Tell its author in a few words why it is not published.")
    with decision(chorus, person) as at:
        decide.drop(at.session, at.row(AnswerRow, answer_id, "such answer"), why, at.now)
        at.record(AuditAction.ANSWER_DROP, f"answer {answer_id}", why=why)


@router.post("/answers/{answer_id}/kind")
def say_kind(chorus: Here, person: MayDecide, answer_id: RowId, kind: ShortText = "") -> Response:
    """Say of which kind somebody's answer is: whatever hangs on it moves along."""
    named = there(kind_named(kind), "such kind")
    with decision(chorus, person) as at:
        answer = at.row(AnswerRow, answer_id, "such answer")
        before = answer.said
        if overrule.say_kind(at.session, answer, named, at.now):
            at.record(AuditAction.ANSWER_KIND, f"answer {answer_id}", before=before, kind=named)
        question_id = answer.question_id
    return see_other(f"/admin/questions/{question_id}?done=kind")


@router.post("/answers/{answer_id}/accept")
def accept(chorus: Here, person: MayDecide, answer_id: RowId) -> Response:
    """Choose the accepted answer of a question."""
    with decision(chorus, person) as at:
        answer = at.row(AnswerRow, answer_id, "such answer")
        if overrule.accept(at.session, answer, at.now):
            at.record(AuditAction.ANSWER_ACCEPT, f"answer {answer_id}", question=answer.question_id)
        question_id = answer.question_id
    return see_other(f"/admin/questions/{question_id}?done=accepted")


@router.post("/posts/{post_id}/match")
def match(
    chorus: Here,
    person: MayDecide,
    post_id: RowId,
    question: ShortText = "",
    other: ShortText = "",
    back: Back = "",
) -> Response:
    """Say which question a tagged post answers."""
    number = row_named(other or question)
    with decision(chorus, person) as at:
        post = at.row(PostRow, post_id, "such post")
        found = at.row(QuestionRow, number, f"question {number}")
        decide.match(at.session, chorus.answering, post, found, at.now)
        at.record(AuditAction.POST_MATCH, f"post {post_id}", question=found.id)
    return returned(back, "/admin/answers", "matched")


@router.post("/posts/{post_id}/set-aside")
def set_aside(chorus: Here, person: MayDecide, post_id: RowId, back: Back = "") -> Response:
    """It answers no question of ours."""
    set_post_aside(chorus, person, post_id)
    return returned(back, "/admin/answers", "set_aside")


def set_post_aside(chorus: Chorus, person: Person, post_id: int) -> None:
    """A tagged post answers no question of ours. Raises Problem."""
    with decision(chorus, person) as at:
        decide.set_aside(at.session, at.row(PostRow, post_id, "such post"), at.now)
        at.record(AuditAction.POST_SET_ASIDE, f"post {post_id}")
