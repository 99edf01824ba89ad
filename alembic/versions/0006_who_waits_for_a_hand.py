"""Since when a question has been waiting for a free hand: whoever has one next goes to the longest waiting"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("question", sa.Column("waits_since", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_question_waits_since",
        "question",
        ["waits_since"],
        postgresql_where=sa.text("waits_since IS NOT NULL"),
        sqlite_where=sa.text("waits_since IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_question_waits_since", table_name="question")
    op.drop_column("question", "waits_since")
