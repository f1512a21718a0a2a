"""Retention: a contact that was closed long ago loses its personal data; the rest, and the figures, stay."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import inspect, select

from competences.channels import Channel
from routeur.contact.words import AddressKind, Outcome
from routeur.ports.inbound import Inbound
from routeur.reading.statistics import By, Question, statistics
from routeur.record.tables import Base, Contact
from routeur.retention import Purged, purge
from tests.routeur.hall import Hall

PHONE = "+33639980001"


def served_call(hall: Hall, sid: str, phone: str) -> str:
    call = hall.call(sid, phone)
    hall.serve(call)
    hall.desk.finish("bruno", call, Outcome.ANSWERED, f"rappelle au {phone}")
    return call


def everything_kept(hall: Hall) -> str:
    with hall.record.read() as connection:
        tables = [table for table in Base.metadata.sorted_tables if inspect(connection).has_table(table.name)]
        return "\n".join(str(row) for table in tables for row in connection.execute(select(table)))


def test_what_was_closed_long_ago_names_nobody_any_more(hall: Hall) -> None:
    hall.available("bruno")
    call = served_call(hall, "CA1", PHONE)
    assert PHONE in everything_kept(hall)
    purged = purge(hall.record, hall.clock.advance(days=400) - timedelta(days=365))
    assert purged == Purged(contacts=1, usagers=1)
    assert PHONE not in everything_kept(hall)
    with hall.record.read() as connection:
        kept = connection.execute(select(Contact.outcome, Contact.agent).where(Contact.id == call)).one()
    assert kept.outcome == Outcome.ANSWERED


def test_what_was_typed_and_the_codes_that_were_to_prove_it_are_forgotten_too(hall: Hall) -> None:
    hall.available("anne")
    chatting = hall.chat(email="lea@example.org")
    hall.reception.verifications.ask(chatting, Channel.EMAIL, AddressKind.EMAIL, "lea@example.org")
    hall.reception.settle(chatting)
    assert "lea@example.org" in everything_kept(hall)
    hall.clock.advance(days=400)
    purge(hall.record, hall.clock())
    assert "lea@example.org" not in everything_kept(hall)


def test_purging_again_finds_nothing(hall: Hall) -> None:
    hall.available("bruno")
    served_call(hall, "CA1", PHONE)
    before = hall.clock.advance(days=400)
    purge(hall.record, before)
    assert purge(hall.record, before) == Purged(contacts=0, usagers=0)


def test_whoever_came_since_keeps_their_name(hall: Hall) -> None:
    hall.available("bruno")
    served_call(hall, "CA1", PHONE)
    limit = hall.clock.advance(days=400)
    served_call(hall, "CA2", PHONE)
    assert purge(hall.record, limit) == Purged(contacts=1, usagers=0)
    assert PHONE in everything_kept(hall)


def test_what_is_still_open_is_left_alone_however_old(hall: Hall) -> None:
    assert hall.mail("Mon permis de construire", topic="permis-construire").standing.contact.waits
    assert hall.reception.standing(hall.chat(topic="permis-construire")).follow_up is not None
    assert purge(hall.record, hall.clock.advance(days=4000)) == Purged(contacts=0, usagers=0)


def test_a_letter_to_a_contact_that_names_nobody_any_more_begins_another(hall: Hall) -> None:
    hall.available("bruno")
    first = hall.mail("Ma carte").standing.contact.id
    hall.serve(first)
    hall.desk.finish("bruno", first, Outcome.ANSWERED)
    purge(hall.record, hall.clock.advance(days=399))
    again = Inbound(
        Channel.EMAIL, AddressKind.EMAIL, "lea@example.org", text="Bonjour", provider_id="<2@x>", contact_hint=first
    )
    assert hall.reception.receive(again).standing.contact.id != first


def test_why_something_was_not_delivered_may_name_somebody(hall: Hall) -> None:
    hall.available("bruno")
    mail = hall.mail("Ma carte").standing.contact.id
    hall.serve(mail)
    hall.reception.delivery_failed(mail, "550 no such user lea@example.org")
    hall.follow_ups.close("bruno", hall.reception.standing(mail).contact.reference)
    purge(hall.record, hall.clock.advance(days=400))
    assert "lea@example.org" not in everything_kept(hall)


def test_figures_by_agent_end_with_the_names(hall: Hall) -> None:
    hall.available("bruno")
    since = hall.clock()
    served_call(hall, "CA1", PHONE)
    hall.reception.receive(
        Inbound(Channel.CHAT, AddressKind.CHAT, "chat-1", "Bonjour", "chat-1:1", provider_ref="chat-1")
    )
    for number in (1, 2):
        chat = hall.reception.by_provider_ref(Channel.CHAT, "chat-1").contact.id
        hall.serve(chat)
        hall.desk.finish("bruno", chat, Outcome.ANSWERED)
        if number == 1:
            hall.reception.receive(
                Inbound(Channel.CHAT, AddressKind.CHAT, "chat-1", "Encore", "chat-1:2", provider_ref="chat-1")
            )
    hall.clock.advance(1)
    question = Question(since, hall.clock(), ZoneInfo("Europe/Paris"), By.AGENT)

    def by_agent() -> dict[str | None, int]:
        plan = hall.plans.plan().model_copy(update={"statistics_by_agent": True})
        figures = statistics(hall.record, plan, question, hall.clock())
        return {item.key: item.arrivals.accepted for item in figures.items}

    assert by_agent() == {"bruno": 3}
    purge(hall.record, hall.clock.advance(days=400))
    assert by_agent() == {None: 3}
