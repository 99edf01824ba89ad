"""Figures: what is counted of each day, and triggers that note of which questions something changed"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_COUNTED = {
    "question": "platform, customer_id, text, language, state, topics, asked_at, settled_at, satisfied",
    "answer": "question_id, employee_id, state, kind, said, published_at, reuse_of",
    "offer": "question_id",
}
"""The columns of each table that something is counted from."""


def upgrade() -> None:
    op.create_table(
        "figures_due",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("question_id", _ID, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "figures_day",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
    )
    op.create_table(
        "figures_column",
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("numbers", sa.LargeBinary(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        _note_on_sqlite()
    else:
        # What is packed already is not packed once more.
        op.execute("ALTER TABLE figures_column ALTER COLUMN numbers SET STORAGE EXTERNAL")
        _note_on_postgresql()


def _note_on_sqlite() -> None:
    for table, columns in _COUNTED.items():
        key = "id" if table == "question" else "question_id"
        was = "OLD.asked_at" if table == "question" else "NULL"
        moved = "CASE WHEN OLD.asked_at IS NOT NEW.asked_at THEN OLD.asked_at END" if key == "id" else "NULL"
        noted = "INSERT INTO figures_due (question_id, asked_at)"
        also = "" if key == "id" else f" {noted} SELECT OLD.{key}, NULL WHERE OLD.{key} <> NEW.{key};"
        for name, event, then in (
            ("added", "INSERT", f"{noted} VALUES (NEW.{key}, NULL);"),
            ("changed", f"UPDATE OF {columns}", f"{noted} VALUES (NEW.{key}, {moved});{also}"),
            ("deleted", "DELETE", f"{noted} VALUES (OLD.{key}, {was});"),
        ):
            op.execute(f"CREATE TRIGGER figures_{table}_{name} AFTER {event} ON {table} BEGIN {then} END")


def _note_on_postgresql() -> None:
    op.execute(
        """
        CREATE OR REPLACE FUNCTION figures_note_question() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'INSERT' THEN
            INSERT INTO figures_due (question_id) VALUES (NEW.id);
          ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO figures_due (question_id, asked_at) VALUES (OLD.id, OLD.asked_at);
          ELSE
            INSERT INTO figures_due (question_id, asked_at)
            VALUES (NEW.id, CASE WHEN OLD.asked_at IS DISTINCT FROM NEW.asked_at THEN OLD.asked_at END);
          END IF;
          RETURN NULL;
        END $$
        """
    )
    op.execute(
        """
        CREATE OR REPLACE FUNCTION figures_note_beside() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP <> 'DELETE' THEN
            INSERT INTO figures_due (question_id) VALUES (NEW.question_id);
          END IF;
          IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND OLD.question_id <> NEW.question_id) THEN
            INSERT INTO figures_due (question_id) VALUES (OLD.question_id);
          END IF;
          RETURN NULL;
        END $$
        """
    )
    for table, columns in _COUNTED.items():
        function = "figures_note_question" if table == "question" else "figures_note_beside"
        op.execute(
            f"CREATE TRIGGER figures_{table} AFTER INSERT OR DELETE OR UPDATE OF {columns} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {function}()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in _COUNTED:
            for name in ("added", "changed", "deleted"):
                op.execute(f"DROP TRIGGER figures_{table}_{name}")
    else:
        for table in _COUNTED:
            op.execute(f"DROP TRIGGER figures_{table} ON {table}")
        op.execute("DROP FUNCTION figures_note_question()")
        op.execute("DROP FUNCTION figures_note_beside()")
    op.drop_table("figures_column")
    op.drop_table("figures_day")
    op.drop_table("figures_due")
    op.execute("DELETE FROM cursor WHERE name = 'figures'")
