"""An offer that rests holds none of its owner's capacity, and says since when it rests

Revision ID: 0066
Revises: 0065
"""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

_RESTING = (
    "(SELECT count(*) FROM offer WHERE offer.employee_id = load.employee_id AND offer.state = 'resting')"
)


def upgrade() -> None:
    op.add_column("offer", sa.Column("rested_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE offer SET rested_at = ended_at, ended_at = NULL WHERE state = 'resting'")
    op.execute(f"UPDATE load SET open_offers = open_offers - {_RESTING}")  # noqa: S608 - no value in it


def downgrade() -> None:
    op.execute("UPDATE offer SET ended_at = rested_at WHERE state = 'resting'")
    op.execute(f"UPDATE load SET open_offers = open_offers + {_RESTING}")  # noqa: S608 - no value in it
    op.drop_column("offer", "rested_at")
