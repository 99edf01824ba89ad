"""The audit log is searched by who, what, on whom and when"""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_SEARCHED = (
    ("ix_audit_actor", ["actor", "id"]),
    ("ix_audit_action", ["action", "id"]),
    ("ix_audit_subject", ["subject", "id"]),
    ("ix_audit_at", ["at"]),
)


def upgrade() -> None:
    for name, columns in _SEARCHED:
        op.create_index(name, "audit", columns)


def downgrade() -> None:
    for name, _ in _SEARCHED:
        op.drop_index(name, "audit")
