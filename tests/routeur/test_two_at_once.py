"""Two texts of one sender in the same instant are one contact, on PostgreSQL too, which lets two look at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import func, select, text

from routeur.contact.words import AddressKind
from routeur.reception import conversation
from routeur.reception.conversation import conversation_of
from routeur.record.tables import Contact, Message, Usager
from tests.clock import ManualClock
from tests.routeur.hall import Hall

NUMBER = "+33639980001"
MEETING_SECONDS = 1.0
"""How long one waits for the other after having looked: longer than the other takes to look, if nothing stops it."""


@pytest.fixture
def hall(postgres: str, redis_client: Redis, clock: ManualClock) -> Iterator[Hall]:
    hall = Hall(postgres, redis_client, clock)
    yield hall
    hall.close()


@pytest.fixture
def both_look_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has looked for the conversation waits until the other has looked too, if that one can."""
    both = Barrier(2)

    def look_and_wait(*asked: Any) -> Any:
        found = conversation_of(*asked)
        with suppress(BrokenBarrierError):
            both.wait(MEETING_SECONDS)
        return found

    monkeypatch.setattr("routeur.reception.reception.conversation_of", look_and_wait)


def two_texts(hall: Hall) -> tuple[int, int, int]:
    """Send two at once; returns how many contacts, messages and usagers they have made."""
    with ThreadPoolExecutor(2) as senders:
        receipts = list(senders.map(lambda sid: hall.text("Bonjour", sid=sid, number=NUMBER), ("SM1", "SM2")))
    assert {receipt.duplicate for receipt in receipts} == {False}
    with hall.record.read() as connection:
        contacts, messages, usagers = (
            connection.scalar(select(func.count()).select_from(table)) or 0 for table in (Contact, Message, Usager)
        )
    return contacts, messages, usagers


def somebody_new(hall: Hall) -> None:
    """Nobody has this number yet."""


def somebody_known(hall: Hall) -> None:
    hall.know((AddressKind.PHONE, NUMBER))


SENDERS = (somebody_new, somebody_known)


@pytest.mark.usefixtures("both_look_first")
@pytest.mark.parametrize("sender", SENDERS)
def test_without_a_turn_for_the_address_there_would_be_two(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, sender: Callable[[Hall], None]
) -> None:
    sender(hall)
    numbers = count()
    monkeypatch.setattr(conversation, "turn_of", lambda _inbound: next(numbers))
    with hall.record.write() as connection:  # the key that makes a new sender's second text look again
        connection.execute(text("ALTER TABLE address DROP CONSTRAINT address_pkey"))
    contacts, messages, _ = two_texts(hall)
    assert (contacts, messages) == (2, 2)


@pytest.mark.usefixtures("both_look_first")
@pytest.mark.parametrize("sender", SENDERS)
def test_both_are_one_contact_of_one_person(hall: Hall, sender: Callable[[Hall], None]) -> None:
    sender(hall)
    assert two_texts(hall) == (1, 2, 1)
