"""What the brand says on a matter, and who was told"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ACTIVE = sa.text("state = 'active'")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("matter", sa.Column("is_public", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "statement",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("matter_id", _ID, sa.ForeignKey("matter.id"), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("audience", sa.String(12), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("written_by", _ID, sa.ForeignKey("employee.id"), nullable=False),
        sa.Column("written_at", moment, nullable=False),
        sa.Column("approved_by", _ID, sa.ForeignKey("employee.id"), nullable=True),
        sa.Column("approved_at", moment, nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_statement_matter", "statement", ["matter_id", "id"])
    op.create_index(
        "ix_statement_active", "statement", ["id"], postgresql_where=_ACTIVE, sqlite_where=_ACTIVE
    )
    op.create_table(
        "told",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("statement_id", _ID, sa.ForeignKey("statement.id"), nullable=False),
        sa.Column("platform", sa.String(20), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("question_id", _ID, sa.ForeignKey("question.id"), nullable=False),
        sa.Column("answer_id", _ID, nullable=True),
        sa.Column("told_at", moment, nullable=False),
        sa.UniqueConstraint("statement_id", "platform", "customer_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_told_question_id", "told", ["question_id"])


def downgrade() -> None:
    op.drop_index("ix_told_question_id", table_name="told")
    op.drop_table("told")
    op.drop_index("ix_statement_active", table_name="statement")
    op.drop_index("ix_statement_matter", table_name="statement")
    op.drop_table("statement")
    op.drop_column("matter", "is_public")
