"""How far a message has come, whatever is told in whatever order."""

from __future__ import annotations

from itertools import permutations

from routeur.contact import receipts
from routeur.contact.words import Delivery
from routeur.retention import purge
from tests.routeur.hall import Hall


def test_a_message_has_come_as_far_as_the_furthest_report_says_in_any_order(hall: Hall) -> None:
    letter = hall.mail("Bonjour").standing
    said = [Delivery.SENT, Delivery.DELAYED, Delivery.DELIVERED]
    for number, order in enumerate(permutations(said)):
        for step in (*order, *order):
            with hall.record.write() as connection:
                receipts.note(connection, f"<{number}>", letter.contact.id, None, step, hall.clock())
    message = hall.reception.messages_after(letter.contact.id, 0)[0].id
    with hall.record.write() as connection:  # who tells which message it is may come last
        receipts.note(connection, "<0>", letter.contact.id, message, Delivery.SENT, hall.clock.advance(60))
    (shown,) = hall.reception.messages_after(letter.contact.id, 0)
    assert (shown.delivery, shown.delivery_at) == (Delivery.DELIVERED, hall.clock.advance(-60))


def test_of_several_parts_the_last_counts_and_a_failed_one_more_than_all(hall: Hall) -> None:
    letter = hall.mail("Bonjour").standing.contact.id
    message = hall.reception.messages_after(letter, 0)[0].id

    def note(part: str, progress: Delivery) -> Delivery | None:
        with hall.record.write() as connection:
            receipts.note(connection, part, letter, message, progress, hall.clock())
        return hall.reception.messages_after(letter, 0)[0].delivery

    assert note("1", Delivery.DELIVERED) is Delivery.DELIVERED
    assert note("2", Delivery.SENT) is Delivery.SENT
    assert note("2", Delivery.DELIVERED) is Delivery.DELIVERED
    assert note("3", Delivery.FAILED) is Delivery.FAILED
    assert note("3", Delivery.DELIVERED) is Delivery.FAILED


def test_what_is_forgotten_has_no_receipt_any_more(hall: Hall) -> None:
    hall.available("anne")
    letter = hall.mail("Bonjour").standing.contact.id
    hall.reception.delivery_reported(letter, "<ours>", Delivery.DELIVERED, "250 lea@example.org has it")
    hall.reception.delivery_reported("0" * 32, "<ours>", Delivery.DELIVERED, "nobody's")
    message = hall.reception.messages_after(letter, 0)[0].id
    with hall.record.write() as connection:
        receipts.note(connection, "<ours>", letter, message, Delivery.SENT, hall.clock())
    assert hall.reception.messages_after(letter, 0)[0].delivery is Delivery.DELIVERED
    hall.reception.settle(letter)
    purge(hall.record, hall.clock.advance(days=400))
    assert hall.reception.messages_after(letter, 0)[0].delivery is None
    (entry,) = [one for one in hall.views.contacts.timeline(letter) if one.kind == "delivery_reported"]
    assert entry.detail == {"delivery": "delivered"}
