"""Chats do not starve phone and counter: whom they would only top up, they leave to a more urgent call or visit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from redis import Redis

from competences.channels import CHANNELS, Channel
from competences.plan.parts import ChannelRules, default_rules
from competences.skills import Requirement
from routeur.contact.words import Activity
from routeur.index import Entry, Index, RungAt
from tests.clock import ManualClock

SKILLS = {"accueil": 1}
ANYBODY = Requirement.of(SKILLS)


class Counter:
    """Ana, and whoever else is placed, behind an index with every channel's usual rules."""

    def __init__(self, redis: Redis, clock: ManualClock) -> None:
        self.index, self.clock = Index(redis), clock
        rules: dict[Channel, ChannelRules] = {channel: default_rules(channel) for channel in CHANNELS}
        with self.index.rebuilding():
            self.index.configure(rules, offer_seconds=20, lease_seconds=6000, missed_offers=9, avoid_seconds=20)
        self.place("ana")

    def place(self, login: str, activity: Activity = Activity.AVAILABLE, revision: int = 1) -> None:
        self.index.place_agent(login, SKILLS, activity, revision, self.clock())

    def arrive(self, contact: str, channel: Channel, *requirements: Requirement) -> str | None:
        """Let somebody come; returns who is offered the contact at once."""
        now = self.clock()
        rungs = tuple(RungAt(now + timedelta(hours=n), one) for n, one in enumerate(requirements or (ANYBODY,)))
        offered = self.index.enqueue(Entry(contact, channel, rungs, now, now + timedelta(hours=2), 1), now)
        return offered.agent if offered else None

    def take(self, contact: str, login: str = "ana") -> None:
        assert self.index.accept(contact, login, self.clock())

    def also_chats(self, login: str) -> None:
        """Somebody else is in a chat too."""
        self.place(login)
        now = self.clock()
        assert self.index.hold(f"{login}'s", Channel.CHAT, login, now, 1, now)

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.index.tick(self.clock())

    def offered(self, login: str = "ana") -> str | None:
        snapshot = self.index.agent_snapshot(login)
        assert snapshot is not None
        return snapshot.offer


@pytest.fixture
def counter(redis_client: Redis, clock: ManualClock) -> Counter:
    """Ana is in a chat."""
    counter = Counter(redis_client, clock)
    assert counter.arrive("first", Channel.CHAT) == "ana"
    counter.take("first")
    return counter


@pytest.mark.parametrize("channel", [Channel.VOICE, Channel.WALKIN])
def test_chats_that_come_one_after_the_other_leave_the_agent_to_who_waits_for_them_alone(
    counter: Counter, channel: Channel
) -> None:
    assert counter.arrive("alone", channel) is None
    counter.wait(600)
    for number in range(8):
        counter.wait(2)
        assert counter.arrive(f"chat-{number}", Channel.CHAT) is None
    assert counter.offered() is None
    counter.index.remove("first", counter.clock())
    assert counter.offered() == "alone"


def test_without_anybody_to_yield_to_a_chat_tops_up(counter: Counter) -> None:
    assert counter.arrive("second", Channel.CHAT) == "ana"


def test_a_chat_that_has_become_more_urgent_than_the_call_yields_no_longer(counter: Counter) -> None:
    counter.arrive("call", Channel.VOICE)
    counter.wait(30)
    counter.arrive("second", Channel.CHAT)
    counter.wait(14)
    assert counter.offered() is None  # 14 of 60 seconds to 44 of 180
    counter.wait(2)
    assert counter.offered() == "second"


@pytest.mark.parametrize("leaves", ["hangs up", "somebody else takes it"])
def test_when_nobody_is_left_to_yield_to_the_chat_is_offered_within_a_second(counter: Counter, leaves: str) -> None:
    counter.arrive("call", Channel.VOICE)
    counter.wait(120)
    counter.arrive("second", Channel.CHAT)
    if leaves == "hangs up":
        counter.index.remove("call", counter.clock())
    else:
        counter.place("bob")
        counter.take("call", "bob")
    counter.wait(1)
    assert counter.offered() == "second"


def test_several_chats_that_yielded_go_to_several_agents_at_once(counter: Counter) -> None:
    counter.also_chats("bob")
    counter.arrive("call", Channel.VOICE)
    counter.wait(120)
    counter.arrive("second", Channel.CHAT)
    counter.arrive("third", Channel.CHAT)
    counter.index.remove("call", counter.clock())
    counter.wait(1)
    assert {counter.offered("ana"), counter.offered("bob")} == {"second", "third"}


def test_letters_and_texts_do_not_keep_anybody_from_a_call_and_do_not_yield(counter: Counter) -> None:
    counter.arrive("call", Channel.VOICE)
    counter.wait(120)
    assert counter.arrive("letter", Channel.EMAIL) == "ana"


def test_who_is_free_takes_the_call_and_who_chats_the_next_chat(counter: Counter) -> None:
    counter.place("bob")
    assert counter.arrive("call", Channel.VOICE) == "bob"
    assert counter.arrive("second", Channel.CHAT) == "ana"


def test_a_call_that_the_agent_could_not_serve_is_not_yielded_to(counter: Counter) -> None:
    counter.index.place_agent("cleo", {"urbanisme": 5}, Activity.BUSY, 1, counter.clock())
    counter.arrive("call", Channel.VOICE, Requirement.of({"urbanisme": 5}))
    counter.wait(120)
    assert counter.arrive("second", Channel.CHAT) == "ana"


def test_a_call_handed_over_to_the_agent_by_name_is_yielded_to_by_them_alone(counter: Counter) -> None:
    counter.also_chats("bob")
    assert counter.arrive("call", Channel.VOICE, Requirement.for_agent("ana"), ANYBODY) is None
    counter.wait(60)
    assert counter.arrive("second", Channel.CHAT) == "bob"
    counter.take("second", "bob")
    assert counter.arrive("third", Channel.CHAT) == "bob"
    assert counter.arrive("fourth", Channel.CHAT) is None
