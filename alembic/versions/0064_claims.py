"""Somebody takes a question for themself for a while

Revision ID: 0064
Revises: 0063
"""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

_CLAIMED = sa.text("claimed AND state = 'open'")


def upgrade() -> None:
    op.add_column("offer", sa.Column("claimed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_offer_claimed",
        "offer",
        ["question_id"],
        unique=True,
        sqlite_where=_CLAIMED,
        postgresql_where=_CLAIMED,
    )


def downgrade() -> None:
    op.execute("UPDATE offer SET state = 'withdrawn' WHERE state = 'resting'")
    op.drop_index("ix_offer_claimed", "offer")
    op.drop_column("offer", "claimed")
