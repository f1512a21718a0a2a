"""What a channel hands in: one normalised inbound, whoever the provider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from competences.channels import Channel
from routeur.contact.messages import InboundAttachment
from routeur.contact.row import ContactRow
from routeur.contact.words import AddressKind, FollowUpReason


@dataclass(frozen=True)
class ReadyAnswer:
    """What could be answered without a person. `whole`: nothing else was asked, so that nobody need see it."""

    text: str
    whole: bool


@dataclass(frozen=True)
class Inbound:
    """One thing a usager sent.

    `provider_ref` names the conversation (CallSid, chat id); None where the channel has none (SMS, e-mail).
    `provider_id` names this one message (MessageSid, Message-ID, client id): the same twice is one message.
    `in_reply_to` holds the Message-IDs this e-mail answers, nearest first; `contact_hint` a contact id that
    the channel recognised in them. `service_address` is the number or mailbox of ours that was written to.
    `automatic`: a machine wrote it (an absence notice, a newsletter): kept, never queued, never answered.
    `answer`: what the channel can answer at once; said unless an agent has the conversation.
    `settles`: the usager says that they have their answer: it is about the latest promise, however old.
    """

    channel: Channel
    address_kind: AddressKind
    address: str
    text: str = ""
    provider_id: str | None = None
    provider_ref: str | None = None
    service_address: str | None = None
    subject: str | None = None
    name: str | None = None
    email: str | None = None
    topic: str | None = None
    language: str = "fr"
    attachments: Sequence[InboundAttachment] = field(default=())
    in_reply_to: Sequence[str] = field(default=())
    contact_hint: str | None = None
    automatic: bool = False
    answer: ReadyAnswer | None = None
    settles: bool = False

    @property
    def answered_whole(self) -> bool:
        """Whether its ready answer leaves nothing for a person to see."""
        return self.answer is not None and self.answer.whole and not self.attachments


@dataclass(frozen=True)
class FollowUpFacts:
    """What the usager is told of a follow-up. Instants are UTC; show them in the commune's time zone."""

    id: str
    reference: str
    reason: FollowUpReason
    topic: str | None
    service: str
    due_at: datetime


@dataclass(frozen=True)
class Standing:
    """Where a contact stands at one moment, as its usager may be told.

    `follow_up` is the latest one, where the contact is a follow-up or became one before it was closed.
    """

    contact: ContactRow
    follow_up: FollowUpFacts | None


@dataclass(frozen=True)
class Receipt:
    """The answer to an inbound, given only after the commit. A duplicate yields the same standing again.

    `answered`: the inbound's ready answer is in the record, to be said now. `topic_found`: it is this message, not
    the first, that told what its conversation is about.
    """

    standing: Standing
    message_id: str | None
    position: int | None
    new_contact: bool
    duplicate: bool
    answered: bool = False
    topic_found: bool = False
