"""A text message as a network hands it over, read into an inbound."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from competences.channels import Channel
from competences.words import unaccented
from routeur.contact.messages import InboundAttachment, OriginalMessage
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound

_TWILIO_STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
"""The words that Twilio obeys itself, unless its account says otherwise."""
_STOP = _TWILIO_STOP | {"arret", "arreter", "stopsms", "desabonner", "desabonnement", "desinscrire", "desinscription"}
"""Each alone, in any letters, with or without accents. Not « arrêté », which is what a town hall issues."""
_START = frozenset({"start", "unstop", "yes", "reprendre"})
"""Likewise; they mean something only from a person who has said one of the others before."""
_SETTLED = frozenset({"regle", "reglee", "solved"})
_COURTESY = frozenset({"merci", "beaucoup", "ok", "thanks", "thank", "you"})
_WORD = re.compile(r"[^\W\d_]+")


class Wish(Enum):
    """What a person wants of us beyond what they ask."""

    STOP = "no more messages"
    START = "messages again"


@dataclass(frozen=True)
class TextMessage:
    """An SMS or a WhatsApp message, whichever network brought it.

    `sender` is None where nobody can be written to (a short code, a name); `service_address` is ours, as the network
    writes it. `wish`: what the network took it for. `original`: what the network posted. `reply_within`: how long its
    medium takes an answer; None where it always does.
    """

    id: str
    sender: str | None
    service_address: str | None
    body: str
    name: str | None = None
    media: Sequence[InboundAttachment] = field(default=())
    wish: Wish | None = None
    original: OriginalMessage | None = None
    reply_within: timedelta | None = None


def is_sms(service_address: str) -> bool:
    """Whether this number of ours sends SMS: a network writes another medium before it (`whatsapp:+33...`)."""
    return ":" not in service_address


def read_text(message: TextMessage) -> Inbound | None:
    """The message as an inbound; None for a sender whom nobody can write to."""
    if message.sender is None:
        return None
    return Inbound(
        Channel.MESSAGING,
        AddressKind.PHONE,
        message.sender,
        text=message.body,
        provider_id=message.id,
        service_address=message.service_address,
        name=message.name,
        attachments=message.media,
        original=message.original,
        reply_within=message.reply_within,
        settles=is_settled(message.body) and not message.media,
    )


def wish_in(message: TextMessage) -> Wish | None:
    """The wish that a message says: by the network's word, or by a word of the person's own that stands alone."""
    word = _only_word(message.body)
    said = Wish.STOP if word in _STOP else Wish.START if word in _START else None
    return message.wish or said


def is_settled(text: str) -> bool:
    """Whether this is the word by which people say that they have their answer.

    Thanks beside it change nothing; a question mark or a figure (« Réglé 50 € » is a payment) makes it a message.
    """
    words = unaccented(text)
    if any(c == "?" or c.isdigit() for c in words):
        return False
    return "".join(word for word in _WORD.findall(words) if word not in _COURTESY) in _SETTLED


def _only_word(text: str) -> str:
    """The letters of a text, without accents: the one word that it is, if it is one.

    Empty where a figure or a question mark makes it more than that (« Arrêt 12 ? »).
    """
    words = unaccented(text)
    return "" if any(c == "?" or c.isdigit() for c in words) else "".join(_WORD.findall(words))
