"""What stands on the board is given to departments, too

Revision ID: 0050
Revises: 0049
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_GIVEN = sa.text("department_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("board_mark", sa.Column("department_id", _ID, nullable=True))
    op.create_index(
        "ix_board_mark_department",
        "board_mark",
        ["department_id", "kind", "row_id"],
        postgresql_where=_GIVEN,
        sqlite_where=_GIVEN,
    )


def downgrade() -> None:
    op.drop_index("ix_board_mark_department", table_name="board_mark")
    op.drop_column("board_mark", "department_id")
