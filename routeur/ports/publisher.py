"""Writing to the outbox, in the commit of a fact, the effects that the contact's channel makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from competences.channels import CHANNELS, Channel, ConversationKey
from routeur.contact import messages
from routeur.contact.row import ContactRow
from routeur.contact.words import AddressKind
from routeur.ports import outbox
from routeur.ports.news import ChannelAdapter, ContactNews, FollowedUp, FollowUpsDue, ReplyWritten, WritesFirst


class Publisher:
    """Publishes news to `adapters`, the channels that have a way out."""

    def __init__(self, adapters: Mapping[Channel, ChannelAdapter]) -> None:
        self.adapters = adapters

    def publish(
        self, connection: Connection, news: ContactNews, now: datetime, *, thread: Sequence[str] | None = None
    ) -> bool:
        """Write the effects of the news to the outbox; returns whether there are any.

        `thread` is read from the record unless given.
        """
        contact = news.contact
        adapter = self.adapters.get(contact.channel)
        if adapter is None:
            return False
        if CHANNELS[contact.channel].conversation is not ConversationKey.THREAD:
            thread = ()
        elif thread is None:
            thread = messages.thread(connection, contact.id)
        return outbox.add(connection, adapter.effects(news, thread), now)

    def first_way(self, kind: AddressKind, address: str) -> tuple[Channel, str] | None:
        """The channel, and the address of ours, by which one may write to a person who has not written to us there."""
        for channel, adapter in self.adapters.items():
            ours = adapter.writes_from(kind, address) if isinstance(adapter, WritesFirst) else None
            if ours is not None:
                return channel, ours
        return None

    def publish_elsewhere(
        self,
        connection: Connection,
        news: ReplyWritten | FollowedUp,
        channel: Channel,
        address: str,
        written_from: str,
        now: datetime,
    ) -> None:
        """Write the effects that another channel makes of the news, to an address at which the usager is reached."""
        elsewhere = replace(news, contact=_reached_at(news.contact, address, written_from))
        outbox.add(connection, self.adapters[channel].effects(elsewhere, ()), now)

    def publish_everywhere(self, connection: Connection, news: ContactNews, now: datetime) -> None:
        """Write the effects that all channels make of the news: those of the contact's own first."""
        own = news.contact.channel
        others = (adapter for channel, adapter in self.adapters.items() if channel is not own)
        self.publish(connection, news, now)
        outbox.add(connection, [effect for adapter in others for effect in adapter.effects(news, ())], now)

    def tell_staff(self, connection: Connection, news: FollowUpsDue, now: datetime) -> None:
        """Write the effects that all channels make of news for the staff."""
        effects = [effect for adapter in self.adapters.values() for effect in adapter.effects(news, ())]
        outbox.add(connection, effects, now)


def _reached_at(contact: ContactRow, address: str, written_from: str) -> ContactRow:
    """The contact as another channel must see it, to write to its usager at this address."""
    if "@" in address:
        return replace(contact, reply_to=address)
    kind = AddressKind.PHONE
    return replace(
        contact, address_kind=kind, address=address, reply_to=None, service_address=written_from, reply_until=None
    )
