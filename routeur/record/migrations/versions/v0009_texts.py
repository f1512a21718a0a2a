"""How far texts have come, who wants none, until when a reply may be written, and codes that open a status"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("reply_until", sa.DateTime(timezone=True)))
    op.create_table(
        "receipt",
        sa.Column("provider_id", sa.String(length=64), primary_key=True),
        sa.Column("contact_id", sa.String(length=32), nullable=False, index=True),
        sa.Column("message_id", sa.String(length=32)),
        sa.Column("progress", sa.Integer(), nullable=False),
    )
    op.create_table(
        "opt_out",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.String(length=255), nullable=False, unique=True),
        sa.Column("address", sa.String(length=320), nullable=False, index=True),
        sa.Column("service_address", sa.String(length=320), nullable=False),
        sa.Column("out", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "status_code",
        sa.Column("name", sa.String(length=64), primary_key=True),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    for table in ("status_code", "opt_out", "receipt"):
        op.drop_table(table)
    with op.batch_alter_table("contact") as contact:
        contact.drop_column("reply_until")
