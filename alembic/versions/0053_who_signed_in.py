"""When somebody last signed in

Revision ID: 0053
Revises: 0052
"""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("employee", sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE employee SET signed_in_at = (SELECT max(created_at) FROM session "
        "WHERE session.employee_id = employee.id)"
    )


def downgrade() -> None:
    op.drop_column("employee", "signed_in_at")
