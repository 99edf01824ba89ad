"""Messages that take posts of the brand's down again"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_GIVEN = sa.text("target_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("delivery", sa.Column("target_id", _ID, nullable=True))
    for name, columns in (
        ("ix_delivery_target_id", ["target_id"]),
        ("ix_delivery_taking_back", ["state", "due_at"]),
    ):
        op.create_index(name, "delivery", columns, postgresql_where=_GIVEN, sqlite_where=_GIVEN)


def downgrade() -> None:
    op.execute("DELETE FROM delivery WHERE kind = 'retraction'")
    op.drop_index("ix_delivery_taking_back", table_name="delivery")
    op.drop_index("ix_delivery_target_id", table_name="delivery")
    op.drop_column("delivery", "target_id")
