"""Announcements, their messages, and the questions that reply to them"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_GIVEN = "{} IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "announcement",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.Column("platforms", sa.JSON(), nullable=False),
        sa.Column("warning", sa.String(), nullable=False),
        sa.Column("language", sa.String(16), nullable=True),
        sa.Column("state", sa.String(20), nullable=False, server_default="proposed"),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("proposed_by", _ID, sa.ForeignKey("employee.id"), nullable=True),
        sa.Column("approved_by", _ID, sa.ForeignKey("employee.id"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_announcement_state", "announcement", ["state", "id"])
    op.create_index("ix_announcement_author", "announcement", ["proposed_by", "id"])
    _index_where_given("announcement", "planned_at")
    _index_where_given("announcement", "published_at")
    op.add_column("delivery", sa.Column("announcement_id", _ID, nullable=True))
    given = sa.text(_GIVEN.format("announcement_id"))
    op.create_index(
        "ix_delivery_announced",
        "delivery",
        ["announcement_id", "platform", "part"],
        unique=True,
        postgresql_where=given,
        sqlite_where=given,
    )
    op.add_column("question", sa.Column("announcement_id", _ID, nullable=True))
    _index_where_given("question", "announcement_id")


def _index_where_given(table: str, column: str) -> None:
    given = sa.text(_GIVEN.format(column))
    op.create_index(f"ix_{table}_{column}", table, [column], postgresql_where=given, sqlite_where=given)


def downgrade() -> None:
    op.drop_index("ix_question_announcement_id", table_name="question")
    op.drop_column("question", "announcement_id")
    op.execute("DELETE FROM delivery WHERE kind = 'announcement'")
    op.drop_index("ix_delivery_announced", table_name="delivery")
    op.drop_column("delivery", "announcement_id")
    op.drop_table("announcement")
