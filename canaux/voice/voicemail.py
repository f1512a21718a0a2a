"""Voice messages: kept as soon as we hear of them, and looked for when we may have been away."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from canaux.phone import e164
from canaux.twilio.client import PhoneNetwork
from canaux.voice.inbound import Call, VoiceMessage
from competences.channels import Channel
from routeur.contact.words import ContactState
from routeur.errors import NotFound
from routeur.ports.inbound import Inbound, Receipt, Standing

_NOBODY_WITH_THEM = frozenset({ContactState.WAITING, ContactState.OFFERED})


class Recorder(Protocol):
    """The part of routeur.reception.reception.Reception that keeps messages."""

    def receive(self, inbound: Inbound) -> Receipt: ...
    def by_provider_ref(self, channel: Channel, ref: str) -> Standing: ...
    def ask_follow_up(self, contact_id: str) -> Standing: ...


def keep(reception: Recorder, call: Call, message: VoiceMessage) -> Standing:
    """Record a voice message. Its contact is a follow-up from then on: who leaves a message does not hold the line."""
    standing = reception.receive(message.inbound(call)).standing
    if standing.contact.state in _NOBODY_WITH_THEM:
        return reception.ask_follow_up(standing.contact.id)
    return standing


def recover(reception: Recorder, network: PhoneNetwork, since: datetime) -> int:
    """Keep every recording made since then; those that are known already change nothing. Returns how many there were.

    The network tells us once of each recording. What it said while we were down is asked for again here.
    Raises DeliveryError.
    """
    recordings = network.recordings_since(since)
    for recording in recordings:
        message = VoiceMessage(recording.sid, recording.url, recording.seconds)
        keep(reception, _call_of(reception, network, recording.call_sid), message)
    return len(recordings)


def _call_of(reception: Recorder, network: PhoneNetwork, call_sid: str) -> Call:
    try:
        known = reception.by_provider_ref(Channel.VOICE, call_sid)
    except NotFound:
        ends = network.call_ends(call_sid)
        return Call(call_sid, e164(ends.caller), e164(ends.called), "completed")
    return Call(call_sid, e164(known.contact.address), None, "completed")
