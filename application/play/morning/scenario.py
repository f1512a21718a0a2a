"""The scenario of a morning: who arrives when, and who is there to answer. The same seed gives the same morning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from random import Random

from application.play.morning.arrivals import arrivals
from application.play.morning.callers import Callers
from application.play.morning.deck import Deck
from application.play.morning.events import Arrival
from application.play.morning.people import Population, words
from application.play.morning.shifts import Shift, roster
from application.play.morning.writers import Writers
from competences.channels import Channel
from competences.plan.plan import Plan

MORNING_SECONDS = 3.5 * 3600
CONTACTS = 200
CHANNELS = {Channel.VOICE: 46, Channel.EMAIL: 17, Channel.CHAT: 13, Channel.MESSAGING: 12, Channel.WALKIN: 12}
TWICE = {False: 11, True: 1}


@dataclass(frozen=True)
class Scenario:
    """The arrivals in order, and the shifts of the agents, of a morning that begins at `opens`."""

    opens: time
    seconds: float
    arrivals: Sequence[Arrival]
    shifts: Sequence[Shift]


def write_scenario(plan: Plan, seed: int) -> Scenario:
    """A morning at this plan's town hall."""
    random = Random(seed)  # noqa: S311 - nothing depends on nobody guessing it
    population = Population(random)
    callers, writers = Callers(random, plan, population), Writers(random, plan, population)
    channels, twice = Deck(random, CHANNELS), Deck(random, TWICE)
    topics = list(plan.topics)
    weights = [words().weight(topic) for topic in topics]
    people: list[Arrival] = []
    for at in arrivals(random, MORNING_SECONDS, CONTACTS):
        (topic,) = random.choices(topics, weights)
        match channels.draw():
            case Channel.VOICE:
                people.append(callers.call(at, topic, twice=twice.draw()))
            case channel:
                people.append(writers.arrival(channel, at, topic, twice=twice.draw()))
    return Scenario(opening_hour(plan), MORNING_SECONDS, people, roster(random, plan, MORNING_SECONDS))


def opening_hour(plan: Plan) -> time:
    """The time at which the town hall opens on most mornings."""
    first = Counter(min(slots).start for slots in plan.hours.week.values() if slots)
    return first.most_common(1)[0][0]
