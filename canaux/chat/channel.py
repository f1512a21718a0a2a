"""The chat's way out: what must be told beside the conversation is written into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from canaux.legal_words import notice_in_short
from competences.channels import Channel
from competences.plan.plan import Plan
from routeur.clock import Clock
from routeur.errors import NotFound
from routeur.ports.announcer import Announcer
from routeur.ports.news import DeliveryError, Effect, IfFailed, LegalNotice, News
from routeur.ports.replies import say_automatically
from routeur.record.engine import Record

SAY = "say"


class ChatChannel:
    """Says what the law wants told as an automatic message in the conversation, where a visitor finds it later.

    Agents' answers and the state of the contact need no way out: the visitor's stream reads them from the record.
    """

    channel = Channel.CHAT

    def __init__(self, *, record: Record, announcer: Announcer, plans: Callable[[], Plan], clock: Clock) -> None:
        self._record = record
        self._announcer = announcer
        self._plans = plans
        self._clock = clock

    def effects(self, news: News, thread: Sequence[str]) -> Sequence[Effect]:
        match news:
            case LegalNotice(contact=contact, id=notice_id) if contact.channel is self.channel:
                said = {"text": notice_in_short(self._plans(), news)}
                return (Effect(self.channel, SAY, f"chat:law:{notice_id}", said, contact.id, IfFailed.NOTHING),)
            case _:
                return ()

    def perform(self, effect: Effect) -> None:
        contact_id, text = effect.contact_id or "", effect.payload["text"]
        try:
            say_automatically(self._record, self._announcer, contact_id, text, effect.key, self._clock())
        except NotFound as error:
            raise DeliveryError("the conversation is gone", retryable=False) from error
