"""R21: of two who decide about the same, the second has read it before the first was done, and is refused.

What counts is the row as it is once the second has it, not as they have read it. On PostgreSQL, where two
transactions can be open at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlmodel import Session

from bot.actions import statements
from bot.actions.announce import decide, propose
from bot.actions.announce.propose import Proposal
from bot.actions.departments import answer, manage
from bot.actions.departments.answer import DepartmentWords
from bot.actions.hooks import tokens
from bot.actions.matters import campaigns, decisions
from bot.actions.undecidable import Undecidable
from bot.roles import Scope
from bot.states import DepartmentAnswerKind, MatterState, StatementAudience, StatementKind
from bot.store.engine import Database, open_engine
from bot.store.matters import gathered
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.departments import DepartmentAnswerRow, DepartmentRow
from bot.store.tables.hooks import ApiTokenRow
from bot.store.tables.matters import CampaignRow, MatterRow, StatementRow
from tests.bot.steps.racing import Late
from tests.conftest import FakeClock
from tests.outage import TEXT, Outage

DEMAND = "Bring back the dark theme"
PROPOSAL = Proposal(TEXT, ("local",), {})
SEEN = DepartmentWords(DepartmentAnswerKind.SEEN)

Deed = Callable[[Outage, Session, Any], object]


@pytest.fixture
def house(fresh_postgresql_url: str, clock: FakeClock) -> Iterator[Outage]:
    engine = open_engine(fresh_postgresql_url)
    yield Outage(Database(engine, clock), clock)
    engine.dispose()


def _matter(on: Outage, session: Session) -> MatterRow:
    return gathered.open_by_hand(session, "Streaming is down", on.clock())


def _campaign(on: Outage, session: Session) -> CampaignRow:
    return campaigns.make_by_hand(session, DEMAND, on.mei, 14, on.clock())


def _open_campaign(on: Outage, session: Session) -> CampaignRow:
    row = _campaign(on, session)
    campaigns.open_page(session, row, on.clock())
    return row


def _state(on: Outage, session: Session, matter: MatterRow) -> StatementRow:
    said = {"": TEXT}
    every, kind = StatementAudience.ALL, StatementKind.STATEMENT
    return statements.propose(session, matter, kind, said, every, on.mei, on.answering, on.clock())


def _statement(on: Outage, session: Session) -> StatementRow:
    return _state(on, session, _matter(on, session))


def _approve_statement(on: Outage, session: Session, row: StatementRow) -> None:
    statements.approve(session, row, on.ravi, on.clock())


def _withdraw_statement(on: Outage, session: Session, row: StatementRow) -> None:
    statements.withdraw(session, row, on.clock())


def _merged(_: Outage, __: Session, row: MatterRow) -> None:
    row.state = MatterState.MERGED


def _say(on: Outage, session: Session, row: MatterRow) -> DepartmentAnswerRow:
    policy, today = on.answering.rules.guard, on.clock().date()
    return answer.say(session, row, None, SEEN, on.mei, policy, today, on.clock())


def _said(on: Outage, session: Session) -> DepartmentAnswerRow:
    return _say(on, session, _matter(on, session))


def _announcement(on: Outage, session: Session) -> AnnouncementRow:
    way = on.chorus.platforms, on.chorus.rules
    return propose.propose(session, PROPOSAL, *way, on.jane, on.clock())


def _approved(on: Outage, session: Session) -> AnnouncementRow:
    row = _announcement(on, session)
    _approve(on, session, row)
    return row


def _approve(on: Outage, session: Session, row: AnnouncementRow) -> None:
    decide.approve(session, row, 1, on.mei, on.clock())


def _withdraw(on: Outage, session: Session, row: AnnouncementRow) -> None:
    decide.withdraw(session, row, on.clock())


def _plan(on: Outage, session: Session, row: AnnouncementRow) -> None:
    decide.plan(session, row, on.clock(), on.chorus.platforms, on.chorus.rules, on.clock())


def _change(on: Outage, session: Session, row: AnnouncementRow) -> None:
    propose.change(session, row, PROPOSAL, on.chorus.platforms, on.chorus.rules, on.clock())


def _department(on: Outage, session: Session) -> DepartmentRow:
    return manage.make(session, "Screens", "", "", on.clock())


def _retired(on: Outage, session: Session) -> DepartmentRow:
    row = _department(on, session)
    _retire(on, session, row)
    return row


def _retire(on: Outage, session: Session, row: DepartmentRow) -> None:
    manage.retire(session, row, on.clock())


def _reopen(on: Outage, session: Session, row: DepartmentRow) -> None:
    manage.reopen(session, row, on.clock())


def _edit(on: Outage, session: Session, row: DepartmentRow) -> None:
    manage.edit(session, row, "Displays", "", "", (), on.clock())


def _put_in(on: Outage, session: Session, row: DepartmentRow) -> None:
    mail = on.employee("Lea Lind").email
    manage.put_in(session, row, mail, leads=False, now=on.clock())


def _token(on: Outage, session: Session) -> ApiTokenRow:
    return tokens.make(session, "Wall", list(Scope), "", on.clock())[0]


@dataclass(frozen=True)
class Case:
    """``make`` gives the row that ``first`` decides about while ``second`` goes by what it was before."""

    make: Callable[[Outage, Session], Any]
    first: Deed
    second: Deed
    why: str


def _twice(make: Callable[[Outage, Session], Any], deed: Deed, why: str) -> Case:
    return Case(make, deed, deed, why)


CASES = {
    "a statement is approved twice": _twice(_statement, _approve_statement, "not wait for a decision"),
    "a statement is withdrawn twice": _twice(_statement, _withdraw_statement, "over already"),
    "a statement is withdrawn and approved": Case(
        _statement, _withdraw_statement, _approve_statement, "not wait for a decision"
    ),
    "a matter is merged and stated on": Case(_matter, _merged, _state, "write it there"),
    "a matter is merged and answered": Case(_matter, _merged, _say, "say it there"),
    "a matter is merged and assigned": Case(
        _matter,
        _merged,
        lambda on, session, row: decisions.assign(session, row, None, "mei", on.clock()),
        "say it there",
    ),
    "a matter is merged and made a campaign": Case(
        _matter,
        _merged,
        lambda on, session, row: campaigns.make(session, row, DEMAND, on.mei, 14, on.clock()),
        "make that a campaign",
    ),
    "a matter is settled twice": _twice(
        _matter, lambda on, session, row: decisions.settle(session, row, on.clock()), "not open"
    ),
    "a campaign's page is opened twice": _twice(
        _campaign, lambda on, session, row: campaigns.open_page(session, row, on.clock()), "open already"
    ),
    "a campaign's page is closed twice": _twice(
        _open_campaign, lambda on, session, row: campaigns.close_page(session, row, on.clock()), "not open"
    ),
    "a campaign is opened and reworded": Case(
        _campaign,
        lambda on, session, row: campaigns.open_page(session, row, on.clock()),
        lambda on, session, row: campaigns.reword(session, row, "Bring it back", on.clock()),
        "close the page first",
    ),
    "a department's answer is taken back twice": _twice(
        _said,
        lambda on, session, row: answer.take_back(session, row, on.mei, on.clock()),
        "taken back already",
    ),
    "an announcement is approved twice": _twice(_announcement, _approve, "nothing to approve"),
    "an announcement is withdrawn and approved": Case(
        _announcement, _withdraw, _approve, "nothing to approve"
    ),
    "an announcement is withdrawn and planned": Case(_approved, _withdraw, _plan, "can be planned"),
    "an announcement is withdrawn and declined": Case(
        _announcement,
        _withdraw,
        lambda on, session, row: decide.decline(session, row, "No.", on.clock()),
        "cannot be declined",
    ),
    "an announcement is approved and changed": Case(_announcement, _approve, _change, "decided about it"),
    "a department is retired twice": _twice(_department, _retire, "is retired"),
    "a department is retired and edited": Case(_department, _retire, _edit, "is retired"),
    "a department is retired and somebody put in": Case(_department, _retire, _put_in, "is retired"),
    "a department is brought back twice": _twice(_retired, _reopen, "not retired"),
    "a token is revoked twice": _twice(
        _token, lambda on, session, row: tokens.revoke(session, row, on.clock()), "revoked already"
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_r21_who_comes_second_is_refused_by_what_is_so_by_then(house: Outage, case: Case) -> None:
    with house.database.write() as session:
        row = case.make(house, session)
        table, number = type(row), row.id if hasattr(row, "id") else row.matter_id
    with Late(house.database, (table, number)) as late:
        with house.database.write() as session:
            case.first(house, session, session.get_one(table, number))
        with pytest.raises(Undecidable, match=case.why):
            case.second(house, late.session, late.rows[0])
