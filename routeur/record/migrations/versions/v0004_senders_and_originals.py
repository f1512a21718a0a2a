"""Who wrote each message, who received it, and the message as it came"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("reply_to", sa.String(length=320), nullable=True))
    op.add_column("contact", sa.Column("answers", sa.String(length=32), nullable=True))
    op.add_column("message", sa.Column("from_name", sa.String(), nullable=True))
    op.add_column("message", sa.Column("from_address", sa.String(length=320), nullable=True))
    op.add_column("message", sa.Column("sent_to", sa.JSON(), nullable=True))
    op.add_column("message", sa.Column("copied_to", sa.JSON(), nullable=True))
    op.add_column("message", sa.Column("authentication", sa.String(), nullable=True))
    op.add_column("message", sa.Column("digest", sa.String(length=64), nullable=True))
    op.create_table(
        "original",
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.Column("media_type", sa.String(length=255), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.PrimaryKeyConstraint("message_id"),
    )


def downgrade() -> None:
    op.drop_table("original")
    for column in ("digest", "authentication", "copied_to", "sent_to", "from_address", "from_name"):
        op.drop_column("message", column)
    op.drop_column("contact", "answers")
    op.drop_column("contact", "reply_to")
