"""Counted days: the days of a month that has been over for a while lie together

Revision ID: 0057
Revises: 0056
"""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _begin_anew("bundle")


def downgrade() -> None:
    _begin_anew("day")


def _begin_anew(key: str) -> None:
    """What was counted can be counted again, and is, by the worker: a table for it, with nothing in it."""
    op.drop_table("figures_column")
    op.create_table(
        "figures_column",
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column(key, sa.String(10), primary_key=True),
        sa.Column("numbers", sa.LargeBinary(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE figures_column ALTER COLUMN numbers SET STORAGE EXTERNAL")
    op.execute("DELETE FROM figures_day")
    op.execute("DELETE FROM cursor WHERE name = 'figures'")
