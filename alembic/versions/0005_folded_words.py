"""Content warnings of answers, and what stands beside the words that the archive quotes"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("answer", sa.Column("warning", sa.String(), nullable=False, server_default=""))
    op.add_column("entry", sa.Column("warning", sa.String(), nullable=False, server_default=""))
    op.add_column("entry", sa.Column("pictures", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("entry", "pictures")
    op.drop_column("entry", "warning")
    op.drop_column("answer", "warning")
