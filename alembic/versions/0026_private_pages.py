"""Private pages on which customers leave what must not be public"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "handoff",
        sa.Column("id", _ID, nullable=False),
        sa.Column("question_id", _ID, nullable=False),
        sa.Column("employee_id", _ID, nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False, server_default="open"),
        _moment("created_at", nullable=False),
        _moment("expires_at", nullable=False),
        _moment("opened_at"),
        sa.Column("proofs", sa.JSON(), nullable=False, server_default="[]"),
        _moment("proved_at"),
        _moment("left_at"),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"]),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_handoff_question_id", "handoff", ["question_id"])
    op.create_index("ix_handoff_employee_id", "handoff", ["employee_id"])
    kept = sa.text("state <> 'gone'")
    op.create_index("ix_handoff_kept", "handoff", ["expires_at"], sqlite_where=kept, postgresql_where=kept)


def downgrade() -> None:
    op.drop_table("handoff")
