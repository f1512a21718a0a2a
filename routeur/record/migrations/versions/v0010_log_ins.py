"""What a log-in was given to, and when it was last used; everybody logs in again"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_anew(
        sa.Column("id", sa.String(length=32), nullable=False, unique=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("client", sa.String(length=64), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    _make_anew()


def _make_anew(*more: sa.Column[object]) -> None:
    """Empty the table of log-ins, none of which outlives twelve hours, and give it these columns besides."""
    op.drop_table("access_token")
    op.create_table(
        "access_token",
        sa.Column("digest", sa.String(length=64), primary_key=True),
        sa.Column("login", sa.String(length=64), sa.ForeignKey("account.login"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        *more,
    )
    op.create_index("ix_access_token_login", "access_token", ["login"])
