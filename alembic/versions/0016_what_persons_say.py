"""What persons and customers say of an answer, and who waits for the customer since when"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WAITS = sa.text("asked_back_by IS NOT NULL")
_HELD = sa.text("state = 'held'")


def upgrade() -> None:
    op.add_column(
        "answer", sa.Column("said_by_person", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("answer", sa.Column("accepted_by", sa.String(12), nullable=True))
    op.add_column("answer", sa.Column("refused", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("question", sa.Column("asked_back_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("question", sa.Column("asked_back_by", _ID, nullable=True))
    op.create_index(
        "ix_question_asked_back_by",
        "question",
        ["asked_back_by"],
        postgresql_where=_WAITS,
        sqlite_where=_WAITS,
    )
    # With the state in it the index alone tells how many wait, however wide a row is.
    op.drop_index("ix_answer_held", table_name="answer")
    op.create_index("ix_answer_held", "answer", ["state", "id"], sqlite_where=_HELD, postgresql_where=_HELD)
    # What stands in front by now was thanked for, or comes first in an archive that was brought in.
    op.execute(
        "UPDATE answer SET accepted_by = 'customer' WHERE lead AND question_id IN "
        "(SELECT id FROM question WHERE satisfied)"
    )
    op.execute("UPDATE answer SET accepted_by = 'person' WHERE lead AND via = 'import'")
    # What waits for the customer has waited since its question back; its end is looked at once.
    op.execute(
        "UPDATE question SET asked_back_at = (SELECT max(published_at) FROM answer "
        "WHERE answer.question_id = question.id AND answer.said = 'question_back'), "
        "asked_back_by = (SELECT max(employee_id) FROM answer WHERE answer.question_id = question.id "
        "AND answer.said = 'question_back'), due_at = (SELECT max(published_at) FROM answer "
        "WHERE answer.question_id = question.id AND answer.said = 'question_back') "
        "WHERE state = 'asked_back'"
    )


def downgrade() -> None:
    op.execute("UPDATE question SET state = 'settled' WHERE state = 'unreplied'")
    op.drop_index("ix_answer_held", table_name="answer")
    op.create_index("ix_answer_held", "answer", ["id"], sqlite_where=_HELD, postgresql_where=_HELD)
    op.drop_index("ix_question_asked_back_by", table_name="question")
    op.drop_column("question", "asked_back_by")
    op.drop_column("question", "asked_back_at")
    op.drop_column("answer", "refused")
    op.drop_column("answer", "accepted_by")
    op.drop_column("answer", "said_by_person")
