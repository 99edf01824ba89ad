"""What the archive holds back, and what a person has decided of it"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("entry", sa.Column("held_back", sa.String(12), nullable=True))
    op.add_column("entry", sa.Column("decided", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("answer", sa.Column("for_archive", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute("UPDATE entry SET decided = true WHERE state = 'hidden'")


def downgrade() -> None:
    op.execute("UPDATE entry SET state = 'hidden' WHERE state = 'held_back'")
    op.drop_column("answer", "for_archive")
    op.drop_column("entry", "decided")
    op.drop_column("entry", "held_back")
