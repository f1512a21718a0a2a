"""The inbound: what a channel hands in, in one form for all providers; and the answer to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from competences.channels import Channel
from routeur.contact.identity import Given
from routeur.contact.messages import Envelope, InboundAttachment, OriginalMessage
from routeur.contact.row import ContactRow
from routeur.contact.words import AddressKind, FollowUpReason


@dataclass(frozen=True)
class ReadyAnswer:
    """An answer found without an agent. `whole`: nothing else was asked, so that no agent need read the message."""

    text: str
    whole: bool


@dataclass(frozen=True)
class Inbound:
    """One thing a usager sent.

    `provider_ref` names the conversation (CallSid, chat id); None on SMS and e-mail.
    `provider_id` names the message (MessageSid, Message-ID, client id): the same twice is one message.
    `in_reply_to` holds the Message-IDs this e-mail answers, nearest first; `contact_hint` a contact id that
    the channel recognised in them. `service_address` is the number or mailbox of ours that was written to.
    `automatic`: no demand (an absence notice, a report about delivery): kept, never queued, never answered.
    `acknowledge`: False where an agent answers but no machine may (it came through a list, a form, a service).
    `answer`: what the channel answers at once, unless an agent has the conversation.
    `digest`, where the channel gives one, is that of sender and content: the same `provider_id` with another digest is
    another message. `reference` is that of the contact that the usager says it is about: it is believed of its own
    usager only. `reply_to` is where answers shall go, if elsewhere than to `address`.
    `envelope` says who wrote it and to whom, where that is more than the address; `original` is the message as it came.
    `address` is what the channel proves, and `name` what it calls its owner; `given` is what was only typed.
    `settles`: the usager says that they have their answer: it is about the latest follow-up, however old.
    `is_request`: the way it came says that it is a request, whose clock the law sets.
    `reply_within`: how long after this its medium takes an answer; None where it always does.
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
    given: Given = field(default=Given())
    topic: str | None = None
    language: str = "fr"
    attachments: Sequence[InboundAttachment] = field(default=())
    in_reply_to: Sequence[str] = field(default=())
    contact_hint: str | None = None
    reference: str | None = None
    reply_to: str | None = None
    digest: str | None = None
    automatic: bool = False
    acknowledge: bool = True
    answer: ReadyAnswer | None = None
    settles: bool = False
    is_request: bool = False
    envelope: Envelope | None = None
    original: OriginalMessage | None = None
    reply_within: timedelta | None = None

    @property
    def writer(self) -> str:
        """The address of the person who wrote it, which is not the usager's where a web form wrote for them."""
        known = self.envelope.sender if self.envelope is not None else None
        return known.address if known is not None else self.address

    @property
    def answered_whole(self) -> bool:
        """Whether its ready answer leaves nothing for an agent to read."""
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

    `follow_up` is the latest one; None if the contact is none and did not become one before it was closed. `together`
    are the ids of those that were merged into it, or became follow-ups, in that very moment.
    """

    contact: ContactRow
    follow_up: FollowUpFacts | None
    together: Sequence[str] = ()


@dataclass(frozen=True)
class Receipt:
    """The answer to an inbound, given only after the commit. A duplicate gets the standing again.

    `position` counts the contact's messages from 1. `answered`: the ready answer is recorded and must be said now.
    `topic_found`: the topic was recognised by this message, not by the first.
    """

    standing: Standing
    message_id: str | None
    position: int | None
    duplicate: bool
    answered: bool = False
    topic_found: bool = False
