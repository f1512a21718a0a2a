"""The messaging channel's way out: agents' answers, follow-ups and codes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

from canaux.legal_words import notice_in_short
from canaux.messaging.code_budget import CodeBudget
from canaux.messaging.failures import NotDelivered, TextRefused
from canaux.provider_interfaces import About, TextNetwork
from canaux.wording import code_in_a_text, follow_up_in_words
from competences.channels import Channel
from competences.phone_numbers import calling_code, e164, takes_texts
from competences.plan.plan import Plan
from routeur.clock import Clock
from routeur.contact.opt_outs import OptOuts
from routeur.contact.receipts import Receipts
from routeur.contact.row import ContactRow
from routeur.contact.words import AddressKind, Delivery
from routeur.ports.news import (
    CodeAsked,
    DeliveryError,
    Effect,
    FollowedUp,
    IfFailed,
    LegalNotice,
    News,
    ReplyWritten,
)

SEND, CODE = "send", "code"
LONGEST_PART_CHARACTERS = 1500
"""Networks take 1600 in one message, and parts are numbered."""


class MessagingChannel:
    """Sends agents' answers, and tells of follow-ups and of the law, by the medium that the usager wrote on.

    `own_number` is the number of ours from which it writes first, codes among others; None where there is none.
    `calling_codes` are those of the countries to which it does so.
    """

    channel = Channel.MESSAGING

    def __init__(
        self,
        *,
        plans: Callable[[], Plan],
        network: TextNetwork,
        clock: Clock,
        opt_outs: OptOuts,
        receipts: Receipts,
        code_budget: CodeBudget,
        own_number: str | None = None,
        calling_codes: Collection[int] = (),
    ) -> None:
        self._plans = plans
        self._network = network
        self._clock = clock
        self._opt_outs = opt_outs
        self._receipts = receipts
        self._code_budget = code_budget
        self._own_number = own_number
        self._calling_codes = calling_codes

    def effects(self, news: News, thread: Sequence[str]) -> Sequence[Effect]:
        match news:
            case ReplyWritten(contact=contact, message_id=message_id, text=text):
                return self._send(contact, f"messaging:reply:{message_id}", text, message_id)
            case FollowedUp(contact=contact, follow_up=follow_up):
                words = follow_up_in_words(self._plans(), follow_up, contact.language)
                return self._send(contact, f"messaging:follow-up:{follow_up.id}", words)
            case LegalNotice(contact=contact, id=notice_id) if contact.channel is self.channel:
                notice = self._send(contact, f"messaging:law:{notice_id}", notice_in_short(self._plans(), news))
                # An agent who speaks with the person is told by the API, and tells them.
                return [replace(text, if_failed=IfFailed.NOTHING) for text in notice] if contact.held else notice
            case CodeAsked():
                return (self._code(news),)
            case _:  # a new conversation is acknowledged in the answer to the webhook
                return ()

    def writes_from(self, kind: AddressKind, address: str) -> str | None:
        """Our number, to write to a mobile one of a country that gets texts; None for all other addresses."""
        if kind is not AddressKind.PHONE or e164(address) is None or calling_code(address) not in self._calling_codes:
            return None
        return self._own_number if takes_texts(address) else None

    def _send(self, contact: ContactRow, key: str, text: str, message_id: str | None = None) -> Sequence[Effect]:
        parts = [
            text[start : start + LONGEST_PART_CHARACTERS] for start in range(0, len(text), LONGEST_PART_CHARACTERS)
        ]
        if len(parts) > 1:  # they may arrive in any order
            parts = [f"({number}/{len(parts)}) {part}" for number, part in enumerate(parts, start=1)]
        until = contact.reply_until.isoformat() if contact.reply_until is not None else None
        ends = {"to": contact.address, "from": contact.service_address, "until": until}
        return tuple(
            Effect(self.channel, SEND, f"{key}:{number}", {**ends, "body": part}, contact.id, message_id=message_id)
            for number, part in enumerate(parts, start=1)
        )

    def _code(self, asked: CodeAsked) -> Effect:
        """The text that carries a code to a given number. If it cannot be delivered, nothing else changes.

        Nor does anybody learn that the budget is spent, which would say that the code had somewhere to go.
        """
        body = code_in_a_text(self._plans(), asked.code, asked.contact.language)
        payload = {"to": asked.address, "from": self._own_number, "body": body}
        return Effect(self.channel, CODE, f"messaging:code:{asked.id}", payload, asked.contact.id, IfFailed.NOTHING)

    def perform(self, effect: Effect) -> None:
        ours, to, until = effect.payload["from"], effect.payload["to"], effect.payload.get("until")
        if not ours:
            raise DeliveryError("no number of ours to write from", retryable=False)
        if self._opt_outs.is_opted_out(to, ours):
            raise TextRefused(NotDelivered.OPTED_OUT)
        if until is not None and self._clock() > datetime.fromisoformat(until):
            raise TextRefused(NotDelivered.WINDOW_CLOSED)
        if effect.kind == CODE and not self._code_budget.spend():
            raise DeliveryError("too many codes by text", retryable=False)
        about = None
        if effect.contact_id is not None and effect.if_failed is IfFailed.FOLLOW_UP:
            about = About(effect.contact_id, effect.message_id)
        try:
            text_id = self._network.send_text(to=to, sender=ours, body=effect.payload["body"], about=about)
        except TextRefused as refused:
            if refused.why is NotDelivered.OPTED_OUT:
                self._opt_outs.note_refusal(to, ours, f"refused:{effect.key}", self._clock())
            raise
        if about is not None:
            self._receipts.note(text_id, about.contact_id, about.message_id, Delivery.QUEUED)
