"""Customers who help each other: the brand's likes, and who is helpful

Revision ID: 0044
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DUE = sa.text("due_at IS NOT NULL")
_ENDORSED = sa.text("kind = 'community' AND state = 'published'")


def upgrade() -> None:
    op.create_table(
        "liking",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("answer_id", _ID, sa.ForeignKey("answer.id"), nullable=False, unique=True),
        sa.Column("platform", sa.String(20), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("refs", sa.JSON(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("state", sa.String(20), nullable=False, server_default="ready"),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_liking_due", "liking", ["due_at"], postgresql_where=_DUE, sqlite_where=_DUE)
    op.create_index(
        "ix_answer_community", "answer", ["id"], postgresql_where=_ENDORSED, sqlite_where=_ENDORSED
    )


def downgrade() -> None:
    op.drop_index("ix_answer_community", table_name="answer")
    op.drop_table("liking")
