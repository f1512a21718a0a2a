"""A target that counts opening hours: an e-mail does not grow more urgent while the town hall is closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from competences.calendars import Calendars
from competences.channels import Channel
from competences.plan.parts import ChannelRules
from competences.skills import Requirement
from routeur.contact.contacts import get
from routeur.contact.words import Activity, Outcome
from routeur.index import Entry, Index, RungAt
from routeur.plans import PlanInForce
from routeur.queue.entry import carried_place
from routeur.queue.urgency import place_of_urgency, urgency
from tests.clock import MONDAY_MORNING
from tests.competences.documents import mairie
from tests.routeur.hall import Hall

HOUR = timedelta(hours=1)
NIGHT = (MONDAY_MORNING - 15 * HOUR, MONDAY_MORNING - HOUR)
FRIDAY_AFTERNOON = datetime(2026, 2, 27, 15, 0, tzinfo=UTC)  # four in Paris, an hour and a half before closing
RULES = {channel: ChannelRules(target_seconds=7200, max_wait_seconds=360_000, capacity=2) for channel in Channel}
RULES[Channel.EMAIL] = RULES[Channel.EMAIL].model_copy(update={"target_in_opening_hours": True})


def freed(redis: Redis, closures: Sequence[tuple[datetime, datetime]], **queued_at: datetime) -> str | None:
    """Which of these contacts, named by their channels, an agent is offered who becomes available."""
    index, now, skills = Index(redis), MONDAY_MORNING, {"accueil": 1}
    with index.rebuilding():
        index.configure(
            RULES, offer_seconds=20, lease_seconds=600, missed_offers=2, avoid_seconds=30, closures=closures
        )
    index.place_agent("ana", skills, Activity.BUSY, 1, now)
    for name, since in queued_at.items():
        rungs = (RungAt(now, Requirement.of(skills)),)
        index.enqueue(Entry(name, Channel(name), rungs, since, now + 100 * HOUR, revision=1), now)
    index.place_agent("ana", skills, Activity.AVAILABLE, 2, now)
    snapshot = index.agent_snapshot("ana")
    assert snapshot is not None
    return snapshot.offer


def test_the_night_does_not_make_an_e_mail_more_urgent_than_a_caller(redis_client: Redis) -> None:
    written, called = MONDAY_MORNING - 16 * HOUR, MONDAY_MORNING - 3 * HOUR  # the e-mail: two opening hours
    assert freed(redis_client, [NIGHT], email=written, voice=called) == "voice"


def test_while_the_town_hall_is_open_an_e_mail_grows_urgent_as_any_other(redis_client: Redis) -> None:
    written, called = MONDAY_MORNING - 19 * HOUR, MONDAY_MORNING - 3 * HOUR  # the e-mail: five opening hours
    assert freed(redis_client, [NIGHT], email=written, voice=called) == "email"


def test_only_the_part_of_a_closure_that_was_waited_through_counts(redis_client: Redis) -> None:
    lunch = (MONDAY_MORNING - 2 * HOUR, MONDAY_MORNING + 2 * HOUR)
    written = MONDAY_MORNING - 4 * HOUR  # two opening hours before the closure that still lasts
    assert freed(redis_client, [lunch], email=written, chat=written + 2.1 * HOUR) == "email"
    redis_client.flushall()
    assert freed(redis_client, [lunch], email=written, chat=written + 1.9 * HOUR) == "chat"


def test_what_is_closed_later_or_was_before_changes_nothing(redis_client: Redis) -> None:
    closures = [NIGHT, (MONDAY_MORNING + HOUR, MONDAY_MORNING + 9 * HOUR)]
    written = NIGHT[1] + timedelta(minutes=1)
    assert freed(redis_client, closures, email=written, chat=written + timedelta(seconds=1)) == "email"


def test_over_the_weekend_the_explanation_counts_the_open_hours_alone(hall: Hall) -> None:
    hall.clock.set(FRIDAY_AFTERNOON)
    hall.available("anne")
    hall.serve(hall.call("CA9", "+33639980009", "objets-trouves"))
    written = hall.mail("Mon écharpe", topic="objets-trouves").standing.contact.id
    hall.clock.advance(hours=1.5)
    assert hall.views.contacts.explanation(written)["waiting"]["urgency"] == 0.375  # an hour and a half of four
    hall.clock.set(MONDAY_MORNING)  # ten in Paris: open since half past eight
    assert hall.views.contacts.explanation(written)["waiting"]["urgency"] == 0.75


def test_over_the_weekend_the_router_counts_the_open_hours_alone(hall: Hall) -> None:
    hall.clock.set(FRIDAY_AFTERNOON)
    hall.available("anne")
    busy = hall.call("CA9", "+33639980009", "objets-trouves")
    hall.serve(busy)
    written = hall.mail("Mon écharpe", topic="objets-trouves").standing.contact.id
    hall.clock.set(MONDAY_MORNING - timedelta(seconds=60))
    chatting = hall.chat(topic="objets-trouves")  # one minute of one: more urgent than three hours of four
    hall.clock.set(MONDAY_MORNING)
    hall.repair.sweep()
    hall.reception.usager_left(busy)
    hall.desk.finish("anne", busy, Outcome.ANSWERED)
    assert hall.offered_to(chatting) == "anne"
    assert hall.offered_to(written) is None
    (offer,) = hall.views.contacts.offered_to("anne")
    assert [(one["channel"], one["urgency"]) for one in offer.why["classes"]] == [("chat", 1.0), ("email", 0.75)]


IN_FORCE = PlanInForce(1, mairie(), Calendars(mairie()))
instants = st.integers(0, 14 * 24 * 60).map(lambda minutes: MONDAY_MORNING + timedelta(minutes=minutes))
urgencies = st.integers(0, 3000).map(lambda thousandths: thousandths / 1000)


@given(channel=st.sampled_from(Channel), wanted=urgencies, now=instants)
def test_the_place_of_an_urgency_has_that_urgency(channel: Channel, wanted: float, now: datetime) -> None:
    place = place_of_urgency(IN_FORCE, channel, wanted, now)
    assert place <= now
    assert urgency(IN_FORCE, channel, place, now) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("channel", [Channel.CHAT, Channel.VOICE, Channel.EMAIL])
def test_a_wait_that_goes_on_elsewhere_keeps_its_urgency(hall: Hall, channel: Channel) -> None:
    hall.clock.set(FRIDAY_AFTERNOON)
    hall.available("anne")
    hall.serve(hall.call("CA9", "+33639980009", "objets-trouves"))
    written = hall.mail("Mon écharpe", topic="objets-trouves").standing.contact.id
    hall.clock.set(MONDAY_MORNING)
    in_force = hall.plans.current()
    with hall.record.read() as connection:
        row = get(connection, written)
    place = carried_place(in_force, row, channel, hall.clock())
    assert urgency(in_force, channel, place, hall.clock()) == pytest.approx(0.75)
