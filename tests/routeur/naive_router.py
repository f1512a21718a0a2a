"""The router once more, as plainly as it can be said: lists, loops and no Redis.

What the index must do, read from its specification and not from its scripts. Times are milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from competences.channels import CHANNELS, Channel
from competences.plan.parts import ChannelRules
from competences.skills import Requirement, pool_skills
from routeur.contact.words import Activity
from tests.routeur.naive_parts import CHANNEL_BY_LETTER, LETTERS, NaiveAgent, NaiveContact

LAPSED_AGAIN_MS = 5_000
YIELD_MS = 1_000

Event = tuple[str, str, str]
"""What happened, to which contact, with which agent; an empty text where there is none."""


class NaiveRouter:
    """Every operation of the index, by looking at everything each time."""

    def __init__(
        self,
        rules: Mapping[Channel, ChannelRules],
        closures: Sequence[tuple[int, int]],
        *,
        offer_ms: int,
        lease_ms: int,
        missed_offers: int,
        avoid_ms: int,
        grace_ms: int,
    ) -> None:
        self.rules = rules
        self.closures = closures
        self.offer_ms = offer_ms
        self.lease_ms = lease_ms
        self.missed_offers = missed_offers
        self.avoid_ms = avoid_ms
        self.grace_ms = grace_ms
        self.contacts: dict[str, NaiveContact] = {}
        self.agents: dict[str, NaiveAgent] = {}
        self.expected: dict[str, int] = {}
        """Until when agents of a pool who did not mean to leave are expected back."""
        self.weights: dict[str, float] = {}
        self.yielding: dict[Channel, int] = {}
        self.events: list[Event] = []

    # Who may be offered what

    def can_be_offered(self, agent: NaiveAgent, channel: Channel) -> bool:
        return agent.activity is Activity.AVAILABLE and agent.pending is None and self.has_room(agent, channel)

    def has_room(self, agent: NaiveAgent, channel: Channel) -> bool:
        if agent.load[channel] >= self.rules[channel].capacity:
            return False
        if any(agent.load[other] for other in Channel if self.rules[other].exclusive):
            return False
        held = sum(agent.load[other] for other in Channel if not self.rules[other].interruptible)
        return not self.rules[channel].exclusive or held == 0

    def would_top_up(self, agent: NaiveAgent, channel: Channel) -> bool:
        """Whether the agent is in a conversation already that keeps them from an exclusive contact."""
        occupied = sum(agent.load[other] for other in Channel if not self.rules[other].interruptible)
        return occupied > 0 and not self.rules[channel].exclusive and not self.rules[channel].interruptible

    def yields(self, contact: NaiveContact, agent: NaiveAgent, now: int) -> bool:
        """Whether the contact leaves this agent, whom it would only top up, to a more urgent exclusive one."""
        if not self.would_top_up(agent, contact.channel):
            return False
        return any(
            self.rules[other.channel].exclusive
            and other.place == "waiting"
            and agent.could_serve(other.requirement)
            and self.urgency(other, now) > self.urgency(contact, now)
            for other in self.contacts.values()
        )

    def served_by_somebody(self, contact: NaiveContact, now: int) -> bool:
        requirements = [contact.requirement, *(requirement for _, requirement in contact.rungs)]
        there = any(
            agent.on_shift and agent.could_serve(requirement)
            for agent in self.agents.values()
            for requirement in requirements
        )
        return there or any(
            now < until and requirement.satisfied_by(pool_skills(pool))
            for pool, until in self.expected.items()
            for requirement in requirements
        )

    def unserved(self, now: int) -> set[str]:
        """Who waits although nobody could serve them, and is not patient any longer."""
        return {
            contact.id
            for contact in self.contacts.values()
            if contact.place == "waiting"
            and not CHANNELS[contact.channel].waits_overnight
            and now >= contact.patient_until
            and not self.served_by_somebody(contact, now)
        }

    def weigh(self, weights: Mapping[str, float]) -> None:
        self.weights.update(weights)

    def versatility(self, pool: str) -> float:
        return self.weights.get(pool, sum(pool_skills(pool).values()))

    def agents_for(self, contact: NaiveContact, now: int) -> list[NaiveAgent]:
        """Everybody whom the contact could be offered to, if it did not yield to others."""
        return [
            agent
            for agent in self.agents.values()
            if agent.could_serve(contact.requirement)
            and self.can_be_offered(agent, contact.channel)
            and not contact.avoids(agent.login, now)
        ]

    def agent_for(self, contact: NaiveContact, now: int) -> NaiveAgent | None:
        able = [agent for agent in self.agents_for(contact, now) if not self.yields(contact, agent, now)]

        def preference(agent: NaiveAgent) -> tuple[float, str, int, str]:
            return self.versatility(agent.pool), agent.pool, agent.idle_since, agent.login

        return min(able, key=preference, default=None)

    def contact_for(self, agent: NaiveAgent, now: int) -> NaiveContact | None:
        able = [
            contact
            for contact in self.contacts.values()
            if contact.place == "waiting"
            and now < contact.max_wait_at
            and agent.could_serve(contact.requirement)
            and self.can_be_offered(agent, contact.channel)
            and not contact.avoids(agent.login, now)
            and not self.yields(contact, agent, now)
        ]

        heads: dict[str, NaiveContact] = {}
        for contact in sorted(able, key=lambda one: (one.queued_at, one.id)):
            heads.setdefault(contact.class_text, contact)

        def preference(contact: NaiveContact) -> tuple[float, int, str, str]:
            return -self.urgency(contact, now), contact.queued_at, contact.class_text, contact.id

        return min(heads.values(), key=preference, default=None)

    def urgency(self, contact: NaiveContact, now: int) -> float:
        rules = self.rules[contact.channel]
        waited = now - contact.queued_at
        if rules.target_in_opening_hours:
            waited -= sum(max(0, min(end, now) - max(start, contact.queued_at)) for start, end in self.closures)
        return rules.weight * waited / (rules.target_seconds * 1000)

    # The two looks, and the offer

    def offer(self, contact: NaiveContact, agent: NaiveAgent, now: int) -> None:
        contact.place = "offered"
        contact.agent = agent.login
        contact.expires_at = min(now + self.offer_ms, contact.max_wait_at)
        contact.avoid = None
        agent.pending = contact.id
        self.events.append(("offered", contact.id, agent.login))

    def settle(self, contact: NaiveContact, now: int) -> None:
        """A waiting contact looks for an agent, unless it has waited as long as it may."""
        if contact.avoid is not None and now >= contact.avoid[1]:
            contact.avoid = None
        if now >= contact.max_wait_at:
            self.lapse(contact, report_at=now)
            return
        agent = self.agent_for(contact, now)
        if agent is not None:
            self.offer(contact, agent, now)
        elif self.agents_for(contact, now):
            self.look_again_soon(contact.channel, now)

    def look_for_contact(self, agent: NaiveAgent, now: int) -> None:
        contact = self.contact_for(agent, now)
        if contact is not None:
            self.offer(contact, agent, now)
            return
        for other in self.contacts.values():
            able = agent.could_serve(other.requirement) and self.can_be_offered(agent, other.channel)
            if other.place == "waiting" and able and self.yields(other, agent, now):
                self.look_again_soon(other.channel, now)

    def look_again_soon(self, channel: Channel, now: int) -> None:
        self.yielding.setdefault(channel, now + YIELD_MS)

    def look_again(self, channel: Channel, now: int) -> None:
        """Those of a channel who yielded look once more: class by class, each class until one finds nobody."""
        del self.yielding[channel]
        waiting = [one for one in self.contacts.values() if one.place == "waiting" and one.channel is channel]
        waiting.sort(key=lambda one: (one.queued_at, one.id))
        classes: dict[str, list[NaiveContact]] = {}
        for contact in waiting:
            classes.setdefault(contact.class_text, []).append(contact)
        named = [name for name in classes if name[1] == "@"]
        by_front = sorted(set(classes) - set(named), key=lambda name: (classes[name][0].queued_at, name))
        for name in (*by_front, *sorted(named)):
            for contact in classes[name]:
                passes_over = contact.avoid is not None and now < contact.avoid[1]
                self.settle(contact, now)
                if contact.place == "waiting" and not passes_over:
                    break

    # Moves that several events share

    def stand(self, contact: NaiveContact) -> None:
        if contact.place == "linked":
            self.part(contact)
        contact.place = "waiting"
        contact.agent = None
        contact.expires_at = None
        contact.report_at = None

    def part(self, contact: NaiveContact) -> None:
        """The contact no longer waits in the place of its lead."""
        lead = self.contacts.get(contact.lead or "")
        contact.lead = None
        if lead is not None and contact.id in lead.followers:
            lead.followers.remove(contact.id)
            self.events.append(("parted", lead.id, lead.agent or "" if lead.place == "offered" else ""))

    def apply_rungs(self, contact: NaiveContact, now: int) -> None:
        before = contact.requirement
        while contact.rungs and contact.rungs[0][0] <= now:
            _, contact.requirement = contact.rungs.pop(0)
        if contact.requirement != before:
            self.events.append(("widened", contact.id, ""))

    def end_rung(self, contact: NaiveContact, now: int) -> None:
        """The next rung holds at once, whatever its time."""
        _, contact.requirement = contact.rungs.pop(0)
        self.events.append(("widened", contact.id, ""))
        self.apply_rungs(contact, now)

    def give_back(self, contact: NaiveContact, agent: NaiveAgent, now: int) -> None:
        """An offer comes to nothing: the contact returns to its place and looks for somebody else."""
        agent.pending = None
        self.stand(contact)
        contact.avoid = (agent.login, now + self.avoid_ms)
        self.apply_rungs(contact, now)
        self.settle(contact, now)

    def leave_place(self, contact: NaiveContact, now: int) -> NaiveAgent | None:
        """Take the contact out of wherever it is; the agent who gets room thereby, if any."""
        agent = self.agents.get(contact.agent) if contact.agent is not None else None
        if agent is not None and contact.place == "offered":
            agent.pending = None
            self.events.append(("withdrawn", contact.id, agent.login))
        if agent is not None and contact.place == "active":
            agent.load[contact.channel] -= 1
            agent.idle_since = now
        self.stand(contact)
        return agent

    def change_activity(self, agent: NaiveAgent, activity: Activity, now: int) -> None:
        if activity is agent.activity:
            return
        agent.activity = activity
        if activity is Activity.AVAILABLE:
            agent.idle_since = now
            agent.missed = 0
        elif agent.pending is not None:
            self.withdraw(agent, now)
        if not agent.on_shift:
            self.name_no_more(agent, now)
        self.look_for_contact(agent, now)

    def withdraw(self, agent: NaiveAgent, now: int) -> None:
        contact = self.contacts[agent.pending or ""]
        self.events.append(("withdrawn", contact.id, agent.login))
        self.give_back(contact, agent, now)

    def name_no_more(self, agent: NaiveAgent, now: int) -> None:
        """The agent left the shift: who waits for them by name waits for the next rung's people."""
        waiting = [one for one in self.contacts.values() if one.place == "waiting"]
        order = list(LETTERS)
        for contact in sorted(waiting, key=lambda one: (order.index(one.channel), one.queued_at, one.id)):
            if contact.requirement.agent == agent.login and contact.rungs:
                self.end_rung(contact, now)
                self.settle(contact, now)

    # What agents do

    def place_agent(
        self,
        login: str,
        skills: Mapping[str, int],
        activity: Activity,
        revision: int,
        now: int,
        *,
        by_their_desk: bool = True,
        expected_until: int | None = None,
    ) -> None:
        agent = self.agents.get(login)
        if agent is None:
            agent = NaiveAgent(login, dict(skills), Activity.OFFLINE, revision, now, now)
            self.agents[login] = agent
        if revision < agent.revision:
            return
        if agent.skills != skills:
            agent.skills = dict(skills)
            if agent.pending is not None and not agent.could_serve(self.contacts[agent.pending].requirement):
                self.withdraw(agent, now)
            self.look_for_contact(agent, now)
        if expected_until is not None:
            self.expect_back(agent, expected_until, now)
        agent.revision = revision
        if by_their_desk or agent.activity is Activity.OFFLINE:  # nobody else keeps a desk alive that is gone
            agent.touched_at = now
        self.change_activity(agent, activity, now)

    def touch(self, login: str, now: int) -> bool:
        agent = self.agents.get(login)
        if agent is None or agent.activity is Activity.OFFLINE:
            return False
        agent.touched_at = now
        return True

    def accept(self, contact_id: str, login: str, now: int) -> bool:
        self.touch(login, now)
        contact = self.offered_to(contact_id, login)
        if contact is None or contact.expires_at is None or now >= contact.expires_at:
            return False
        agent = self.agents[login]
        if not self.has_room(agent, contact.channel):
            return False
        contact.place = "active"
        contact.expires_at = None
        contact.revision += 1  # as the record's does with every acceptance
        agent.pending = None
        agent.missed = 0
        agent.load[contact.channel] += 1
        for other in [self.contacts[one] for one in contact.followers]:
            if agent.load[other.channel] < self.rules[other.channel].capacity:  # who does not fit waits on
                other.place, other.agent, other.lead = "active", login, None
                other.revision += 1
                agent.load[other.channel] += 1
        contact.followers = []
        self.look_for_contact(agent, now)
        return True

    def decline(self, contact_id: str, login: str, now: int) -> bool:
        self.touch(login, now)
        contact = self.offered_to(contact_id, login)
        if contact is None:
            return False
        agent = self.agents[login]
        self.events.append(("declined", contact.id, login))
        while contact.requirement.agent == login and contact.rungs:  # no is no
            self.end_rung(contact, now)
        self.give_back(contact, agent, now)
        self.look_for_contact(agent, now)
        return True

    def offered_to(self, contact_id: str, login: str) -> NaiveContact | None:
        contact = self.contacts.get(contact_id)
        return contact if contact is not None and contact.place == "offered" and contact.agent == login else None

    # What happens to contacts

    def enqueue(self, entry: NaiveContact, now: int) -> str:
        """Where the contact now is, or "unserved" when nobody could serve it and it may not wait for them."""
        known = self.contacts.get(entry.id)
        if known is not None and known.revision >= entry.revision:
            return "kept"
        return self.requeue(entry, now)

    def requeue(self, entry: NaiveContact, now: int, avoid: str | None = None) -> str:
        known = self.contacts.get(entry.id)
        if known is not None and known.revision > entry.revision:
            return "kept"
        self.pass_absent(entry)
        if known is not None and known.revision == entry.revision and self.offer_stands(known, entry, now):
            self.keep_offer(known, entry)
            return "kept"
        freed = self.leave_place(known, now) if known is not None else None
        if avoid is not None:
            entry.avoid = (avoid, now + self.avoid_ms)
        entry.followers = known.followers if known is not None else []
        self.contacts[entry.id] = entry
        self.settle(entry, now)
        result = entry.place
        if entry.place == "waiting" and now >= entry.patient_until and not self.served_by_somebody(entry, now):
            self.forget(entry)
            result = "unserved"
        if freed is not None:
            self.look_for_contact(freed, now)
        return result

    def offer_stands(self, known: NaiveContact, entry: NaiveContact, now: int) -> bool:
        """Whether who is offered the contact may serve it under another plan too."""
        if known.place != "offered" or now >= entry.max_wait_at:
            return False
        agent = self.agents[known.agent or ""]
        return agent.could_serve(entry.requirement) and self.has_room(agent, entry.channel)

    def keep_offer(self, known: NaiveContact, entry: NaiveContact) -> None:
        known.channel, known.requirement, known.rungs = entry.channel, entry.requirement, entry.rungs
        known.queued_at, known.max_wait_at = entry.queued_at, entry.max_wait_at
        known.patient_until = entry.patient_until
        known.expires_at = min(known.expires_at or 0, entry.max_wait_at)

    def pass_absent(self, contact: NaiveContact) -> None:
        """Nobody begins by waiting for somebody who is not there."""
        while contact.requirement.agent is not None and contact.rungs:
            agent = self.agents.get(contact.requirement.agent)
            if agent is not None and agent.on_shift:
                return
            _, contact.requirement = contact.rungs.pop(0)

    def remove(self, contact_id: str, now: int) -> bool:
        contact = self.contacts.get(contact_id)
        if contact is None:
            return False
        freed = self.leave_place(contact, now)
        self.forget(contact)
        if freed is not None:
            self.look_for_contact(freed, now)
        return True

    def forget(self, contact: NaiveContact) -> None:
        """Who waits in its place goes with it: what becomes of them stands in the record."""
        for one in (contact.id, *contact.followers):
            del self.contacts[one]

    def link(self, lead_id: str, entry: NaiveContact, now: int) -> bool:
        """Let a contact wait in the place of its lead; False when that one does not wait."""
        lead = self.contacts.get(lead_id)
        if lead is None or lead.place not in ("waiting", "offered"):
            return False
        known, freed = self.contacts.get(entry.id), None
        entry.place, entry.lead, entry.requirement, entry.rungs = "linked", lead_id, Requirement(), []
        stays = known is not None and known.place == "linked" and known.lead == lead_id
        if known is not None and not stays:
            freed = self.leave_place(known, now)
        entry.followers = known.followers if known is not None else []
        self.contacts[entry.id] = entry
        if not stays:
            lead.followers.append(entry.id)
            self.events.append(("linked", lead_id, lead.agent or "" if lead.place == "offered" else ""))
        if freed is not None:
            self.look_for_contact(freed, now)
        return True

    def hold(self, contact_id: str, channel: Channel, login: str, queued_at: int, revision: int, now: int) -> bool:
        agent = self.agents.get(login)
        if agent is None:
            return False
        known = self.contacts.get(contact_id)
        if known is not None and known.place == "active" and known.agent == login:
            known.revision = revision
            return True
        freed = self.leave_place(known, now) if known is not None else None
        held = NaiveContact(contact_id, channel, Requirement(), [], queued_at, now, revision)
        held.place, held.agent = "active", login
        self.contacts[contact_id] = held
        agent.load[channel] += 1
        if agent.pending is not None and not self.has_room(agent, self.contacts[agent.pending].channel):
            self.withdraw(agent, now)
        self.look_for_contact(agent, now)
        if freed is not None:
            self.look_for_contact(freed, now)
        return True

    # What time does

    def deadlines(self) -> dict[str, int]:
        """Every deadline to come, by contact or `a:<login>`; an active contact has none."""
        times = {one.id: one.deadline() for one in self.contacts.values()}
        for agent in self.agents.values():
            if agent.activity is not Activity.OFFLINE:
                times[f"a:{agent.login}"] = agent.touched_at + self.lease_ms
        times |= {f"y:{LETTERS[channel]}": at for channel, at in self.yielding.items()}
        return {member: time for member, time in times.items() if time is not None}

    def due(self, now: int) -> tuple[int, str] | None:
        """The earliest deadline that has come, and whose it is."""
        return min(((time, member) for member, time in self.deadlines().items() if time <= now), default=None)

    def take_events(self) -> list[Event]:
        """What was announced since the last call."""
        events, self.events = self.events, []
        return events

    def tick(self, now: int, limit: int = 100) -> list[tuple[str, str]]:
        """What the record must be told: ("lapsed", contact) or ("lost", login)."""
        reports: list[tuple[str, str]] = []
        for _ in range(limit):
            due = self.due(now)
            if due is None:
                break
            _, member = due
            if member.startswith("a:"):
                self.lose(self.agents[member.removeprefix("a:")], now)
                reports.append(("lost", member.removeprefix("a:")))
            elif member.startswith("y:"):
                self.look_again(CHANNEL_BY_LETTER[member.removeprefix("y:")], now)
            elif self.contact_due(self.contacts[member], now):
                reports.append(("lapsed", member))
        return reports

    def lose(self, agent: NaiveAgent, now: int) -> None:
        self.events.append(("lost", "", agent.login))
        self.leave_without_meaning_to(agent, Activity.OFFLINE, now)

    def leave_without_meaning_to(self, agent: NaiveAgent, activity: Activity, now: int) -> None:
        if agent.on_shift:
            self.expect_back(agent, now + self.grace_ms, now)
        self.change_activity(agent, activity, now)

    def expect_back(self, agent: NaiveAgent, until: int, now: int) -> None:
        if until > now:
            self.expected[agent.pool] = max(until, self.expected.get(agent.pool, 0))

    def contact_due(self, contact: NaiveContact, now: int) -> bool:
        """Whether the contact is to be reported as lapsed."""
        if contact.place == "offered":
            return self.expire(contact, now)
        if contact.place == "lapsed" or now >= contact.max_wait_at:
            self.lapse(contact, report_at=now + LAPSED_AGAIN_MS)
            return True
        self.apply_rungs(contact, now)
        self.settle(contact, now)
        return False

    def lapse(self, contact: NaiveContact, report_at: int) -> None:
        self.stand(contact)
        contact.place = "lapsed"
        contact.avoid = None
        contact.report_at = report_at

    def expire(self, contact: NaiveContact, now: int) -> bool:
        """An offer was not answered in time; whether its contact is to be reported as lapsed."""
        agent = self.agents[contact.agent or ""]
        self.events.append(("expired", contact.id, agent.login))
        lapsed = now >= contact.max_wait_at
        if lapsed:
            agent.pending = None
            self.lapse(contact, report_at=now + LAPSED_AGAIN_MS)
        else:
            agent.missed += 1
            self.give_back(contact, agent, now)
        if not lapsed and agent.missed >= self.missed_offers:
            agent.missed = 0
            self.events.append(("away", "", agent.login))
            self.leave_without_meaning_to(agent, Activity.AWAY, now)
        else:
            self.look_for_contact(agent, now)
        return lapsed
