"""How many customers hear of announcements, and who never proved a mailbox, is found without all of them

Revision ID: 0069
Revises: 0068
"""

from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_subscriber_confirmed_at", "subscriber", ["confirmed_at"])


def downgrade() -> None:
    op.drop_index("ix_subscriber_confirmed_at", "subscriber")
