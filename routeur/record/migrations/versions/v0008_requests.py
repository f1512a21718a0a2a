"""The clock of the law belongs to a contact that is a request, no longer to its follow-up"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
OWED: Mapping[str, sa.types.TypeEngine[Any]] = {
    "acknowledge_by": sa.Date(),
    "silence_means": sa.String(length=12),
    "silence_on": sa.Date(),
}

CONTACT = sa.table(
    "contact",
    sa.column("id", sa.String),
    sa.column("arrived_at", INSTANT),
    sa.column("queued_at", INSTANT),
    sa.column("request", sa.JSON),
)
FOLLOW_UP = sa.table(
    "follow_up",
    sa.column("contact_id", sa.String),
    sa.column("created_at", INSTANT),
    *(sa.column(name, type_) for name, type_ in OWED.items()),
)


def upgrade() -> None:
    op.add_column("contact", sa.Column("request", sa.JSON()))
    for contact_id, request in _promised().items():
        op.execute(CONTACT.update().where(CONTACT.c.id == contact_id).values(request=request))
    for name in OWED:
        op.drop_column("follow_up", name)


def downgrade() -> None:
    for name, type_ in OWED.items():
        op.add_column("follow_up", sa.Column(name, type_))
    op.drop_column("contact", "request")


def _promised() -> Mapping[str, dict[str, Any]]:
    """The requests of contacts whose usagers were told what silence means: what was promised holds."""
    query = (
        sa.select(
            *(FOLLOW_UP.c.contact_id, FOLLOW_UP.c.acknowledge_by, FOLLOW_UP.c.silence_means, FOLLOW_UP.c.silence_on),
            *(CONTACT.c.arrived_at, CONTACT.c.queued_at),
        )
        .join_from(FOLLOW_UP, CONTACT, CONTACT.c.id == FOLLOW_UP.c.contact_id)
        .where(FOLLOW_UP.c.silence_on.is_not(None))
        .order_by(FOLLOW_UP.c.created_at)
    )
    promised = {}
    for owed in op.get_bind().execute(query):
        received_on, months = _counted_from(max(owed.arrived_at, owed.queued_at), owed.silence_on)
        promised[owed.contact_id] = {
            "received_on": received_on.isoformat(),
            "acknowledge_by": owed.acknowledge_by.isoformat(),
            "regime": {"silence_means": owed.silence_means, "months": months},
            "missing": [],
        }
    return promised


def _counted_from(received: datetime, silence_on: date) -> tuple[date, int]:
    """The day of reception and the months from which that day of silence follows.

    The commune's time zone is not known here; its day is that of Paris or one beside it.
    """
    aware = received if received.tzinfo is not None else received.replace(tzinfo=UTC)
    paris = aware.astimezone(ZoneInfo("Europe/Paris")).date()
    for day in (paris, paris - timedelta(days=1), paris + timedelta(days=1)):
        months = (silence_on.year - day.year) * 12 + silence_on.month - day.month
        if silence_on.day == min(day.day, monthrange(silence_on.year, silence_on.month)[1]):
            return day, months
    return paris, (silence_on.year - paris.year) * 12 + silence_on.month - paris.month
