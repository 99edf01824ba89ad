"""Colleagues challenge published answers, and copies of an answer are found

Revision ID: 0054
Revises: 0053
"""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WAITING = sa.text("state = 'waiting'")
_CORRECTED = sa.text("correction_id IS NOT NULL")
_REUSED = sa.text("reuse_of IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "challenge",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("answer_id", _ID, sa.ForeignKey("answer.id"), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("challenger_id", _ID, sa.ForeignKey("employee.id"), nullable=False),
        sa.Column("wrong", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("thanks", sa.String(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False, server_default="waiting"),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("correction_id", _ID, nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", _ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_challenge_answer_id", "challenge", ["answer_id"])
    op.create_index("ix_challenge_challenger_id", "challenge", ["challenger_id"])
    op.create_index(
        "ix_challenge_waiting", "challenge", ["state", "id"], postgresql_where=_WAITING, sqlite_where=_WAITING
    )
    op.create_index(
        "ix_challenge_one",
        "challenge",
        ["answer_id", "challenger_id"],
        unique=True,
        postgresql_where=_WAITING,
        sqlite_where=_WAITING,
    )
    op.create_index(
        "ix_challenge_correction_id",
        "challenge",
        ["correction_id"],
        postgresql_where=_CORRECTED,
        sqlite_where=_CORRECTED,
    )
    op.create_index(
        "ix_answer_reuse_of", "answer", ["reuse_of"], postgresql_where=_REUSED, sqlite_where=_REUSED
    )


def downgrade() -> None:
    op.drop_index("ix_answer_reuse_of", table_name="answer")
    op.drop_table("challenge")
