"""The wait of each contact in its row, with its first outcome, and the waits before"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WAIT: tuple[tuple[str, sa.types.TypeEngine[Any]], ...] = (
    ("wait_began", INSTANT),
    ("wait_counted_from", INSTANT),
    ("wait_ended", INSTANT),
    ("wait_end", sa.String(length=16)),
    ("waited_seconds", sa.Double()),
    ("first_agent", sa.String(length=64)),
    ("taken_at", INSTANT),
    ("handled_seconds", sa.Double()),
    ("handovers", sa.Integer()),
)
NEVER_NULL = ("wait_began", "wait_counted_from")


def upgrade() -> None:
    for name, type_ in WAIT:
        op.add_column("contact", sa.Column(name, type_, nullable=True))
    op.create_index("ix_contact_wait_began", "contact", ["wait_began"])
    op.create_table(
        "earlier_wait",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        *(sa.Column(name, type_, nullable=name not in NEVER_NULL) for name, type_ in WAIT if name != "taken_at"),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_earlier_wait_contact_id", "earlier_wait", ["contact_id"])
    op.create_index("ix_earlier_wait_wait_began", "earlier_wait", ["wait_began"])
    # The first outcome as the figures told it so far; how long agents had the contact was not counted.
    op.execute("""
        UPDATE contact SET
            wait_began = arrived_at,
            wait_counted_from = arrived_at,
            wait_ended = CASE
                WHEN accepted_at IS NOT NULL THEN accepted_at
                WHEN outcome IN ('merged', 'spam', 'self_served') THEN closed_at
                ELSE coalesce(
                    (SELECT min(follow_up.created_at) FROM follow_up WHERE follow_up.contact_id = contact.id),
                    closed_at) END""")
    op.execute("""
        UPDATE contact SET wait_end = CASE
            WHEN accepted_at IS NOT NULL AND outcome = 'merged' THEN 'together'
            WHEN accepted_at IS NOT NULL AND outcome = 'spam' THEN 'spam'
            WHEN accepted_at IS NOT NULL THEN 'accepted'
            WHEN outcome IN ('merged', 'spam', 'self_served') THEN outcome
            ELSE coalesce(
                (SELECT min(CASE
                    WHEN reason = 'usager-asked' THEN 'asked'
                    WHEN reason = 'closed' THEN 'closed'
                    ELSE 'followed_up' END)
                FROM follow_up WHERE follow_up.contact_id = contact.id AND follow_up.created_at = contact.wait_ended),
                outcome) END
        WHERE wait_ended IS NOT NULL""")
    op.execute(f"UPDATE contact SET waited_seconds = {_seconds('wait_counted_from', 'wait_ended')}")  # noqa: S608


def downgrade() -> None:
    op.drop_table("earlier_wait")
    op.drop_index("ix_contact_wait_began", "contact")
    for name, _ in reversed(WAIT):
        op.drop_column("contact", name)


def _seconds(start: str, end: str) -> str:
    """The seconds from one column's instant to another's."""
    if op.get_bind().dialect.name == "postgresql":
        return f"extract(epoch FROM ({end} - {start}))"
    return f"(julianday({end}) - julianday({start})) * 86400.0"
