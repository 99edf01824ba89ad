"""What stands beside a post's text: content warning, a poll's choices, descriptions of pictures"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("post", sa.Column("warning", sa.String(), nullable=False, server_default=""))
    op.add_column("post", sa.Column("choices", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("post", sa.Column("pictures", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("post", "pictures")
    op.drop_column("post", "choices")
    op.drop_column("post", "warning")
