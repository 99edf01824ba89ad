"""Goals may be about how content customers are

Revision ID: 0058
Revises: 0057
"""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("goal", sa.Column("measure", sa.String(12), nullable=False, server_default="response"))


def downgrade() -> None:
    op.execute("DELETE FROM goal WHERE measure <> 'response'")
    op.drop_column("goal", "measure")
