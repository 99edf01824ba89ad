"""Indexes that leave out what nobody looks up, and that answer what routing asks by themselves"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SPARSE = ("in_reply_to", "question_id", "verdict")


def upgrade() -> None:
    for column in _SPARSE:
        there = sa.text(f"{column} IS NOT NULL")
        op.drop_index(f"ix_post_{column}", table_name="post")
        op.create_index(f"ix_post_{column}", "post", [column], sqlite_where=there, postgresql_where=there)
    op.drop_index("ix_offer_time", table_name="offer")
    op.create_index("ix_offer_time", "offer", ["offered_at", "employee_id"])
    op.drop_index("ix_offer_expiry", table_name="offer")
    op.create_index("ix_offer_expiry", "offer", ["state", "expires_at", "employee_id"])


def downgrade() -> None:
    for column in _SPARSE:
        op.drop_index(f"ix_post_{column}", table_name="post")
        op.create_index(f"ix_post_{column}", "post", [column])
    op.drop_index("ix_offer_time", table_name="offer")
    op.create_index("ix_offer_time", "offer", ["offered_at"])
    op.drop_index("ix_offer_expiry", table_name="offer")
    op.create_index("ix_offer_expiry", "offer", ["state", "expires_at"])
