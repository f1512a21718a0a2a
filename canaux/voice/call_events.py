"""What a network tells us of calls while nobody listens: hang-ups, recordings, agents' phones."""

from __future__ import annotations

from canaux.voice.inbound import AgentCallEnded, Call, CallState, ConferenceLeft, RecordingReady
from canaux.voice.voicemail import keep, known_call
from competences.channels import Channel
from routeur.desk.desk import Desk
from routeur.reception.reception import Reception


class CallEvents:
    """Tells the reception and the desk. Every method raises NotFound for a contact or a call that we never heard of."""

    def __init__(self, reception: Reception, desk: Desk) -> None:
        self._reception = reception
        self._desk = desk

    def call_changed(self, call: Call) -> None:
        """A caller whose call is over has hung up."""
        if call.state.is_over:
            self._reception.usager_left(self._reception.by_provider_ref(Channel.VOICE, call.id).contact.id)

    def recording_ready(self, ready: RecordingReady) -> None:
        """The second word on a recording, which finds the message when the first met us broken."""
        keep(self._reception, known_call(self._reception, ready.call_id), ready.message)

    def conference_left(self, left: ConferenceLeft | None) -> None:
        """A caller whose call is over has hung up, also where the network does not tell us of its end otherwise."""
        if left is None or not left.state.is_over:
            return
        if left.call_id == self._reception.standing(left.contact_id).contact.provider_ref:
            self._reception.usager_left(left.contact_id)

    def agent_call_ended(self, ended: AgentCallEnded) -> None:
        """An agent whose phone was not answered gives the caller their place back."""
        if ended.state is CallState.NOT_ANSWERED:
            self._desk.phone_not_answered(ended.contact_id, ended.attempt)
