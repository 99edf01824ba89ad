"""Whose account is this? Authority is tied to a platform's immutable account id, never to a handle."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, false, func, or_, update
from sqlmodel import Session, col, select

from bot.roles import Permission, Role
from bot.store.tables.people import EmployeeRow, IdentityRow, LinkCodeRow
from routing.model.domain import TAKES_PART, EmployeeState

_ON_PLATFORM = (
    IdentityRow.platform == bindparam("platform"),
    col(IdentityRow.account_id).in_(bindparam("ids", expanding=True)),
)
_ACCOUNTS = select(IdentityRow).where(*_ON_PLATFORM)
_BEHIND = (
    select(IdentityRow.account_id, EmployeeRow)
    .join(EmployeeRow, col(IdentityRow.employee_id) == EmployeeRow.id)
    .where(*_ON_PLATFORM)
)
_HANDLES = (
    select(IdentityRow.employee_id, IdentityRow.platform, IdentityRow.handle)
    .where(col(IdentityRow.employee_id).in_(bindparam("employees", expanding=True)))
    .order_by(col(IdentityRow.id))
)


def may_answer(employee: EmployeeRow) -> bool:
    """Whether somebody is active (a pause does not matter: they chose to answer), opted in and allowed to."""
    return (
        employee.state in TAKES_PART
        and employee.opted_in_at is not None
        and Role(employee.role).may(Permission.ANSWER)
    )


def employee_behind(session: Session, platform: str, account_id: str) -> EmployeeRow | None:
    """The employee an account is linked to, whatever their state."""
    account = (platform, account_id)
    return employees_behind(session, [account])[account]


def employees_behind(
    session: Session, accounts: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], EmployeeRow | None]:
    """The employee that each account (platform, account id) is linked to, None where there is none."""
    found: dict[tuple[str, str], EmployeeRow | None] = dict.fromkeys(accounts)
    for platform in {platform for platform, _ in found}:
        ids = [account for at, account in found if at == platform]
        rows = session.exec(_BEHIND, params={"platform": platform, "ids": ids}).all()
        found.update({(platform, account): employee for account, employee in rows})
    return found


@dataclass(frozen=True, slots=True)
class Handles:
    """Employees' handles on all platforms."""

    _of: Mapping[int, Sequence[tuple[str, str]]]
    """By employee: pairs of platform and handle, the oldest first."""

    def on(self, platform: str, employee_id: int) -> str:
        """An employee's handle on a platform, or on any other; empty without one."""
        linked = self._of.get(employee_id, ())
        return next((handle for at, handle in linked if at == platform), linked[0][1] if linked else "")


def handles(session: Session, employee_ids: Collection[int]) -> Handles:
    """What these employees are called on the platforms."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = session.exec(_HANDLES, params={"employees": list(employee_ids)}).all()
    for employee_id, platform, handle in rows:
        found[employee_id].append((platform, handle))
    return Handles(found)


def handles_of(session: Session, platform: str) -> Sequence[tuple[str, str]]:
    """Account id and handle of everybody who may answer on a platform."""
    rows = session.exec(
        select(IdentityRow.account_id, IdentityRow.handle)
        .join(EmployeeRow, col(EmployeeRow.id) == IdentityRow.employee_id)
        .where(IdentityRow.platform == platform, col(EmployeeRow.state) != EmployeeState.LEFT)
        .order_by(col(IdentityRow.id))
    ).all()
    return [(account_id, handle) for account_id, handle in rows]


def note_handles(session: Session, platform: str, seen: Mapping[str, str]) -> None:
    """Note what linked accounts (account id -> handle) are called now: handles change, and change hands."""
    rows = session.exec(_ACCOUNTS, params={"platform": platform, "ids": list(seen)}).all()
    for row in rows:
        row.handle = seen[row.account_id] or row.handle
    session.flush()


def listed_as(
    session: Session, meant: Mapping[str, str], now: datetime
) -> Sequence[tuple[IdentityRow, EmployeeRow]]:
    """Accounts by one of these names (platform -> handle) whose owners take part now and are listed.

    A handle is found in large and small letters alike; whoever asks judges whether it is the same account.
    """
    named = [
        (col(IdentityRow.platform) == platform)
        & ((func.lower(col(IdentityRow.handle)) == handle.lower()) | (col(IdentityRow.handle) == handle))
        for platform, handle in meant.items()
    ]
    found = session.exec(
        select(IdentityRow, EmployeeRow)
        .join(EmployeeRow, col(EmployeeRow.id) == IdentityRow.employee_id)
        .where(
            or_(false(), *named),
            col(EmployeeRow.listed),
            EmployeeRow.state == EmployeeState.ACTIVE,
            func.coalesce(col(EmployeeRow.paused_until) <= now, True),
        )
        .order_by(col(IdentityRow.id))
    ).all()
    return [(account, employee) for account, employee in found if may_answer(employee)]


def note_follows(session: Session, platform: str, waiting: Collection[str]) -> None:
    """Note which accounts (by their ids) the brand still waits to be let follow."""
    waits = col(IdentityRow.account_id).in_(list(waiting))
    for answered, value in ((~waits, False), (waits, True)):
        session.execute(
            update(IdentityRow)
            .where(col(IdentityRow.platform) == platform, answered, col(IdentityRow.follow_waits) != value)
            .values(follow_waits=value)
        )


def waiting_follows(session: Session, platform: str) -> Sequence[str]:
    """The handles of those who have not yet let the brand follow them."""
    return session.exec(
        select(IdentityRow.handle)
        .where(IdentityRow.platform == platform, col(IdentityRow.follow_waits))
        .order_by(col(IdentityRow.handle))
    ).all()


def use_link_code(session: Session, code: str, platform: str, now: datetime) -> EmployeeRow | None:
    """The employee who was given this one-time code for this platform; the code is used up by asking."""
    used = session.execute(
        update(LinkCodeRow)
        .where(
            col(LinkCodeRow.code) == code,
            col(LinkCodeRow.platform) == platform,
            col(LinkCodeRow.used_at).is_(None),
            col(LinkCodeRow.expires_at) > now,
        )
        .values(used_at=now)
        .returning(col(LinkCodeRow.employee_id))
        .execution_options(synchronize_session=False)
    ).first()
    return session.get(EmployeeRow, used[0]) if used is not None else None


def link_by_code(
    session: Session, code: str, platform: str, account_id: str, handle: str, now: datetime
) -> EmployeeRow | None:
    """Tie an account to the employee who was given this code; None where the code is not, or not any more."""
    employee = use_link_code(session, code, platform, now)
    if employee is not None:
        link(session, employee.id, platform, account_id, handle, proof="code", now=now)
    return employee


def link(
    session: Session,
    employee_id: int,
    platform: str,
    account_id: str,
    handle: str,
    *,
    proof: str,
    now: datetime,
) -> IdentityRow:
    """Tie an account to an employee; an account that was somebody else's changes hands."""
    row = session.exec(
        select(IdentityRow).where(IdentityRow.platform == platform, IdentityRow.account_id == account_id)
    ).first()
    if row is None:
        row = IdentityRow(
            employee_id=employee_id, platform=platform, account_id=account_id, handle=handle, linked_at=now
        )
    row.employee_id, row.handle, row.proof, row.linked_at = employee_id, handle, proof, now
    session.add(row)
    session.flush()
    return row


def unlink(session: Session, identity_id: int, employee_id: int) -> bool:
    """An account is somebody's no more; False where it was not theirs."""
    gone = session.execute(
        delete(IdentityRow)
        .where(col(IdentityRow.id) == identity_id, col(IdentityRow.employee_id) == employee_id)
        .returning(col(IdentityRow.id))
    )
    return gone.first() is not None


def unlink_all(session: Session, employee_id: int) -> None:
    """None of somebody's accounts proves any more that they write."""
    session.execute(delete(IdentityRow).where(col(IdentityRow.employee_id) == employee_id))
