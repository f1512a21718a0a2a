"""Other systems are told what happens: each event they want, once or more, for days, and nothing about anybody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import insert

from routeur.contact.words import Outcome
from routeur.dispatcher import JOURNALLED
from routeur.errors import NotFound
from routeur.ports.news import DeliveryError
from routeur.record.tables import JournalEntry
from routeur.subscriptions.deliveries import LOG_KEPT_FOR, PAUSES, Deliveries, Gone, Notification, Progress
from routeur.subscriptions.fan_out import FanOut
from routeur.subscriptions.published import EVENT_KINDS, INSIDE, KINDS
from routeur.subscriptions.subscriptions import Stopped, Subscription, Subscriptions, Wanted
from tests.clock import ManualClock
from tests.routeur.hall import Hall

ROUTEUR = Path(__file__).parents[2] / "routeur"
ENDINGS = {Outcome.ABANDONED, Outcome.SELF_SERVED, Outcome.FAILED}


@dataclass
class Listener:
    """What was sent; `refusal` is raised instead of an answer."""

    told: list[Notification] = field(default_factory=list)
    refusal: DeliveryError | None = None

    def __call__(self, notification: Notification) -> int:
        self.told.append(notification)
        if self.refusal is not None:
            raise self.refusal
        return 200

    @property
    def kinds(self) -> list[str]:
        return [json.loads(one.body)["type"] for one in self.told]


class Exchange:
    """A town hall, its listeners, and rounds of telling."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.listener = Listener()
        self.subscriptions = Subscriptions(hall.record, hall.clock)
        self.deliveries = Deliveries(hall.record, hall.clock, self.subscriptions, self.listener)
        self.fan_out = FanOut(hall.record, hall.clock)

    def subscribe(self, **wanted: list[str]) -> Subscription:
        return self.subscriptions.add(Wanted("test", "https://example.org/", **wanted), "anne")

    def round(self, seconds: float = 0) -> None:
        self.hall.step(seconds)
        self.fan_out.step()
        for one in self.deliveries.waiting():
            self.deliveries.tell(one)

    def log(self, subscription: Subscription, state: Progress | None = None) -> list[str]:
        page = self.deliveries.page(subscription.id, state=state, cursor=None, limit=200)
        return [item.kind for item in page.items]


@pytest.fixture
def exchange(record_url: str, redis_client: Redis, clock: ManualClock) -> Iterator[Exchange]:
    hall = Hall(record_url, redis_client, clock)
    yield Exchange(hall)
    hall.close()


def test_a_listener_is_told_what_happens_from_now_on_and_each_thing_once(exchange: Exchange) -> None:
    hall = exchange.hall
    hall.call("CA1")
    one = exchange.subscribe()
    hall.available("bruno")
    second = hall.call("CA2", "+33639980002")
    exchange.round()
    exchange.round(1)
    exchange.round(60)
    arrived = [json.loads(told.body)["data"] for told in exchange.listener.told if "arrived" in told.body]
    about = [data["contact"]["id"] for data in arrived if "contact" in data]
    assert about.count(second) >= 1
    assert exchange.listener.kinds.count("contact.arrived") == 1
    assert len({told.id for told in exchange.listener.told}) == len(exchange.listener.told)
    assert set(exchange.log(one)) <= set(KINDS)


def test_what_is_told_names_nobody_but_agents(exchange: Exchange) -> None:
    exchange.subscribe()
    contact = exchange.hall.call("CA1", "+33639980001")
    exchange.round()
    told = " ".join(one.body for one in exchange.listener.told)
    assert contact in told
    assert "+33639980001" not in told
    assert "39980001" not in told


def test_filters_let_through_what_is_wanted(exchange: Exchange) -> None:
    hall = exchange.hall
    exchange.subscribe(kinds=["contact.arrived"], topics=["carte-identite"], channels=["voice"])
    hall.available("bruno")
    hall.call("CA1")
    exchange.round()
    assert exchange.listener.kinds == ["contact.arrived"]
    exchange.listener.told.clear()
    exchange.subscribe(channels=["email"])
    hall.call("CA2", "+33639980002", topic=None)
    exchange.round()
    assert "contact.arrived" not in exchange.listener.kinds


def test_events_about_no_contact_pass_a_filter_of_kinds_alone(exchange: Exchange) -> None:
    exchange.subscribe(kinds=["agent.activity"])
    exchange.subscribe(channels=["voice"])
    exchange.hall.available("bruno")
    exchange.round()
    assert exchange.listener.kinds == ["agent.activity"]


def test_an_entry_that_is_committed_late_is_told_too(exchange: Exchange) -> None:
    exchange.subscribe()
    exchange.hall.call("CA1")
    exchange.round()
    late = exchange.hall.clock()
    exchange.hall.call("CA2", "+33639980002")
    exchange.round(10)
    with exchange.hall.record.write() as connection:
        entry = {"id": 1_000_000, "at": late, "kind": "activity", "agent": "bruno", "detail": {"activity": "break"}}
        connection.execute(insert(JournalEntry).values(**entry))
    exchange.round(1)
    with exchange.hall.record.write() as connection:
        entry["id"] = 999_999  # a smaller id, seen later
        connection.execute(insert(JournalEntry).values(**entry))
    exchange.round(1)
    assert exchange.listener.kinds.count("agent.activity") == 2


def test_who_does_not_take_it_is_tried_for_three_days_with_growing_pauses(exchange: Exchange) -> None:
    one = exchange.subscribe(kinds=["contact.arrived"])
    exchange.listener.refusal = DeliveryError("503", retryable=True)
    exchange.hall.call("CA1")
    exchange.round()
    for number, pause in enumerate(PAUSES, start=1):
        assert len(exchange.listener.told) == number
        exchange.round(pause.total_seconds() - 1)
        assert len(exchange.listener.told) == number
        exchange.round(1)
    assert len(exchange.listener.told) == len(PAUSES) + 1
    assert len({told.id for told in exchange.listener.told}) == 1
    assert exchange.log(one, Progress.FAILED) == ["contact.arrived"]
    assert exchange.subscriptions.get(one.id).stopped is Stopped.FAILING
    assert sum(PAUSES, timedelta()) > timedelta(days=3)


def test_who_comes_back_misses_nothing(exchange: Exchange) -> None:
    one = exchange.subscribe(kinds=["contact.arrived"])
    exchange.listener.refusal = DeliveryError("ConnectTimeoutError", retryable=True)
    for number in range(3):
        exchange.hall.call(f"CA{number}", f"+3363998000{number}")
    exchange.round()
    exchange.listener.refusal = None
    exchange.round(PAUSES[0].total_seconds())
    exchange.round(1)
    assert len(exchange.log(one, Progress.DONE)) == 3
    assert exchange.subscriptions.get(one.id).stopped is None


def test_a_listener_that_refuses_holds_up_no_other(exchange: Exchange) -> None:
    first, second = exchange.subscribe(kinds=["contact.arrived"]), exchange.subscribe(kinds=["contact.arrived"])
    exchange.hall.call("CA1")
    exchange.hall.step()
    exchange.fan_out.step()
    exchange.listener.refusal = DeliveryError("500", retryable=True)
    exchange.deliveries.tell(first.id)
    exchange.listener.refusal = None
    exchange.deliveries.tell(second.id)
    assert exchange.log(second, Progress.DONE) == ["contact.arrived"]
    assert exchange.log(first, Progress.DONE) == []


def test_who_says_gone_is_told_nothing_more(exchange: Exchange) -> None:
    one = exchange.subscribe()
    exchange.listener.refusal = Gone()
    exchange.hall.call("CA1")
    exchange.round()
    told = len(exchange.listener.told)
    assert exchange.subscriptions.get(one.id).stopped is Stopped.GONE
    exchange.hall.call("CA2", "+33639980002")
    exchange.round()
    assert len(exchange.listener.told) == told


def test_what_happens_while_a_subscription_is_stopped_is_told_when_it_goes_on(exchange: Exchange) -> None:
    one = exchange.subscribe(kinds=["contact.arrived"])
    exchange.subscriptions.change(one.id, one.wanted, stopped=True)
    exchange.hall.call("CA1")
    exchange.round(60)
    assert exchange.listener.told == []
    exchange.subscriptions.change(one.id, one.wanted, stopped=False)
    exchange.round()
    assert exchange.listener.kinds == ["contact.arrived"]


def test_an_attempt_that_died_with_its_process_is_made_again(exchange: Exchange) -> None:
    exchange.subscribe(kinds=["contact.arrived"])
    exchange.hall.call("CA1")
    exchange.hall.step()
    exchange.fan_out.step()
    exchange.listener.refusal = KeyboardInterrupt()  # type: ignore[assignment]
    (one,) = exchange.deliveries.waiting()
    with pytest.raises(KeyboardInterrupt):
        exchange.deliveries.tell(one)
    exchange.listener.refusal = None
    exchange.round(30)
    assert len(exchange.listener.told) == 1
    exchange.round(31)
    assert len(exchange.listener.told) == 2


def test_one_event_and_everything_since_an_instant_can_be_told_again(exchange: Exchange) -> None:
    one = exchange.subscribe(kinds=["contact.arrived"])
    exchange.hall.call("CA1")
    exchange.round()
    since = exchange.hall.clock.advance(10)
    exchange.hall.call("CA2", "+33639980002")
    exchange.round()
    page = exchange.deliveries.page(one.id, state=None, cursor=None, limit=1)
    assert page.next is not None
    exchange.deliveries.replay(one.id, page.items[0].id)
    exchange.round()
    assert len(exchange.listener.told) == 3
    assert exchange.listener.told[1] == exchange.listener.told[2]
    assert exchange.deliveries.replay_since(one.id, since) == 1
    exchange.round()
    assert len(exchange.listener.told) == 4
    with pytest.raises(NotFound):
        exchange.deliveries.replay(one.id, "0" * 32)


def test_the_log_is_kept_for_thirty_days_and_what_is_pending_longer(exchange: Exchange) -> None:
    one = exchange.subscribe(kinds=["contact.arrived"])
    exchange.hall.call("CA1")
    exchange.round()
    exchange.subscriptions.change(one.id, one.wanted, stopped=True)
    exchange.hall.call("CA2", "+33639980002")
    exchange.round()
    exchange.hall.clock.advance(LOG_KEPT_FOR.total_seconds() + 1)
    exchange.deliveries.forget_old()
    assert exchange.log(one) == ["contact.arrived"]
    assert exchange.log(one, Progress.PENDING) == ["contact.arrived"]


def test_a_subscription_that_ends_takes_its_log_along(exchange: Exchange) -> None:
    one = exchange.subscribe()
    exchange.hall.call("CA1")
    exchange.round()
    exchange.subscriptions.end(one.id)
    exchange.round()
    for read in (exchange.subscriptions.get, exchange.subscriptions.end, exchange.subscriptions.renew_secret):
        with pytest.raises(NotFound):
            read(one.id)


def test_a_new_secret_signs_with_the_former_one_for_a_day(exchange: Exchange) -> None:
    one = exchange.subscribe()
    renewed = exchange.subscriptions.renew_secret(one.id)
    assert renewed.secret_numbers(exchange.hall.clock()) == [2, 1]
    assert renewed.secret_numbers(exchange.hall.clock.advance(hours=25)) == [2]


def test_the_story_of_a_call_is_told_whole(exchange: Exchange) -> None:
    exchange.subscribe()
    exchange.hall.available("bruno")
    contact = exchange.hall.call("CA1")
    exchange.hall.desk.accept("bruno", contact)
    exchange.hall.desk.finish("bruno", contact, Outcome.ANSWERED)
    exchange.round()
    kinds = exchange.listener.kinds
    wanted = ["contact.arrived", "contact.topic_set", "contact.offered", "contact.accepted", "contact.closed"]
    assert [kind for kind in wanted if kind in kinds] == wanted
    last = next(json.loads(told.body) for told in exchange.listener.told if "contact.closed" in told.body)
    assert last["data"]["contact"]["outcome"] == "answered"
    assert last["data"]["agent"] == "bruno"


def test_every_kind_of_entry_is_told_or_known_to_stay_inside() -> None:
    said = [re.findall(r'journal\.write\([^")]*?"([a-z_]+)"', path.read_text()) for path in ROUTEUR.rglob("*.py")]
    written = {kind for kinds in said for kind in kinds} | JOURNALLED | {outcome.value for outcome in ENDINGS}
    assert len(written) > 30
    assert written - EVENT_KINDS.keys() - INSIDE == set()
    assert all(kind.count(".") == 1 for kind in EVENT_KINDS.values())
