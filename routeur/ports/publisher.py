"""Letting a contact's channel write down, in the commit of a fact, what must leave because of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from competences.channels import CHANNELS, Channel, ConversationKey
from routeur.contact import messages
from routeur.ports import outbox
from routeur.ports.news import ChannelAdapter, News


class Publisher:
    """`adapters`: the channels that have a way out of their own."""

    def __init__(self, adapters: Mapping[Channel, ChannelAdapter]) -> None:
        self.adapters = adapters

    def publish(
        self, connection: Connection, news: News, now: datetime, *, thread: Sequence[str] | None = None
    ) -> None:
        """Put the effects of the news in the outbox. `thread`: that of a contact whose messages are known already."""
        contact = news.contact
        adapter = self.adapters.get(contact.channel)
        if adapter is None:
            return
        if CHANNELS[contact.channel].conversation is not ConversationKey.THREAD:
            thread = ()
        elif thread is None:
            thread = messages.thread(connection, contact.id)
        outbox.add(connection, adapter.effects(news, thread), now)
