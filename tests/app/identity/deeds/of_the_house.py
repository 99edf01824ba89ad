"""The deeds that are about the house: the board, people, topics, departments, programs, rules and texts."""

from bot.store.house.audit_actions import AuditAction as A
from tests.app.identity.deeds.ground import Deed

OF_THE_HOUSE: dict[str, Deed] = {
    "/admin/publishing/pause": (A.PUBLISHING_PAUSE, lambda _: ({}, {"reason": "drill"})),
    "/admin/publishing/resume": (A.PUBLISHING_RESUME, lambda _: ({}, {})),
    "/admin/board/bulk": (
        A.QUESTION_DISMISS,
        lambda on: ({}, {"deed": "dismiss", f"pick-question-{on.desk.question()}": "1"}),
    ),
    "/admin/board/{kind}/{row_id}/assign": (
        A.BOARD_ASSIGN,
        lambda on: ({"kind": "question", "row_id": on.desk.question()}, {}),
    ),
    "/admin/board/{kind}/{row_id}/snooze": (
        A.BOARD_SNOOZE,
        lambda on: ({"kind": "question", "row_id": on.desk.question()}, {"hours": "4", "why": "later"}),
    ),
    "/admin/board/{kind}/{row_id}/wake": (
        A.BOARD_WAKE,
        lambda on: ({"kind": "question", "row_id": on.desk.question()}, {}),
    ),
    "/admin/board/filters": (A.FILTER_KEEP, lambda _: ({}, {"name": "mine", "query": "kind=question"})),
    "/admin/board/filters/{filter_id}/forget": (
        A.FILTER_FORGET,
        lambda on: ({"filter_id": on.kept_filter()}, {}),
    ),
    "/admin/join-requests/{request_id}/accept": (
        A.JOIN_ACCEPT,
        lambda on: ({"request_id": on.join_request()}, {}),
    ),
    "/admin/join-requests/{request_id}/decline": (
        A.JOIN_DECLINE,
        lambda on: ({"request_id": on.join_request()}, {"why": "drill"}),
    ),
    "/admin/employees/{employee_id}/pause": (
        A.EMPLOYEE_PAUSE,
        lambda on: ({"employee_id": on.employee()}, {}),
    ),
    "/admin/employees/{employee_id}/resume": (
        A.EMPLOYEE_RESUME,
        lambda on: ({"employee_id": on.employee()}, {}),
    ),
    "/admin/employees/{employee_id}/leave": (
        A.EMPLOYEE_LEAVE,
        lambda on: ({"employee_id": on.employee()}, {}),
    ),
    "/admin/employees/{employee_id}/link": (
        A.EMPLOYEE_SIGN_IN_LINK,
        lambda on: ({"employee_id": on.employee()}, {}),
    ),
    "/admin/topics": (A.TOPIC_ADD, lambda on: ({}, {"slug": on.name("radio"), "name": "Radio"})),
    "/admin/topics/{slug}": (A.TOPIC_EDIT, lambda on: ({"slug": on.topic()}, {"name": on.name("Radio")})),
    "/admin/topics/{slug}/remove": (A.TOPIC_REMOVE, lambda on: ({"slug": on.topic()}, {})),
    "/admin/topics/{slug}/merge": (A.TOPIC_MERGE, lambda on: ({"slug": on.topic()}, {"into": "tv"})),
    "/admin/topics/{slug}/split": (
        A.TOPIC_SPLIT,
        lambda on: ({"slug": on.topic()}, {"name": on.name("Remotes"), "words": "remote", "step": "move"}),
    ),
    "/admin/topics/{slug}/rename": (
        A.TOPIC_RENAME,
        lambda on: ({"slug": on.topic()}, {"to": on.name("wlan")}),
    ),
    "/admin/topics/{slug}/retire": (A.TOPIC_RETIRE, lambda on: ({"slug": on.topic()}, {})),
    "/admin/topics/{slug}/bring-back": (
        A.TOPIC_REOPEN,
        lambda on: ({"slug": on.topic(retired_at=on.desk.clock())}, {}),
    ),
    "/admin/topics/{slug}/ask": (A.TOPIC_ASK, lambda on: ({"slug": on.topic()}, {})),
    "/admin/topics/{slug}/stop-asking": (
        A.TOPIC_STOP_ASKING,
        lambda on: ({"slug": on.topic_asked_about()[0]}, {}),
    ),
    "/admin/topics/{slug}/former/{before}/forget": (
        A.TOPIC_FORGET,
        lambda on: (on.former_slug(), {}),
    ),
    "/admin/missing-topics": (A.TOPIC_ADD, lambda on: ({}, {"name": on.name("Radio")})),
    "/admin/employees/{employee_id}/return": (
        A.EMPLOYEE_RETURN,
        lambda on: ({"employee_id": on.who_left()}, {}),
    ),
    "/admin/people/bulk": (
        A.EMPLOYEE_PAUSE,
        lambda on: ({}, {"deed": "pause", f"pick-{on.employee()}": "yes"}),
    ),
    "/admin/employees/new": (
        A.EMPLOYEE_ADD,
        lambda on: ({}, on.newcomer()),
    ),
    "/admin/employees/{employee_id}": (
        A.EMPLOYEE_EDIT,
        lambda on: (
            {"employee_id": on.employee()},
            {"title": "Technician", "daily_cap": "9", "open_cap": "2"},
        ),
    ),
    "/admin/employees/{employee_id}/accounts": (
        A.ACCOUNT_LINK,
        lambda on: ({"employee_id": on.employee()}, {"account": f"local:{on.name('other')}"}),
    ),
    "/admin/employees/{employee_id}/accounts/{identity_id}/unlink": (
        A.ACCOUNT_UNLINK,
        lambda on: ({"employee_id": (one := on.employee()), "identity_id": on.account_of(one)}, {}),
    ),
    "/admin/departments": (A.DEPARTMENT_ADD, lambda on: ({}, {"name": on.name("Screens")})),
    "/admin/departments/{department_id}": (
        A.DEPARTMENT_EDIT,
        lambda on: ({"department_id": on.department()}, {"name": on.name("Screens")}),
    ),
    "/admin/departments/{department_id}/people": (
        A.DEPARTMENT_PEOPLE,
        lambda on: ({"department_id": on.department()}, {"who": on.email_of(on.desk.jane)}),
    ),
    "/admin/departments/{department_id}/people/{employee_id}/remove": (
        A.DEPARTMENT_PEOPLE,
        lambda on: ({"department_id": on.department(lead=True), "employee_id": on.who}, {}),
    ),
    "/admin/departments/{department_id}/retire": (
        A.DEPARTMENT_RETIRE,
        lambda on: ({"department_id": on.department()}, {}),
    ),
    "/admin/departments/{department_id}/reopen": (
        A.DEPARTMENT_REOPEN,
        lambda on: ({"department_id": on.department(retired=True)}, {}),
    ),
    "/admin/departments/{department_id}/given/{kind}/{row_id}/take": (
        A.BOARD_ASSIGN,
        lambda on: (
            {"department_id": (both := on.given())[0], "kind": "question", "row_id": both[1]},
            {},
        ),
    ),
    "/admin/figures/goals": (A.GOAL_SET, lambda _: ({}, {"percent": "80", "within": "10"})),
    "/admin/figures/goals/{goal_id}/remove": (A.GOAL_REMOVE, lambda on: ({"goal_id": on.goal()}, {})),
    "/admin/texts": (
        A.TEXT_PROPOSE,
        lambda on: ({}, {"title": on.name("Warranty"), "paragraphs": "Two years."}),
    ),
    "/admin/texts/{name}": (
        A.TEXT_PROPOSE,
        lambda _: ({"name": "terms"}, {"title": "Terms", "paragraphs": "Be kind."}),
    ),
    "/admin/texts/{name}/retire": (A.TEXT_RETIRE, lambda on: ({"name": on.further_text()}, {})),
    "/admin/texts/{name}/versions/{version_id}/approve": (
        A.TEXT_PUBLISH,
        lambda on: ({"name": "terms", "version_id": on.desk.text()}, {}),
    ),
    "/admin/texts/{name}/versions/{version_id}/withdraw": (
        A.TEXT_WITHDRAW,
        lambda on: ({"name": "terms", "version_id": on.desk.text()}, {}),
    ),
    "/admin/hooks": (
        A.HOOK_ADD,
        lambda _: (
            {},
            {
                "name": "Wall",
                "template": "standard",
                "url": "https://hooks.example.com/chorus",
                "event-question.opened": "1",
            },
        ),
    ),
    "/admin/hooks/{endpoint_id}": (
        A.HOOK_EDIT,
        lambda on: (
            {"endpoint_id": on.hook()},
            {"name": "Wall", "url": "https://hooks.example.com/", "event-question.opened": "1"},
        ),
    ),
    "/admin/hooks/{endpoint_id}/secret": (A.HOOK_SECRET, lambda on: ({"endpoint_id": on.hook()}, {})),
    "/admin/hooks/{endpoint_id}/switch": (
        A.HOOK_SWITCH,
        lambda on: ({"endpoint_id": on.hook()}, {"to": "off"}),
    ),
    "/admin/hooks/{endpoint_id}/remove": (A.HOOK_REMOVE, lambda on: ({"endpoint_id": on.hook()}, {})),
    "/admin/hooks/{endpoint_id}/test": (A.HOOK_TEST, lambda on: ({"endpoint_id": on.hook()}, {})),
    "/admin/hooks/{endpoint_id}/again": (
        A.HOOK_AGAIN,
        lambda on: ({"endpoint_id": on.hook_with_dead()}, {}),
    ),
    "/admin/hooks/{endpoint_id}/let-go": (
        A.HOOK_LET_GO,
        lambda on: ({"endpoint_id": on.hook_with_dead()}, {}),
    ),
    "/admin/tokens": (A.TOKEN_MAKE, lambda _: ({}, {"name": "Wall", "scope-questions:read": "1"})),
    "/admin/tokens/{token_id}/revoke": (A.TOKEN_REVOKE, lambda on: ({"token_id": on.desk.token()}, {})),
    "/admin/rules": (A.RULES_CHANGE, lambda on: ({}, on.rules())),
    "/admin/first-run/brand": (A.RULES_CHANGE, lambda on: ({}, on.brand())),
    "/admin/first-run/topics": (A.TOPIC_ADD, lambda on: ({}, {"lines": on.name("Radio")})),
    "/admin/first-run/people": (
        A.EMPLOYEE_ADD,
        lambda on: ({}, {"people": f"name,email\nLou Oh,{on.name('lou')}@example.com", "agreed": "yes"}),
    ),
    "/admin/first-run/question": (A.TRIAL_ASK, lambda _: ({}, {"text": "How do I pair it?"})),
    "/admin/first-run/dismiss": (A.CHECKLIST_DISMISS, lambda _: ({}, {})),
}
"""By the address of the page."""
