"""The deeds of the desk."""

from bot.store.house.audit_actions import AuditAction as A
from tests.app.identity.deeds.ground import Deed, Ground, Prepared


def _proposed(ground: Ground) -> Prepared:
    number = ground.announcement(proposed_by=ground.who)
    words = {"text": "We are back again.", "on-local": "1", "platform-local": "1", "step": "send"}
    return {"announcement_id": number}, words


AT_THE_DESK: dict[str, Deed] = {
    "/desk/welcome": (A.GUIDELINES_ACCEPT, lambda _: ({}, {})),
    "/desk/questions/{question_id}/answer": (
        A.ANSWER_WRITE,
        lambda on: (
            {"question_id": on.offered()},
            {"text": "Hold its button for ten seconds.", "step": "send"},
        ),
    ),
    "/desk/questions/{question_id}/claim": (A.QUESTION_CLAIM, lambda on: ({"question_id": on.offered()}, {})),
    "/desk/questions/{question_id}/pass": (A.QUESTION_PASS, lambda on: ({"question_id": on.offered()}, {})),
    "/desk/questions/{question_id}/refer": (
        A.QUESTION_REFER,
        lambda on: ({"question_id": on.offered()}, {"colleague": str(on.desk.jane)}),
    ),
    "/desk/questions/{question_id}/notes": (
        A.NOTE_WRITE,
        lambda on: ({"question_id": on.offered()}, {"note": "Ask the warehouse."}),
    ),
    "/desk/questions/{question_id}/notes/{note_id}/remove": (
        A.NOTE_REMOVE,
        lambda on: (dict(zip(("question_id", "note_id"), on.note(), strict=True)), {}),
    ),
    "/desk/questions/{question_id}/private": (
        A.PRIVATE_ASK,
        lambda on: ({"question_id": on.offered()}, {"text": "May I ask?"}),
    ),
    "/desk/questions/{question_id}/private/{page_id}/read": (
        A.PRIVATE_READ,
        lambda on: (dict(zip(("question_id", "page_id"), on.private_page(), strict=True)), {}),
    ),
    "/desk/questions/{question_id}/join": (
        A.QUESTION_JOIN,
        lambda on: ({"question_id": (both := on.of_one_customer())[0]}, {"other": str(both[1])}),
    ),
    "/desk/questions/{question_id}/posts/{post_id}/part": (
        A.QUESTION_PART,
        lambda on: (dict(zip(("question_id", "post_id"), on.with_more(), strict=True)), {}),
    ),
    "/desk/questions/{question_id}/posts/{post_id}/endorse": (
        A.ANSWER_ENDORSE,
        lambda on: (dict(zip(("question_id", "post_id"), on.community(), strict=True)), {}),
    ),
    "/desk/answers/{answer_id}/retract": (A.ANSWER_RETRACT, lambda on: ({"answer_id": on.own_answer()}, {})),
    "/desk/answers/{answer_id}/take-down": (
        A.ANSWER_RETRACT,
        lambda on: ({"answer_id": on.out()}, {"why": "It is wrong."}),
    ),
    "/desk/answers/{answer_id}/kind": (
        A.ANSWER_KIND,
        lambda on: ({"answer_id": on.own_answer()}, {"kind": "question_back"}),
    ),
    "/desk/answers/{answer_id}/accept": (A.ANSWER_ACCEPT, lambda on: ({"answer_id": on.published()}, {})),
    "/desk/answers/{answer_id}/challenge": (
        A.ANSWER_CHALLENGE,
        lambda on: ({"answer_id": on.published()}, {"wrong": "It takes ten seconds."}),
    ),
    "/desk/listening/{listened_id}/let-be": (
        A.LISTENED_LET_BE,
        lambda on: ({"listened_id": on.listened()}, {}),
    ),
    "/desk/listening/{listened_id}/put-back": (
        A.LISTENED_PUT_BACK,
        lambda on: ({"listened_id": on.let_be()}, {}),
    ),
    "/desk/listening/{listened_id}/ask": (A.LISTENED_ASK, lambda on: ({"listened_id": on.listened()}, {})),
    "/desk/announcements": (
        A.ANNOUNCEMENT_PROPOSE,
        lambda _: ({}, {"text": "We are back.", "on-local": "1", "platform-local": "1", "step": "send"}),
    ),
    "/desk/announcements/{announcement_id}": (A.ANNOUNCEMENT_EDIT, _proposed),
    "/desk/announcements/{announcement_id}/withdraw": (
        A.ANNOUNCEMENT_WITHDRAW,
        lambda on: ({"announcement_id": on.announcement(proposed_by=on.who)}, {}),
    ),
    "/desk/announcements/{announcement_id}/correct": (
        A.ANNOUNCEMENT_CORRECT,
        lambda on: (
            {"announcement_id": on.announced(proposed_by=on.who)},
            {"text": "We are back since noon.", "why": "The hour was wrong.", "step": "send"},
        ),
    ),
    "/desk/coming/{announcement_id}": (
        A.ANNOUNCEMENT_BRIEF,
        lambda on: (
            {"announcement_id": on.announcement(proposed_by=on.who)},
            {"seen_before": "everybody", "ask-0": "When?", "reply-0": "Today."},
        ),
    ),
    "/desk/profile": (A.PROFILE_EDIT, lambda _: ({}, {"daily_cap": "9", "open_cap": "2"})),
    "/desk/topics/{call_id}": (
        A.TOPIC_REPLY,
        lambda on: ({"call_id": on.topic_asked_about()[1]}, {"level": "2"}),
    ),
    "/desk/pause": (A.PROFILE_PAUSE, lambda _: ({}, {})),
    "/desk/resume": (A.PROFILE_RESUME, lambda _: ({}, {})),
    "/desk/link": (A.ACCOUNT_CODE, lambda _: ({}, {"platform": "local"})),
    "/desk/accounts/{identity_id}/unlink": (
        A.ACCOUNT_UNLINK,
        lambda on: ({"identity_id": on.account_of(on.who)}, {}),
    ),
}
"""By the address of the page; the last one takes away what others need."""
