"""What is on people's plates is kept instead of counted, and indexes of what is asked for again and again

How many offers somebody was made today begins anew with this version: nobody kept in whose calendar.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "load",
        sa.Column("employee_id", _ID, nullable=False),
        sa.Column("open_offers", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(10), nullable=True),
        sa.Column("offers", sa.Integer(), nullable=False),
        sa.Column("last_offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"]),
        sa.PrimaryKeyConstraint("employee_id"),
    )
    op.execute(
        "INSERT INTO load (employee_id, open_offers, offers, last_offered_at)"
        " SELECT employee_id, SUM(CASE WHEN state = 'open' THEN 1 ELSE 0 END), 0, MAX(offered_at)"
        " FROM offer GROUP BY employee_id"
    )
    op.drop_index("ix_offer_time", table_name="offer")
    op.drop_index("ix_offer_expiry", table_name="offer")
    _index_where("ix_offer_expiry", "offer", "expires_at", "state = 'open'")
    _index_where("ix_offer_answered", "offer", "id", "state = 'answered'")
    _index_where("ix_entry_valid_until", "entry", "valid_until", "valid_until IS NOT NULL")
    op.create_index("ix_entry_touched", "entry", ["state", "updated_at"])
    op.create_index("ix_question_state", "question", ["state", "id"])
    op.create_index("ix_delivery_state", "delivery", ["state", "id"])


def downgrade() -> None:
    op.drop_index("ix_delivery_state", table_name="delivery")
    op.drop_index("ix_question_state", table_name="question")
    op.drop_index("ix_entry_touched", table_name="entry")
    op.drop_index("ix_entry_valid_until", table_name="entry")
    op.drop_index("ix_offer_answered", table_name="offer")
    op.drop_index("ix_offer_expiry", table_name="offer")
    op.create_index("ix_offer_expiry", "offer", ["state", "expires_at", "employee_id"])
    op.create_index("ix_offer_time", "offer", ["offered_at", "employee_id"])
    op.drop_table("load")


def _index_where(name: str, table: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
