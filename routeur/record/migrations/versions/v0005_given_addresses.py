"""What somebody typed stands with their contact; only what a channel proved is an address of theirs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = {"given_name": sa.String(), "given_email": sa.String(length=320), "given_phone": sa.String(length=320)}

TYPED_BEFORE = (
    "UPDATE contact SET given_email = (SELECT min(value) FROM address WHERE kind = 'email' "
    "AND address.usager_id = contact.usager_id) WHERE channel IN ('chat', 'walkin') AND address <> ''",
    "UPDATE contact SET given_phone = (SELECT min(value) FROM address WHERE kind = 'phone' "
    "AND address.usager_id = contact.usager_id) WHERE channel IN ('chat', 'walkin') AND address <> ''",
    "UPDATE contact SET given_name = (SELECT name FROM usager WHERE usager.id = contact.usager_id) "
    "WHERE channel IN ('chat', 'walkin') AND address <> ''",
    "UPDATE contact SET address_kind = 'ticket', address = coalesce(provider_ref, id) "
    "WHERE channel = 'walkin' AND address_kind <> 'ticket' AND address <> ''",
    "DELETE FROM address WHERE kind IN ('email', 'phone') AND NOT EXISTS (SELECT 1 FROM contact "
    "WHERE contact.address_kind = address.kind AND contact.address = address.value)",
)
"""A chat proves its token and a counter its ticket: every other address of theirs was typed."""


def upgrade() -> None:
    for name, type_ in COLUMNS.items():
        op.add_column("contact", sa.Column(name, type_))
    for statement in TYPED_BEFORE:
        op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table("contact") as contact:
        for name in COLUMNS:
            contact.drop_column(name)
