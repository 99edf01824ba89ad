"""Thanks name whose answers they are for, whatever becomes of these later

Revision ID: 0056
Revises: 0055
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT_ONCE = 2_000
_CHANGE = sa.table(
    "change",
    sa.column("seq", _ID),
    sa.column("kind", sa.String()),
    sa.column("row_id", _ID),
    sa.column("detail", sa.JSON()),
    sa.column("at", sa.DateTime(timezone=True)),
)
_ANSWER = sa.table(
    "answer",
    sa.column("question_id", _ID),
    sa.column("employee_id", _ID),
    sa.column("state", sa.String()),
    sa.column("published_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    connection = op.get_bind()
    lines = [line for line in _outcomes(connection) if line.detail.get("employee") is None]
    for first in range(0, len(lines), _AT_ONCE):
        some = lines[first : first + _AT_ONCE]
        answered = _answered(connection, {line.row_id for line in some})
        for line in some:
            there = answered.get(line.row_id, ())
            _name(connection, line, sorted({who for who, since in there if since <= line.at}))


def downgrade() -> None:
    """What they name is left to stand: the version before understands it."""


def _outcomes(connection: sa.Connection) -> Iterator[sa.Row[Any]]:
    after = 0
    while True:
        found = connection.execute(
            sa.select(_CHANGE)
            .where(_CHANGE.c.kind == "outcome", _CHANGE.c.seq > after)
            .order_by(_CHANGE.c.seq)
            .limit(_AT_ONCE)
        ).all()
        yield from found
        if len(found) < _AT_ONCE:
            return
        after = found[-1].seq


def _answered(connection: sa.Connection, question_ids: set[int]) -> dict[int, list[tuple[int, Any]]]:
    answered: dict[int, list[tuple[int, Any]]] = {}
    for question, employee, since in connection.execute(
        sa.select(_ANSWER.c.question_id, _ANSWER.c.employee_id, _ANSWER.c.published_at).where(
            _ANSWER.c.question_id.in_(question_ids),
            _ANSWER.c.state == "published",
            _ANSWER.c.employee_id.is_not(None),
            _ANSWER.c.published_at.is_not(None),
        )
    ):
        answered.setdefault(question, []).append((employee, since))
    return answered


def _name(connection: sa.Connection, line: sa.Row[Any], employees: list[int]) -> None:
    """The line says for whom it is; one for nobody is no outcome, each further person has one more."""
    at = _CHANGE.c.seq == line.seq
    if not employees:
        connection.execute(sa.update(_CHANGE).where(at).values(kind="work", detail={}))
        return
    one, *further = employees
    said = {**line.detail, "employee": one}
    connection.execute(sa.update(_CHANGE).where(at).values(detail=said))
    for employee in further:
        connection.execute(
            sa.insert(_CHANGE).values(
                kind=line.kind, row_id=line.row_id, detail={**line.detail, "employee": employee}, at=line.at
            )
        )
