"""Answers that take the place of one that was wrong"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_GIVEN = sa.text("corrects_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("answer", sa.Column("corrects_id", _ID, nullable=True))
    op.add_column("answer", sa.Column("correction", sa.String(8), nullable=True))
    op.create_index(
        "ix_answer_corrects_id", "answer", ["corrects_id"], postgresql_where=_GIVEN, sqlite_where=_GIVEN
    )


def downgrade() -> None:
    op.drop_index("ix_answer_corrects_id", table_name="answer")
    op.drop_column("answer", "correction")
    op.drop_column("answer", "corrects_id")
