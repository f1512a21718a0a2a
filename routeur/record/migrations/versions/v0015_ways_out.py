"""Which addresses somebody has confirmed with the person, and by which way a follow-up was answered"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("confirmed", sa.JSON(), nullable=True))
    op.add_column("follow_up", sa.Column("answered_by", sa.String(length=12), nullable=True))


def downgrade() -> None:
    op.drop_column("follow_up", "answered_by")
    op.drop_column("contact", "confirmed")
