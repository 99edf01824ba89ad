"""The language that an employee has chosen for the desk and for notices"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("employee", sa.Column("language", sa.String(12), nullable=True))


def downgrade() -> None:
    op.drop_column("employee", "language")
