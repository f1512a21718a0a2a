"""The figures of `/metrics`, as the record counts them."""

from __future__ import annotations

from datetime import timedelta

from competences.channels import Channel
from routeur.contact.ways_out import ByHand
from routeur.contact.words import Activity, ContactState
from routeur.reading.current_figures import FollowUpFigures, QueueFigures, read_figures
from tests.routeur.hall import Hall


def test_the_queue_of_each_channel_with_its_oldest_wait(hall: Hall) -> None:
    hall.available("bruno")
    hall.serve(hall.call("CA1", "+33639980001", topic="carte-identite"))
    hall.call("CA2", "+33639980002", topic="carte-identite")
    hall.step(40)
    hall.call("CA3", "+33639980003", topic="carte-identite")
    figures = read_figures(hall.record, hall.clock())
    assert figures.queues[Channel.VOICE] == QueueFigures(2, timedelta(seconds=40))
    assert figures.queues[Channel.CHAT] == QueueFigures(0, timedelta(0))
    assert figures.open_contacts[ContactState.WAITING] == 2
    assert figures.open_contacts[ContactState.ACTIVE] == 1
    assert ContactState.CLOSED not in figures.open_contacts
    assert figures.agents == {Activity.AVAILABLE: 1}


def test_follow_ups_are_counted_until_they_are_answered(hall: Hall) -> None:
    hall.desk.set_activity("bruno", Activity.AVAILABLE)
    contact = hall.call()
    hall.serve(contact)
    hall.desk.follow_up("bruno", contact)
    assert read_figures(hall.record, hall.clock()).follow_ups == FollowUpFigures(unanswered=1, overdue=0)
    hall.clock.advance(timedelta(days=60).total_seconds())
    assert read_figures(hall.record, hall.clock()).follow_ups == FollowUpFigures(unanswered=1, overdue=1)
    reference = hall.reception.standing(contact).contact.reference
    hall.follow_ups.answer("bruno", reference, "C'est prêt.", by=ByHand.TELEPHONE)
    assert read_figures(hall.record, hall.clock()).follow_ups == FollowUpFigures(unanswered=0, overdue=0)


def test_every_state_of_an_effect_that_has_not_left_is_counted(hall: Hall) -> None:
    before = read_figures(hall.record, hall.clock()).effects
    assert set(before.values()) == {0}
    hall.available("bruno")
    contact = hall.text("Bonjour", topic="carte-identite").standing.contact.id
    hall.desk.reply(hall.serve(contact), contact, "Oui")
    assert sum(read_figures(hall.record, hall.clock()).effects.values()) > 0
