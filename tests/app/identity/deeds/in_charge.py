"""The deeds of those in charge: about conversations, the archive, and what the brand says."""

from bot.states import DeliveryState, EntryState, PostKind, PostState
from bot.store.house.audit_actions import AuditAction as A
from tests.app.identity.deeds.ground import Deed

IN_CHARGE: dict[str, Deed] = {
    "/admin/questions/{question_id}/dismiss": (
        A.QUESTION_DISMISS,
        lambda on: ({"question_id": on.desk.question()}, {"why": "spam"}),
    ),
    "/admin/questions/{question_id}/praise": (
        A.QUESTION_PRAISE,
        lambda on: ({"question_id": on.desk.question()}, {}),
    ),
    "/admin/questions/{question_id}/restore": (
        A.QUESTION_RESTORE,
        lambda on: ({"question_id": on.desk.question()}, {}),
    ),
    "/admin/questions/{question_id}/close": (
        A.QUESTION_CLOSE,
        lambda on: ({"question_id": on.desk.question()}, {}),
    ),
    "/admin/questions/{question_id}/escalate": (
        A.QUESTION_ESCALATE,
        lambda on: ({"question_id": on.offered()}, {}),
    ),
    "/admin/questions/{question_id}/topics": (
        A.QUESTION_EDIT,
        lambda on: ({"question_id": on.desk.question()}, {"main": "tv"}),
    ),
    "/admin/questions/{question_id}/notes": (
        A.NOTE_WRITE,
        lambda on: ({"question_id": on.desk.question()}, {"note": "Ask the warehouse."}),
    ),
    "/admin/questions/{question_id}/notes/{note_id}/remove": (
        A.NOTE_REMOVE,
        lambda on: (dict(zip(("question_id", "note_id"), on.note(), strict=True)), {}),
    ),
    "/admin/questions/{question_id}/title": (
        A.QUESTION_EDIT,
        lambda on: ({"question_id": on.desk.question()}, {"title": "No picture after the update"}),
    ),
    "/admin/questions/{question_id}/posts/{post_id}/endorse": (
        A.ANSWER_ENDORSE,
        lambda on: (dict(zip(("question_id", "post_id"), on.community(), strict=True)), {}),
    ),
    "/admin/answers/{answer_id}/approve": (
        A.ANSWER_APPROVE,
        lambda on: ({"answer_id": on.desk.answer()}, {}),
    ),
    "/admin/answers/{answer_id}/drop": (
        A.ANSWER_DROP,
        lambda on: ({"answer_id": on.desk.answer()}, {"why": "wrong"}),
    ),
    "/admin/answers/{answer_id}/kind": (
        A.ANSWER_KIND,
        lambda on: ({"answer_id": on.published()}, {"kind": "courtesy"}),
    ),
    "/admin/answers/{answer_id}/accept": (
        A.ANSWER_ACCEPT,
        lambda on: ({"answer_id": on.published()}, {}),
    ),
    "/admin/posts/{post_id}/match": (
        A.POST_MATCH,
        lambda on: (
            {"post_id": on.desk.post(verdict=PostKind.UNMATCHED, employee_id=on.desk.jane)},
            {"other": str(on.desk.question())},
        ),
    ),
    "/admin/posts/{post_id}/set-aside": (
        A.POST_SET_ASIDE,
        lambda on: ({"post_id": on.desk.post(verdict=PostKind.UNMATCHED)}, {}),
    ),
    "/admin/posts/{post_id}/again": (
        A.POST_TRY_AGAIN,
        lambda on: ({"post_id": on.desk.post(state=PostState.QUARANTINED, attempts=3)}, {}),
    ),
    "/admin/posts/{post_id}/dismiss": (
        A.POST_DISMISS,
        lambda on: ({"post_id": on.desk.post(state=PostState.QUARANTINED)}, {}),
    ),
    "/admin/deliveries/{delivery_id}/sent": (
        A.DELIVERY_SENT,
        lambda on: (
            {"delivery_id": on.desk.message(DeliveryState.UNKNOWN)},
            {"url": "http://test/local/posts/4242"},
        ),
    ),
    "/admin/deliveries/{delivery_id}/again": (
        A.DELIVERY_AGAIN,
        lambda on: ({"delivery_id": on.desk.message(DeliveryState.REJECTED)}, {}),
    ),
    "/admin/deliveries/{delivery_id}/give-up": (
        A.DELIVERY_GIVE_UP,
        lambda on: ({"delivery_id": on.desk.message(DeliveryState.REJECTED)}, {}),
    ),
    "/admin/entries/{entry_id}/hide": (A.ENTRY_HIDE, lambda on: ({"entry_id": on.desk.entry()}, {})),
    "/admin/entries/{entry_id}/show": (
        A.ENTRY_SHOW,
        lambda on: ({"entry_id": on.desk.entry(state=EntryState.HIDDEN)}, {}),
    ),
    "/admin/entries/{entry_id}/reviewed": (
        A.ENTRY_REVIEW,
        lambda on: ({"entry_id": on.desk.entry(review="It is old.")}, {}),
    ),
    "/admin/matters/{matter_id}/title": (
        A.MATTER_EDIT,
        lambda on: ({"matter_id": on.matter()}, {"title": "No picture since Monday"}),
    ),
    "/admin/matters/{matter_id}/kind": (
        A.MATTER_KIND,
        lambda on: ({"matter_id": on.matter()}, {"kind": "praise"}),
    ),
    "/admin/matters/{matter_id}/settle": (A.MATTER_SETTLE, lambda on: ({"matter_id": on.matter()}, {})),
    "/admin/statements/{statement_id}/approve": (
        A.STATEMENT_APPROVE,
        lambda on: ({"statement_id": on.statement()}, {}),
    ),
    "/admin/statements/{statement_id}/withdraw": (
        A.STATEMENT_WITHDRAW,
        lambda on: ({"statement_id": on.statement()}, {}),
    ),
    "/admin/announcements/{announcement_id}/approve": (
        A.ANNOUNCEMENT_APPROVE,
        lambda on: ({"announcement_id": on.announcement(proposed_by=on.desk.jane)}, {"revision": "1"}),
    ),
    "/admin/announcements/{announcement_id}/decline": (
        A.ANNOUNCEMENT_DECLINE,
        lambda on: ({"announcement_id": on.announcement()}, {"why": "shorter"}),
    ),
    "/admin/announcements/{announcement_id}/withdraw": (
        A.ANNOUNCEMENT_WITHDRAW,
        lambda on: ({"announcement_id": on.announcement()}, {}),
    ),
    "/admin/challenges/{challenge_id}/decline": (
        A.CHALLENGE_DECLINE,
        lambda on: ({"challenge_id": on.challenge()}, {"why": "It is right."}),
    ),
    "/admin/challenges/{challenge_id}/accept": (
        A.CHALLENGE_ACCEPT,
        lambda on: (
            {"challenge_id": on.challenge(is_out=True)},
            {"text": "Hold its button for five seconds.", "step": "send", "seen": "1"},
        ),
    ),
    "/admin/challenges/{challenge_id}/take-back": (
        A.CHALLENGE_ACCEPT,
        lambda on: (
            {"challenge_id": on.challenge(is_out=True)},
            {"why": "It is wrong.", "afterwards": "ask_again"},
        ),
    ),
    "/admin/scores/{survey_id}/seen": (A.SCORE_SEEN, lambda on: ({"survey_id": on.low_score()}, {})),
    "/admin/questions/{question_id}/join": (
        A.QUESTION_JOIN,
        lambda on: ({"question_id": (both := on.of_one_customer())[0]}, {"other": str(both[1])}),
    ),
    "/admin/questions/{question_id}/posts/{post_id}/part": (
        A.QUESTION_PART,
        lambda on: (dict(zip(("question_id", "post_id"), on.with_more(), strict=True)), {}),
    ),
    "/admin/questions/{question_id}/private/{page_id}/read": (
        A.PRIVATE_READ,
        lambda on: (dict(zip(("question_id", "page_id"), on.private_page(), strict=True)), {}),
    ),
    "/admin/answers/{answer_id}/retract": (
        A.ANSWER_RETRACT,
        lambda on: ({"answer_id": on.out()}, {"why": "It is wrong.", "afterwards": "ask_again"}),
    ),
    "/admin/answers/{answer_id}/correct": (
        A.ANSWER_CORRECT,
        lambda on: (
            {"answer_id": on.out()},
            {"text": "Hold its button for five seconds.", "why": "It was too long.", "step": "send"},
        ),
    ),
    "/admin/take-back": (
        A.ANSWERS_RETRACT,
        lambda on: ({}, {f"answer-{on.out()}": "1", "why": "It is wrong.", "afterwards": "ask_again"}),
    ),
    "/admin/deliveries/{delivery_id}/gone": (
        A.DELIVERY_GONE,
        lambda on: ({"delivery_id": on.taken_down_by_hand()}, {}),
    ),
    "/admin/matters/{matter_id}/merge": (
        A.MATTER_MERGE,
        lambda on: ({"matter_id": on.matter()}, {"other": str(on.matter())}),
    ),
    "/admin/matters/{matter_id}/questions/{question_id}/move": (
        A.MATTER_MOVE,
        lambda on: (dict(zip(("matter_id", "question_id"), on.in_matter(), strict=True)), {}),
    ),
    "/admin/matters/{matter_id}/department": (
        A.MATTER_ASSIGN,
        lambda on: ({"matter_id": on.matter()}, {"department": str(on.department())}),
    ),
    "/admin/matters/{matter_id}/statements": (
        A.STATEMENT_WRITE,
        lambda on: (
            {"matter_id": on.campaign("open", of=on.led_matter())},
            {"kind": "heard", "text": "We hear you."},
        ),
    ),
    "/admin/matters/{matter_id}/answers": (
        A.MATTER_ANSWER,
        lambda on: ({"matter_id": on.led_matter()}, {"kind": "seen"}),
    ),
    "/admin/matters/{matter_id}/answers/{answer_id}/withdraw": (
        A.MATTER_ANSWER_WITHDRAW,
        lambda on: (dict(zip(("matter_id", "answer_id"), on.department_answer(), strict=True)), {}),
    ),
    "/admin/matters/{matter_id}/issue": (
        A.MATTER_ISSUE,
        lambda on: ({"matter_id": on.led_matter()}, {"tracker": str(on.hook("github")), "title": "Dark"}),
    ),
    "/admin/campaigns": (
        A.CAMPAIGN_MAKE,
        lambda on: ({}, {"demand": f"Bring the dock back {on.name('no')}"}),
    ),
    "/admin/matters/{matter_id}/campaign": (
        A.CAMPAIGN_MAKE,
        lambda on: ({"matter_id": on.matter()}, {"demand": "Bring the dock back"}),
    ),
    "/admin/matters/{matter_id}/campaign/open": (
        A.CAMPAIGN_OPEN,
        lambda on: ({"matter_id": on.campaign()}, {}),
    ),
    "/admin/matters/{matter_id}/campaign/close": (
        A.CAMPAIGN_CLOSE,
        lambda on: ({"matter_id": on.campaign("open")}, {}),
    ),
    "/admin/matters/{matter_id}/campaign/count": (
        A.CAMPAIGN_COUNT,
        lambda on: ({"matter_id": on.campaign()}, {"nets": "without"}),
    ),
    "/admin/announcements/{announcement_id}/plan": (
        A.ANNOUNCEMENT_PLAN,
        lambda on: (
            {"announcement_id": on.announcement(state="approved", proposed_by=on.desk.jane)},
            {"step": "now"},
        ),
    ),
    "/admin/announcements/{announcement_id}/retract": (
        A.ANNOUNCEMENT_RETRACT,
        lambda on: ({"announcement_id": on.announced()}, {"why": "It is wrong."}),
    ),
    "/admin/announcements/{announcement_id}/correct": (
        A.ANNOUNCEMENT_CORRECT,
        lambda on: (
            {"announcement_id": on.announced()},
            {"text": "We are back since noon.", "why": "The hour was wrong.", "step": "send"},
        ),
    ),
    "/admin/words": (A.WORD_ADD, lambda on: ({}, {"text": on.name("otter"), "platform-local": "1"})),
    "/admin/words/{word_id}": (
        A.WORD_EDIT,
        lambda on: ({"word_id": on.word()}, {"text": on.name("otter"), "platform-local": "1", "on": "1"}),
    ),
    "/admin/words/{word_id}/remove": (A.WORD_REMOVE, lambda on: ({"word_id": on.word()}, {})),
}
"""By the address of the page."""
