"""The brand says below another customer's answer that it is right; matters of praise

Revision ID: 0065
Revises: 0064
"""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_GIVEN = sa.text("endorses_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("answer", sa.Column("endorses_id", _ID, nullable=True))
    op.create_index(
        "ix_answer_endorses_id", "answer", ["endorses_id"], sqlite_where=_GIVEN, postgresql_where=_GIVEN
    )
    op.add_column("matter", sa.Column("praise", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.execute("UPDATE answer SET kind = 'pointer' WHERE kind = 'endorsement'")
    op.drop_index("ix_answer_endorses_id", "answer")
    op.drop_column("answer", "endorses_id")
    op.drop_column("matter", "praise")
