"""Who looks after something on the board, what is put off until when, and the filters that people keep."""

from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import Path, Response

from app.admin.board.waiting import ladder_times
from app.admin.confirmations import Back, returned
from app.identity.auth import MayDecide, Person, guarded
from app.identity.decisions import DecisionContext, decision
from app.web.addresses import BOARD
from app.web.forms import RowId, ShortText, moment_typed, number_in
from app.web.html import zone_of
from app.web.problems import Problem, there
from app.wiring.composition import Chorus, Here
from bot.actions import board as deeds
from bot.roles import Permission
from bot.store import rows
from bot.store.house import board_marks
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.board.lines import SEEN_BY, BoardKind
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.columns import Numbered
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, PostRow, QuestionRow
from bot.store.tables.departments import DepartmentRow
from bot.store.tables.figures import GoalRow, SurveyRow
from bot.store.tables.hooks import ApiTokenRow, HookEndpointRow
from bot.store.tables.house import ChallengeRow, KeptFilterRow, TextRow
from bot.store.tables.matters import MatterRow, StatementRow
from bot.store.tables.people import EmployeeRow

router = guarded("/admin/board")

Kind = Annotated[BoardKind, Path()]
TABLES: dict[BoardKind, type[Numbered]] = {
    BoardKind.QUESTION: QuestionRow,
    BoardKind.BREACHING: QuestionRow,
    BoardKind.ANSWER: AnswerRow,
    BoardKind.CHALLENGE: ChallengeRow,
    BoardKind.UNMATCHED: PostRow,
    BoardKind.MESSAGE: DeliveryRow,
    BoardKind.POST: PostRow,
    BoardKind.ANNOUNCEMENT: AnnouncementRow,
    BoardKind.STATEMENT: StatementRow,
    BoardKind.COMMUNITY: PostRow,
    BoardKind.REVIEW: EntryRow,
    BoardKind.HELD_BACK: EntryRow,
    BoardKind.SURGE: MatterRow,
    BoardKind.CAMPAIGN: MatterRow,
    BoardKind.GOAL: GoalRow,
    BoardKind.TEXT: TextRow,
    BoardKind.ENDPOINT: HookEndpointRow,
    BoardKind.TOKEN: ApiTokenRow,
    BoardKind.SCORE: SurveyRow,
}
"""Where the row of each kind is; what is about a platform has none."""


@router.post("/{kind}/{row_id}/assign")
def assign(
    chorus: Here, person: MayDecide, kind: Kind, row_id: RowId, to: ShortText = "", back: Back = ""
) -> Response:
    """Somebody or a department looks after it; where nobody is named: oneself."""
    give(chorus, person, kind, row_id, to)
    return returned(back, BOARD, "given")


def give(chorus: Chorus, person: Person, kind: BoardKind, row_id: int, to: str) -> None:
    """Somebody with this address, or a department of this name, looks after a thing; else whoever asks.

    Raises Problem.
    """
    with decision(chorus, person) as at:
        found = _find(at, kind, row_id)
        deeds.check_waits(at.session, kind, found, at.now, ladder_times(chorus))
        giver = rows.one(at.session, EmployeeRow, person.id)
        taker = deeds.taker(at.session, to, giver)
        deeds.assign(at.session, chorus.rules, kind, row_id, taker, giver, at.now)
        named = {"department": taker.id} if isinstance(taker, DepartmentRow) else {"to": taker.id}
        at.record(AuditAction.BOARD_ASSIGN, f"{kind} {row_id}", **named)


@router.post("/{kind}/{row_id}/snooze")
def snooze(
    chorus: Here,
    person: MayDecide,
    kind: Kind,
    row_id: RowId,
    hours: ShortText = "",
    until: ShortText = "",
    why: ShortText = "",
    back: Back = "",
) -> Response:
    """Leave it out of the board until a moment."""
    put_off(chorus, person, kind, row_id, hours=hours, until=until, why=why)
    return returned(back, BOARD, "put_off")


def put_off(
    chorus: Chorus,
    person: Person,
    kind: BoardKind,
    row_id: int,
    *,
    hours: str,
    until: str,
    why: str,
) -> None:
    """Leave a thing out of the board until a moment of this person's clock, or for some hours.

    Raises Problem.
    """
    with decision(chorus, person) as at:
        found = _find(at, kind, row_id)
        deeds.check_waits(at.session, kind, found, at.now, ladder_times(chorus))
        moment = _moment(chorus, person, hours, until, at.now)
        deeds.snooze(at.session, kind, row_id, moment, why, person.id, at.now)
        at.record(AuditAction.BOARD_SNOOZE, f"{kind} {row_id}", until=moment.isoformat(), why=why)


@router.post("/{kind}/{row_id}/wake")
def wake(chorus: Here, person: MayDecide, kind: Kind, row_id: RowId, back: Back = "") -> Response:
    """Put it back on the board."""
    with decision(chorus, person) as at:
        _find(at, kind, row_id)
        deeds.wake(at.session, kind, row_id, person.id, at.now)
        at.record(AuditAction.BOARD_WAKE, f"{kind} {row_id}")
    return returned(back, BOARD, "woken")


@router.post("/filters")
def keep(
    chorus: Here, person: MayDecide, name: ShortText = "", query: ShortText = "", back: Back = ""
) -> Response:
    """Keep a filter under a name; one of the same name is replaced."""
    kept = urlencode([(key, value) for key, value in parse_qsl(query) if key not in ("after", "done")])
    with decision(chorus, person) as at:
        deeds.keep_filter(at.session, person.id, name, kept)
        at.record(AuditAction.FILTER_KEEP, f"filter {name[: deeds.LONGEST_NAME]}", filter=kept)
    return returned(back, BOARD, "kept")


@router.post("/filters/{filter_id}/forget")
def forget(chorus: Here, person: MayDecide, filter_id: RowId, back: Back = "") -> Response:
    """Remove one of one's own filters."""
    with decision(chorus, person) as at:
        row = rows.find(at.session, KeptFilterRow, filter_id)
        gone = board_marks.forget_filter(at.session, person.id, filter_id)
        found = there(row if gone else None, "such filter of yours")
        at.record(AuditAction.FILTER_FORGET, f"filter {found.name}")
    return returned(back, BOARD, "forgotten")


def _find(at: DecisionContext, kind: BoardKind, row_id: int) -> Numbered:
    if kind in deeds.OF_NO_ROW:
        raise Problem(409, "This stays on the board until it is mended.")
    if not at.person.may(SEEN_BY.get(kind, Permission.WATCH)):
        raise Problem(403, "Lines of this kind are for somebody else.")
    return at.row(TABLES[kind], row_id, f"such {kind}")


def _moment(chorus: Chorus, person: Person, hours: str, until: str, now: datetime) -> datetime:
    if until:
        return moment_typed(zone_of(person, chorus.settings.timezone), until)
    count = number_in(hours, most_digits=4)
    if count is None:
        raise Problem(422, "Choose until when it can wait.")
    return now + timedelta(hours=count)
