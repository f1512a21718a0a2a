"""What a telephone network tells us of a call, whichever network it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from competences.channels import Channel
from competences.translation import DEFAULT_LANGUAGE, translator
from routeur.contact.messages import InboundAttachment, OriginalMessage
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound, Standing


class CallState(StrEnum):
    """Whether a call goes on, and how it ended."""

    UNDER_WAY = "under way"
    ENDED = "ended"
    NOT_ANSWERED = "not answered"

    @property
    def is_over(self) -> bool:
        return self is not CallState.UNDER_WAY


@dataclass(frozen=True)
class Call:
    """A call: the network's id of it, the number that calls (None when hidden), the number of ours, its state."""

    id: str
    caller: str | None
    called: str | None
    state: CallState

    def arrival(self) -> Inbound:
        """The call as a contact. A hidden caller is known by this call alone."""
        kind, address = (AddressKind.PHONE, self.caller) if self.caller else (AddressKind.TICKET, self.id)
        return Inbound(Channel.VOICE, kind, address, provider_ref=self.id, service_address=self.called)


def has_hidden_number(standing: Standing) -> bool:
    """Whether the caller is known by their call alone, so that nobody can call them back."""
    return standing.contact.address_kind is AddressKind.TICKET


@dataclass(frozen=True)
class Reply:
    """What a caller answered to a menu: the keys that they pressed or what they said, or neither.

    `original`: what the network posted.
    """

    digits: str | None
    speech: str
    original: OriginalMessage | None = None


@dataclass(frozen=True)
class VoiceMessage:
    """A recording that the network keeps for us. `original`: what it posted; None where we asked for it."""

    id: str
    url: str
    seconds: int
    original: OriginalMessage | None = None

    def inbound(self, call: Call) -> Inbound:
        """The message, said in its call's contact (which it makes, where the call came while we were down)."""
        arrival = call.arrival()
        _ = translator("canaux", DEFAULT_LANGUAGE).gettext
        return Inbound(
            Channel.VOICE,
            arrival.address_kind,
            arrival.address,
            text=_("Voice message, {seconds} seconds.").format(seconds=self.seconds),
            provider_id=self.id,
            provider_ref=call.id,
            service_address=call.called,
            attachments=(InboundAttachment(f"{self.id}.wav", "audio/x-wav", 0, url=self.url),),
            original=self.original,
        )


@dataclass(frozen=True)
class RecordingReady:
    """The network has a recording of a call."""

    call_id: str
    message: VoiceMessage


@dataclass(frozen=True)
class ConferenceLeft:
    """A call has left the conference of a contact: hung up, or moved elsewhere."""

    contact_id: str
    call_id: str
    state: CallState


@dataclass(frozen=True)
class AgentCallEnded:
    """The call to the agent who accepted a contact (acceptance number `attempt`) is over."""

    contact_id: str
    attempt: int
    state: CallState
