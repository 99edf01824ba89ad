"""Topics are merged, split, renamed and retired

Revision ID: 0048
Revises: 0047
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_GOING = sa.text("finished_at IS NULL")


def upgrade() -> None:
    op.add_column("topic", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("topic", sa.Column("successor_id", _ID, nullable=True))
    op.create_table(
        "former_slug",
        sa.Column("slug", sa.String(), primary_key=True),
        sa.Column("topic_id", _ID, sa.ForeignKey("topic.id"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_former_slug_topic_id", "former_slug", ["topic_id"])
    op.create_table(
        "topic_move",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("former", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("matters", sa.JSON(), nullable=False),
        sa.Column("at", _ID, nullable=False),
        sa.Column("floor", _ID, nullable=False),
        sa.Column("newest", _ID, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("begun_by", sa.String(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_topic_move_going", "topic_move", ["id"], postgresql_where=_GOING, sqlite_where=_GOING)
    op.create_index("ix_matter_topic", "matter", ["topic", "id"])


def downgrade() -> None:
    op.drop_index("ix_matter_topic", table_name="matter")
    op.drop_table("topic_move")
    op.drop_table("former_slug")
    op.drop_column("topic", "successor_id")
    op.drop_column("topic", "retired_at")
