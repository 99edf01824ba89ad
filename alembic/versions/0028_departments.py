"""Departments, their topics and people, and which of them answers for a matter"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "department",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "department_topic",
        sa.Column("topic_id", _ID, sa.ForeignKey("topic.id"), primary_key=True),
        sa.Column("department_id", _ID, sa.ForeignKey("department.id"), nullable=False),
    )
    op.create_index("ix_department_topic_department_id", "department_topic", ["department_id"])
    op.create_table(
        "department_person",
        sa.Column("department_id", _ID, sa.ForeignKey("department.id"), primary_key=True),
        sa.Column("employee_id", _ID, sa.ForeignKey("employee.id"), primary_key=True),
        sa.Column("leads", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_department_person_employee_id", "department_person", ["employee_id"])
    op.add_column("matter", sa.Column("department_id", _ID, nullable=True))


def downgrade() -> None:
    op.drop_column("matter", "department_id")
    op.drop_index("ix_department_person_employee_id", table_name="department_person")
    op.drop_table("department_person")
    op.drop_index("ix_department_topic_department_id", table_name="department_topic")
    op.drop_table("department_topic")
    op.drop_table("department")
