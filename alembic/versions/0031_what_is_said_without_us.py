"""What is said without addressing the brand: words that are listened for, and the tray

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "brand_word",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("key", sa.String(), nullable=False, unique=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("excluded", sa.JSON(), nullable=False),
        sa.Column("platforms", sa.JSON(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "listened",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("post_id", _ID, sa.ForeignKey("post.id"), nullable=False, unique=True),
        sa.Column("platform", sa.String(20), nullable=False),
        sa.Column("author_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(16), nullable=True),
        sa.Column("state", sa.String(20), nullable=False, server_default="open"),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", _ID, sa.ForeignKey("employee.id"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("matter_id", _ID, nullable=True),
        sa.Column("gathered", sa.Boolean(), nullable=False, server_default=sa.false()),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_listened_state", "listened", ["state", "id"])
    op.create_index("ix_listened_looked", "listened", ["platform", "looked_at"])
    op.create_index("ix_listened_found", "listened", ["found_at"])
    _index_where("ix_listened_ungathered", "listened", "id", "NOT gathered")
    _index_where("ix_listened_matter_id", "listened", "matter_id", "matter_id IS NOT NULL")
    op.create_table(
        "listened_word",
        sa.Column("listened_id", _ID, sa.ForeignKey("listened.id"), primary_key=True),
        sa.Column("word_id", _ID, sa.ForeignKey("brand_word.id"), primary_key=True),
    )
    op.create_index("ix_listened_word_word", "listened_word", ["word_id", "listened_id"])
    op.create_table(
        "listening_day",
        sa.Column("platform", sa.String(20), primary_key=True),
        sa.Column("day", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("searched", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("cut", sa.String(12), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
    )
    op.create_table(
        "word_day",
        sa.Column("word_id", _ID, sa.ForeignKey("brand_word.id"), primary_key=True),
        sa.Column("day", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("posts", sa.Integer(), nullable=False),
    )
    op.add_column("question", sa.Column("unasked", sa.Boolean(), nullable=False, server_default=sa.false()))


def _index_where(name: str, table: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, [column], postgresql_where=where, sqlite_where=where)


def downgrade() -> None:
    op.drop_column("question", "unasked")
    for table in ("word_day", "listening_day", "listened_word", "listened", "brand_word"):
        op.drop_table(table)
    op.execute("UPDATE post SET verdict = 'not_for_us', text = '' WHERE verdict = 'listened'")
