"""The original in the message's own row, and how far the review of what was set aside is"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SET_ASIDE = sa.text("set_aside IS NOT NULL")


def upgrade() -> None:
    op.add_column("message", sa.Column("set_aside", sa.String(length=8), nullable=True))
    op.add_column("message", sa.Column("original_type", sa.String(length=255), nullable=True))
    op.add_column("message", sa.Column("original", sa.LargeBinary(), nullable=True))
    op.execute("""
        UPDATE message SET
            original_type = (SELECT media_type FROM original WHERE original.message_id = message.id),
            original = (SELECT content FROM original WHERE original.message_id = message.id)
        WHERE id IN (SELECT message_id FROM original)""")
    op.drop_table("original")
    # What no agent ever had, and is closed as spam, the channel itself set aside.
    op.execute("""
        UPDATE message SET set_aside = 'open'
        WHERE direction = 'in' AND contact_id IN (
            SELECT id FROM contact
            WHERE outcome = 'spam' AND channel = 'email' AND accepted_at IS NULL AND address <> '')""")
    op.create_index("ix_message_set_aside", "message", ["at"], sqlite_where=SET_ASIDE, postgresql_where=SET_ASIDE)


def downgrade() -> None:
    op.drop_index("ix_message_set_aside", "message")
    op.create_table(
        "original",
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.Column("media_type", sa.String(length=255), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.execute("""
        INSERT INTO original (message_id, media_type, content)
        SELECT id, original_type, original FROM message WHERE original IS NOT NULL""")
    for column in ("original", "original_type", "set_aside"):
        op.drop_column("message", column)
