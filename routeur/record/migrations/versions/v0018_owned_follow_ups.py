"""What a follow-up's owner must know of it, and the date that a contact's usager was told"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("follow_up", sa.Column("unanswered_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("follow_up", sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("follow_up", sa.Column("reminded", sa.String(length=8), nullable=True))


def downgrade() -> None:
    for column in ("reminded", "snoozed_until", "unanswered_since"):
        op.drop_column("follow_up", column)
    op.drop_column("contact", "promised_at")
