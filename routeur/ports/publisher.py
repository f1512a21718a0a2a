"""Writing to the outbox, in the commit of a fact, the effects that the contact's channel makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from competences.channels import CHANNELS, Channel, ConversationKey
from routeur.contact import messages
from routeur.ports import outbox
from routeur.ports.news import ChannelAdapter, News


class Publisher:
    """Publishes news to `adapters`, the channels that have a way out."""

    def __init__(self, adapters: Mapping[Channel, ChannelAdapter]) -> None:
        self.adapters = adapters

    def publish(
        self, connection: Connection, news: News, now: datetime, *, thread: Sequence[str] | None = None
    ) -> None:
        """Write the effects of the news to the outbox. `thread` is read from the record unless given."""
        contact = news.contact
        adapter = self.adapters.get(contact.channel)
        if adapter is None:
            return
        if CHANNELS[contact.channel].conversation is not ConversationKey.THREAD:
            thread = ()
        elif thread is None:
            thread = messages.thread(connection, contact.id)
        outbox.add(connection, adapter.effects(news, thread), now)

    def publish_everywhere(self, connection: Connection, news: News, now: datetime) -> None:
        """Write the effects that all channels make of the news: those of the contact's own first."""
        own = news.contact.channel
        others = (adapter for channel, adapter in self.adapters.items() if channel is not own)
        self.publish(connection, news, now)
        outbox.add(connection, [effect for adapter in others for effect in adapter.effects(news, ())], now)
