"""What the router announces, and what channels make of it: effects, written down in the same commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from competences.channels import Channel
from routeur.contact.row import ContactRow
from routeur.ports.inbound import FollowUpFacts


@dataclass(frozen=True)
class Received:
    """A new contact was recorded, by its message `message_id`; `follow_up` where it became one at once."""

    contact: ContactRow
    message_id: str | None
    follow_up: FollowUpFacts | None


@dataclass(frozen=True)
class Accepted:
    """An agent took the contact (`attempt` counts acceptances of this contact; use it in effect keys)."""

    contact: ContactRow
    agent: str
    attempt: int


@dataclass(frozen=True)
class Returned:
    """The contact went back to the queue after an agent had it (transfer, agent lost, phone not answered)."""

    contact: ContactRow
    reason: str
    attempt: int


@dataclass(frozen=True)
class ReplyWritten:
    """An agent wrote to the usager."""

    contact: ContactRow
    message_id: str
    text: str


@dataclass(frozen=True)
class FollowedUp:
    """The contact became a follow-up after having waited or been served."""

    contact: ContactRow
    follow_up: FollowUpFacts


@dataclass(frozen=True)
class Ended:
    """The contact was closed by an agent."""

    contact: ContactRow


News = Received | Accepted | Returned | ReplyWritten | FollowedUp | Ended


class IfFailed(StrEnum):
    """What becomes of the contact when an effect has failed for good."""

    FOLLOW_UP = "follow_up"
    SEND_BACK = "send_back"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Effect:
    """One thing to do to the outside world. The same `key` is done once; `payload` is JSON.

    `if_failed` SEND_BACK needs the number of the acceptance in `payload["attempt"]`.
    """

    channel: Channel
    kind: str
    key: str
    payload: Mapping[str, Any]
    contact_id: str | None = None
    if_failed: IfFailed = IfFailed.FOLLOW_UP


class DeliveryError(Exception):
    """The outside refused or did not answer. `retryable` False means that trying again cannot help."""

    def __init__(self, reason: str, *, retryable: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable


class ChannelAdapter(Protocol):
    """One channel's way out."""

    @property
    def channel(self) -> Channel: ...

    def effects(self, news: News, thread: Sequence[str]) -> Sequence[Effect]:
        """What must leave because of this news of a contact of this channel. Pure; called inside the transaction.

        `thread`: what the provider calls the contact's messages, oldest first; empty on a channel whose messages do
        not name those that they answer.
        """
        ...

    def perform(self, effect: Effect) -> None:
        """Do it. Raises DeliveryError. Runs in a worker, possibly more than once for the same effect."""
        ...
