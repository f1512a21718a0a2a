"""A contact that no record holds, for tests of what reads one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from competences.channels import Channel
from routeur.contact.answers import Answer
from routeur.contact.row import ContactRow
from routeur.contact.words import AddressKind, ContactState
from tests.clock import ManualClock

_NOW = ManualClock()()
_LETTER = ContactRow(
    id="0123456789abcdef0123456789abcdef",
    reference="ACD-123-456",
    channel=Channel.EMAIL,
    state=ContactState.WAITING,
    outcome=None,
    topic=None,
    language="fr",
    subject=None,
    usager_id="lea",
    address_kind=AddressKind.EMAIL,
    address="lea@example.org",
    provider_ref=None,
    service_address=None,
    arrived_at=_NOW,
    queued_at=_NOW,
    waiting_since=_NOW,
    ladder=None,
    accepted_at=None,
    closed_at=None,
    agent=None,
    linked_to=None,
    revision=1,
    changed_at=_NOW,
)


def a_letter(**changes: Any) -> ContactRow:
    """Léa's e-mail, which waits; with these columns changed."""
    return replace(_LETTER, **changes)


def words_alone(message_id: str) -> Answer:
    """What goes with an answer that takes no file along and that nobody asked for."""
    return Answer((), None)
