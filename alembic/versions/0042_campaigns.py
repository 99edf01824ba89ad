"""Campaigns, who joins them, and how old accounts are"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "campaign",
        sa.Column("matter_id", _ID, sa.ForeignKey("matter.id"), primary_key=True),
        sa.Column("demand", sa.String(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False, server_default="new"),
        sa.Column("made_by", _ID, sa.ForeignKey("employee.id"), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("opened_at", moment, nullable=True),
        sa.Column("goal_days", sa.Integer(), nullable=False),
        sa.Column("due_at", moment, nullable=True),
        sa.Column("leaves_out_nets", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    for name in ("joins", "uncounted"):
        op.add_column("question", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("post", sa.Column("author_since", moment, nullable=True))


def downgrade() -> None:
    op.drop_column("post", "author_since")
    op.drop_column("question", "uncounted")
    op.drop_column("question", "joins")
    op.drop_table("campaign")
