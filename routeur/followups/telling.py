"""Telling a usager of a follow-up: on the contact's own channel, and where else they are reached for certain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from competences.channels import CHANNELS, ConversationKey
from routeur.contact import identity, opt_outs
from routeur.contact.row import ContactRow
from routeur.contact.ways_out import ByHand, WayOut, ways_out
from routeur.foundation import Foundation
from routeur.ports.inbound import FollowUpFacts
from routeur.ports.news import FollowedUp
from routeur.record.tables import Contact

MOST_TEXTS_TO_A_CALLER_A_DAY = 3
"""Calls within 24 hours after which a number gets no more texts: who forges it must not flood its owner."""


def tell(
    foundation: Foundation,
    connection: Connection,
    contact: ContactRow,
    follow_up: FollowUpFacts,
    now: datetime,
    *,
    in_channel: bool = True,
) -> None:
    """Have the reference and the date told, within the caller's transaction.

    `in_channel` False: who is at the other end is told in the answer to what they did. A conversation that ends is told
    elsewhere too: it leaves nothing in the hands of who walked away, closed the page or could not note it down.
    """
    news = FollowedUp(contact, follow_up)
    if in_channel:
        foundation.publisher.publish(connection, news, now)
    if not contact.machine_may_write or _told_in_writing(connection, contact, now):
        return
    if CHANNELS[contact.channel].holds_line and not _may_text(foundation, connection, contact, now):
        return
    for way in _elsewhere(foundation, connection, contact, now):
        if isinstance(way.by, ByHand) or not way.sure or way.written_from is None or way.address is None:
            continue
        if not opt_outs.is_opted_out(connection, way.address, way.written_from):
            foundation.publisher.publish_elsewhere(connection, news, way.by, way.address, way.written_from, now)
            return


def _may_text(foundation: Foundation, connection: Connection, contact: ContactRow, now: datetime) -> bool:
    """Whether a caller is sent a text: the plan says so, and their number, which can be forged, has not had enough."""
    if not foundation.plan.texts_to_callers:
        return False
    calls = select(func.count()).where(
        Contact.usager_id == contact.usager_id,
        Contact.channel == contact.channel.value,
        Contact.arrived_at > now - timedelta(days=1),
    )
    return (connection.scalar(calls) or 0) <= MOST_TEXTS_TO_A_CALLER_A_DAY


def _told_in_writing(connection: Connection, contact: ContactRow, now: datetime) -> bool:
    """Whether its own channel leaves the usager something that they can read again."""
    if CHANNELS[contact.channel].conversation is ConversationKey.PROVIDER_REFERENCE or not contact.reachable:
        return False
    in_time = contact.reply_until is None or now <= contact.reply_until
    return in_time and not opt_outs.opted_out_contacts(connection, [contact])


def _elsewhere(foundation: Foundation, connection: Connection, contact: ContactRow, now: datetime) -> Sequence[WayOut]:
    """The ways to the usager of a conversation that ends.

    A caller is known by their number alone, so that no call asks the record for more.
    """
    calls = CHANNELS[contact.channel].holds_line
    proved = [] if calls else identity.proved_addresses(connection, contact.usager_id)
    return ways_out(contact, proved, foundation.publisher.first_way, now)
