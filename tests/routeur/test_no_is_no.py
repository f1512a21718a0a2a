"""A no is heard: from the agent whom a rung names, from a desk where nobody sits, from a plan that says otherwise."""

from __future__ import annotations

import pytest

from routeur.contact.words import Activity, ContactState, Outcome
from routeur.errors import Conflict, NoColleagueThere, NotThere
from tests.routeur.hall import PLAN, Hall

LOST = "objets-trouves"
CARD = "carte-identite"


def handed_over(hall: Hall, to: str, topic: str = CARD) -> str:
    """A call that Anne has taken and handed over."""
    hall.available("anne")
    contact = hall.call(topic=topic)
    if topic == CARD:
        hall.step(60)
    assert hall.serve(contact) == "anne"
    hall.available(to)
    hall.desk.transfer("anne", contact, agent=to)
    return contact


def known_to_anne(hall: Hall) -> str:
    """A caller whom Anne knows, offered to her first."""
    hall.available("anne")
    first = hall.call("CA1", topic=LOST)
    hall.serve(first)
    hall.desk.finish("anne", first, Outcome.ANSWERED)
    again = hall.call("CA2", topic=LOST)
    assert hall.offered_to(again) == "anne"
    return again


def test_who_declines_what_was_handed_to_them_leaves_it_to_the_others_at_once(hall: Hall) -> None:
    contact = handed_over(hall, "bruno", LOST)
    hall.available("chloe")
    hall.desk.set_activity("anne", Activity.BUSY)
    assert hall.offered_to(contact) == "bruno"
    hall.desk.decline("bruno", contact)
    assert hall.offered_to(contact) == "chloe"
    hall.step()
    assert hall.story(contact)[-3:] == ["declined", "widened", "offered"]


def test_after_a_no_those_who_know_the_topic_are_asked_before_the_others(hall: Hall) -> None:
    contact = handed_over(hall, "david")
    assert hall.offered_to(contact) == "david"
    hall.desk.decline("david", contact)
    assert hall.offered_to(contact) is None  # Anne and David know too little for the first minute
    hall.available("bruno")
    assert hall.offered_to(contact) == "bruno"


def test_after_a_no_the_steps_still_count_from_the_beginning_of_the_wait(hall: Hall) -> None:
    contact = handed_over(hall, "david")
    hall.step(10)
    hall.desk.decline("david", contact)
    hall.step(49)
    assert hall.offered_to(contact) is None
    hall.step(1)
    assert hall.offered_to(contact) in ("anne", "david")


def test_the_agent_who_knows_the_usager_may_say_no(hall: Hall) -> None:
    again = known_to_anne(hall)
    hall.available("david")
    hall.desk.decline("anne", again)
    assert hall.offered_to(again) == "david"


@pytest.mark.parametrize("upset", ["rebuild", "plan"])
def test_a_no_outlives_the_index_and_the_plan(hall: Hall, upset: str) -> None:
    contact = handed_over(hall, "bruno", LOST)
    hall.desk.set_activity("anne", Activity.BUSY)
    hall.desk.decline("bruno", contact)
    assert hall.offered_to(contact) is None
    hall.available("david")
    assert hall.offered_to(contact) == "david"
    hall.desk.decline("david", contact)
    hall.desk.set_activity("bruno", Activity.BUSY)
    hall.desk.set_activity("david", Activity.BUSY)
    if upset == "rebuild":
        hall.redis.flushall()
    else:
        hall.plans.publish(WHOLE_PLAN, None, hall.clock())
    hall.step(4)
    hall.available("chloe")
    assert hall.offered_to(contact) == "chloe"


def test_a_no_leaves_no_difference_to_repair(hall: Hall) -> None:
    contact = handed_over(hall, "bruno", LOST)
    hall.available("chloe")
    hall.desk.set_activity("anne", Activity.BUSY)
    hall.desk.decline("bruno", contact)
    hall.step(4)
    assert hall.repair.sweep() == 0
    assert hall.offered_to(contact) == "chloe"


def test_who_lets_an_offer_by_name_pass_is_still_the_one_whom_it_waits_for(hall: Hall) -> None:
    contact = handed_over(hall, "bruno", LOST)
    hall.available("chloe")
    hall.step(20)
    assert hall.offered_to(contact) is None
    hall.step(20)
    assert hall.offered_to(contact) == "bruno"


@pytest.mark.parametrize("gone", [Activity.OFFLINE, Activity.AWAY])
def test_nothing_is_handed_to_somebody_who_is_not_there(hall: Hall, gone: Activity) -> None:
    hall.available("anne", "bruno", "david")
    contact = hall.call(topic=CARD)
    assert hall.serve(contact) == "bruno"
    hall.desk.set_activity("david", gone)
    with pytest.raises(NotThere) as refused:
        hall.desk.transfer("bruno", contact, agent="david")
    assert str(refused.value) == "Anne Accueil (anne)"
    assert hall.state(contact) is ContactState.ACTIVE
    assert hall.reception.standing(contact).contact.agent == "bruno"


def test_who_could_serve_it_best_is_named_and_not_everybody(hall: Hall) -> None:
    hall.available("david", "bruno", "chloe")
    contact = hall.call(topic=LOST)
    assert hall.serve(contact) == "david"
    hall.desk.set_topic("david", contact, CARD)
    with pytest.raises(NotThere) as refused:
        hall.desk.transfer("david", contact, agent="anne")
    assert str(refused.value) == "Bruno Registre (bruno)"


def test_alone_nothing_can_be_handed_over(hall: Hall) -> None:
    hall.available("anne")
    contact = hall.call(topic=LOST)
    hall.serve(contact)
    with pytest.raises(NoColleagueThere):
        hall.desk.transfer("anne", contact, agent="bruno")


def test_somebody_on_a_break_is_there(hall: Hall) -> None:
    hall.available("anne", "bruno")
    contact = hall.call(topic=LOST)
    assert hall.serve(contact) == "anne"
    hall.desk.set_activity("bruno", Activity.BREAK)
    hall.desk.transfer("anne", contact, agent="bruno")
    assert hall.offered_to(contact) is None
    hall.available("bruno")
    assert hall.offered_to(contact) == "bruno"


WHOLE_PLAN = PLAN.read_text("utf-8")
NOW_DAVID_KNOWS = WHOLE_PLAN.replace("{accueil: 3, etat-civil: 3}", "{accueil: 3}").replace(
    "david@petit-bourg.example, skills: {", "david@petit-bourg.example, skills: {etat-civil: 3, "
)
NOW_CHLOE_KNOWS = WHOLE_PLAN.replace("accueil: 1, etat-civil: 2", "accueil: 1, urbanisme: 4")


@pytest.mark.parametrize("plan", [NOW_DAVID_KNOWS, NOW_CHLOE_KNOWS])
def test_what_an_agent_may_no_longer_serve_is_withdrawn_with_a_word(hall: Hall, plan: str) -> None:
    hall.available("bruno")
    contact = hall.call(topic=CARD)
    assert hall.offered_to(contact) == "bruno"
    hall.plans.publish(plan, None, hall.clock())
    hall.step(4)
    assert hall.offered_to(contact) is None
    with pytest.raises(Conflict):
        hall.desk.accept("bruno", contact)
    withdrawn = [one for one in hall.views.contacts.timeline(contact) if one.kind == "withdrawn"]
    assert [(one.agent, one.detail["reason"]) for one in withdrawn] == [("bruno", "plan")]


def test_an_offer_that_still_fits_stands_under_another_plan(hall: Hall) -> None:
    hall.available("bruno")
    contact = hall.call(topic=CARD)
    hall.plans.publish(WHOLE_PLAN, None, hall.clock())
    hall.step(4)
    assert "withdrawn" not in hall.story(contact)
    assert hall.serve(contact) == "bruno"


def test_with_less_capacity_than_before_no_more_is_taken(hall: Hall) -> None:
    hall.available("anne")
    first = hall.chat(ref="chat-1", topic=LOST)
    hall.serve(first)
    second = hall.chat(ref="chat-2", topic=LOST)
    assert hall.offered_to(second) == "anne"
    hall.plans.publish(WHOLE_PLAN.replace("capacity: 3", "capacity: 1"), None, hall.clock())
    hall.repair.sweep()
    with pytest.raises(Conflict):
        hall.desk.accept("anne", second)
    hall.step(4)
    assert hall.offered_to(second) is None
    assert hall.state(second) is ContactState.WAITING


def test_a_desk_that_is_gone_is_gone_after_its_lease_also_after_two_missed_offers(hall: Hall) -> None:
    hall.plans.publish(f"missed_offers: 1\n{WHOLE_PLAN}", None, hall.clock())
    hall.step(4)
    hall.available("anne")
    held = hall.text("Bonjour").standing.contact.id
    hall.serve(held)
    hall.available("david")
    hall.desk.set_activity("david", Activity.BUSY)
    hall.call(topic=LOST)
    for second in range(1, 61):
        hall.clock.advance(1)
        hall.index.touch("david", hall.clock())
        hall.dispatcher.step()
        if second == 59:
            assert hall.views.agents.one("anne").activity == "away"
            assert hall.reception.standing(held).contact.agent == "anne"
    hall.dispatcher.step()
    assert hall.views.agents.one("anne").activity == "offline"
    assert hall.reception.standing(held).contact.agent is None
