"""Customers hear of announcements by mail: who asked for it, and the mails on their way

Revision ID: 0068
Revises: 0067
"""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_DUE = sa.text("due_at IS NOT NULL")
_OPEN = sa.text("done_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "subscriber",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("address", sa.String(), nullable=False, unique=True),
        sa.Column("language", sa.String(12), nullable=True),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("mailed_at", _MOMENT, nullable=True),
        sa.Column("mails", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("link_hash", sa.String(), nullable=True, unique=True),
        sa.Column("link_until", _MOMENT, nullable=True),
        sa.Column("confirmed_at", _MOMENT, nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscriber_mailed_at", "subscriber", ["mailed_at"])
    op.create_table(
        "mailing",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("announcement_id", _ID, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("reached", _ID, nullable=False, server_default="0"),
        sa.Column("done_at", _MOMENT, nullable=True),
        sa.UniqueConstraint("announcement_id", "kind"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mailing_open", "mailing", ["id"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_table(
        "announcement_mail",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("mailing_id", _ID, nullable=False),
        sa.Column("subscriber_id", _ID, nullable=False),
        sa.Column("root_id", _ID, nullable=False),
        sa.Column("state", sa.String(20), nullable=False, server_default="ready"),
        sa.Column("give_up_at", _MOMENT, nullable=False),
        sa.Column("first_sent_at", _MOMENT, nullable=True),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("lease_until", _MOMENT, nullable=True),
        sa.Column("owner", sa.String(80), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.UniqueConstraint("subscriber_id", "mailing_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_announcement_mail_root", "announcement_mail", ["root_id", "subscriber_id"])
    op.create_index(
        "ix_announcement_mail_due",
        "announcement_mail",
        ["state", "due_at"],
        sqlite_where=_DUE,
        postgresql_where=_DUE,
    )


def downgrade() -> None:
    op.drop_table("announcement_mail")
    op.drop_table("mailing")
    op.drop_table("subscriber")
