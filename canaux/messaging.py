"""Text messages (SMS, WhatsApp): what comes in as an inbound, answers on their way out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from twilio.twiml.messaging_response import MessagingResponse

from canaux.errors import MalformedMessage
from canaux.online import written_offer
from canaux.phone import e164, same_medium
from canaux.text import clean, one_line
from canaux.twilio.client import PhoneNetwork
from canaux.wording import known_language, promise
from competences.channels import Channel
from competences.plan.plan import Plan
from competences.translation import translator
from routeur.contact.messages import InboundAttachment
from routeur.contact.row import ContactRow
from routeur.contact.words import AddressKind, ContactState
from routeur.ports.inbound import Inbound, ReadyAnswer, Receipt, Standing
from routeur.ports.news import DeliveryError, Effect, FollowedUp, News, ReplyWritten

SEND = "send"
LONGEST = 1500  # characters; Twilio takes 1600 in one message, and parts are numbered
MOST_MEDIA = 10

_OPT_OUT = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "arret", "revoke", "optout"})
_SETTLED = frozenset({"regle", "reglee", "solved"})
_COURTESY = frozenset({"merci", "beaucoup", "ok", "thanks", "thank", "you"})
_WORD = re.compile(r"[^\W\d_]+")


def read_text(form: Mapping[str, str]) -> Inbound | None:
    """The message in Twilio's form; None for what must not be answered (STOP, or a sender nobody can write to).

    Raises MalformedMessage.
    """
    sid, sender = one_line(form.get("MessageSid", ""), 64), form.get("From", "").strip()
    if not sid or not sender:
        raise MalformedMessage("no MessageSid or no sender")
    number = e164(sender)
    text = clean(form.get("Body", ""), 20_000)
    if number is None or is_opt_out(text) or form.get("OptOutType"):
        return None
    media = _media(form)
    return Inbound(
        Channel.MESSAGING,
        AddressKind.PHONE,
        number,
        text=text,
        provider_id=sid,
        service_address=one_line(form.get("To", ""), 64) or None,
        name=one_line(form.get("ProfileName", "")) or None,
        attachments=media,
        settles=is_settled(text) and not media,
    )


def is_opt_out(text: str) -> bool:
    """Whether this is one of the words by which people stop a number from writing to them."""
    return _only_word(text) in _OPT_OUT


def is_settled(text: str) -> bool:
    """Whether this is the word by which people say that they have their answer.

    Thanks beside it change nothing; a question mark or a figure (« Réglé 50 € » is a payment) makes it a message.
    """
    plain = _plain(text)
    if any(c == "?" or c.isdigit() for c in plain):
        return False
    return "".join(word for word in _WORD.findall(plain) if word not in _COURTESY) in _SETTLED


def _only_word(text: str) -> str:
    """The letters of a text, without accents: the one word that it is, if it is one."""
    return "".join(_WORD.findall(_plain(text)))


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def _media(form: Mapping[str, str]) -> Sequence[InboundAttachment]:
    count = form.get("NumMedia", "0")
    if not count.isdecimal():
        raise MalformedMessage("NumMedia is not a number")
    found = []
    for index in range(min(int(count), MOST_MEDIA)):
        url = one_line(form.get(f"MediaUrl{index}", ""), 1000)
        if url.startswith(("https://", "http://")):
            kind = one_line(form.get(f"MediaContentType{index}", ""), 127) or "application/octet-stream"
            found.append(InboundAttachment(url.rsplit("/", 1)[-1][:255] or f"media-{index}", kind, 0, url=url))
    return tuple(found)


def answer_to(plan: Plan, receipt: Receipt, ready: ReadyAnswer | None) -> str | None:
    """What a message is answered with at once: its ready answer; an acknowledgement where it begins a conversation,
    else what can be done online where it is the one that says what about.
    """
    standing = receipt.standing
    parts = [ready.text] if ready is not None and receipt.answered else []
    # The first message's, also when Twilio says it twice: it cannot have heard the answer then.
    if receipt.position == 1 and standing.contact.state is not ContactState.CLOSED:
        parts += [acknowledgement(plan, standing), *_online(plan, standing)]
    elif receipt.topic_found:
        parts += _online(plan, standing)
    return _signed(plan, *parts) if parts else None


def acknowledgement(plan: Plan, standing: Standing) -> str:
    """What a new conversation is answered with."""
    _ = translator("canaux", known_language(standing.contact.language)).gettext
    if standing.follow_up is not None:
        return promise(plan, standing.follow_up, standing.contact.language)
    words = _("We have received your message. An agent will answer you here. Your reference: {reference}.")
    return words.format(reference=standing.contact.reference)


def _online(plan: Plan, standing: Standing) -> Sequence[str]:
    """What can be done online, and the word to send if that was all."""
    offer = written_offer(plan, standing.contact.topic, standing.contact.language)
    if offer is None:
        return ()
    _ = translator("canaux", known_language(standing.contact.language)).gettext
    return offer, _("If that answers your question, send us the word {word}.").format(word=_("SOLVED"))


def thanks(plan: Plan, standing: Standing) -> str:
    """What whoever has found their answer is told."""
    _ = translator("canaux", known_language(standing.contact.language)).gettext
    return _signed(
        plan, _("Thank you. Your request {reference} is closed.").format(reference=standing.contact.reference)
    )


def _signed(plan: Plan, *parts: str) -> str:
    return f"{plan.commune.name} : " + "\n".join(parts)


def answer(words: str | None) -> str:
    """TwiML that says this to whoever wrote, or nothing."""
    response = MessagingResponse()
    if words is not None:
        response.message(words)
    return str(response)


class MessagingChannel:
    """Sends agents' answers and promises by the medium that the usager wrote on."""

    channel = Channel.MESSAGING

    def __init__(self, *, plans: Callable[[], Plan], network: PhoneNetwork) -> None:
        self._plans = plans
        self._network = network

    def effects(self, news: News, thread: Sequence[str]) -> Sequence[Effect]:
        match news:
            case ReplyWritten(contact=contact, message_id=message_id, text=text):
                return self._send(contact, f"messaging:reply:{message_id}", text)
            case FollowedUp(contact=contact, follow_up=follow_up):
                words = promise(self._plans(), follow_up, contact.language)
                return self._send(contact, f"messaging:follow-up:{follow_up.id}", words)
            case _:  # a new conversation is acknowledged in the answer to the webhook
                return ()

    def _send(self, contact: ContactRow, key: str, text: str) -> Sequence[Effect]:
        parts = [text[start : start + LONGEST] for start in range(0, len(text), LONGEST)]
        if len(parts) > 1:  # they may arrive in any order
            parts = [f"({number}/{len(parts)}) {part}" for number, part in enumerate(parts, start=1)]
        return tuple(
            Effect(
                self.channel,
                SEND,
                f"{key}:{number}",
                {"to": contact.address, "from": contact.service_address, "body": part},
                contact.id,
            )
            for number, part in enumerate(parts, start=1)
        )

    def perform(self, effect: Effect) -> None:
        ours = effect.payload["from"]
        if not ours:
            raise DeliveryError("no number of ours to write from", retryable=False)
        self._network.send_text(to=same_medium(effect.payload["to"], ours), sender=ours, body=effect.payload["body"])
