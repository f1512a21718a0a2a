"""What comes in the same instant, on PostgreSQL too, which lets two look at once.

Two texts of one sender are one contact; two letters of one sender are counted one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import func, select, text

from competences.channels import Channel
from routeur.contact.messages import Envelope, NamedAddress
from routeur.contact.words import AddressKind
from routeur.ports.inbound import Inbound
from routeur.ports.news import EarlierToday
from routeur.reception import conversation
from routeur.reception.conversation import conversation_of, earlier_today
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
    monkeypatch.setattr(conversation, "turns_of", lambda _inbound: [next(numbers)])
    with hall.record.write() as connection:  # the key that makes a new sender's second text look again
        connection.execute(text("ALTER TABLE address DROP CONSTRAINT address_pkey"))
    contacts, messages, _ = two_texts(hall)
    assert (contacts, messages) == (2, 2)


@pytest.mark.usefixtures("both_look_first")
@pytest.mark.parametrize("sender", SENDERS)
def test_both_are_one_contact_of_one_person(hall: Hall, sender: Callable[[Hall], None]) -> None:
    sender(hall)
    assert two_texts(hall) == (1, 2, 1)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[EarlierToday]:
    """How many others each of two letters found that day; who has counted waits until the other has, if it can."""
    both, found = Barrier(2), []

    def count_and_wait(*asked: Any) -> EarlierToday:
        found.append(earlier_today(*asked))
        with suppress(BrokenBarrierError):
            both.wait(MEETING_SECONDS)
        return found[-1]

    monkeypatch.setattr("routeur.reception.arrival.earlier_today", count_and_wait)
    return found


def two_letters(hall: Hall, *answered_at: str | None) -> None:
    """Have one writer, who is known, send two letters at once, to be answered at these addresses."""
    hall.know((AddressKind.EMAIL, "lea@example.org"))

    def send(numbered: tuple[int, str | None]) -> None:
        number, reply_to = numbered
        sender = NamedAddress(None, "lea@example.org")
        letter = Inbound(
            Channel.EMAIL,
            AddressKind.EMAIL,
            "lea@example.org",
            text="Bonjour",
            provider_id=f"<{number}@x>",
            reply_to=reply_to,
            envelope=Envelope(sender),
        )
        hall.reception.receive(letter)

    with ThreadPoolExecutor(2) as senders:
        list(senders.map(send, enumerate(answered_at)))


LETTERS = ((None, None), ("paul@example.org", "zoe@example.org"))


@pytest.mark.parametrize("answered_at", LETTERS)
def test_without_a_turn_neither_letter_would_count_the_other(
    hall: Hall, counted: list[EarlierToday], monkeypatch: pytest.MonkeyPatch, answered_at: Sequence[str | None]
) -> None:
    monkeypatch.setattr(conversation, "turns_of", lambda _inbound: [])
    two_letters(hall, *answered_at)
    assert counted == [EarlierToday(), EarlierToday()]


@pytest.mark.parametrize("answered_at", LETTERS)
def test_two_letters_of_one_writer_are_counted_one_after_the_other(
    hall: Hall, counted: list[EarlierToday], answered_at: Sequence[str | None]
) -> None:
    two_letters(hall, *answered_at)
    second = EarlierToday(1) if answered_at[0] is None else EarlierToday(0, 1, 1)
    assert counted == [EarlierToday(), second]
