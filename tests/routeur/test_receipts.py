"""How far something has come only ever goes forward, however often and in whatever order it is told."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from routeur.contact.receipts import Receipts
from routeur.contact.row import ContactRow
from routeur.contact.words import Delivery, Direction, Outcome
from routeur.record.tables import Receipt
from routeur.retention import purge
from tests.routeur.hall import Hall

NUMBERS: Iterator[int] = count(1)


@pytest.fixture
def receipts(hall: Hall) -> Receipts:
    return Receipts(hall.record, hall.clock)


def replied(hall: Hall) -> tuple[ContactRow, str]:
    """A contact whose agent has written; and the message."""
    hall.available("anne")
    contact = hall.text("Bonjour").standing.contact
    login = hall.serve(contact.id)
    return contact, hall.desk.reply(login, contact.id, "Bonjour Léa")


def shown(hall: Hall, contact_id: str, message_id: str) -> Delivery | None:
    messages = hall.reception.messages_after(contact_id, 0)
    return next(one.delivery for one in messages if one.id == message_id)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(st.sampled_from(Delivery), min_size=1, max_size=8))
def test_the_furthest_stands_in_whatever_order_it_is_told(hall: Hall, receipts: Receipts, told: list[Delivery]) -> None:
    contact, message = f"c{next(NUMBERS)}", "m"
    for progress in told:
        receipts.note(f"SM-{contact}", contact, message, progress)
    with hall.record.read() as connection:
        stands = connection.scalar(select(Receipt.progress).where(Receipt.contact_id == contact))
    assert stands == max(told)


def test_a_message_has_come_as_far_as_the_last_of_its_parts(hall: Hall, receipts: Receipts) -> None:
    contact, message = replied(hall)
    assert shown(hall, contact.id, message) is None
    receipts.note("SM1", contact.id, message, Delivery.READ)
    receipts.note("SM2", contact.id, message, Delivery.SENT)
    assert shown(hall, contact.id, message) is Delivery.SENT
    receipts.note("SM2", contact.id, message, Delivery.DELIVERED)
    assert shown(hall, contact.id, message) is Delivery.DELIVERED
    receipts.note("SM3", contact.id, message, Delivery.FAILED)
    assert shown(hall, contact.id, message) is Delivery.FAILED


def test_only_messages_that_left_have_one(hall: Hall, receipts: Receipts) -> None:
    contact, message = replied(hall)
    receipts.note("SM1", contact.id, message, Delivery.SENT)
    receipts.note("SM2", contact.id, None, Delivery.SENT)
    inbound, outbound = hall.reception.messages_after(contact.id, 0)
    assert (inbound.direction, inbound.delivery) == (Direction.INBOUND, None)
    assert outbound.delivery is Delivery.SENT


def test_the_name_tells_what_it_is_about(receipts: Receipts) -> None:
    assert receipts.subject("SM1") is None
    receipts.note("SM1", "c1", "m1", Delivery.QUEUED)
    receipts.note("SM1", "another", None, Delivery.SENT)
    assert receipts.subject("SM1") == ("c1", "m1")


def test_it_is_forgotten_with_its_contact(hall: Hall, receipts: Receipts) -> None:
    contact, message = replied(hall)
    receipts.note("SM1", contact.id, message, Delivery.READ)
    hall.desk.finish("anne", contact.id, Outcome.ANSWERED)
    hall.clock.advance(days=400)
    purge(hall.record, hall.clock())
    assert receipts.subject("SM1") is None
