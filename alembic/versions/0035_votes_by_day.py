"""What readers said of entries, by day"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vote_day",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("helpful", sa.Integer(), nullable=False),
        sa.Column("unhelpful", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("vote_day")
