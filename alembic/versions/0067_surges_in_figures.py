"""A surge's figures stay as they were noticed, and matters know how many people asked of late

Revision ID: 0067
Revises: 0066
"""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

_GATHERED = sa.text("matter_id IS NOT NULL")
_NUMBERS = ("people_lately", "people_before")


def upgrade() -> None:
    op.add_column("matter", sa.Column("noticed", sa.JSON(), nullable=True))
    op.add_column("matter", sa.Column("surge_over_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("matter", sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True))
    for name in _NUMBERS:
        op.add_column("matter", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_question_matter_asked",
        "question",
        ["matter_id", "asked_at"],
        sqlite_where=_GATHERED,
        postgresql_where=_GATHERED,
    )


def downgrade() -> None:
    op.drop_index("ix_question_matter_asked", "question")
    for name in (*reversed(_NUMBERS), "counted_at", "surge_over_at", "noticed"):
        op.drop_column("matter", name)
