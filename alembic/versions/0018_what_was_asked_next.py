"""Which questions follow another one, found by index"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_FOLLOWS = sa.text("follows_id IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_question_follows_id",
        "question",
        ["follows_id"],
        postgresql_where=_FOLLOWS,
        sqlite_where=_FOLLOWS,
    )


def downgrade() -> None:
    op.drop_index("ix_question_follows_id", table_name="question")
