"""Twilio's forms, read into our own facts. Everything here raises MalformedMessage on what is missing or broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import quote_plus

from canaux.clean_text import clean, one_line
from canaux.malformed import MalformedMessage
from canaux.messaging.failures import NotDelivered
from canaux.messaging.reading import TextMessage, Wish
from canaux.messaging.receipts import TextReceipt
from canaux.twilio.failures import BY_CODE
from canaux.twilio.numbers import WHATSAPP, read_number
from canaux.voice.inbound import AgentCallEnded, Call, CallState, ConferenceLeft, RecordingReady, Reply, VoiceMessage
from routeur.contact.messages import InboundAttachment, OriginalMessage
from routeur.contact.words import Delivery

Form = Mapping[str, str]

WITHOUT_ACCOUNT = b"-"
"""What stands in a kept form for the id of our account, which is half of our credentials."""

LONGEST_ID_CHARACTERS = 64
LONGEST_OUR_ID_CHARACTERS = 32
LONGEST_URL_CHARACTERS = 1000
LONGEST_BODY_CHARACTERS = 20_000
LONGEST_SPEECH_CHARACTERS = 1000
MOST_MEDIA = 10
MOST_DIGITS = 9

_STATES = {
    "completed": CallState.ENDED,
    "busy": CallState.NOT_ANSWERED,
    "failed": CallState.NOT_ANSWERED,
    "no-answer": CallState.NOT_ANSWERED,
    "canceled": CallState.NOT_ANSWERED,
}
"""By CallStatus; under any other the call is under way."""


_DELIVERIES = {
    "accepted": Delivery.QUEUED,
    "scheduled": Delivery.QUEUED,
    "queued": Delivery.QUEUED,
    "sending": Delivery.QUEUED,
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "undelivered": Delivery.FAILED,
    "failed": Delivery.FAILED,
    "canceled": Delivery.FAILED,
}
"""By MessageStatus (https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks)."""

_WISHES = {"STOP": Wish.STOP, "START": Wish.START}
"""By OptOutType; the third, HELP, is a message like any other."""

WHATSAPP_WINDOW = timedelta(hours=24)
"""How long WhatsApp takes an answer in free words (https://www.twilio.com/docs/api/errors/63016)."""


def as_posted(form: Form, content_type: str, body: bytes) -> OriginalMessage:
    """The form as it came, without the id of our account."""
    account = quote_plus(form.get("AccountSid", "")).encode()
    return OriginalMessage(content_type, body.replace(account, WITHOUT_ACCOUNT) if account else body)


def read_call(form: Form) -> Call:
    """The call that a form is about."""
    to = form.get("To", "")
    return Call(
        id=_call_id(form),
        caller=read_number(form.get("From", "")),
        called=read_number(to) or one_line(to, LONGEST_ID_CHARACTERS) or None,
        state=_state(form.get("CallStatus", "")),
    )


def _call_id(form: Form) -> str:
    call_id = one_line(form.get("CallSid", ""), LONGEST_ID_CHARACTERS)
    if not call_id:
        raise MalformedMessage("no CallSid")
    return call_id


def _state(status: str) -> CallState:
    return _STATES.get(status, CallState.UNDER_WAY)


def read_reply(form: Form) -> Reply:
    """What a caller pressed or said in a menu."""
    return Reply(form.get("Digits") or None, clean(form.get("SpeechResult", ""), LONGEST_SPEECH_CHARACTERS))


def read_voice_message(form: Form) -> VoiceMessage:
    """The recording that a form announces."""
    recording_id = one_line(form.get("RecordingSid", ""), LONGEST_ID_CHARACTERS)
    url = one_line(form.get("RecordingUrl", ""), LONGEST_URL_CHARACTERS)
    seconds = _number(form.get("RecordingDuration", "0"))
    if not recording_id or not _is_address(url):
        raise MalformedMessage("no recording")
    return VoiceMessage(recording_id, url, seconds or 0)


def read_recording_ready(form: Form) -> RecordingReady:
    """The second word on a recording; it names the call, but not who called."""
    return RecordingReady(_call_id(form), read_voice_message(form))


def read_conference_left(form: Form, contact_id: str) -> ConferenceLeft | None:
    """The call that left the conference of a contact; None for the other events of a conference."""
    call_id = _call_id(form)
    if form.get("StatusCallbackEvent") != "participant-leave":
        return None
    return ConferenceLeft(contact_id, call_id, _state(form.get("ParticipantCallStatus", "")))


def read_agent_call_ended(form: Form, contact_id: str, attempt: str | None) -> AgentCallEnded:
    """How the call to an agent's phone ended."""
    number = _number(attempt or "")
    if number is None:
        raise MalformedMessage("no attempt")
    return AgentCallEnded(contact_id, number, read_call(form).state)


def read_text_message(form: Form) -> TextMessage:
    """An SMS or a WhatsApp message."""
    message_id, sender = one_line(form.get("MessageSid", ""), LONGEST_ID_CHARACTERS), form.get("From", "").strip()
    if not message_id or not sender:
        raise MalformedMessage("no MessageSid or no sender")
    service_address = one_line(form.get("To", ""), LONGEST_ID_CHARACTERS) or None
    return TextMessage(
        id=message_id,
        sender=read_number(sender),
        service_address=service_address,
        name=one_line(form.get("ProfileName", "")) or None,
        body=clean(form.get("Body", ""), LONGEST_BODY_CHARACTERS),
        media=_media(form),
        wish=_WISHES.get(form.get("OptOutType", "").upper()),
        reply_within=WHATSAPP_WINDOW if (service_address or "").startswith(WHATSAPP) else None,
    )


def read_text_receipt(form: Form, contact_id: str | None, message_id: str | None) -> TextReceipt | None:
    """How far a text has come, by what its address says that it is about; None for a status of no interest."""
    text_id = one_line(form.get("MessageSid", ""), LONGEST_ID_CHARACTERS)
    if not text_id:
        raise MalformedMessage("no MessageSid")
    progress = _DELIVERIES.get(form.get("MessageStatus", "").lower())
    if progress is None:
        return None
    why = None
    if progress is Delivery.FAILED:
        why = BY_CODE.get(_number(form.get("ErrorCode", "")) or 0, NotDelivered.OTHER)
    return TextReceipt(
        id=text_id,
        progress=progress,
        why=why,
        contact_id=_our_id(contact_id),
        message_id=_our_id(message_id),
        to=read_number(form.get("To", "")),
        sender=one_line(form.get("From", ""), LONGEST_ID_CHARACTERS) or None,
    )


def _our_id(named: str | None) -> str | None:
    return named if named is not None and len(named) <= LONGEST_OUR_ID_CHARACTERS else None


def _media(form: Form) -> Sequence[InboundAttachment]:
    count = _number(form.get("NumMedia", "0"))
    if count is None:
        raise MalformedMessage("NumMedia is not a number")
    found = []
    for index in range(min(count, MOST_MEDIA)):
        url = one_line(form.get(f"MediaUrl{index}", ""), LONGEST_URL_CHARACTERS)
        if _is_address(url):
            kind = one_line(form.get(f"MediaContentType{index}", ""), 127) or "application/octet-stream"
            found.append(InboundAttachment(url.rsplit("/", 1)[-1][:255] or f"media-{index}", kind, 0, url=url))
    return tuple(found)


def _number(text: str) -> int | None:
    """A number of reasonable length; None for anything else."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def _is_address(url: str) -> bool:
    return url.startswith(("https://", "http://"))
