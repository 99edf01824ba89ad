"""Entries that wait for a title, found by index"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_UNTITLED = sa.text("title_source = 'stand_in'")


def upgrade() -> None:
    op.create_index(
        "ix_entry_untitled",
        "entry",
        ["state", "updated_at"],
        postgresql_where=_UNTITLED,
        sqlite_where=_UNTITLED,
    )


def downgrade() -> None:
    op.drop_index("ix_entry_untitled", table_name="entry")
    op.execute("UPDATE entry SET title_source = 'derived' WHERE title_source = 'stand_in'")
