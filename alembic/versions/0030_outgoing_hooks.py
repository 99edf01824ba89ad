"""Outgoing hooks: endpoints, events, their messages and what came of them"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "hook_endpoint",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("template", sa.String(12), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("previous_until", _MOMENT, nullable=True),
        sa.Column("state", sa.String(20), nullable=False, server_default="on"),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("from_settings", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("failing_since", _MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("rests_until", _MOMENT, nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "hook_event",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("key", sa.String(40), nullable=False, unique=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("subject", _ID, nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("spread", sa.Boolean(), nullable=False, server_default=sa.false()),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hook_event_at", "hook_event", ["at"])
    op.create_index("ix_hook_event_subject", "hook_event", ["kind", "subject"])
    new = sa.text("NOT spread")
    op.create_index("ix_hook_event_new", "hook_event", ["id"], postgresql_where=new, sqlite_where=new)
    op.create_table(
        "hook_message",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("lease_until", _MOMENT, nullable=True),
        sa.Column("owner", sa.String(80), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("endpoint_id", _ID, sa.ForeignKey("hook_endpoint.id"), nullable=False),
        sa.Column("event_id", _ID, sa.ForeignKey("hook_event.id"), nullable=False),
        sa.Column("state", sa.String(20), nullable=False, server_default="waiting"),
        sa.Column("give_up_at", _MOMENT, nullable=False),
        sa.Column("sent_at", _MOMENT, nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.UniqueConstraint("endpoint_id", "event_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hook_message_state", "hook_message", ["endpoint_id", "state", "due_at", "id"])
    op.create_index("ix_hook_message_event", "hook_message", ["event_id"])
    op.create_table(
        "hook_attempt",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("endpoint_id", _ID, sa.ForeignKey("hook_endpoint.id"), nullable=False),
        sa.Column("message_id", _ID, sa.ForeignKey("hook_message.id"), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hook_attempt_endpoint", "hook_attempt", ["endpoint_id", "id"])
    op.create_index("ix_hook_attempt_message", "hook_attempt", ["message_id"])


def downgrade() -> None:
    for table in ("hook_attempt", "hook_message", "hook_event", "hook_endpoint"):
        op.drop_table(table)
