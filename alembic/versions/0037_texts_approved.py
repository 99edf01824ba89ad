"""A second person approves the versions of public texts; guidelines may be accepted anew"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("text") as text:
        text.add_column(sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True))
        text.add_column(sa.Column("proposed_by", sa.String(), nullable=False, server_default=""))
        text.add_column(sa.Column("proposed_by_id", _ID, nullable=True))
        text.add_column(sa.Column("accept_anew", sa.Boolean(), nullable=False, server_default=sa.false()))
        text.alter_column("published_at", existing_type=sa.DateTime(timezone=True), nullable=True)
    op.add_column(
        "employee", sa.Column("accepts_anew", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("employee", "accepts_anew")
    op.execute("DELETE FROM text WHERE published_at IS NULL")
    with op.batch_alter_table("text") as text:
        text.alter_column("published_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        text.drop_column("accept_anew")
        text.drop_column("proposed_by_id")
        text.drop_column("proposed_by")
        text.drop_column("proposed_at")
