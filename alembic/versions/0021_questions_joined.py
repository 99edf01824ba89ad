"""Questions of one customer that are one, and where their entries have gone"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_GIVEN = sa.text("joined_to IS NOT NULL")


def upgrade() -> None:
    op.add_column(
        "question",
        sa.Column("joined_to", _ID, nullable=True),
    )
    op.create_index(
        "ix_question_joined_to", "question", ["joined_to"], postgresql_where=_GIVEN, sqlite_where=_GIVEN
    )
    op.add_column("entry", sa.Column("moved_to", _ID, nullable=True))


def downgrade() -> None:
    op.execute("UPDATE question SET state = 'settled' WHERE state = 'joined'")
    op.drop_column("entry", "moved_to")
    op.drop_index("ix_question_joined_to", table_name="question")
    op.drop_column("question", "joined_to")
