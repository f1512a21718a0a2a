"""When a wrap-up ends by itself, and what agents have begun to write"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("wrap_up_until", sa.DateTime(timezone=True), nullable=True))
    # A wrap-up that is under way has lasted, with the restart, about as long as one may.
    op.execute("UPDATE contact SET wrap_up_until = changed_at WHERE state = 'wrap_up'")
    op.create_table(
        "draft",
        sa.Column("contact_id", sa.String(length=32), sa.ForeignKey("contact.id"), primary_key=True),
        sa.Column("login", sa.String(length=64), primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("draft")
    op.drop_column("contact", "wrap_up_until")
