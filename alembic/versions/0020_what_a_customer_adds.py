"""What customers add to their questions, shown with them in the archive"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_WITHHELD = {
    "deactivated": "The question is not shown while its author's account is deactivated.",
    "taken_down": "The question is not shown because it was taken down where it was asked.",
    "blocked": "The question is not shown because its author and the brand have blocked each other.",
    "unknown": "The question is not shown because it is not to be seen where it was asked.",
}
_NOTE = sa.text(
    "UPDATE post SET absent = :absent WHERE id IN (SELECT question.post_id FROM question "
    "JOIN entry ON entry.question_id = question.id WHERE entry.withheld = :why)"
)


def upgrade() -> None:
    op.add_column("entry", sa.Column("details", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("post", sa.Column("absent", sa.String(20), nullable=True))
    for absent, why in _WITHHELD.items():
        op.get_bind().execute(_NOTE, {"absent": absent, "why": why})


def downgrade() -> None:
    op.drop_column("post", "absent")
    op.drop_column("entry", "details")
