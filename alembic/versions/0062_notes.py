"""Colleagues write notes to each other on a question

Revision ID: 0062
Revises: 0061
"""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "note",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("question_id", _ID, sa.ForeignKey("question.id"), nullable=False),
        sa.Column("written_on", _ID, nullable=False),
        sa.Column("employee_id", _ID, sa.ForeignKey("employee.id"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_note_question_id", "note", ["question_id"])
    op.create_index("ix_note_employee_id", "note", ["employee_id"])


def downgrade() -> None:
    op.drop_table("note")
