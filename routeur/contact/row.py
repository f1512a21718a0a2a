"""The row of a contact, as the record has it at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from typing import Any, Final, TypedDict

from competences.channels import Channel
from routeur.contact.words import REACHED, AddressKind, ContactState, Outcome, WaitEnd
from routeur.record.tables import Contact


class Ladder(TypedDict, total=False):
    """A contact's own ladder instead of its topic's (see `routeur.queue.entry.rungs`)."""

    menu: bool
    preferred: str
    agent: str
    skills: dict[str, int]


@dataclass(frozen=True, slots=True)
class ContactRow:
    """The columns of `contact`, which `routeur.record.tables.Contact` explains; states and channels as enums."""

    id: str
    reference: str
    channel: Channel
    state: ContactState
    outcome: Outcome | None
    topic: str | None
    language: str
    subject: str | None
    usager_id: str
    address_kind: AddressKind
    address: str
    provider_ref: str | None
    service_address: str | None
    arrived_at: datetime
    queued_at: datetime
    waiting_since: datetime
    ladder: Ladder | None
    accepted_at: datetime | None
    closed_at: datetime | None
    agent: str | None
    linked_to: str | None
    revision: int
    changed_at: datetime
    reply_to: str | None = None
    answers: str | None = None
    given_name: str | None = None
    given_email: str | None = None
    given_phone: str | None = None
    request: dict[str, Any] | None = None
    reply_until: datetime | None = None
    acknowledge: bool = True
    wrap_up_until: datetime | None = None
    promised_at: datetime | None = None
    wait_began: datetime | None = None
    wait_counted_from: datetime | None = None
    wait_ended: datetime | None = None
    waited_seconds: float | None = None
    taken_at: datetime | None = None
    handled_seconds: float | None = None
    handovers: int | None = None
    confirmed: list[str] | None = None
    wait_end: WaitEnd | None = None

    @property
    def waits(self) -> bool:
        """Whether the contact waits for an agent. An offer is known to the index only: the record says waiting."""
        return self.state in WAITS

    @property
    def reachable(self) -> bool:
        """Whether its usager has an address that an answer can be sent to; an anonymised contact has none.

        Neither is there one of the domain `invalid`, which exists nowhere (RFC 2606).
        """
        return bool(self.address and self.written_from) and not self.answer_address.endswith(".invalid")

    @property
    def written_from(self) -> str | None:
        """The address from which its usager writes: the proved one, else the one that they typed into a form."""
        return self.address if self.address_kind in REACHED else self.reply_to

    @property
    def received_at(self) -> datetime:
        """When it was received; one that was opened again was received again.

        A place taken over from another channel is no reception.
        """
        return max(self.arrived_at, self.queued_at)

    @property
    def answer_address(self) -> str:
        """Where an answer to its usager goes."""
        return self.reply_to or self.address

    @property
    def machine_may_write(self) -> bool:
        """Whether a letter may leave that nobody wrote: where a machine may answer, or since an agent took it."""
        return self.acknowledge or self.accepted_at is not None

    @property
    def answered_where_proved(self) -> bool:
        """Whether that is the address that the channel proved: a Reply-To may name anybody, as may a form's field."""
        return self.answer_address == self.address

    @property
    def owed(self) -> bool:
        """Whether its usager has an answer coming even if they are gone: by a promise, or as a request's decision."""
        return self.promised_at is not None or self.request is not None

    @property
    def held(self) -> bool:
        """Whether an agent has the contact: in conversation or in wrap-up."""
        return self.state in HELD


class Changes(TypedDict, total=False):
    """The columns that may change after arrival.

    `contacts.change` sets with them `revision`, `changed_at` and those of the wait.
    """

    state: ContactState
    outcome: Outcome | None
    topic: str | None
    language: str
    queued_at: datetime
    waiting_since: datetime
    ladder: Ladder | None
    accepted_at: datetime | None
    closed_at: datetime | None
    agent: str | None
    linked_to: str | None
    request: dict[str, Any] | None
    wait_began: datetime | None
    wait_counted_from: datetime | None
    wait_ended: datetime | None
    wait_end: WaitEnd | None
    waited_seconds: float | None
    first_agent: str | None
    taken_at: datetime | None
    handled_seconds: float | None
    handovers: int | None
    wrap_up_until: datetime | None
    promised_at: datetime | None


WAITS: Final = (ContactState.WAITING, ContactState.OFFERED)
HELD: Final = (ContactState.ACTIVE, ContactState.WRAP_UP)
IN_INDEX: Final = WAITS + HELD
"""The states of the contacts that have a place in the index."""

COLUMNS: Final = tuple(Contact.__table__.c[field.name] for field in fields(ContactRow))
"""The columns to select for `read`, in the order in which it takes them."""


_WORDS: Final[Mapping[str, type[Enum]]] = {
    "channel": Channel,
    "state": ContactState,
    "outcome": Outcome,
    "address_kind": AddressKind,
    "wait_end": WaitEnd,
}
"""The columns that the record keeps as text."""

_PLACES: Final = tuple(
    (place, _WORDS[field.name]) for place, field in enumerate(fields(ContactRow)) if field.name in _WORDS
)


def read(values: Any) -> ContactRow:
    """The contact in a selected row that begins with `COLUMNS`."""
    columns = list(values[: len(COLUMNS)])
    for place, word in _PLACES:
        if columns[place] is not None:
            columns[place] = word(columns[place])
    return ContactRow(*columns)
