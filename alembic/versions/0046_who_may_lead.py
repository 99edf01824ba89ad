"""Who may lead: whose role was taken back to one that answers for no matters is in charge of nothing

Revision ID: 0046
Revises: 0045
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        sa.text(
            "UPDATE department_person SET leads = false WHERE leads = true AND employee_id NOT IN"
            " (SELECT id FROM employee WHERE role IN ('lead', 'moderator', 'admin'))"
        )
    )


def downgrade() -> None:
    """Nothing of the schema was changed."""
