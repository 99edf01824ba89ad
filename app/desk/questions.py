"""Offers and questions at the desk: reading, answering, passing and referring."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response

from app.desk.coming import reader_of
from app.identity.auth import (
    MayAnswer,
    Person,
    guarded,
    see_other,
)
from app.identity.decisions import decision
from app.identity.noting import NO_NOTE, NoteDraft
from app.identity.regrouping import others_answers
from app.web.forms import (
    ACCEPTED,
    ENDORSED,
    JOINED,
    KIND_NOTED,
    NOTE_REMOVED,
    NOTED,
    OTHERS_SHOWN,
    PARTED,
    LongText,
    RowId,
    ShortText,
    kind_named,
)
from app.web.html import render
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from bot.actions import private_details
from bot.actions.archive.entries import restate
from bot.actions.conversations.audience import Audience
from bot.actions.conversations.hold_or_publish import QUESTION_DELETED
from bot.actions.conversations.visibility import title_without_a_persons
from bot.actions.notes import LONGEST_NOTE
from bot.platforms.registry import traits_of
from bot.roles import Permission
from bot.states import AnswerState, TitleSource, Via
from bot.store import rows
from bot.store.conversations import belongings, questions
from bot.store.house.audit_actions import AuditAction
from bot.store.people import claims
from bot.store.privacy import handoffs
from bot.store.queries.pages import desk as reads
from bot.store.queries.voice import coming as announced
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.people import EmployeeRow
from bot.store.taking_back import challenges
from bot.store.topics import calls
from bot.wording import guard
from bot.wording.by_itself import greeting
from bot.wording.restate import LONGEST_TITLE, quotation
from routing.dialogue.turns import TurnKind
from routing.model.domain import QuestionState
from routing.model.phrases import phrase, sentences
from routing.model.text import is_wordless

router = guarded("/desk")

_LONGEST_ANSWER = 15_000
"""What the form takes; what is published is limited by the number of posts."""
_OPEN_QUESTIONS = 100
_COMING = 3
"""So much of what is coming up stands beside what is in front of somebody."""
_ASKED_ABOUT = 3
"""Somebody is asked about so many topics at one time whether they know them."""
_NOTICES = {
    "answered": phrase("Thank you! Your answer is on its way."),
    "held": phrase("Thank you! Somebody looks at your answer before it goes out; see below why."),
    "dropped": phrase("Your answer was not published; see below why."),
    "passed": phrase("Passed on: others are asked instead."),
    "over": phrase("There was nothing to pass on: this question is not in front of you any more."),
    "claimed": phrase("It is yours for now: nobody else is asked meanwhile."),
    "referred": phrase("Your colleague has the question now."),
    "kind": KIND_NOTED,
    "accepted": ACCEPTED,
    "endorsed": ENDORSED,
    "joined": JOINED,
    "parted": PARTED,
    "retracted": phrase("Your answer was taken back before it went out."),
    "taken_down": phrase("Your answer is taken back: what is out of it is being taken down."),
    "challenged": phrase("Thank you: somebody in charge decides about it, and you hear of that."),
    "knows": phrase("Thank you! Questions about it reach you from now on."),
    "not_known": phrase("Thank you. You are not asked about it again."),
    "noted": NOTED,
    "note_removed": NOTE_REMOVED,
    "welcome": phrase("Welcome! Questions for you appear here."),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the answer form. A number alone, like ``#12``, repeats the answer of that entry."""

    text: str = ""
    title: str = ""
    kind: TurnKind | None = None
    """What its writer says that it is; None: as it is judged."""
    is_private: bool = False
    """Whether the archive is to leave it out."""


def _draft(
    text: LongText = "", title: ShortText = "", kind: ShortText = "", private: ShortText = ""
) -> Draft:
    return Draft(text, " ".join(title.split()), kind_named(kind), bool(private))


DraftInForm = Annotated[Draft, Depends(_draft)]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What an answer begins with: the number of an entry, the words of one, or a friendly question back."""

    repeat: int = 0
    adapt: int = 0
    greet: bool = False


def notice(done: str) -> str | None:
    """The message after a form was sent."""
    return _NOTICES.get(done)


@router.get("")
def my_offers(request: Request, chorus: Here, person: MayAnswer, done: str = "") -> Response:
    """What is in front of me."""
    with chorus.database.read() as session:
        employee = rows.find(session, EmployeeRow, person.id)
        now = chorus.database.now(session)
        mine = reads.my_offers(session, person.id, now)
        coming, _ = announced.coming(session, reader_of(person))
        asked = calls.asked_of(session, person.id, now, _ASKED_ABOUT)
    return render(
        request,
        "desk/offers.html",
        person=person,
        me=employee,
        offers=mine,
        asked=asked,
        coming=coming[:_COMING],
        notice=notice(done),
    )


@router.get("/open")
def all_open(request: Request, chorus: Here, person: MayAnswer) -> Response:
    """Every question that waits, whoever it was offered to."""
    with chorus.database.read() as session:
        found = reads.waiting(session, person.id, _OPEN_QUESTIONS)
        claimed = claims.of_questions(session, [one.id for one, _ in found], chorus.database.now(session))
    return render(request, "desk/open.html", person=person, questions=found, claimed=claimed)


@router.get("/questions/{question_id}")
def question_page(
    request: Request,
    chorus: Here,
    person: MayAnswer,
    question_id: RowId,
    repeat: int = 0,
    adapt: int = 0,
    greet: int = 0,
    done: str = "",
) -> Response:
    """A question with everything around it, and the form to answer it.

    ``repeat`` and ``adapt`` put an entry into the form: its number, or the words of its answer; ``greet`` a
    friendly question back, in the customer's language.
    """
    begun = Beginning(repeat, adapt, greet=bool(greet))
    return show_question(request, chorus, person, question_id, begun=begun, done=done)


@router.post("/questions/{question_id}/answer")
def answer(
    request: Request,
    chorus: Here,
    person: MayAnswer,
    question_id: RowId,
    draft: DraftInForm,
    step: ShortText = "preview",
) -> Response:
    """Show what would be published, or publish it."""
    errors = _errors(draft, chorus.rules.guard)
    if errors or step != "send":
        return show_question(request, chorus, person, question_id, draft, errors=errors)
    try:
        state = _taken(chorus, person, question_id, draft)
    except Problem as problem:
        return refused(request, chorus, person, question_id, problem, "text", draft)
    done = {AnswerState.HELD: "held", AnswerState.DROPPED: "dropped"}.get(state, "answered")
    return see_other(f"/desk/answers?done={done}")


def _taken(chorus: Chorus, person: Person, question_id: int, draft: Draft) -> AnswerState:
    """Hand the answer in; what became of it. Raises Problem."""
    with decision(chorus, person) as at:
        question = questions.whole(at.session, at.row(QuestionRow, question_id, "such question"))
        employee = rows.one(at.session, EmployeeRow, person.id)
        taken = chorus.answering.take(
            at.session,
            question,
            employee,
            draft.text,
            via=Via.DESK,
            now=at.now,
            kind=draft.kind,
            for_archive=not draft.is_private,
        )
        if draft.title and taken.state != AnswerState.DROPPED:
            restate(at.session, question, draft.title, TitleSource.EMPLOYEE, at.now)
        at.record(AuditAction.ANSWER_WRITE, f"answer {taken.id}", question=question.id)
        return AnswerState(taken.state)


def refused(
    request: Request,
    chorus: Chorus,
    person: Person,
    question_id: int,
    problem: Problem,
    field: str,
    draft: Draft | None = None,
    note: NoteDraft = NO_NOTE,
) -> Response:
    """The question's page with what was typed and why it was refused, where there still is such a page."""
    errors = {field: str(problem.detail)}
    status = problem.status_code
    try:
        return show_question(
            request, chorus, person, question_id, draft, note=note, errors=errors, status=status
        )
    except Problem:
        raise problem from None


def show_question(
    request: Request,
    chorus: Chorus,
    person: Person,
    question_id: int,
    draft: Draft | None = None,
    *,
    note: NoteDraft = NO_NOTE,
    errors: dict[str, str] | None = None,
    status: int = 422,
    begun: Beginning = Beginning(),
    done: str = "",
    left: str = "",
) -> Response:
    """A question's page with what is written, or with what an answer begins with. Raises Problem.

    Of a draft without errors there is what would be published. ``left`` is what its customer left privately.
    A question that has become part of another one is there.
    """
    preview = None
    with chorus.database.read() as session:
        found = reads.conversation(session, question_id, person.id)
        if found is None:
            raise Problem(404, phrase("There is no question %(number)s.", number=str(question_id)))
        whole = questions.whole(session, found.question)
        if whole.id != question_id:
            if draft is None and not errors and not left:
                return see_other(f"/desk/questions/{whole.id}{f'?done={done}' if done else ''}")
            return show_question(
                request, chorus, person, whole.id, draft, note=note, errors=errors, status=status, left=left
            )
        if found.question.state == QuestionState.WITHDRAWN:
            raise Problem(410, QUESTION_DELETED)
        offer = reads.offer_of(session, question_id, person.id)
        now = chorus.database.now(session)
        claim = claims.of_questions(session, [question_id], now).get(question_id)
        employee = rows.one(session, EmployeeRow, person.id)
        colleagues = reads.colleagues(session, person.id, [one.slug for one in found.question.weights])
        if draft is None:
            draft = _first_draft(found, begun)
        elif not errors:
            preview = chorus.answering.preview(session, found.question, employee, draft.text, now)
        others = belongings.others_of_customer(session, found.question, OTHERS_SHOWN)
        community = others_answers(chorus, session, found)
        private = Audience.of(session, found.question).why_not
        pages = handoffs.of_question(session, question_id)
        code_by_others = handoffs.posted_by_others(session, question_id)
        challenged = {one.answer_id for one in challenges.of_question(session, question_id)}
        derived = title_without_a_persons(session, found.question, draft.text)
    return render(
        request,
        "desk/question.html",
        status=status if errors else 200,
        stands_at=f"/desk/questions/{question_id}" if left else "",
        person=person,
        found=found,
        offer=offer,
        claim=claim,
        others=others,
        **community,
        challenged=challenged,
        colleagues=colleagues,
        draft=draft,
        note=note,
        longest_note=LONGEST_NOTE,
        errors=errors or {},
        preview=preview,
        wordless=is_wordless(found.question.text),
        notice=notice(done),
        private=private,
        left=left,
        by_hand_only=traits_of(found.question.platform).by_hand is not None,
        private_pages=pages,
        code_by_others=code_by_others,
        readable=[
            one.id
            for one in pages
            if private_details.may_read(one, person.id, decides=person.may(Permission.DECIDE))
        ],
        longest=_LONGEST_ANSWER,
        longest_title=LONGEST_TITLE,
        derived_title=derived,
        answerable=found.question.platform in chorus.platforms,
    )


def _first_draft(found: reads.Conversation, begun: Beginning) -> Draft:
    if begun.greet:
        return Draft(greeting(found.question.language), kind=TurnKind.QUESTION_BACK)
    for one in found.suggestions:
        if one.entry_id == begun.repeat:
            return Draft(f"#{one.entry_id}", found.question.title)
        if one.entry_id == begun.adapt:
            return Draft(one.answer, found.question.title)
    return Draft(title=found.question.title)


def _errors(draft: Draft, policy: guard.GuardPolicy) -> dict[str, str]:
    errors = {}
    if not draft.text:
        errors["text"] = phrase("Write the answer first.")
    elif len(draft.text) > _LONGEST_ANSWER:
        errors["text"] = _too_long(_LONGEST_ANSWER, len(draft.text))
    if len(draft.title) > LONGEST_TITLE:
        errors["title"] = _too_long(LONGEST_TITLE, len(draft.title))
    elif draft.title and quotation(draft.title)[0] is None:
        errors["title"] = phrase("The title seems to hold personal data, which the archive must not show.")
    elif strange := guard.strange_addresses(draft.title, policy):
        errors["title"] = sentences(
            phrase("Nobody approves titles, so write it without the address."), strange
        )
    return errors


def _too_long(most: int, length: int) -> str:
    return phrase("At most %(most)s characters are allowed; these are %(length)s.", most=most, length=length)
