"""The board: who looks after what waits, what is put off, kept filters, and how its rows are found"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FOUND = (
    (
        "ix_question_urgent",
        "question",
        ["id", "platform", "language"],
        "state = 'escalated' AND priority >= 2",
    ),
    (
        "ix_question_nobody",
        "question",
        ["id", "platform", "language"],
        "state = 'escalated' AND priority < 2",
    ),
    ("ix_question_rung", "question", ["rung", "due_at", "id"], "state = 'offered'"),
    ("ix_post_community", "post", ["id"], "verdict = 'community'"),
)


def upgrade() -> None:
    op.create_table(
        "board_mark",
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("row_id", _ID, nullable=False, autoincrement=False),
        sa.Column("assigned_to", _ID, nullable=True),
        sa.Column("assigned_by", _ID, nullable=True),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("snoozed_by", _ID, nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assigned_to"], ["employee.id"]),
        sa.ForeignKeyConstraint(["assigned_by"], ["employee.id"]),
        sa.ForeignKeyConstraint(["snoozed_by"], ["employee.id"]),
        sa.PrimaryKeyConstraint("kind", "row_id"),
    )
    op.create_index("ix_board_mark_touched", "board_mark", ["touched_at"])
    op.create_table(
        "kept_filter",
        sa.Column("id", _ID, nullable=False),
        sa.Column("employee_id", _ID, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("employee_id", "name"),
        sqlite_autoincrement=True,
    )
    assigned = ("ix_board_mark_person", "board_mark", ["assigned_to", "kind", "row_id"])
    for name, table, columns, condition in (*_FOUND, (*assigned, "assigned_to IS NOT NULL")):
        where = sa.text(condition)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, table, _, _ in _FOUND:
        op.drop_index(name, table)
    op.drop_table("kept_filter")
    op.drop_table("board_mark")
