"""Campaigns overdue: those whose next word is due are found by it

Revision ID: 0052
Revises: 0051
"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

_DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_campaign_due_at", "campaign", ["due_at"], postgresql_where=_DUE, sqlite_where=_DUE)


def downgrade() -> None:
    op.drop_index("ix_campaign_due_at", table_name="campaign")
