"""Of which kind an employee's words are, and which question another came up in the thread of"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0010"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("answer", sa.Column("said", sa.String(), nullable=True))
    op.add_column("question", sa.Column("follows_id", _ID, nullable=True))


def downgrade() -> None:
    op.drop_column("question", "follows_id")
    op.drop_column("answer", "said")
