"""Announcements put right: a correction says which announcement it corrects, and why

Revision ID: 0047
Revises: 0046
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_GIVEN = sa.text("corrects_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("announcement", sa.Column("corrects_id", _ID, nullable=True))
    op.add_column("announcement", sa.Column("why", sa.String(), nullable=False, server_default=""))
    op.create_index(
        "ix_announcement_corrects_id",
        "announcement",
        ["corrects_id"],
        postgresql_where=_GIVEN,
        sqlite_where=_GIVEN,
    )


def downgrade() -> None:
    op.drop_index("ix_announcement_corrects_id", table_name="announcement")
    op.drop_column("announcement", "why")
    op.drop_column("announcement", "corrects_id")
