"""The news that the router gives channels, and the effects that channels make of it in the same commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from competences.channels import Channel
from routeur.contact.row import ContactRow
from routeur.contact.words import AddressKind, Reminder
from routeur.ports.inbound import FollowUpFacts


@dataclass(frozen=True)
class EarlierToday:
    """How many other contacts of a channel of letters began within the day before; 0 on every other channel.

    `same_address`: those that are answered at the same address. Of a contact that is answered where nothing shows that
    its usager reads, how many others are: `same_writer`, those that the same address wrote, and `unproved`, all.
    """

    same_address: int = 0
    same_writer: int = 0
    unproved: int = 0


@dataclass(frozen=True)
class Received:
    """A new contact was recorded, with its first message; `follow_up` if it became one at once.

    `earlier_today`: after how many others; a channel that acknowledges may then keep silent.
    """

    contact: ContactRow
    message_id: str | None
    follow_up: FollowUpFacts | None
    earlier_today: EarlierToday = EarlierToday()


@dataclass(frozen=True)
class Accepted:
    """An agent accepted the contact; `attempt` counts its acceptances from 1, for effect keys."""

    contact: ContactRow
    agent: str
    attempt: int


@dataclass(frozen=True)
class Returned:
    """The contact returned to the queue: `transferred`, `agent_lost` or `phone_not_answered`.

    `contact` is as it was with the agent; `attempt` is the number of that acceptance.
    """

    contact: ContactRow
    reason: str
    attempt: int


@dataclass(frozen=True)
class ReplyWritten:
    """An agent wrote to the usager, with a copy to the addresses in `cc`.

    The contact may be another channel's: it then bears the addresses at which its usager is written to.
    """

    contact: ContactRow
    message_id: str
    text: str
    cc: Sequence[str] = ()


@dataclass(frozen=True)
class FollowedUp:
    """The contact became a follow-up; it may be another channel's, as for `ReplyWritten`."""

    contact: ContactRow
    follow_up: FollowUpFacts


@dataclass(frozen=True)
class Ended:
    """The contact was closed by an agent."""

    contact: ContactRow


@dataclass(frozen=True)
class CodeAsked:
    """Somebody must say this code, sent to the given address, to show that it is theirs.

    The contact may be another channel's. `id` names this sending, for its effect's key.
    """

    contact: ContactRow
    id: str
    address: str
    code: str


class LegalMatter(StrEnum):
    """What the law wants the usager of a request told."""

    REQUEST = "request"
    """It is a request, and what silence will mean."""
    CHANGED = "changed"
    """Silence means something else than what was told before."""
    WITHDRAWN = "withdrawn"
    """It is no request, though it was told so before."""
    INCOMPLETE = "incomplete"
    """Pieces are missing."""
    COMPLETE = "complete"
    """Nothing is missing any more."""


@dataclass(frozen=True)
class LegalNotice:
    """The usager must be told something of the law, on every channel that reaches them.

    The contact may be another channel's. `service` answers it, where its follow-up names another than its topic does.
    `id` names this notice, for its effects' keys.
    """

    contact: ContactRow
    id: str
    matter: LegalMatter
    service: str | None = None


@dataclass(frozen=True)
class DueFollowUp:
    """A follow-up that is owed, and why it is named; `owner` is the login of the agent who has taken it, if any."""

    reference: str
    topic: str | None
    service: str
    due_at: datetime
    owner: str | None
    reminder: Reminder


@dataclass(frozen=True)
class FollowUpsDue:
    """Somebody on the staff must be reminded, at this e-mail address, of follow-ups, first due first.

    `id` names this reminder, for its effect's key.
    """

    id: str
    address: str
    follow_ups: Sequence[DueFollowUp]


ContactNews = Received | Accepted | Returned | ReplyWritten | FollowedUp | Ended | CodeAsked | LegalNotice
"""What happened to a contact."""

News = ContactNews | FollowUpsDue


class IfFailed(StrEnum):
    """What becomes of the contact when an effect has failed for good."""

    FOLLOW_UP = "follow_up"
    RETURN = "send_back"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Effect:
    """One thing to do to the outside world. Effects with the same `key` are one; `payload` is JSON.

    `if_failed` RETURN needs the number of the acceptance in `payload["attempt"]`. `message_id` is the recorded message
    that it carries; `provider_id` the name by which reports on its delivery will call it, if that is known before.
    """

    channel: Channel
    kind: str
    key: str
    payload: Mapping[str, Any]
    contact_id: str | None = None
    if_failed: IfFailed = IfFailed.FOLLOW_UP
    message_id: str | None = None
    provider_id: str | None = None


class DeliveryError(Exception):
    """The outside refused or did not answer. `retryable` False: trying again cannot help."""

    def __init__(self, reason: str, *, retryable: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable


class ChannelAdapter(Protocol):
    """A channel's way out: makes effects of news, and performs them."""

    @property
    def channel(self) -> Channel: ...

    def effects(self, news: News, thread: Sequence[str]) -> Sequence[Effect]:
        """The effects of this news, of a contact of this channel or for the staff. Pure; called inside the transaction.

        `thread`: the provider's ids of the contact's messages, oldest first; empty on a channel whose messages do not
        name those that they answer.
        """
        ...

    def perform(self, effect: Effect) -> None:
        """Perform an effect, in a worker, possibly more than once. Raises DeliveryError."""
        ...


@runtime_checkable
class WritesFirst(Protocol):
    """The way out of a channel that can write to a person who has not written to us there."""

    def writes_from(self, kind: AddressKind, address: str) -> str | None:
        """The address of ours from which it writes to this (normal) address; None where it cannot, or must not."""
        ...
