"""A text message as a network hands it over, read into an inbound."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from competences.channels import Channel
from competences.words import unaccented
from routeur.contact.messages import InboundAttachment, OriginalMessage
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound

_OPT_OUT = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "arret", "revoke", "optout"})
_SETTLED = frozenset({"regle", "reglee", "solved"})
_COURTESY = frozenset({"merci", "beaucoup", "ok", "thanks", "thank", "you"})
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class TextMessage:
    """An SMS or a WhatsApp message, whichever network brought it.

    `sender` is None where nobody can be written to (a short code, a name); `service_address` is ours, as the network
    writes it. `opted_out`: the network took it for a wish to receive no more messages. `original`: what the network
    posted.
    """

    id: str
    sender: str | None
    service_address: str | None
    body: str
    name: str | None = None
    media: Sequence[InboundAttachment] = field(default=())
    opted_out: bool = False
    original: OriginalMessage | None = None


def read_text(message: TextMessage) -> Inbound | None:
    """The message as an inbound; None for what must not be answered (STOP, or a sender whom nobody can write to)."""
    if message.sender is None or message.opted_out or is_opt_out(message.body):
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
        settles=is_settled(message.body) and not message.media,
    )


def is_opt_out(text: str) -> bool:
    """Whether this is one of the words by which people stop a number from writing to them."""
    return _only_word(text) in _OPT_OUT


def is_settled(text: str) -> bool:
    """Whether this is the word by which people say that they have their answer.

    Thanks beside it change nothing; a question mark or a figure (« Réglé 50 € » is a payment) makes it a message.
    """
    words = unaccented(text)
    if any(c == "?" or c.isdigit() for c in words):
        return False
    return "".join(word for word in _WORD.findall(words) if word not in _COURTESY) in _SETTLED


def _only_word(text: str) -> str:
    """The letters of a text, without accents: the one word that it is, if it is one."""
    return "".join(_WORD.findall(unaccented(text)))
