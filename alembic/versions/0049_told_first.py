"""Told first: which colleagues know of an announcement before it is out, and what customers may ask

Revision ID: 0049
Revises: 0048
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "announcement",
        sa.Column("seen_before", sa.String(12), nullable=False, server_default="everybody"),
    )
    op.add_column("announcement", sa.Column("departments", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("announcement", sa.Column("asked", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    for name in ("asked", "departments", "seen_before"):
        op.drop_column("announcement", name)
