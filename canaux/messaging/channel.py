"""The messaging channel's way out: agents' answers and follow-ups."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from canaux.legal_words import notice_in_short
from canaux.provider_interfaces import TextNetwork
from canaux.wording import follow_up_in_words
from competences.channels import Channel
from competences.plan.plan import Plan
from routeur.contact.row import ContactRow
from routeur.ports.news import DeliveryError, Effect, FollowedUp, LegalNotice, News, ReplyWritten

SEND = "send"
LONGEST_PART_CHARACTERS = 1500
"""Networks take 1600 in one message, and parts are numbered."""


class MessagingChannel:
    """Sends agents' answers, and tells of follow-ups and of the law, by the medium that the usager wrote on."""

    channel = Channel.MESSAGING

    def __init__(self, *, plans: Callable[[], Plan], network: TextNetwork) -> None:
        self._plans = plans
        self._network = network

    def effects(self, news: News, thread: Sequence[str]) -> Sequence[Effect]:
        match news:
            case ReplyWritten(contact=contact, message_id=message_id, text=text):
                return self._send(contact, f"messaging:reply:{message_id}", text)
            case FollowedUp(contact=contact, follow_up=follow_up):
                words = follow_up_in_words(self._plans(), follow_up, contact.language)
                return self._send(contact, f"messaging:follow-up:{follow_up.id}", words)
            case LegalNotice(contact=contact, id=notice_id) if contact.channel is self.channel:
                return self._send(contact, f"messaging:law:{notice_id}", notice_in_short(self._plans(), news))
            case _:  # a new conversation is acknowledged in the answer to the webhook
                return ()

    def _send(self, contact: ContactRow, key: str, text: str) -> Sequence[Effect]:
        parts = [
            text[start : start + LONGEST_PART_CHARACTERS] for start in range(0, len(text), LONGEST_PART_CHARACTERS)
        ]
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
        self._network.send_text(to=effect.payload["to"], sender=ours, body=effect.payload["body"])
