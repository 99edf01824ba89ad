"""A version of a public text that waits for a second person can be withdrawn

Revision ID: 0061
Revises: 0060
"""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("text", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("text", sa.Column("withdrawn_by", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("text", "withdrawn_by")
    op.drop_column("text", "withdrawn_at")
