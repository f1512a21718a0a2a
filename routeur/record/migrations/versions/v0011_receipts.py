"""How far letters have come, and when, and which message an effect carries"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COLUMNS = {"message_id": sa.String(length=32), "provider_id": sa.String(length=255)}

MORE_STEPS = "UPDATE receipt SET progress = CASE WHEN progress < 3 THEN progress + 1 ELSE progress + 2 END"
"""Pending comes before what was known, and delayed between sent and delivered."""

FEWER_STEPS = "UPDATE receipt SET progress = CASE WHEN progress < 5 THEN progress - 1 ELSE progress - 2 END"


def upgrade() -> None:
    with op.batch_alter_table("receipt") as receipt:
        receipt.alter_column("provider_id", type_=sa.String(length=255), existing_type=sa.String(length=64))
        receipt.add_column(sa.Column("at", sa.DateTime(timezone=True)))
    op.execute(MORE_STEPS)
    for name, type_ in COLUMNS.items():
        op.add_column("outbox", sa.Column(name, type_))


def downgrade() -> None:
    with op.batch_alter_table("outbox") as outbox:
        for name in COLUMNS:
            outbox.drop_column(name)
    op.execute(FEWER_STEPS)
    with op.batch_alter_table("receipt") as receipt:
        receipt.drop_column("at")
        receipt.alter_column("provider_id", type_=sa.String(length=64), existing_type=sa.String(length=255))
