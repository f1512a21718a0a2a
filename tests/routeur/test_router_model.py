"""The scripts do what the specification says: compared with a naive router after every step of random days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from redis import Redis

from competences.channels import Channel
from competences.plan.parts import ChannelRules
from competences.skills import Requirement, pool_of
from routeur.clock import from_milliseconds
from routeur.contact.words import Activity
from routeur.index import Entry, Index, Lapsed, RungAt, Unserved
from tests.routeur.index_check import (
    check_nobody_is_forgotten,
    check_promises,
    check_same,
    check_structures,
    check_who_could_be_sent_away,
    check_who_serves_whom,
)
from tests.routeur.index_dump import IndexDump, read_index
from tests.routeur.naive_parts import NaiveContact
from tests.routeur.naive_router import YIELD_MS, Event, NaiveRouter
from tests.servers import RedisServer

SEQUENCES = 1000
STEPS = 50
START = 1_772_442_000_000

CONTACTS = ("0c", "1d", "2e", "9z", "a0", "az", "b1", "c2", "d3", "e4", "f5", "f6", "f7", "f8", "f9", "fa", "fb", "fc")
AGENTS = ("ana", "bob", "cleo", "dan", "eve")
SKILLS = ("accueil", "lang:en", "urbanisme")

# Few pools and classes, so that agents compete for contacts and contacts for agents; and now and then any other.
skill_levels = st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 3), max_size=3)
agent_skills = st.one_of(
    st.sampled_from([{"accueil": 2}, {"accueil": 2, "urbanisme": 2}, {"accueil": 1, "lang:en": 1}]), skill_levels
)
requirements = st.one_of(
    st.sampled_from([Requirement.of({"accueil": 1}), Requirement.of({"accueil": 2}), Requirement.of({"urbanisme": 1})]),
    st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 3), max_size=2).map(Requirement.of),
    st.sampled_from(AGENTS).map(Requirement.for_agent),
)
channel_rules = st.builds(
    ChannelRules,
    target_seconds=st.sampled_from([60, 180, 900]),
    target_in_opening_hours=st.booleans(),
    max_wait_seconds=st.just(3600),
    weight=st.sampled_from([0.5, 1.0, 1.7]),
    capacity=st.integers(1, 3),
    exclusive=st.sampled_from([False, False, True]),
    interruptible=st.booleans(),
)
closures = (
    st.lists(st.integers(-100_000, 300_000), max_size=10, unique=True)
    .map(sorted)
    .map(lambda edges: [(START + start, START + end) for start, end in zip(edges[::2], edges[1::2], strict=False)])
)
contacts = st.sampled_from(CONTACTS)
agents = st.sampled_from(AGENTS)
channels = st.sampled_from([Channel.CHAT, Channel.EMAIL, *Channel])
seconds = st.sampled_from([0, 1, 10, 20, 30, 60])
spans = seconds.map(lambda count: count * 1000) | st.integers(0, 90_000)
forgiveness = st.sampled_from([0, 0, 0]) | spans
rungs = st.lists(st.tuples(spans, requirements), min_size=1, max_size=3)
choices = st.integers(0, 100)
revision_steps = st.sampled_from([1, 1, 1, 1, 0, -1])


class RouterMachine(RuleBasedStateMachine):
    """One day in a small town hall, told to the index and to the naive router alike."""

    redis: Any
    namespace = "{routeur}"

    def __init__(self) -> None:
        super().__init__()
        self.redis.flushall()
        self.now = START
        self.last_event = "0"
        self.revisions: dict[str, int] = {}

    @initialize(
        rules=st.tuples(*[channel_rules] * len(Channel)),
        closures=closures,
        skills=st.tuples(*[agent_skills] * len(AGENTS)),
        missed_offers=st.integers(1, 3),
        avoid_ms=st.sampled_from([1_000, 5_000, 30_000]),
        grace_ms=st.sampled_from([0, 20_000, 120_000]),
    )
    def open_town_hall(
        self,
        rules: tuple[ChannelRules, ...],
        closures: list[tuple[int, int]],
        skills: tuple[dict[str, int], ...],
        missed_offers: int,
        avoid_ms: int,
        grace_ms: int,
    ) -> None:
        by_channel = dict(zip(Channel, rules, strict=True))
        self.index = Index(self.redis, namespace=self.namespace)
        with self.index.rebuilding():
            self.index.configure(
                by_channel,
                offer_seconds=20,
                lease_seconds=60,
                missed_offers=missed_offers,
                avoid_seconds=avoid_ms / 1000,
                presence_grace_seconds=grace_ms / 1000,
                closures=[(from_milliseconds(start), from_milliseconds(end)) for start, end in closures],
            )
        self.model = NaiveRouter(
            by_channel,
            closures,
            offer_ms=20_000,
            lease_ms=60_000,
            missed_offers=missed_offers,
            avoid_ms=avoid_ms,
            grace_ms=grace_ms,
        )
        for login, levels in zip(AGENTS[:-1], skills, strict=False):  # the last one is unknown until placed
            self.place(login, levels, Activity.AVAILABLE, 1)

    @rule(weights=st.dictionaries(agent_skills.map(pool_of), st.sampled_from([0.25, 1.0, 1.5, 6.0]), max_size=3))
    def weigh_pools(self, weights: dict[str, float]) -> None:
        self.index.weigh_pools(weights)
        self.model.weigh(weights)

    # What agents do

    @rule(
        login=agents,
        levels=agent_skills,
        activity=st.sampled_from(Activity),
        step=revision_steps,
        by_their_desk=st.booleans(),
    )
    def place_agent(
        self, login: str, levels: dict[str, int], activity: Activity, step: int, by_their_desk: bool
    ) -> None:
        self.place(login, levels, activity, self.next_revision(login, step), by_their_desk)

    @precondition(lambda self: self.offers())
    @rule(choice=choices, levels=agent_skills)
    def change_the_skills_of_somebody_who_is_offered_something(self, choice: int, levels: dict[str, int]) -> None:
        _, login = self.nth_offer(choice)
        self.place(login, levels, self.model.agents[login].activity, self.next_revision(login, 1), False)

    def place(
        self, login: str, levels: dict[str, int], activity: Activity, revision: int, by_their_desk: bool = True
    ) -> None:
        self.index.place_agent(login, levels, activity, revision, self.instant(), by_their_desk=by_their_desk)
        self.model.place_agent(login, levels, activity, revision, self.now, by_their_desk=by_their_desk)
        self.revisions[login] = max(revision, self.revisions.get(login, 0))

    @rule(
        login=agents, activity=st.sampled_from([*Activity, Activity.AVAILABLE, Activity.AVAILABLE]), step=revision_steps
    )
    def change_activity(self, login: str, activity: Activity, step: int) -> None:
        agent = self.model.agents.get(login)
        if agent is not None:
            self.place(login, agent.skills, activity, self.next_revision(login, step))

    @rule(login=agents, activity=st.sampled_from([Activity.AWAY, Activity.OFFLINE]), until=spans, step=revision_steps)
    def agent_is_known_to_be_expected(self, login: str, activity: Activity, until: int, step: int) -> None:
        """As the repair places an agent whom the record says to have left without meaning to."""
        agent = self.model.agents.get(login)
        if agent is not None:
            revision, back_at = self.next_revision(login, step), self.now + until
            self.index.place_agent(
                login,
                agent.skills,
                activity,
                revision,
                self.instant(),
                by_their_desk=False,
                expected_until=from_milliseconds(back_at),
            )
            self.model.place_agent(
                login, agent.skills, activity, revision, self.now, by_their_desk=False, expected_until=back_at
            )
            self.revisions[login] = max(revision, self.revisions.get(login, 0))

    @rule()
    def everybody_is_back(self) -> None:
        for login, agent in list(self.model.agents.items()):
            self.place(login, agent.skills, Activity.AVAILABLE, self.next_revision(login, 1))

    @rule(login=agents)
    def touch(self, login: str) -> None:
        self.same(self.index.touch(login, self.instant()), self.model.touch(login, self.now))

    @rule(contact=contacts, login=agents)
    def accept_anything(self, contact: str, login: str) -> None:
        self.accept(contact, login)

    @rule(contact=contacts, login=agents)
    def decline_anything(self, contact: str, login: str) -> None:
        self.decline(contact, login)

    @precondition(lambda self: self.offers())
    @rule(choice=choices)
    def accept_offer(self, choice: int) -> None:
        self.accept(*self.nth_offer(choice))

    @precondition(lambda self: self.offers())
    @rule(choice=choices)
    def accept_offer_twice(self, choice: int) -> None:
        contact, login = self.nth_offer(choice)
        self.accept(contact, login)
        self.accept(contact, login)

    @precondition(lambda self: self.offers())
    @rule(choice=choices)
    def decline_offer(self, choice: int) -> None:
        self.decline(*self.nth_offer(choice))

    def accept(self, contact: str, login: str) -> None:
        known = self.model.contacts.get(contact)
        with_it = [] if known is None else list(known.followers)
        accepted = self.index.accept(contact, login, self.instant())
        self.same(bool(accepted), self.model.accept(contact, login, self.now))
        if accepted:
            self.same(accepted.revision, self.model.contacts[contact].revision)
            came = {one for one in with_it if self.model.contacts[one].place == "active"}
            self.same(accepted.companions, came)

    def decline(self, contact: str, login: str) -> None:
        declined = self.index.decline(contact, login, self.instant())
        self.same(declined is not None, self.model.decline(contact, login, self.now))

    # What happens to contacts

    @rule(
        contact=contacts,
        channel=channels,
        ladder=rungs,
        waited=spans,
        patience=spans,
        forgiven=forgiveness,
        step=revision_steps,
    )
    def enqueue(
        self,
        contact: str,
        channel: Channel,
        ladder: list[tuple[int, Requirement]],
        waited: int,
        patience: int,
        forgiven: int,
        step: int,
    ) -> None:
        self.enqueue_one(contact, channel, ladder, waited, patience, forgiven, step)

    def enqueue_one(
        self,
        contact: str,
        channel: Channel,
        ladder: list[tuple[int, Requirement]],
        waited: int,
        patience: int,
        forgiven: int,
        step: int,
    ) -> None:
        entry, naive = self.entry(contact, channel, ladder, waited, patience, forgiven, step)
        self.queued(lambda: self.index.enqueue(entry, self.instant()), self.model.enqueue(naive, self.now), contact)

    @rule(
        channel=channels,
        ladder=rungs,
        waited=st.lists(spans, min_size=2, max_size=6),
    )
    def crowd(self, channel: Channel, ladder: list[tuple[int, Requirement]], waited: list[int]) -> None:
        """Let several contacts of the same class arrive at various times, each with a long maximum wait."""
        absent = [one for one in CONTACTS if one not in self.model.contacts]
        for contact, since in zip(absent, waited, strict=False):
            self.enqueue_one(contact, channel, ladder, since, 600_000, 0, 1)

    @rule(
        contact=contacts,
        channel=channels,
        ladder=rungs,
        waited=spans,
        patience=spans,
        forgiven=forgiveness,
        step=revision_steps,
        avoid=st.none() | agents,
    )
    def requeue(
        self,
        contact: str,
        channel: Channel,
        ladder: list[tuple[int, Requirement]],
        waited: int,
        patience: int,
        forgiven: int,
        step: int,
        avoid: str | None,
    ) -> None:
        entry, naive = self.entry(contact, channel, ladder, waited, patience, forgiven, step)
        outcome = self.model.requeue(naive, self.now, avoid)
        self.queued(lambda: self.index.requeue(entry, self.instant(), avoid), outcome, contact)

    def queued(self, call: Callable[[], Any], outcome: str, contact: str) -> None:
        """Check that the index answers as the model does."""
        try:
            offered = call()
        except Unserved:
            assert outcome == "unserved"
            return
        if outcome == "offered":
            self.same(offered.agent if offered else None, self.model.contacts[contact].agent)
        else:
            assert outcome in ("kept", "waiting", "lapsed")
            assert offered is None

    @rule(lead=contacts, contact=contacts, channel=channels, waited=spans, patience=spans, step=revision_steps)
    def link(self, lead: str, contact: str, channel: Channel, waited: int, patience: int, step: int) -> None:
        self.link_one(lead, contact, channel, waited, patience, step)

    @precondition(lambda self: self.waiting())
    @rule(choice=choices, contact=contacts, channel=channels, waited=spans, patience=spans, step=revision_steps)
    def link_to_somebody_who_waits(
        self, choice: int, contact: str, channel: Channel, waited: int, patience: int, step: int
    ) -> None:
        waiting = self.waiting()
        self.link_one(waiting[choice % len(waiting)], contact, channel, waited, patience, step)

    def link_one(self, lead: str, contact: str, channel: Channel, waited: int, patience: int, step: int) -> None:
        if lead == contact:
            return
        entry, naive = self.entry(contact, channel, [(0, Requirement())], waited, patience, 0, step)
        self.same(self.index.link(lead, entry, self.instant()), self.model.link(lead, naive, self.now))

    @rule(contact=contacts)
    def remove(self, contact: str) -> None:
        self.same(self.index.remove(contact, self.instant()), self.model.remove(contact, self.now))

    @precondition(lambda self: self.active())
    @rule(choice=choices)
    def finish(self, choice: int) -> None:
        active = self.active()
        self.remove(active[choice % len(active)])

    @rule(contact=contacts, channel=channels, login=agents, waited=spans)
    def hold(self, contact: str, channel: Channel, login: str, waited: int) -> None:
        known = self.model.contacts.get(contact)
        channel = known.channel if known else channel
        revision = (known.revision if known else 0) + 1
        agent = self.model.agents.get(login)
        if agent is not None and agent.load[channel] == 9:
            return  # as many as a plan can allow
        queued_at = self.now - waited
        self.same(
            self.index.hold(contact, channel, login, from_milliseconds(queued_at), revision, self.instant()),
            self.model.hold(contact, channel, login, queued_at, revision, self.now),
        )

    # What time does

    @rule(milliseconds=st.sampled_from([1, 999, 5_000, 19_999, 20_000, 60_000]) | st.integers(0, 30_000))
    def wait(self, milliseconds: int) -> None:
        self.now += milliseconds

    @rule(choice=st.integers(0, 20), early=st.sampled_from([0, 0, 1]))
    def wait_for_a_deadline(self, choice: int, early: int) -> None:
        times = sorted(self.model.deadlines().values())
        if times:
            self.now = max(self.now, times[choice % len(times)] - early)

    @rule()
    def tick(self) -> None:
        self.drain(100)
        assert self.model.due(self.now) is None

    @rule(limit=st.integers(1, 3))
    def tick_a_little(self, limit: int) -> None:
        self.drain(limit)

    def drain(self, limit: int) -> None:
        told = [
            ("lapsed", one.contact) if isinstance(one, Lapsed) else ("lost", one.login)
            for one in self.index.tick(self.instant(), limit)
        ]
        self.same(told, self.model.tick(self.now, limit))

    @rule()
    def look_who_waits_in_vain(self) -> None:
        check_who_could_be_sent_away(self.model, set(self.index.unserved(self.instant())), self.now)

    # What must hold after every step

    @invariant()
    def index_and_model_agree(self) -> None:
        dump = self.dump()
        check_same(self.model, dump, self.now)
        check_structures(self.model, dump)
        check_who_serves_whom(self.model, dump, self.known("classes"), self.known("pools"))
        check_promises(dump)
        self.same(self.new_events(), self.model.take_events())

    @invariant()
    def nobody_is_forgotten(self) -> None:
        if self.model.due(self.now) is None:
            check_nobody_is_forgotten(self.model, self.now)

    def teardown(self) -> None:
        """Check that nothing remains in the index once everybody has left."""
        if not hasattr(self, "model"):
            return
        for contact in list(self.model.contacts):
            self.index.remove(contact, self.instant())
        for login, agent in self.model.agents.items():
            self.index.place_agent(login, agent.skills, Activity.OFFLINE, 1_000, self.instant())
        self.now += YIELD_MS
        self.index.tick(self.instant())
        dump = self.dump()
        assert dump == IndexDump(agents=dump.agents, serve=dump.serve, feeds=dump.feeds, expected=dump.expected)

    # Helpers

    def instant(self) -> datetime:
        return from_milliseconds(self.now)

    def next_revision(self, name: str, step: int) -> int:
        return max(1, self.revisions.get(name, 1) + step)

    def entry(
        self,
        contact: str,
        channel: Channel,
        ladder: list[tuple[int, Requirement]],
        waited: int,
        patience: int,
        forgiven: int,
        step: int,
    ) -> tuple[Entry, NaiveContact]:
        known = self.model.contacts.get(contact)
        revision = max(1, (known.revision if known else 1) + step)
        steps = [(self.now + after, requirement) for after, requirement in ladder]
        if steps[0][1].agent is None:  # the rung of one agent may hold longer than the next ones' time
            steps.sort(key=lambda step: step[0])
        queued_at, max_wait_at = self.now - waited, self.now - waited + patience + 10_000
        entry = Entry(
            contact=contact,
            channel=channel,
            rungs=tuple(RungAt(from_milliseconds(at), requirement) for at, requirement in steps),
            queued_at=from_milliseconds(queued_at),
            max_wait_at=from_milliseconds(max_wait_at),
            revision=revision,
            patient_until=from_milliseconds(self.now + forgiven),
        )
        naive = NaiveContact(
            contact, channel, steps[0][1], steps[1:], queued_at, max_wait_at, revision, self.now + forgiven
        )
        return entry, naive

    def waiting(self) -> list[str]:
        return [one.id for one in self.model.contacts.values() if one.place in ("waiting", "offered")]

    def offers(self) -> list[tuple[str, str]]:
        return [(one.id, one.agent or "") for one in self.model.contacts.values() if one.place == "offered"]

    def nth_offer(self, choice: int) -> tuple[str, str]:
        offers = self.offers()
        return offers[choice % len(offers)]

    def active(self) -> list[str]:
        return [one.id for one in self.model.contacts.values() if one.place == "active"]

    def same(self, index: object, model: object) -> None:
        assert index == model, f"index {index}, model {model}"

    def dump(self) -> IndexDump:
        return read_index(self.redis, self.namespace + ":")

    def known(self, kind: str) -> set[str]:
        return set(self.redis.smembers(f"{self.namespace}:{kind}"))

    def new_events(self) -> list[Event]:
        entries = self.redis.xrange(f"{self.namespace}:events", min=f"({self.last_event}", max="+")
        if entries:
            self.last_event = entries[-1][0]
        return [(fields["kind"], fields["contact"], fields["agent"]) for _, fields in entries]


SHARES = 4


@pytest.mark.parametrize("share", range(SHARES))
def test_scripts_agree_with_the_naive_router(redis_process: RedisServer, share: int) -> None:
    with Redis.from_url(redis_process.socket_url, decode_responses=True) as client:
        machine = type(f"RouterMachine{share}", (RouterMachine,), {"redis": client})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=SEQUENCES // SHARES,
                stateful_step_count=STEPS,
                deadline=None,
                print_blob=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
