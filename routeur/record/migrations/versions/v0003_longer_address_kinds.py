"""Room for the kinds of address of channels to come"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = (("address", "kind"), ("contact", "address_kind"))


def upgrade() -> None:
    _resize(8, 16)


def downgrade() -> None:
    _resize(16, 8)


def _resize(before: int, after: int) -> None:
    """Resize the columns on PostgreSQL; SQLite ignores the length, and would have to copy the whole table."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, column in COLUMNS:
        op.alter_column(
            table,
            column,
            existing_type=sa.String(length=before),
            type_=sa.String(length=after),
            existing_nullable=False,
        )
