"""Whose follow-ups are, found without reading all"""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_follow_up_taken_by", "follow_up", ["taken_by", "state"])


def downgrade() -> None:
    op.drop_index("ix_follow_up_taken_by", table_name="follow_up")
