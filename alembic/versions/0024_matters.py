"""Matters: what many questions are about"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_GIVEN = sa.text("matter_id IS NOT NULL")
_SURGES = sa.text("surge <> ''")
_UNGATHERED = sa.text("NOT gathered")
_LOOKED_BACK = 20_000


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "matter",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_source", sa.String(12), nullable=False),
        sa.Column("title_question", _ID, nullable=True),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("first_at", moment, nullable=False),
        sa.Column("last_at", moment, nullable=False),
        sa.Column("merged_into", _ID, nullable=True),
        sa.Column("surge_at", moment, nullable=True),
        sa.Column("surge", sa.String(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_matter_latest", "matter", ["state", "last_at"])
    op.create_index("ix_matter_surge", "matter", ["id"], postgresql_where=_SURGES, sqlite_where=_SURGES)
    op.create_table(
        "matter_decision",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("matter", _ID, nullable=False),
        sa.Column("other", _ID, nullable=True),
        sa.Column("question_id", _ID, nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", moment, nullable=False),
        sqlite_autoincrement=True,
    )
    op.add_column("question", sa.Column("matter_id", _ID, nullable=True))
    op.add_column("question", sa.Column("gathered", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Of an old house the latest questions are gathered; the others would take hours and tell little.
    newest = op.get_bind().scalar(sa.text("SELECT COALESCE(MAX(id), 0) FROM question"))
    looked_at = sa.text("UPDATE question SET gathered = true WHERE id <= :last")
    op.get_bind().execute(looked_at, {"last": newest - _LOOKED_BACK})
    op.create_index(
        "ix_question_matter_id", "question", ["matter_id"], postgresql_where=_GIVEN, sqlite_where=_GIVEN
    )
    op.create_index(
        "ix_question_ungathered", "question", ["id"], postgresql_where=_UNGATHERED, sqlite_where=_UNGATHERED
    )


def downgrade() -> None:
    op.drop_index("ix_question_ungathered", table_name="question")
    op.drop_index("ix_question_matter_id", table_name="question")
    op.drop_column("question", "gathered")
    op.drop_column("question", "matter_id")
    op.drop_table("matter_decision")
    op.drop_index("ix_matter_surge", table_name="matter")
    op.drop_index("ix_matter_latest", table_name="matter")
    op.drop_table("matter")
