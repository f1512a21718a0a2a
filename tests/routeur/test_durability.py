"""P1 and P3: acknowledged facts survive the loss of everything but the record; every contact is in some place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.retry import Retry
from sqlalchemy import func, select

from competences.channels import Channel
from routeur.clock import milliseconds
from routeur.contact.words import Activity, AddressKind, ContactState, FollowUpReason, Outcome
from routeur.errors import Conflict
from routeur.followups.making import FollowUpMaker
from routeur.index import Index
from routeur.ports.announcer import Announcer
from routeur.ports.inbound import Inbound
from routeur.ports.news import DeliveryError
from routeur.ports.outbox import BACK_OFF
from routeur.record.tables import JournalEntry, OutboxEntry
from routeur.router import build_router
from tests.routeur.hall import PLAN, Hall


def test_everything_waiting_and_held_is_back_after_redis_lost_its_memory(hall: Hall) -> None:
    hall.available("bruno")
    held = hall.call("CA1", "+33639980001")
    hall.serve(held)
    waiting = []
    for n in (2, 3):
        hall.clock.advance(1)
        waiting.append(hall.call(f"CA{n}", f"+3363998000{n}"))
    arrived = [hall.index.snapshot(one) for one in waiting]
    hall.redis.flushall()
    hall.clock.advance(5)
    hall.step()
    after = [hall.index.snapshot(one) for one in waiting]
    assert [one and one.queued_at for one in after] == [one and one.queued_at for one in arrived]
    snapshot = hall.index.snapshot(held)
    assert snapshot is not None
    assert (snapshot.state, snapshot.agent) == ("active", "bruno")
    agent = hall.index.agent_snapshot("bruno")
    assert agent is not None
    assert (agent.activity, agent.load[Channel.VOICE]) == (Activity.AVAILABLE, 1)
    hall.desk.finish("bruno", held, Outcome.ANSWERED)
    assert hall.offered_to(waiting[0]) == "bruno"


def test_while_the_index_is_empty_contacts_are_received_and_queued_after_the_rebuild(hall: Hall) -> None:
    hall.available("anne")
    hall.redis.flushall()
    contact = hall.text("Bonjour").standing
    assert contact.contact.state is ContactState.WAITING
    hall.step(4)
    assert hall.offered_to(contact.contact.id) == "anne"


def test_an_acceptance_that_never_reached_the_record_is_undone(hall: Hall) -> None:
    hall.available("anne")
    contact = hall.text("Bonjour").standing.contact.id
    assert hall.index.accept(contact, "anne", hall.clock())
    hall.step(1)
    assert hall.index.snapshot(contact).state == "active"  # type: ignore[union-attr]
    hall.step(5)
    assert hall.offered_to(contact) == "anne"


def test_a_contact_that_the_index_never_heard_of_is_queued(hall: Hall) -> None:
    hall.available("anne")
    contact = hall.text("Bonjour").standing.contact.id
    hall.index.remove(contact, hall.clock())
    hall.step(5)
    assert hall.offered_to(contact) == "anne"


def test_a_contact_closed_in_the_record_leaves_the_index(hall: Hall) -> None:
    hall.available("anne")
    contact = hall.text("Bonjour").standing.contact.id
    hall.serve(contact)
    hall.desk.finish("anne", contact, Outcome.ANSWERED)
    hall.index.hold(contact, Channel.MESSAGING, "anne", hall.clock(), 9, hall.clock())
    hall.step(5)
    assert hall.index.contacts() == set()


def test_rebuilding_twice_changes_nothing(hall: Hall) -> None:
    hall.available("anne")
    contacts = {hall.text("Bonjour", f"SM{n}", f"+3363998000{n}").standing.contact.id for n in range(5)}
    assert hall.repair.rebuild() == 5
    assert hall.repair.rebuild() == 5
    assert hall.index.contacts() == contacts


def test_an_agent_whose_desk_is_gone_gives_back_what_was_offered_and_what_they_were_writing(hall: Hall) -> None:
    hall.available("anne")
    held = hall.text("Bonjour", "SM1", "+33639980001").standing.contact.id
    hall.serve(held)
    hall.available("david")
    hall.clock.advance(55)
    hall.desk.touch("david")
    hall.clock.advance(5)
    for _ in range(3):
        hall.dispatcher.step()
    assert hall.views.agents.one("anne").reason == "desk_gone"
    assert hall.offered_to(held) == "david"
    assert "agent_lost" in hall.story(held)


def test_a_telephone_call_outlives_the_desk(hall: Hall) -> None:
    hall.available("anne")
    call = hall.call(topic="objets-trouves")
    hall.serve(call)
    hall.clock.advance(61)
    for _ in range(3):
        hall.dispatcher.step()
    assert hall.views.agents.one("anne").activity == "offline"
    assert hall.state(call) is ContactState.ACTIVE
    hall.step(10)
    assert hall.state(call) is ContactState.ACTIVE
    hall.desk.finish("anne", call, Outcome.ANSWERED)
    assert hall.index.contacts() == set()


def test_a_new_plan_takes_effect_at_once_and_strands_nobody(hall: Hall) -> None:
    hall.available("bruno", "anne")
    hall.serve(hall.call("CA1", "+33639980001"))
    waiting = hall.call("CA2", "+33639980002")
    assert hall.offered_to(waiting) is None
    plan = PLAN.read_text("utf-8").replace(
        "skills: {accueil: 3}, role: supervisor", "skills: {accueil: 3, etat-civil: 2}, role: supervisor"
    )
    hall.plans.publish(plan, "anne", hall.clock())
    hall.step(4)
    assert hall.offered_to(waiting) == "anne"


def test_a_topic_that_leaves_the_plan_leaves_its_contacts_to_generalists(hall: Hall) -> None:
    hall.available("bruno", "anne")
    hall.serve(hall.call("CA1", "+33639980001"))
    waiting = hall.call("CA2", "+33639980002")
    text = PLAN.read_text("utf-8")
    start, end = text.index("  carte-identite:\n"), text.index("  objets-trouves:\n")
    text = text[:start] + text[end:]
    text = text.replace(
        'words: ["carte d\'identité"], topic: carte-identite', 'words: ["carte d\'identité"], topic: objets-trouves'
    )
    hall.plans.publish(text, "anne", hall.clock())
    hall.step(4)
    assert hall.offered_to(waiting) == "anne"


def test_what_cannot_be_delivered_is_tried_again_and_ends_as_a_follow_up(hall: Hall) -> None:
    hall.available("anne")
    contact = hall.text("Bonjour").standing.contact.id
    hall.serve(contact)
    hall.step()
    hall.desk.reply("anne", contact, "Bonjour !")
    hall.postmen[Channel.MESSAGING].broken = DeliveryError("503", retryable=True)
    for pause in BACK_OFF:
        hall.step()
        assert hall.state(contact) is ContactState.ACTIVE
        hall.step(pause.total_seconds())
    standing = hall.reception.standing(contact)
    assert standing.contact.state is ContactState.FOLLOW_UP
    assert standing.follow_up is not None
    assert standing.follow_up.reason is FollowUpReason.DELIVERY_FAILED


def test_an_effect_whose_worker_died_is_carried_out_by_another(hall: Hall) -> None:
    hall.available("anne")
    hall.text("Bonjour")
    handed: list[int] = []
    hall.outbox.relay(lambda entry_id, _: handed.append(entry_id))
    with hall.record.read() as connection:
        assert connection.scalar(select(OutboxEntry.state)) == "queued"
    assert hall.outbox.relay(lambda entry_id, _: handed.append(entry_id)) == 0
    hall.clock.advance(60)
    hall.outbox.relay(hall.perform)
    hall.outbox.perform(handed[0])
    assert len(hall.postmen[Channel.MESSAGING].delivered) == 1


def test_events_are_journalled_once_even_when_a_dispatcher_died_over_them(hall: Hall) -> None:
    hall.available("anne")
    contact = hall.text("Bonjour").standing.contact.id
    hall.step()
    hall.redis.xgroup_setid(hall.index.events, "journal", "0")
    hall.step()
    with hall.record.read() as connection:
        offered = connection.scalar(
            select(func.count())
            .select_from(JournalEntry)
            .where(JournalEntry.contact_id == contact, JournalEntry.kind == "offered")
        )
    assert offered == 1


def test_a_contact_that_was_taken_in_time_is_not_followed_up_by_a_late_dispatcher(hall: Hall) -> None:
    hall.available("anne")
    contact = hall.text("Bonjour").standing.contact.id
    hall.serve(contact)
    FollowUpMaker(hall.foundation).give_up_waiting(contact, FollowUpReason.MAX_WAIT)
    assert hall.state(contact) is ContactState.ACTIVE
    assert hall.index.contacts() == {contact}


def test_an_offer_cannot_be_accepted_after_the_usager_left(hall: Hall) -> None:
    hall.available("anne")
    call = hall.call(topic="objets-trouves")
    with hall.record.write() as connection:
        connection.exec_driver_sql("UPDATE contact SET state='closed', outcome='abandoned', revision=revision+1")
    with pytest.raises(Conflict):
        hall.desk.accept("anne", call)
    assert hall.index.contacts() == set()


def test_deadlines_are_kept_to_the_millisecond(hall: Hall) -> None:
    hall.available("anne")
    call = hall.call(topic="objets-trouves")
    snapshot = hall.index.snapshot(call)
    assert snapshot is not None
    assert snapshot.expires_at == hall.clock() + timedelta(seconds=20)
    assert milliseconds(snapshot.queued_at) == milliseconds(hall.clock())


def test_redis_away_does_not_stop_the_reception(hall: Hall) -> None:
    hall.available("anne")
    nowhere = Redis(port=1, retry=Retry(NoBackoff(), 0))
    cut_off = replace(hall.foundation, index=Index(nowhere), announcer=Announcer(nowhere, "events"))
    contact = build_router(cut_off, hall.recognise, hall.corrections).reception.receive(
        Inbound(Channel.MESSAGING, AddressKind.PHONE, "0639980001", text="Bonjour", provider_id="SM1")
    )
    assert contact.standing.contact.state is ContactState.WAITING
    hall.step(4)
    assert hall.offered_to(contact.standing.contact.id) == "anne"


def test_an_index_that_is_lost_in_the_middle_of_a_round_is_rebuilt_in_the_next(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.available("anne")
    contact = hall.text("Bonjour").standing.contact.id
    hall.clock.advance(10)
    is_lost = hall.index.is_lost
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(hall.index, "is_lost", lambda: hall.redis.flushall() and False)
        hall.dispatcher.step()
    assert is_lost()
    hall.dispatcher.step()
    assert hall.offered_to(contact) == "anne"


def test_events_that_were_trimmed_away_under_a_dead_dispatcher_do_not_stop_the_next(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.available("anne", "david")
    hall.step()
    stream = hall.index.events
    hall.text("Bonjour")
    hall.redis.xreadgroup("journal", "dead", {stream: ">"})
    hall.redis.xtrim(stream, maxlen=0, approximate=False)
    monkeypatch.setattr("routeur.dispatcher._ABANDONED_MS", 0)
    contact = hall.text("Bonjour", "SM2", "+33639980002").standing.contact.id
    hall.step()
    assert "offered" in hall.story(contact)


def test_an_answer_of_the_back_office_that_cannot_be_delivered_is_still_to_do(hall: Hall) -> None:
    hall.available("anne")
    contact = hall.text("Bonjour").standing.contact.id
    hall.serve(contact)
    hall.desk.follow_up("anne", contact)
    hall.step()
    reference = hall.reception.standing(contact).contact.reference
    hall.follow_ups.answer("chloe", reference, "Voilà")
    hall.postmen[Channel.MESSAGING].broken = DeliveryError("550", retryable=False)
    hall.step()
    view = hall.views.follow_ups.by_reference(reference)
    assert (view.state, view.taken_by) == ("taken", "chloe")


def test_a_closed_contact_whose_reply_bounces_is_open_again_without_an_outcome(hall: Hall) -> None:
    hall.available("anne")
    contact = hall.text("Bonjour").standing.contact.id
    hall.serve(contact)
    hall.step()
    hall.desk.reply("anne", contact, "Voilà")
    hall.desk.finish("anne", contact, Outcome.ANSWERED)
    hall.postmen[Channel.MESSAGING].broken = DeliveryError("550", retryable=False)
    hall.step()
    view = hall.views.contacts.summary(contact)
    assert (view.state, view.outcome, view.closed_at) == ("follow_up", None, None)


def test_a_rebuild_that_could_not_finish_is_begun_again_at_once(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.available("anne")
    contact = hall.text("Bonjour").standing.contact.id
    hall.redis.flushall()
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(hall.index, "place_agent", lambda *_, **__: hall.redis.evalsha("0" * 40, 0))
        with pytest.raises(NoScriptError):
            hall.dispatcher.step()
    assert hall.index.is_lost()
    hall.dispatcher.step()
    assert hall.offered_to(contact) == "anne"


def test_letters_to_one_usager_leave_in_the_order_they_were_written(hall: Hall) -> None:
    hall.available("anne")
    contact = hall.mail("Bonjour").standing.contact.id
    postman = hall.postmen[Channel.EMAIL]
    postman.broken = DeliveryError("421", retryable=True)
    hall.step()
    hall.serve(contact)
    hall.desk.reply("anne", contact, "Bonjour !")
    postman.broken = None
    hall.step(1)
    assert postman.delivered == []
    hall.step(1)
    assert [effect.kind for effect in postman.delivered] == ["Received", "Accepted", "ReplyWritten"]
