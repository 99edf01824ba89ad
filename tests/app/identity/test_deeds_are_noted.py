"""Every deed of every role is a line in the audit log: one, in one spelling, by whoever did it.

Two looks at the same. The source is read: whatever page changes something leads to a line, and a new page
that forgets it fails here. And deeds are done, by everybody who may, and their lines counted.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlmodel import select

from app.identity.auth import actor
from bot.roles import Role
from bot.states import AnnouncementState, AnswerState, DeliveryState, EntryState, PostKind, PostState
from bot.store.engine import Database
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.conversations import AnswerRow
from bot.store.tables.house import AuditRow, ChallengeRow, KeptFilterRow
from bot.store.tables.matters import MatterRow, StatementRow
from bot.store.tables.people import EmployeeRow, FormerSlugRow, TopicRow
from routing.model.domain import EmployeeState, QuestionState
from tests.app.board_house import BoardHouse
from tests.app.identity.test_auth_matrix import EXPECTED, PAGES
from tests.conftest import FakeClock

CHANGES_NOTHING = {
    "/desk/link/sign-in": "leads to the platform; what is linked on the way back is noted",
    "/admin/connections/{platform}/sign-in": "the same for the brand's account",
}
_DEEPEST = 5


def leads_to_a_line(function: Callable[..., Any], seen: set[Any], depth: int = 0) -> bool:
    """Whether a page, or a function of ours that it names, writes an audit line."""
    if function in seen or depth > _DEEPEST:
        return False
    seen.add(function)
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    if any(isinstance(node, ast.Call) and _is_line(node.func) for node in ast.walk(tree)):
        return True
    return any(leads_to_a_line(one, seen, depth + 1) for one in _named_in(tree, function.__globals__))


def _is_line(called: ast.expr) -> bool:
    return ast.unparse(called) in ("at.record", "deciding.record", "audit.append", "recorded")


def _named_in(tree: ast.AST, scope: dict[str, Any]) -> Iterator[Callable[..., Any]]:
    for node in ast.walk(tree):
        found: Any = None
        if isinstance(node, ast.Name):
            found = scope.get(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found = getattr(scope.get(node.value.id), node.attr, None)
        yield from (one for one in _functions(found) if one.__module__.startswith("app."))


def _functions(found: Any) -> Iterator[Callable[..., Any]]:
    if inspect.isfunction(found):
        yield found
    for one in found.values() if isinstance(found, dict) else ():
        yield from _functions(one)


def test_whatever_page_changes_something_leads_to_a_line() -> None:
    silent = {
        path
        for (method, path), route in PAGES.items()
        if method != "GET" and not leads_to_a_line(route.endpoint, set())
    }
    assert silent == set(CHANGES_NOTHING)


def test_a_silent_page_would_be_seen() -> None:
    def silent() -> None:
        _functions(None)

    assert not leads_to_a_line(silent, set())


Prepared = tuple[dict[str, Any], dict[str, str]]
Prepare = Callable[[BoardHouse, int], Prepared]


def offered(desk: BoardHouse, who: int) -> int:
    question = desk.question("@brand no picture", state=QuestionState.OFFERED)
    desk.house.offer(question, who)
    return question


def own_answer(desk: BoardHouse, who: int) -> int:
    return desk.house.answer(offered(desk, who), who, "Hold its button for ten seconds.")


def announcement(desk: BoardHouse, **values: Any) -> int:
    kept = {"text": "We are back.", "platforms": ["local"], "state": AnnouncementState.PROPOSED}
    row = AnnouncementRow(created_at=desk.clock(), changed_at=desk.clock(), **{**kept, **values})
    return desk.add(row)


def matter(desk: BoardHouse) -> int:
    return desk.add(MatterRow(title="No picture", first_at=desk.clock(), last_at=desk.clock()))


def statement(desk: BoardHouse) -> int:
    row = StatementRow(
        matter_id=matter(desk),
        kind="statement",
        texts={"": "We know."},
        written_by=desk.jane,
        written_at=desk.clock(),
    )
    return desk.add(row)


def community(desk: BoardHouse) -> tuple[int, int]:
    question = desk.question("@brand no picture", state=QuestionState.OFFERED)
    return question, desk.post(
        verdict=PostKind.COMMUNITY, question_id=question, text="Unplug it, worked for me"
    )


def published(desk: BoardHouse) -> int:
    question = desk.question("@brand no picture", state=QuestionState.ANSWERED)
    kept = {"text": "Unplug it.", "state": AnswerState.PUBLISHED, "published_at": desk.clock()}
    return desk.add(
        AnswerRow(question_id=question, employee_id=desk.jane, written_at=desk.clock(), said="answer", **kept)
    )


def challenged(desk: BoardHouse) -> int:
    row = ChallengeRow(answer_id=published(desk), challenger_id=desk.jane, wrong="Ten.", made_at=desk.clock())
    return desk.add(row)


def kept_filter(desk: BoardHouse, who: int) -> int:
    return desk.add(KeptFilterRow(employee_id=who, name="mine", query="kind=question"))


def retired_topic(desk: BoardHouse) -> str:
    desk.change(TopicRow, 2, retired_at=desk.clock())
    return "wifi"


def who_left(desk: BoardHouse) -> int:
    desk.change(EmployeeRow, desk.jane, state=EmployeeState.LEFT, left_at=desk.clock())
    return desk.jane


def former_slug(desk: BoardHouse) -> str:
    desk.add(FormerSlugRow(slug="telly", topic_id=1, since=desk.clock()))
    return "telly"


A = AuditAction
DEEDS: dict[str, tuple[AuditAction, Prepare]] = {
    "/desk/questions/{question_id}/answer": (
        A.ANSWER_WRITE,
        lambda desk, who: (
            {"question_id": offered(desk, who)},
            {"text": "Hold its button for ten seconds.", "step": "send"},
        ),
    ),
    "/desk/questions/{question_id}/pass": (
        A.QUESTION_PASS,
        lambda desk, who: ({"question_id": offered(desk, who)}, {}),
    ),
    "/desk/questions/{question_id}/refer": (
        A.QUESTION_REFER,
        lambda desk, who: ({"question_id": offered(desk, who)}, {"colleague": str(desk.jane)}),
    ),
    "/desk/questions/{question_id}/posts/{post_id}/endorse": (
        A.ANSWER_ENDORSE,
        lambda desk, _: (dict(zip(("question_id", "post_id"), community(desk), strict=True)), {}),
    ),
    "/desk/answers/{answer_id}/retract": (
        A.ANSWER_RETRACT,
        lambda desk, who: ({"answer_id": own_answer(desk, who)}, {}),
    ),
    "/desk/answers/{answer_id}/kind": (
        A.ANSWER_KIND,
        lambda desk, who: ({"answer_id": own_answer(desk, who)}, {"kind": "question_back"}),
    ),
    "/desk/answers/{answer_id}/accept": (
        A.ANSWER_ACCEPT,
        lambda desk, _: ({"answer_id": published(desk)}, {}),
    ),
    "/desk/answers/{answer_id}/challenge": (
        A.ANSWER_CHALLENGE,
        lambda desk, _: ({"answer_id": published(desk)}, {"wrong": "It takes ten seconds."}),
    ),
    "/admin/challenges/{challenge_id}/decline": (
        A.CHALLENGE_DECLINE,
        lambda desk, _: ({"challenge_id": challenged(desk)}, {"why": "It is right."}),
    ),
    "/desk/profile": (A.PROFILE_EDIT, lambda *_: ({}, {"daily_cap": "9", "open_cap": "2"})),
    "/desk/pause": (A.PROFILE_PAUSE, lambda *_: ({}, {})),
    "/desk/resume": (A.PROFILE_RESUME, lambda *_: ({}, {})),
    "/admin/publishing/pause": (A.PUBLISHING_PAUSE, lambda *_: ({}, {"reason": "drill"})),
    "/admin/publishing/resume": (A.PUBLISHING_RESUME, lambda *_: ({}, {})),
    "/admin/questions/{question_id}/dismiss": (
        A.QUESTION_DISMISS,
        lambda desk, _: ({"question_id": desk.question()}, {"why": "spam"}),
    ),
    "/admin/questions/{question_id}/restore": (
        A.QUESTION_RESTORE,
        lambda desk, _: ({"question_id": desk.question()}, {}),
    ),
    "/admin/questions/{question_id}/close": (
        A.QUESTION_CLOSE,
        lambda desk, _: ({"question_id": desk.question()}, {}),
    ),
    "/admin/questions/{question_id}/escalate": (
        A.QUESTION_ESCALATE,
        lambda desk, who: ({"question_id": offered(desk, who)}, {}),
    ),
    "/admin/questions/{question_id}/topics": (
        A.QUESTION_EDIT,
        lambda desk, _: ({"question_id": desk.question()}, {"main": "tv"}),
    ),
    "/admin/questions/{question_id}/title": (
        A.QUESTION_EDIT,
        lambda desk, _: ({"question_id": desk.question()}, {"title": "No picture after the update"}),
    ),
    "/admin/questions/{question_id}/posts/{post_id}/endorse": (
        A.ANSWER_ENDORSE,
        lambda desk, _: (dict(zip(("question_id", "post_id"), community(desk), strict=True)), {}),
    ),
    "/admin/answers/{answer_id}/approve": (
        A.ANSWER_APPROVE,
        lambda desk, _: ({"answer_id": desk.answer()}, {}),
    ),
    "/admin/answers/{answer_id}/drop": (
        A.ANSWER_DROP,
        lambda desk, _: ({"answer_id": desk.answer()}, {"why": "wrong"}),
    ),
    "/admin/answers/{answer_id}/kind": (
        A.ANSWER_KIND,
        lambda desk, _: ({"answer_id": published(desk)}, {"kind": "courtesy"}),
    ),
    "/admin/answers/{answer_id}/accept": (
        A.ANSWER_ACCEPT,
        lambda desk, _: ({"answer_id": published(desk)}, {}),
    ),
    "/admin/posts/{post_id}/match": (
        A.POST_MATCH,
        lambda desk, _: (
            {"post_id": desk.post(verdict=PostKind.UNMATCHED, employee_id=desk.jane)},
            {"other": str(desk.question())},
        ),
    ),
    "/admin/posts/{post_id}/set-aside": (
        A.POST_SET_ASIDE,
        lambda desk, _: ({"post_id": desk.post(verdict=PostKind.UNMATCHED)}, {}),
    ),
    "/admin/posts/{post_id}/again": (
        A.POST_TRY_AGAIN,
        lambda desk, _: ({"post_id": desk.post(state=PostState.QUARANTINED, attempts=3)}, {}),
    ),
    "/admin/posts/{post_id}/dismiss": (
        A.POST_DISMISS,
        lambda desk, _: ({"post_id": desk.post(state=PostState.QUARANTINED)}, {}),
    ),
    "/admin/deliveries/{delivery_id}/sent": (
        A.DELIVERY_SENT,
        lambda desk, _: (
            {"delivery_id": desk.message(DeliveryState.UNKNOWN)},
            {"url": "http://test/local/posts/4242"},
        ),
    ),
    "/admin/deliveries/{delivery_id}/again": (
        A.DELIVERY_AGAIN,
        lambda desk, _: ({"delivery_id": desk.message(DeliveryState.REJECTED)}, {}),
    ),
    "/admin/deliveries/{delivery_id}/give-up": (
        A.DELIVERY_GIVE_UP,
        lambda desk, _: ({"delivery_id": desk.message(DeliveryState.REJECTED)}, {}),
    ),
    "/admin/entries/{entry_id}/hide": (A.ENTRY_HIDE, lambda desk, _: ({"entry_id": desk.entry()}, {})),
    "/admin/entries/{entry_id}/show": (
        A.ENTRY_SHOW,
        lambda desk, _: ({"entry_id": desk.entry(state=EntryState.HIDDEN)}, {}),
    ),
    "/admin/entries/{entry_id}/reviewed": (
        A.ENTRY_REVIEW,
        lambda desk, _: ({"entry_id": desk.entry(review="It is old.")}, {}),
    ),
    "/admin/matters/{matter_id}/title": (
        A.MATTER_EDIT,
        lambda desk, _: ({"matter_id": matter(desk)}, {"title": "No picture since Monday"}),
    ),
    "/admin/matters/{matter_id}/settle": (A.MATTER_SETTLE, lambda desk, _: ({"matter_id": matter(desk)}, {})),
    "/admin/statements/{statement_id}/approve": (
        A.STATEMENT_APPROVE,
        lambda desk, _: ({"statement_id": statement(desk)}, {}),
    ),
    "/admin/statements/{statement_id}/withdraw": (
        A.STATEMENT_WITHDRAW,
        lambda desk, _: ({"statement_id": statement(desk)}, {}),
    ),
    "/admin/announcements/{announcement_id}/approve": (
        A.ANNOUNCEMENT_APPROVE,
        lambda desk, _: ({"announcement_id": announcement(desk, proposed_by=desk.jane)}, {"revision": "1"}),
    ),
    "/admin/announcements/{announcement_id}/decline": (
        A.ANNOUNCEMENT_DECLINE,
        lambda desk, _: ({"announcement_id": announcement(desk)}, {"why": "shorter"}),
    ),
    "/admin/announcements/{announcement_id}/withdraw": (
        A.ANNOUNCEMENT_WITHDRAW,
        lambda desk, _: ({"announcement_id": announcement(desk)}, {}),
    ),
    "/admin/board/bulk": (
        A.QUESTION_DISMISS,
        lambda desk, _: ({}, {"deed": "dismiss", f"pick-question-{desk.question()}": "1"}),
    ),
    "/admin/board/{kind}/{row_id}/assign": (
        A.BOARD_ASSIGN,
        lambda desk, _: ({"kind": "question", "row_id": desk.question()}, {}),
    ),
    "/admin/board/{kind}/{row_id}/snooze": (
        A.BOARD_SNOOZE,
        lambda desk, _: ({"kind": "question", "row_id": desk.question()}, {"hours": "4", "why": "later"}),
    ),
    "/admin/board/{kind}/{row_id}/wake": (
        A.BOARD_WAKE,
        lambda desk, _: ({"kind": "question", "row_id": desk.question()}, {}),
    ),
    "/admin/board/filters": (A.FILTER_KEEP, lambda *_: ({}, {"name": "mine", "query": "kind=question"})),
    "/admin/board/filters/{filter_id}/forget": (
        A.FILTER_FORGET,
        lambda desk, who: ({"filter_id": kept_filter(desk, who)}, {}),
    ),
    "/admin/employees/{employee_id}/pause": (
        A.EMPLOYEE_PAUSE,
        lambda desk, _: ({"employee_id": desk.jane}, {}),
    ),
    "/admin/employees/{employee_id}/resume": (
        A.EMPLOYEE_RESUME,
        lambda desk, _: ({"employee_id": desk.jane}, {}),
    ),
    "/admin/employees/{employee_id}/leave": (
        A.EMPLOYEE_LEAVE,
        lambda desk, _: ({"employee_id": desk.jane}, {}),
    ),
    "/admin/employees/{employee_id}/return": (
        A.EMPLOYEE_RETURN,
        lambda desk, _: ({"employee_id": who_left(desk)}, {}),
    ),
    "/admin/people/bulk": (
        A.EMPLOYEE_PAUSE,
        lambda desk, _: ({}, {"deed": "pause", f"pick-{desk.jane}": "yes"}),
    ),
    "/admin/employees/{employee_id}/link": (
        A.EMPLOYEE_SIGN_IN_LINK,
        lambda desk, _: ({"employee_id": desk.jane}, {}),
    ),
    "/admin/topics": (A.TOPIC_ADD, lambda *_: ({}, {"slug": "radio", "name": "Radio"})),
    "/admin/topics/{slug}": (A.TOPIC_EDIT, lambda *_: ({"slug": "tv"}, {"name": "TV and picture"})),
    "/admin/topics/{slug}/remove": (A.TOPIC_REMOVE, lambda *_: ({"slug": "wifi"}, {})),
    "/admin/topics/{slug}/merge": (A.TOPIC_MERGE, lambda *_: ({"slug": "wifi"}, {"into": "tv"})),
    "/admin/topics/{slug}/split": (
        A.TOPIC_SPLIT,
        lambda *_: ({"slug": "tv"}, {"name": "Remotes", "words": "remote", "step": "move"}),
    ),
    "/admin/topics/{slug}/rename": (A.TOPIC_RENAME, lambda *_: ({"slug": "wifi"}, {"to": "wlan"})),
    "/admin/topics/{slug}/retire": (A.TOPIC_RETIRE, lambda *_: ({"slug": "wifi"}, {})),
    "/admin/topics/{slug}/bring-back": (
        A.TOPIC_REOPEN,
        lambda desk, _: ({"slug": retired_topic(desk)}, {}),
    ),
    "/admin/topics/{slug}/former/{before}/forget": (
        A.TOPIC_FORGET,
        lambda desk, _: ({"slug": "tv", "before": former_slug(desk)}, {}),
    ),
    "/admin/missing-topics": (A.TOPIC_ADD, lambda *_: ({}, {"name": "Radio"})),
}
"""What a page does, and what is prepared for it: what stands in its address, and what is sent."""


def lines(desk: BoardHouse) -> list[AuditRow]:
    with desk.house.database.read() as session:
        return list(session.exec(select(AuditRow).order_by(AuditRow.id)).all())


@pytest.mark.parametrize("path", DEEDS)
def test_a_deed_is_one_line_by_whoever_did_it(sqlite_database: Database, clock: FakeClock, path: str) -> None:
    action, prepare = DEEDS[path]
    desk = BoardHouse(sqlite_database, clock)
    desk.house.employee("Rae Sun", role=Role.ADMIN)  # so that nobody is alone
    roles = sorted(EXPECTED["POST", path])
    assert roles
    for number, role in enumerate(roles):
        name = f"Who{number} Ever"
        who = desk.house.employee(name, role=role, handle=f"who{number}")
        where, fields = prepare(desk, who)
        before = len(lines(desk))
        done = desk.house.browser(who).post(path.format(**where), fields)
        assert done.status_code in (200, 303), (role, done.text)
        added = lines(desk)[before:]
        assert [line.action for line in added] == [action.value], (role, done.text[-2000:])
        assert added[0].actor == actor(desk.house.row(EmployeeRow, who)), role
        if path.startswith(("/admin/topics", "/admin/missing-topics")) or path.endswith("/leave"):
            break  # it can be done once
        desk.clock.advance(1)


def test_a_deed_that_is_refused_leaves_no_line(sqlite_database: Database, clock: FakeClock) -> None:
    desk = BoardHouse(sqlite_database, clock)
    for path in (
        "/admin/questions/4242/close",
        "/admin/board/question/4242/assign",
        "/admin/topics/none/remove",
    ):
        assert desk.browser.post(path).status_code == 404
    assert lines(desk) == []
