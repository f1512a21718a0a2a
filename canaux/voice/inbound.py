"""What the telephone network tells us of a call, as an inbound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from canaux.errors import MalformedMessage
from canaux.phone import e164
from canaux.text import one_line
from competences.channels import Channel
from competences.translation import DEFAULT_LANGUAGE, translator
from routeur.contact.messages import InboundAttachment
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound

OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
NOT_ANSWERED = OVER - {"completed"}


@dataclass(frozen=True)
class Call:
    """A call: its CallSid, who calls (None when the number is hidden), the number of ours, and how it is."""

    sid: str
    caller: str | None
    called: str | None
    status: str

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Call:
        """Raises MalformedMessage."""
        sid = one_line(form.get("CallSid", ""), 64)
        if not sid:
            raise MalformedMessage("no CallSid")
        called = e164(form.get("To", "")) or one_line(form.get("To", ""), 64) or None
        return cls(sid, e164(form.get("From", "")), called, form.get("CallStatus", ""))

    def arrival(self) -> Inbound:
        """The call as a contact. A hidden caller is known by this call alone."""
        kind, address = (AddressKind.PHONE, self.caller) if self.caller else (AddressKind.TICKET, self.sid)
        return Inbound(Channel.VOICE, kind, address, provider_ref=self.sid, service_address=self.called)


@dataclass(frozen=True)
class VoiceMessage:
    """A recording that the network keeps for us."""

    sid: str
    url: str
    seconds: int

    @classmethod
    def read(cls, form: Mapping[str, str]) -> VoiceMessage:
        """Raises MalformedMessage."""
        sid, url = one_line(form.get("RecordingSid", ""), 64), one_line(form.get("RecordingUrl", ""), 1000)
        seconds = form.get("RecordingDuration", "0")
        if not sid or not url.startswith(("https://", "http://")):
            raise MalformedMessage("no recording")
        return cls(sid, url, int(seconds) if seconds.isdecimal() else 0)

    def inbound(self, call: Call) -> Inbound:
        """The message, said in its call's contact (which it makes, where the call came while we were down)."""
        arrival = call.arrival()
        _ = translator("canaux", DEFAULT_LANGUAGE).gettext
        return Inbound(
            Channel.VOICE,
            arrival.address_kind,
            arrival.address,
            text=_("Voice message, {seconds} seconds.").format(seconds=self.seconds),
            provider_id=self.sid,
            provider_ref=call.sid,
            service_address=call.called,
            attachments=(InboundAttachment(f"{self.sid}.wav", "audio/x-wav", 0, url=self.url),),
        )
