"""Faxes: what comes in as an inbound, agents' answers on their way out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from canaux.clean_text import clean, one_line
from canaux.malformed import MalformedMessage
from canaux.wording import follow_up_in_words
from competences.channels import Channel
from competences.phone_numbers import e164
from competences.plan.plan import Plan
from routeur.contact.row import ContactRow
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound
from routeur.ports.news import Effect, FollowedUp, News, Received, ReplyWritten

SEND = "send"


class FaxNetwork(Protocol):
    """Sends a fax. Raises DeliveryError."""

    def send(self, to: str, text: str) -> None: ...


def read_fax(form: Mapping[str, str]) -> Inbound:
    """The fax in the provider's form, its pages read as text. Raises MalformedMessage."""
    fax_id, number = one_line(form.get("fax_id", ""), 64), e164(form.get("from", ""))
    if not fax_id or number is None:
        raise MalformedMessage("no fax_id or no number")
    return Inbound(Channel.FAX, AddressKind.PHONE, number, text=clean(form.get("text", ""), 20_000), provider_id=fax_id)


class FaxChannel:
    """The way out: answers, and follow-ups with their reference and date."""

    channel = Channel.FAX

    def __init__(self, *, plans: Callable[[], Plan], network: FaxNetwork) -> None:
        self._plans = plans
        self._network = network

    def effects(self, news: News, thread: Sequence[str]) -> Sequence[Effect]:
        match news:
            case ReplyWritten(contact=contact, message_id=message_id, text=text):
                return (self._effect(contact, f"fax:reply:{message_id}", text),)
            case FollowedUp(contact=contact, follow_up=made) | Received(contact=contact, follow_up=made) if made:
                words = follow_up_in_words(self._plans(), made, contact.language)
                return (self._effect(contact, f"fax:follow-up:{made.id}", words),)
            case _:
                return ()

    def _effect(self, contact: ContactRow, key: str, text: str) -> Effect:
        return Effect(self.channel, SEND, key, {"to": contact.address, "text": text}, contact.id)

    def perform(self, effect: Effect) -> None:
        self._network.send(effect.payload["to"], effect.payload["text"])
