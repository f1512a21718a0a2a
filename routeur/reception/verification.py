"""A code sent to a given address: a person who says it again has shown that the address is theirs."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from competences.channels import Channel
from routeur.contact import contacts, journal
from routeur.contact.identifiers import new_id
from routeur.contact.identity import normal_address, prove
from routeur.contact.row import ContactRow
from routeur.contact.words import AddressKind
from routeur.foundation import Foundation
from routeur.index import sync
from routeur.ports import outbox
from routeur.ports.news import CodeAsked
from routeur.queue.linked import companion, join
from routeur.queue.queue import Queue
from routeur.reception.attempts import look_again
from routeur.record.tables import Contact, Verification

GOOD_FOR: Final = timedelta(minutes=10)
MOST_TRIES: Final = 5
DIGITS: Final = 6


class Verifications:
    """Sends codes, and takes them back. Both raise NotFound for an unknown contact."""

    def __init__(self, foundation: Foundation, queue: Queue) -> None:
        self._foundation = foundation
        self._queue = queue

    def ask(self, contact_id: str, channel: Channel, kind: AddressKind, address: str) -> None:
        """Send a new code to the address by this channel; it takes the place of the contact's earlier one."""
        now, address = self._foundation.clock(), normal_address(kind, address)
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        with self._foundation.record.write() as connection:
            row = contacts.get(connection, contact_id)
            connection.execute(delete(Verification).where(Verification.contact_id == contact_id))
            connection.execute(
                insert(Verification).values(
                    contact_id=contact_id, kind=kind.value, address=address, code=code, asked_at=now, tries=0
                )
            )
            adapter = self._foundation.publisher.adapters[channel]
            outbox.add(connection, adapter.effects(CodeAsked(row, new_id(), address, code), ()), now)

    def confirm(self, contact_id: str, code: str) -> bool:
        """Take the address as proved if this is its code; the contact is then linked as its usager's others are.

        False for a wrong code, one that is too old, and after too many tries.
        """
        return look_again(lambda _: self._confirm(contact_id, code))

    def _confirm(self, contact_id: str, code: str) -> bool:
        now = self._foundation.clock()
        displaced = None
        with self._foundation.record.write() as connection:
            row = contacts.get(connection, contact_id)
            asked = _answered(connection, contact_id, code, now)
            if asked is None:
                return False
            kind = AddressKind(asked.kind)
            usager_id = prove(connection, row.usager_id, kind, asked.address)
            given = {AddressKind.EMAIL: "given_email", AddressKind.PHONE: "given_phone"}[kind]
            connection.execute(update(Contact).where(Contact.id == contact_id).values({given: asked.address}))
            journal.write(connection, now, "address_proved", contact_id, address_kind=kind.value)
            row = contacts.get(connection, contact_id)
            if row.waits and row.linked_to is None:
                row, displaced = self._link(connection, row, usager_id, now)
        if displaced is not None:
            sync.remove(self._foundation.index, displaced, self._foundation.clock)
            if row.linked_to is None:
                self._queue.enter(row)
        self._foundation.announcer.tell("address_proved", now, contact_id, row.agent)
        return True

    def _link(
        self, connection: Connection, row: ContactRow, usager_id: str, now: datetime
    ) -> tuple[ContactRow, str | None]:
        in_force = self._foundation.in_force
        together = companion(connection, in_force, usager_id, row.topic, row.channel, now, other_than=row.id)
        if together is None:
            return row, None
        joined = join(connection, row, together, now)
        return joined.contact, joined.displaced


def _answered(connection: Connection, contact_id: str, code: str, now: datetime) -> Any:
    """The verification that this code answers, which is then done; a wrong code counts as a try."""
    asked: Any = connection.execute(
        select(*Verification.__table__.c).where(Verification.contact_id == contact_id).with_for_update()
    ).one_or_none()
    if asked is None or asked.tries >= MOST_TRIES or now - asked.asked_at > GOOD_FOR:
        return None
    if not compare_digest(asked.code.encode(), code.encode()):
        connection.execute(
            update(Verification).where(Verification.contact_id == contact_id).values(tries=Verification.tries + 1)
        )
        return None
    connection.execute(delete(Verification).where(Verification.contact_id == contact_id))
    return asked
