"""What is said on a matter and on its way: found however many answers there are

Revision ID: 0045
Revises: 0044
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_ON_ITS_WAY = sa.text("kind = 'statement' AND state = 'queued'")


def upgrade() -> None:
    op.create_index(
        "ix_answer_told", "answer", ["question_id"], postgresql_where=_ON_ITS_WAY, sqlite_where=_ON_ITS_WAY
    )


def downgrade() -> None:
    op.drop_index("ix_answer_told", table_name="answer")
