"""What departments say that they do about matters"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "department_answer",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("matter_id", _ID, sa.ForeignKey("matter.id"), nullable=False),
        sa.Column("department_id", _ID, sa.ForeignKey("department.id"), nullable=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("planned_for", sa.String(10), nullable=True),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("fixed_at", moment, nullable=True),
        sa.Column("statement_id", _ID, nullable=True),
        sa.Column("said_by", _ID, sa.ForeignKey("employee.id"), nullable=False),
        sa.Column("said_at", moment, nullable=False),
        sa.Column("withdrawn_by", _ID, sa.ForeignKey("employee.id"), nullable=True),
        sa.Column("withdrawn_at", moment, nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_department_answer_matter", "department_answer", ["matter_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_department_answer_matter", table_name="department_answer")
    op.drop_table("department_answer")
