"""Closed, and not there yet: a moment without anybody on shift sends nobody away for good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from competences.channels import Channel
from routeur.contact.words import Activity, AddressKind, ContactState, FollowUpReason, Outcome
from routeur.ports.inbound import Inbound
from tests.routeur.hall import PLAN, Hall

OPENING = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)  # half past eight in Paris, a Monday
LUNCH = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
AFTER_LUNCH = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
CLOSING = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)
TUESDAY = OPENING + timedelta(days=1)

WHOLE_PLAN = PLAN.read_text("utf-8")
DAVID_FOR_CHLOE = WHOLE_PLAN.replace("urbanisme: 4, ", "").replace(
    "{accueil: 1}}\nhours", "{accueil: 1, urbanisme: 4}}\nhours"
)
"""Valid: somebody on the staff can still answer about a building permit. But he is not there."""


def reason(hall: Hall, contact: str) -> FollowUpReason | None:
    follow_up = hall.reception.standing(contact).follow_up
    return follow_up.reason if follow_up is not None else None


def walk_in(hall: Hall, topic: str | None = None) -> str:
    inbound = Inbound(Channel.WALKIN, AddressKind.TICKET, "T1", provider_ref="T1", provider_id="T1", topic=topic)
    return hall.reception.receive(inbound).standing.contact.id


def letter(hall: Hall, number: int = 1, topic: str | None = "objets-trouves") -> str:
    sent = hall.mail("Mon écharpe", f"<{number}@example.org>", f"lea{number}@example.org", topic)
    return sent.standing.contact.id


def at_next_second(hall: Hall, number: int) -> str:
    hall.clock.advance(1)
    return letter(hall, number)


def everybody(hall: Hall) -> dict[str, str]:
    """Somebody on each channel, all about something that a generalist can answer."""
    return {
        "voice": hall.call(topic="objets-trouves"),
        "chat": hall.chat(topic="objets-trouves"),
        "walkin": walk_in(hall, "objets-trouves"),
        "messaging": hall.text("Bonjour", number="+33639980005", topic="objets-trouves").standing.contact.id,
        "email": letter(hall),
    }


LIVE = ("voice", "chat", "walkin")
OVERNIGHT = ("messaging", "email")


# The first minutes


def test_who_comes_before_the_agents_have_logged_in_waits_for_them(hall: Hall) -> None:
    hall.clock.set(OPENING + timedelta(seconds=7))
    came = everybody(hall)
    hall.step(60)
    assert {hall.state(contact) for contact in came.values()} == {ContactState.WAITING}
    hall.available("anne")
    assert hall.offered_to(came["chat"]) == "anne"


def test_after_the_first_minutes_who_waits_for_nobody_is_promised_an_answer_and_letters_wait(hall: Hall) -> None:
    hall.clock.set(OPENING + timedelta(seconds=7))
    came = everybody(hall)
    hall.step(5 * 60 - 8)
    assert {hall.state(contact) for contact in came.values()} == {ContactState.WAITING}
    hall.step(1)
    assert [reason(hall, came[channel]) for channel in LIVE] == [FollowUpReason.NOBODY_SKILLED] * 3
    assert [hall.state(came[channel]) for channel in OVERNIGHT] == [ContactState.WAITING] * 2


def test_the_minutes_begin_anew_after_lunch(hall: Hall) -> None:
    hall.clock.set(AFTER_LUNCH + timedelta(minutes=4))
    assert hall.state(hall.chat()) is ContactState.WAITING
    hall.clock.set(AFTER_LUNCH + timedelta(minutes=6))
    assert reason(hall, hall.chat(ref="chat-2")) is FollowUpReason.NOBODY_SKILLED


def test_the_plan_says_how_many_minutes(hall: Hall) -> None:
    hall.plans.publish(WHOLE_PLAN.replace("channels:", "opening_grace_minutes: 0\nchannels:", 1), None, hall.clock())
    hall.clock.set(OPENING)
    hall.clock.advance(days=1)
    assert reason(hall, hall.chat()) is FollowUpReason.NOBODY_SKILLED


# The night, and lunch


def test_letters_and_texts_wait_through_the_night_with_their_place(hall: Hall) -> None:
    hall.clock.set(CLOSING + timedelta(hours=2))
    came = everybody(hall)
    assert [reason(hall, came[channel]) for channel in LIVE] == [FollowUpReason.CLOSED] * 3
    first, text = came["email"], came["messaging"]
    hall.step(3600)
    second = letter(hall, 2)
    hall.clock.set(TUESDAY)
    hall.step()
    assert [hall.state(one) for one in (first, second, text)] == [ContactState.WAITING] * 3
    hall.available("anne")
    served = []
    for _ in range(3):
        offer = hall.index.agent_snapshots(["anne"])["anne"].offer
        assert offer is not None
        hall.desk.accept("anne", offer)
        served.append(offer)
    assert served.index(first) < served.index(second)
    assert set(served) == {first, second, text}
    assert hall.told(first) == ["Received", "Accepted"]


def test_lunch_without_anybody_logged_in_makes_no_letter_a_follow_up(hall: Hall) -> None:
    hall.available("anne")
    hall.clock.set(LUNCH - timedelta(minutes=2))
    hall.desk.set_activity("anne", Activity.BUSY)
    letters = [at_next_second(hall, number) for number in (1, 2, 3)]
    hall.clock.set(LUNCH)
    hall.desk.set_activity("anne", Activity.OFFLINE)
    hall.step(30)
    assert [hall.state(one) for one in letters] == [ContactState.WAITING] * 3
    hall.clock.set(AFTER_LUNCH)
    hall.available("anne")
    assert hall.offered_to(letters[0]) == "anne"


def test_a_letter_becomes_a_follow_up_only_at_its_maximum_of_opening_hours(hall: Hall) -> None:
    hall.clock.set(CLOSING - timedelta(hours=1))
    sent = letter(hall)
    hall.clock.set(TUESDAY)
    hall.step(7 * 3600 + 89 * 60)  # seven hours of opening, over lunch
    assert hall.state(sent) is ContactState.WAITING
    hall.step(60)
    assert reason(hall, sent) is FollowUpReason.MAX_WAIT
    assert hall.told(sent) == ["Received", "FollowedUp"]


def test_a_letter_of_the_night_is_not_handed_down_the_ladder_while_its_experts_sleep(hall: Hall) -> None:
    hall.clock.set(CLOSING + timedelta(hours=1))
    sent = letter(hall, topic="carte-identite")
    hall.clock.set(TUESDAY)
    hall.available("anne")
    hall.step(59)
    assert hall.offered_to(sent) is None
    hall.step(1)
    assert hall.offered_to(sent) == "anne"


def test_what_nobody_on_the_staff_could_ever_serve_does_not_wait_for_the_morning(hall: Hall) -> None:
    hall.available("anne", "chloe")
    sent = letter(hall)
    hall.serve(sent)
    login = hall.reception.standing(sent).contact.agent or ""
    hall.desk.transfer(login, sent, skills={"urbanisme": 5})
    hall.step()
    assert reason(hall, sent) is FollowUpReason.NOBODY_SKILLED


def test_an_answer_at_night_opens_its_contact_again_and_waits(hall: Hall) -> None:
    hall.available("anne")
    sent = letter(hall)
    hall.desk.finish(hall.serve(sent), sent, Outcome.ANSWERED)
    hall.clock.set(CLOSING + timedelta(hours=1))
    hall.desk.set_activity("anne", Activity.OFFLINE)
    hall.mail("Merci, et le gant ?", "<9@example.org>", "lea1@example.org", in_reply_to=["<1@example.org>"])
    hall.step(3600)
    assert hall.state(sent) is ContactState.WAITING


def test_a_call_at_night_has_its_own_answer_though_a_letter_of_the_same_person_waits(hall: Hall) -> None:
    hall.know((AddressKind.EMAIL, "lea1@example.org"), (AddressKind.CHAT, "chat-1"))
    hall.clock.set(CLOSING + timedelta(hours=1))
    sent = letter(hall)
    chatting = hall.chat(topic="objets-trouves")
    assert reason(hall, chatting) is FollowUpReason.CLOSED
    assert hall.state(sent) is ContactState.WAITING


def test_a_mornings_backlog_does_not_flood_an_agent_and_yields_to_who_is_there(hall: Hall) -> None:
    hall.clock.set(CLOSING + timedelta(hours=1))
    letters = [at_next_second(hall, number) for number in range(12)]
    hall.clock.set(TUESDAY + timedelta(minutes=3))
    caller = hall.call(topic="objets-trouves")
    hall.step(10)
    hall.available("anne")
    assert hall.offered_to(caller) == "anne"
    hall.desk.finish(hall.serve(caller), caller, Outcome.ANSWERED)
    for _ in range(12):
        offer = hall.index.agent_snapshots(["anne"])["anne"].offer
        if offer is not None:
            hall.desk.accept("anne", offer)
    held = [one for one in letters if hall.state(one) is ContactState.ACTIVE]
    assert held == letters[:5]  # the capacity of the channel
    assert hall.offered_to(hall.call("CA2", "+33639980002", "objets-trouves")) == "anne"


# Not there for a moment


def test_a_network_that_is_cut_for_a_minute_sends_nobody_away(hall: Hall) -> None:
    hall.available("anne", "bruno")
    for login in ("anne", "bruno"):
        hall.desk.set_activity(login, Activity.BUSY)
    came = everybody(hall)
    hall.clock.advance(60)  # nothing is heard from any desk
    for _ in range(3):
        hall.dispatcher.step()
    assert {hall.views.agents.one(login).activity for login in ("anne", "bruno")} == {"offline"}
    late = hall.chat(ref="chat-2", topic="objets-trouves")
    hall.step(30)
    assert {hall.state(contact) for contact in (*came.values(), late)} == {ContactState.WAITING}
    hall.available("anne")
    assert hall.index.agent_snapshots(["anne"])["anne"].offer in came.values()


def test_desks_that_do_not_come_back_are_waited_for_as_long_as_the_plan_says(hall: Hall) -> None:
    hall.available("anne")
    hall.desk.set_activity("anne", Activity.BUSY)
    came = everybody(hall)
    hall.clock.advance(60)
    hall.dispatcher.step()
    hall.step(119)
    assert {hall.state(contact) for contact in came.values()} == {ContactState.WAITING}
    hall.step(1)
    assert [reason(hall, came[channel]) for channel in LIVE] == [FollowUpReason.NOBODY_SKILLED] * 3
    assert [hall.state(came[channel]) for channel in OVERNIGHT] == [ContactState.WAITING] * 2


def test_two_offers_that_the_only_agent_missed_send_nobody_away(hall: Hall) -> None:
    hall.available("anne")
    first = hall.chat(topic="objets-trouves")
    hall.clock.advance(1)
    second = hall.chat(ref="chat-2", topic="objets-trouves")
    for _ in range(3):
        hall.step(20)
    assert hall.views.agents.one("anne").activity == "away"
    assert [hall.state(one) for one in (first, second)] == [ContactState.WAITING] * 2
    hall.step(30)
    hall.available("anne")
    assert hall.offered_to(first) == "anne"


def test_who_is_expected_back_is_known_again_after_redis_has_lost_everything(hall: Hall) -> None:
    hall.available("anne")
    hall.desk.set_activity("anne", Activity.BUSY)
    waiting = hall.chat(topic="objets-trouves")
    hall.clock.advance(60)
    for _ in range(3):
        hall.dispatcher.step()
    hall.clock.advance(60)
    hall.redis.flushall()
    hall.step()
    assert hall.state(waiting) is ContactState.WAITING
    hall.step(61)
    assert reason(hall, waiting) is FollowUpReason.NOBODY_SKILLED


def test_who_meant_to_leave_is_not_waited_for(hall: Hall) -> None:
    hall.available("anne")
    hall.desk.set_activity("anne", Activity.BUSY)
    came = everybody(hall)
    hall.desk.set_activity("anne", Activity.OFFLINE)
    hall.step()
    assert [reason(hall, came[channel]) for channel in LIVE] == [FollowUpReason.NOBODY_SKILLED] * 3
    assert [hall.state(came[channel]) for channel in OVERNIGHT] == [ContactState.WAITING] * 2


def test_a_plan_with_one_skill_too_few_for_a_minute_sends_nobody_away(hall: Hall) -> None:
    hall.available("chloe")
    hall.desk.set_activity("chloe", Activity.BUSY)
    notary, caller = letter(hall, topic="permis-construire"), hall.call(topic="permis-construire")
    hall.plans.publish(DAVID_FOR_CHLOE, None, hall.clock())
    hall.step(30)
    hall.step(30)
    late = hall.chat(topic="permis-construire")
    assert {hall.state(one) for one in (notary, caller, late)} == {ContactState.WAITING}
    hall.plans.publish(WHOLE_PLAN, None, hall.clock())
    hall.step(4)
    hall.available("chloe")
    assert hall.offered_to(caller) == "chloe"


def test_a_plan_that_is_not_mended_is_believed(hall: Hall) -> None:
    hall.available("chloe")
    hall.desk.set_activity("chloe", Activity.BUSY)
    notary, caller = letter(hall, topic="permis-construire"), hall.call(topic="permis-construire")
    hall.plans.publish(DAVID_FOR_CHLOE, None, hall.clock())
    hall.step(30)
    hall.step(90)
    assert reason(hall, caller) is FollowUpReason.NOBODY_SKILLED
    assert hall.state(notary) is ContactState.WAITING  # David is on the staff


# After closing


def test_who_waits_when_we_close_is_served_by_who_is_still_there(hall: Hall) -> None:
    hall.clock.set(LUNCH - timedelta(minutes=2))
    hall.available("anne")
    hall.desk.set_activity("anne", Activity.BUSY)
    caller = hall.call(topic="objets-trouves")
    hall.step(8 * 60)
    assert hall.state(caller) is ContactState.WAITING
    hall.available("anne")
    assert hall.offered_to(caller) == "anne"


@pytest.mark.parametrize("minutes", [0, 10])
def test_some_time_after_closing_who_still_waits_is_promised_an_answer(hall: Hall, minutes: int) -> None:
    plan = WHOLE_PLAN.replace("channels:", f"after_hours_minutes: {minutes}\nchannels:", 1)
    hall.plans.publish(plan, None, hall.clock())
    hall.clock.set(CLOSING - timedelta(minutes=1))
    hall.available("anne")
    hall.desk.set_activity("anne", Activity.BUSY)
    came = everybody(hall)
    hall.step(60 * (minutes + 1) - 1)
    assert hall.state(came["walkin"]) is ContactState.WAITING
    hall.step(1)
    assert [reason(hall, came[channel]) for channel in ("voice", "walkin")] == [FollowUpReason.CLOSED] * 2
    assert [hall.state(came[channel]) for channel in OVERNIGHT] == [ContactState.WAITING] * 2


def test_when_the_last_agent_leaves_after_closing_it_is_said_that_we_are_closed(hall: Hall) -> None:
    hall.clock.set(CLOSING - timedelta(minutes=1))
    hall.available("anne")
    hall.desk.set_activity("anne", Activity.BUSY)
    caller = hall.call(topic="objets-trouves")
    hall.step(120)
    hall.desk.set_activity("anne", Activity.OFFLINE)
    hall.step()
    assert reason(hall, caller) is FollowUpReason.CLOSED
