"""Colleagues are asked who knows a topic

Revision ID: 0060
Revises: 0059
"""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "topic_call",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("topic_id", _ID, sa.ForeignKey("topic.id"), nullable=False),
        sa.Column("asked_by", _ID, sa.ForeignKey("employee.id"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_topic_call_topic_id", "topic_call", ["topic_id"])
    op.create_index(
        "ix_topic_call_open",
        "topic_call",
        ["topic_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "topic_reply",
        sa.Column("call_id", _ID, sa.ForeignKey("topic_call.id"), primary_key=True),
        sa.Column("employee_id", _ID, sa.ForeignKey("employee.id"), primary_key=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_topic_reply_employee_id", "topic_reply", ["employee_id"])


def downgrade() -> None:
    op.drop_table("topic_reply")
    op.drop_table("topic_call")
