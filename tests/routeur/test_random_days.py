"""P3 over whole days of random events, while the index fails and returns: after each of them every message of a person
belongs to one open thing that somebody has or a queue holds, and at the end every contact is in a place."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from sqlalchemy import select

from competences.channels import CHANNELS, Channel
from routeur.contact.row import HELD, IN_INDEX
from routeur.contact.ways_out import ByHand
from routeur.contact.words import Activity, AddressKind, FollowUpReason, Outcome
from routeur.errors import RouterError
from routeur.ports.inbound import Inbound
from routeur.queue.recall import Moment
from routeur.record.tables import Contact, FollowUp
from tests.routeur.hall import PLAN, Hall
from tests.routeur.places import misplaced

DAYS = 6
STEPS = 200
AGENTS = ("anne", "bruno", "chloe", "david")
TOPICS = ("carte-identite", "objets-trouves", "permis-construire")
WHOLE_PLAN = PLAN.read_text("utf-8")
WITHOUT_DAVID = "\n".join(line for line in WHOLE_PLAN.splitlines() if not line.startswith("  david:"))


class Day:
    """A day of four usagers and four agents, in which the index often fails."""

    def __init__(self, hall: Hall, seed: int) -> None:
        self.hall = hall
        self.chance = random.Random(seed)
        self.arrived: list[str] = []
        self.number = 0
        self.shaky = True
        self._run = hall.index._run
        vars(hall.index)["_run"] = self.run_or_fail

    def run_or_fail(self, script: str, *arguments: str | int) -> Any:
        """Let one call in seven find no Redis, as if the process died between its commit and the index."""
        if self.shaky and script not in ("accept", "tick") and self.chance.random() < 0.15:
            raise RedisConnectionError("gone")
        return self._run(script, *arguments)

    def live(self) -> None:
        doings = [self.arrive] * 4 + [self.accept] * 3 + [self.serve] * 2
        doings += [self.leave, self.correct, self.change_activity, self.bad_luck, self.decline]
        doings += [self.write_again, self.speak, self.speak, self.keep, self.keep, self.keep]
        for _ in range(STEPS):
            doing = self.chance.choice(doings)
            self.hall.clock.advance(0.001)  # what comes after a closing is then later than it
            with suppress(RouterError, RedisError):
                doing()
            assert misplaced(self.hall, AGENTS) == [], doing.__name__
            if self.chance.random() < 0.5:
                self.hall.clock.advance(self.chance.choice([0.5, 1, 5, 20]))
                with suppress(RedisError):
                    self.hall.dispatcher.step()

    def calm_down(self) -> None:
        self.shaky = False
        self.hall.plans.publish(WHOLE_PLAN, None, self.hall.clock())
        for _ in range(4):
            self.hall.step(4)

    def arrive(self) -> None:
        self.number += 1
        person = f"{self.chance.randrange(4)}"
        kind, address, channel = self.chance.choice(
            [
                (AddressKind.PHONE, f"+3363998000{person}", Channel.VOICE),
                (AddressKind.CHAT, f"chat-{self.number}", Channel.CHAT),
                (AddressKind.EMAIL, f"{person}@example.org", Channel.EMAIL),
                (AddressKind.PHONE, f"+3363998000{person}", Channel.MESSAGING),
                (AddressKind.TICKET, f"T{self.number}", Channel.WALKIN),
            ]
        )
        proved = [(AddressKind.PHONE, f"+3363998000{person}"), (AddressKind.EMAIL, f"{person}@example.org")]
        self.hall.know(*proved, (kind, address))
        inbound = Inbound(
            channel,
            kind,
            address,
            text="" if channel is Channel.VOICE else f"message {self.number}",
            provider_ref=None if channel in (Channel.EMAIL, Channel.MESSAGING) else f"ref-{self.number}",
            provider_id=None if channel is Channel.VOICE else f"<{self.number}@example.org>",
            topic=self.chance.choice(TOPICS),
        )
        self.arrived.append(self.hall.reception.receive(inbound).standing.contact.id)

    def accept(self) -> None:
        for login, agent in self.hall.index.agent_snapshots(AGENTS).items():
            if agent.offer is not None:
                self.hall.desk.accept(login, agent.offer)
                if self.chance.random() < 0.3:  # a double click
                    self.hall.desk.accept(login, agent.offer)
                return

    def decline(self) -> None:
        for login, agent in self.hall.index.agent_snapshots(AGENTS).items():
            if agent.offer is not None:
                self.hall.desk.decline(login, agent.offer)
                return

    def serve(self) -> None:
        held = [row for row in self.open_contacts() if row.state in HELD]
        if not held:
            return
        row, desk = self.chance.choice(held), self.hall.desk
        to: dict[str, Any] = self.chance.choice(
            [{"topic": self.chance.choice(TOPICS)}, {"agent": self.chance.choice(AGENTS)}, {"skills": {"accueil": 2}}]
        )
        ways: list[Callable[[], object]] = [
            lambda: desk.finish(
                row.agent, row.id, self.chance.choice([Outcome.ANSWERED, Outcome.SPAM, Outcome.FAILED])
            ),
            lambda: desk.transfer(row.agent, row.id, **to),
            lambda: desk.follow_up(row.agent, row.id),
        ]
        self.chance.choice(ways)()

    def leave(self) -> None:
        self.chance.choice([self.hall.reception.usager_left, self.hall.reception.ask_follow_up])(self.somebody())

    def correct(self) -> None:
        self.hall.desk.set_topic("anne", self.somebody(), self.chance.choice(TOPICS), anyone=True)

    def change_activity(self) -> None:
        activity = self.chance.choice([*[Activity.AVAILABLE] * 4, *Activity])
        self.hall.desk.set_activity(self.chance.choice(AGENTS), activity)

    def write_again(self) -> None:
        self.number += 1
        mail = Inbound(
            Channel.EMAIL,
            AddressKind.EMAIL,
            "0@example.org",
            "Et ?",
            f"<{self.number}@x>",
            contact_hint=self.somebody(),
        )
        self.arrived.append(self.hall.reception.receive(mail).standing.contact.id)

    def speak(self) -> None:
        """Somebody goes on with what they wrote before, the way they wrote it, whatever has become of it."""
        self.number += 1
        contact = self.hall.reception.standing(self.somebody()).contact
        if contact.channel in (Channel.VOICE, Channel.WALKIN):
            return
        said = Inbound(
            contact.channel,
            contact.address_kind,
            contact.address,
            f"message {self.number}",
            f"<{self.number}@example.org>",
            provider_ref=contact.provider_ref,
            contact_hint=contact.id if contact.channel is Channel.EMAIL else None,
            topic=contact.topic,
        )
        self.arrived.append(self.hall.reception.receive(said).standing.contact.id)

    def keep(self) -> None:
        """Somebody does something to a follow-up."""
        kept = self.hall.views.follow_ups.page(limit=200).items
        if not kept:
            return
        one, login, now = self.chance.choice(kept), self.chance.choice(AGENTS), self.hall.clock()
        follow_ups, recall = self.hall.follow_ups, self.hall.recall
        moment = Moment(list(FollowUpReason), now - timedelta(seconds=30), now)
        ways: list[Callable[[], object]] = [
            lambda: follow_ups.take(login, one.reference, over=True, anyone=self.chance.random() < 0.3),
            lambda: follow_ups.release(one.taken_by or login, one.reference),
            lambda: follow_ups.hand_over(one.taken_by or login, one.reference, agent=login),
            lambda: follow_ups.hand_over(login, one.reference, service="accueil", anyone=True),
            lambda: follow_ups.snooze(one.taken_by or login, one.reference, now + timedelta(seconds=10)),
            lambda: follow_ups.answer(one.taken_by or login, one.reference, "Voilà"),
            lambda: follow_ups.answer(login, one.reference, "Voilà", by=ByHand.TELEPHONE, anyone=True),
            lambda: follow_ups.close(one.taken_by or login, one.reference),
            lambda: follow_ups.reopen(one.taken_by or login, one.reference, anyone=True),
            lambda: recall.serve_now(login, one.reference, anyone=True),
            lambda: recall.serve_all(login, moment),
        ]
        self.chance.choice(ways)()

    def bad_luck(self) -> None:
        now = self.hall.clock()
        kinds: list[Callable[[], object]] = [
            self.hall.redis.flushall,
            lambda: self.hall.plans.publish(self.chance.choice([WHOLE_PLAN, WITHOUT_DAVID]), None, now),
            lambda: self.hall.reception.delivery_failed(self.somebody(), "550"),
            self.close_something,
            self.open_again,
        ]
        self.chance.choice(kinds)()

    def close_something(self) -> None:
        part: dict[str, Any] = self.chance.choice([{}, {"service": "urbanisme"}, {"channel": Channel.CHAT}])
        until = self.hall.clock() + timedelta(seconds=self.chance.choice([30, 300, 3000]))
        self.hall.closures.make("anne", until, **part)

    def open_again(self) -> None:
        for closure in self.hall.closures.listed(over=False):
            self.hall.closures.undo("anne", closure.id)

    def somebody(self) -> str:
        return self.chance.choice(self.arrived or ["nobody"])

    def sent_away_for_a_moment(self) -> list[Any]:
        """Letters that became follow-ups because we were closed, or nobody was there just then."""
        with self.hall.record.read() as connection:
            query = (
                select(FollowUp.reason)
                .join(Contact, Contact.id == FollowUp.contact_id)
                .where(
                    Contact.channel == Channel.EMAIL.value,
                    FollowUp.reason.in_([FollowUpReason.CLOSED.value, FollowUpReason.NOBODY_SKILLED.value]),
                )
            )
            return list(connection.scalars(query))

    def open_contacts(self) -> list[Any]:
        with self.hall.record.read() as connection:
            query = select(*Contact.__table__.c).where(Contact.state.in_(IN_INDEX)).order_by(Contact.arrived_at)
            return list(connection.execute(query).all())


@pytest.mark.parametrize("seed", range(DAYS))
def test_after_any_day_the_index_holds_what_the_record_says_and_everything_ends(hall: Hall, seed: int) -> None:
    day = Day(hall, seed)
    day.live()
    day.calm_down()

    rows = {row.id: row for row in day.open_contacts()}
    alone = {row.id for row in rows.values() if row.linked_to is None}
    assert all(row.linked_to in alone for row in rows.values() if row.linked_to is not None)
    assert hall.index.contacts() == set(rows)
    snapshots = hall.index.snapshots(rows)
    for contact, snapshot in snapshots.items():
        row = rows[contact]
        if row.state in HELD:
            assert (snapshot.state, snapshot.agent) == ("active", row.agent)
        elif row.linked_to is not None:
            assert (snapshot.state, snapshot.lead) == ("linked", row.linked_to)
        else:
            assert snapshot.state in ("waiting", "offered")
    held = Counter(row.agent for row in rows.values() if row.state in HELD)
    for login, agent in hall.index.agent_snapshots(AGENTS).items():
        assert sum(agent.load.values()) == held[login]
        assert all(n <= hall.plans.plan().channels[channel].capacity for channel, n in agent.load.items())

    for login in AGENTS:
        hall.desk.set_activity(login, Activity.OFFLINE)
    hall.clock.advance(hours=5)
    for _ in range(10):
        hall.step(60)
    assert all(CHANNELS[Channel(row.channel)].waits_overnight for row in day.open_contacts())
    hall.clock.advance(days=3)  # more than eight hours of opening
    for _ in range(10):
        hall.step(60)
    assert day.open_contacts() == []
    assert misplaced(hall) == []
    assert day.sent_away_for_a_moment() == []
