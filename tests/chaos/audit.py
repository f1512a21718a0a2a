"""Counts in the record itself whether the promises P1 to P4 were kept."""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from typing import Any

from redis import Redis
from sqlalchemy import func, select

from competences.channels import Channel
from competences.plan.plan import Plan
from routeur.contact.row import HELD, IN_INDEX
from routeur.contact.words import ContactState
from routeur.index import Index
from routeur.plans import Plans
from routeur.record.engine import Record
from routeur.record.tables import Contact, JournalEntry, Message, OutboxEntry
from tests.chaos.ledger import Ledger

LET_GO = frozenset({"finished", "transferred", "phone_not_answered", "agent_lost", "follow_up", "merged"})
"""The journal entries after which nobody holds the contact any more."""


@dataclass
class Findings:
    """The findings of an audit. All but `acknowledged` and `contacts` should be empty."""

    acknowledged: int = 0
    contacts: int = 0
    lost: list[str] = field(default_factory=list)
    held_twice: list[str] = field(default_factory=list)
    over_capacity: list[str] = field(default_factory=list)
    not_ended: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The findings as text for a person."""
        return [
            f"P1 acknowledged {self.acknowledged}, lost {len(self.lost)} {self.lost[:5]}",
            f"P2 held by two {len(self.held_twice)} {self.held_twice[:5]}, "
            f"above capacity {len(self.over_capacity)} {self.over_capacity[:5]}",
            f"P3 contacts {self.contacts}, without an end {len(self.not_ended)} {self.not_ended[:5]}",
            f"P4 counted twice {len(self.twice)} {self.twice[:5]}",
        ]


class Audit:
    """Reads the record directly: what the API shows could be wrong in the same way."""

    def __init__(self, record: Record, ledger: Ledger) -> None:
        self._record = record
        self._ledger = ledger

    def findings(self) -> Findings:
        found = Findings(acknowledged=self._ledger.acknowledged, not_ended=self.not_ended())
        with self._record.read() as connection:
            found.contacts = connection.scalar(select(func.count()).select_from(Contact)) or 0
            refs: list[Any] = list(connection.execute(select(Contact.id, Contact.channel, Contact.provider_ref)))
            said: list[Any] = list(connection.execute(select(Message.contact_id, Message.channel, Message.provider_id)))
            journal: list[Any] = list(connection.execute(select(*JournalEntry.__table__.c).order_by(JournalEntry.id)))
            texters: list[Any] = list(
                connection.execute(
                    select(Contact.address, Contact.arrived_at, Contact.closed_at)
                    .where(Contact.channel == Channel.MESSAGING.value)
                    .order_by(Contact.address, Contact.arrived_at)
                )
            )
        calls = {row.provider_ref for row in refs if row.channel == Channel.VOICE}
        chats = {row.id: row.provider_ref for row in refs if row.channel == Channel.CHAT}
        messages = Counter(row.provider_id for row in said if row.provider_id is not None)
        found.lost = sorted(
            (self._ledger.calls - calls)
            | (self._ledger.texts - set(messages))
            | (self._ledger.emails - set(messages))
            | (self._ledger.chats - set(chats))
            | self._poison_not_kept()
            | {line for chat, line in self._ledger.chat_lines if f"{chats.get(chat)}:{line}" not in messages}
        )
        found.twice = [one for one, times in messages.items() if times > 1]
        found.twice += open_twice(texters)
        found.twice += _journalled_twice(journal)
        plan = Plans(self._record).current().plan
        channels = {row.id: Channel(row.channel) for row in refs}
        found.held_twice, found.over_capacity = holders(journal, channels, plan)
        return found

    def _poison_not_kept(self) -> set[str]:
        """The acknowledged hostile letters that are not in the record as they came, in a contact."""
        kept = select(Message.original).join(Contact).where(Message.original.is_not(None))
        with self._record.read() as connection:
            digests = {sha256(zlib.decompress(content)).hexdigest() for content in connection.scalars(kept) if content}
        return {message_id for message_id, digest in self._ledger.poison.items() if digest not in digests}

    def differences(self, redis: Redis) -> list[str]:
        """Open contacts of the record that the index does not hold where it should, and the reverse."""
        index = Index(redis)
        with self._record.read() as connection:
            rows: list[Any] = list(
                connection.execute(select(Contact.id, Contact.state, Contact.agent).where(Contact.state.in_(IN_INDEX)))
            )
        held = index.snapshots([row.id for row in rows])
        found = [f"{row.id} {row.state} missing" for row in rows if row.id not in held]
        for row in rows:
            if row.id in held and (held[row.id].state == "active") != (row.state in HELD):
                found.append(f"{row.id} {row.state} but {held[row.id].state}")
        return found + [f"{one} only in the index" for one in index.contacts() - {row.id for row in rows}]

    def states(self) -> Counter[str]:
        with self._record.read() as connection:
            return Counter(connection.scalars(select(Contact.state)))

    def not_ended(self) -> list[str]:
        """Contacts that are neither closed nor a follow-up."""
        ended = (ContactState.CLOSED.value, ContactState.FOLLOW_UP.value)
        with self._record.read() as connection:
            rows = connection.execute(
                select(Contact.id, Contact.channel, Contact.state).where(Contact.state.not_in(ended))
            )
            return [f"{row.id} {row.channel} {row.state}" for row in rows]

    def unsent(self) -> list[str]:
        """Effects still to be carried out."""
        with self._record.read() as connection:
            rows = connection.execute(
                select(OutboxEntry.key, OutboxEntry.state).where(OutboxEntry.state.not_in(("done", "failed")))
            )
            return [f"{row.key} {row.state}" for row in rows]


def open_twice(contacts: Iterable[Any]) -> list[str]:
    """Addresses with two contacts open at once; the contacts come by address and arrival. A text that finds its
    sender's contact closed rightly begins another."""
    return [
        before.address
        for before, after in pairwise(contacts)
        if before.address == after.address and (before.closed_at is None or before.closed_at > after.arrived_at)
    ]


def holders(journal: Iterable[Any], channels: Mapping[str, Channel], plan: Plan) -> tuple[list[str], list[str]]:
    """Replays who held what: contacts accepted while held, and agents who held more than they may."""
    holder: dict[str, str] = {}
    holding: dict[str, set[str]] = defaultdict(set)
    twice, above = [], []
    for entry in journal:
        contact = entry.contact_id
        if entry.kind == "accepted":
            if contact in holder:
                twice.append(f"{contact}: {holder[contact]} and {entry.agent} (journal {entry.id})")
            holder[contact] = entry.agent
            holding[entry.agent].add(contact)
            if not _allowed(Counter(channels[one] for one in holding[entry.agent]), plan):
                above.append(f"{entry.agent} at journal {entry.id}")
        elif entry.kind in LET_GO and contact in holder:
            holding[holder.pop(contact)].discard(contact)
    return twice, above


def _allowed(load: Counter[Channel], plan: Plan) -> bool:
    """Whether one agent may hold this much at once."""
    for channel, number in load.items():
        rules = plan.channels[channel]
        others = sum(
            count for other, count in load.items() if other is not channel and not plan.channels[other].interruptible
        )
        if number > rules.capacity or rules.exclusive and others:
            return False
    return True


def _journalled_twice(journal: Sequence[Any]) -> list[str]:
    """Index events that reached the journal more than once."""
    events = Counter(entry.event_id for entry in journal if entry.event_id is not None)
    return [event for event, times in events.items() if times > 1]
