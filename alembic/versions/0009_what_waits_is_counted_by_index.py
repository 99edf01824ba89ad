"""Indexes of the rows that wait for a person, and of an employee's answers by state"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    held, review = sa.text("state = 'held'"), sa.text("review IS NOT NULL")
    op.create_index("ix_answer_held", "answer", ["id"], sqlite_where=held, postgresql_where=held)
    op.create_index("ix_entry_review", "entry", ["updated_at"], sqlite_where=review, postgresql_where=review)
    op.drop_index("ix_answer_employee_id", table_name="answer")
    op.create_index("ix_answer_author", "answer", ["employee_id", "state"])


def downgrade() -> None:
    op.drop_index("ix_answer_author", table_name="answer")
    op.create_index("ix_answer_employee_id", "answer", ["employee_id"])
    op.drop_index("ix_entry_review", table_name="entry")
    op.drop_index("ix_answer_held", table_name="answer")
