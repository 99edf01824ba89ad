"""Asking a customer for what must not be public, and reading what they left."""

from dataclasses import replace

from fastapi import Request, Response

from app.desk.questions import DraftInForm, show_question
from app.identity.auth import MayAnswer, guarded
from app.identity.decisions import decision
from app.identity.private_reading import read_privately
from app.web.forms import RowId
from app.wiring.composition import Here
from bot.actions import private_details
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.conversations import QuestionRow
from bot.wording.by_itself import private_page
from routing.dialogue.turns import TurnKind

router = guarded("/desk")


@router.post("/questions/{question_id}/private")
def ask(
    request: Request,
    chorus: Here,
    person: MayAnswer,
    question_id: RowId,
    written: DraftInForm,
) -> Response:
    """Put the link of a new private page into the answer, in the customer's language."""
    with decision(chorus, person) as at:
        question = at.row(QuestionRow, question_id, "such question")
        token = private_details.ask(at.session, question, person.id, at.now)
        at.record(AuditAction.PRIVATE_ASK, f"question {question_id}")
        language = question.language
    request_for_it = private_page(language, f"{chorus.settings.base_url}/private/{token}")
    words = f"{written.text}\n\n{request_for_it}".strip()
    draft = replace(written, text=words, kind=TurnKind.QUESTION_BACK)
    return show_question(request, chorus, person, question_id, draft)


@router.post("/questions/{question_id}/private/{page_id}/read")
def read(request: Request, chorus: Here, person: MayAnswer, question_id: RowId, page_id: RowId) -> Response:
    """What the customer left, for whoever asked for it and those who decide; that it was read is noted."""
    text = read_privately(chorus, person, question_id, page_id)
    return show_question(request, chorus, person, question_id, left=text)
