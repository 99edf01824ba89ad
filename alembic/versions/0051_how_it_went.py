"""Customers are asked how it went: what they said, and by what settled questions are found for that"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_COUNTED = "question_id, kind, score"
"""The columns that figures are counted from."""
_SETTLED = "state = 'settled'"


def upgrade() -> None:
    op.create_table(
        "survey",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("question_id", _ID, sa.ForeignKey("question.id"), nullable=False, unique=True),
        sa.Column("answer_id", _ID, sa.ForeignKey("answer.id"), nullable=True, unique=True),
        sa.Column("platform", sa.String(20), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("post_id", _ID, nullable=True),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("waits_since", sa.DateTime(timezone=True), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_survey_customer", "survey", ["platform", "customer_id", "asked_at"])
    for name, table, columns, condition in (
        ("ix_survey_waits", "survey", ["waits_since", "id"], "waits_since IS NOT NULL"),
        ("ix_survey_said", "survey", ["said_at", "id"], "said_at IS NOT NULL"),
        ("ix_survey_post", "survey", ["post_id"], "post_id IS NOT NULL"),
        ("ix_question_settled", "question", ["settled_at", "id"], _SETTLED),
    ):
        where = sa.text(condition)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    if op.get_bind().dialect.name == "sqlite":
        _note_on_sqlite()
    else:
        op.execute(
            f"CREATE TRIGGER figures_survey AFTER INSERT OR DELETE OR UPDATE OF {_COUNTED} ON survey "
            "FOR EACH ROW EXECUTE FUNCTION figures_note_beside()"
        )


def _note_on_sqlite() -> None:
    noted = "INSERT INTO figures_due (question_id, asked_at)"
    moved = f"{noted} SELECT OLD.question_id, NULL WHERE OLD.question_id <> NEW.question_id;"
    for name, event, then in (
        ("added", "INSERT", f"{noted} VALUES (NEW.question_id, NULL);"),
        ("changed", f"UPDATE OF {_COUNTED}", f"{noted} VALUES (NEW.question_id, NULL); {moved}"),
        ("deleted", "DELETE", f"{noted} VALUES (OLD.question_id, NULL);"),
    ):
        op.execute(f"CREATE TRIGGER figures_survey_{name} AFTER {event} ON survey BEGIN {then} END")


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP TRIGGER figures_survey ON survey")
    op.drop_index("ix_question_settled", "question")
    op.drop_table("survey")
    op.execute("DELETE FROM cursor WHERE name = 'survey'")
