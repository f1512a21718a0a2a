"""Voice messages: kept as soon as we hear of them, and looked for when we may have been away."""

from __future__ import annotations

from datetime import datetime

from canaux.provider_interfaces import PhoneNetwork
from canaux.voice.inbound import Call, CallState, VoiceMessage, has_hidden_number
from competences.channels import Channel
from routeur.errors import NotFound
from routeur.ports.inbound import Standing
from routeur.reception.reception import Reception


def keep(reception: Reception, call: Call, message: VoiceMessage) -> Standing:
    """Record a voice message. Its contact is a follow-up from then on: its caller no longer holds the line."""
    standing = reception.receive(message.inbound(call)).standing
    if standing.contact.waits:
        return reception.ask_follow_up(standing.contact.id)
    return standing


def recover(reception: Reception, network: PhoneNetwork, since: datetime) -> int:
    """Keep every recording made since then; those that are recorded already change nothing. Returns their number.

    The network tells us once of each recording. What it said while we were down is asked for again here.
    Raises DeliveryError.
    """
    recordings = network.recordings_since(since)
    for recording in recordings:
        message = VoiceMessage(recording.id, recording.url, recording.seconds)
        keep(reception, _call_of(reception, network, recording.call_id), message)
    return len(recordings)


def known_call(reception: Reception, call_id: str) -> Call:
    """The call of a contact of ours. Raises NotFound."""
    standing = reception.by_provider_ref(Channel.VOICE, call_id)
    caller = None if has_hidden_number(standing) else standing.contact.address
    return Call(call_id, caller, None, CallState.ENDED)


def _call_of(reception: Reception, network: PhoneNetwork, call_id: str) -> Call:
    try:
        return known_call(reception, call_id)
    except NotFound:
        ends = network.call_ends(call_id)
        return Call(call_id, ends.caller, ends.called, CallState.ENDED)
