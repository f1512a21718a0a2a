"""An offer belongs to one agent for a while: it is accepted once, declined, or expires."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from redis import Redis

from routeur.index import Index
from tests.e2e.desk import Agent, Arrive
from tests.e2e.street import Caller, Visitor
from tests.e2e.town_hall import PLAN, TownHall
from tests.e2e.town_redis import TownRedis
from tests.e2e.waiting import eventually


def test_two_agents_accept_at_once_and_one_has_it(town: TownHall, arrive: Arrive) -> None:
    staff = [arrive("lucie.garnier"), arrive("antoine.mercier")]
    visitor = Visitor(town)
    visitor.begin("Bonjour", topic="cantine")
    eventually(lambda: staff[0].offers() or staff[1].offers(), "an offer to either")
    answers = _at_once([partial(_status, agent, visitor.id) for agent in staff])
    assert sorted(answers) == [200, 409]
    holder = staff[answers.index(200)]
    assert holder.contact(visitor.id)["agent"] == holder.login
    holder.finish(visitor.id)


def test_an_agent_who_accepts_twice_at_once_has_it_once(town: TownHall, arrive: Arrive) -> None:
    lucie = arrive("lucie.garnier")
    visitor = Visitor(town)
    visitor.begin("Bonjour", topic="cantine")
    lucie.offered()
    answers = _at_once([partial(_status, lucie, visitor.id)] * 4)
    assert 200 in answers
    assert set(answers) <= {200, 409}
    assert lucie.story_so_far(visitor.id, "offered").count("accepted") == 1
    lucie.finish(visitor.id)


def test_a_declined_contact_goes_to_somebody_else_and_keeps_its_place(town: TownHall, arrive: Arrive) -> None:
    lucie, antoine = arrive("lucie.garnier"), arrive("antoine.mercier", "busy")
    first, second = Visitor(town), Visitor(town)
    first.begin("Bonjour", topic="cantine")
    assert lucie.offered()["contact"]["id"] == first.id
    second.begin("Bonjour", topic="cantine")
    lucie.does(f"/contacts/{first.id}/decline")
    assert lucie.offered()["contact"]["id"] == second.id
    antoine.is_now("available")
    assert antoine.offered()["contact"]["id"] == first.id
    lucie.accept(second.id)
    antoine.accept(first.id)
    story = antoine.story_so_far(first.id, "declined")
    assert [kind for kind in story if kind != "withdrawn"] == ["arrived", "offered", "declined", "offered", "accepted"]
    lucie.finish(second.id)
    antoine.finish(first.id)


def test_who_holds_a_call_is_offered_nothing_else(town: TownHall, arrive: Arrive) -> None:
    sophie = arrive("sophie.lambert")
    caller, visitor = Caller(town), Visitor(town)
    caller.choose(caller.dial(), "1", "4")
    call = sophie.offered()["contact"]["id"]
    sophie.accept(call)
    visitor.begin("Bonjour", topic="passeport")
    explained = sophie.get(f"/contacts/{visitor.id}/explanation")
    assert explained["state"] == "waiting"
    assert sophie.offers() == []
    caller.hang_up()
    assert sophie.offers() == []  # still writing it up
    sophie.finish(call)
    assert sophie.offered()["contact"]["id"] == visitor.id
    sophie.accept(visitor.id)
    sophie.finish(visitor.id)


@pytest.fixture
def impatient(town: TownHall, redis: TownRedis, tmp_path: Path) -> Iterator[None]:
    """Let an offer last one second in this scenario."""
    rules = Index(Redis.from_url(redis.url)).key("rules")
    with (
        plan_in_force(town, tmp_path, lambda plan: plan.replace("offer_seconds: 20 ", "offer_seconds: 1 ")),
        Redis.from_url(redis.url) as client,
    ):
        eventually(lambda: client.hget(rules, "offer_ms") == b"1000", "the router has the new plan")
        yield


@pytest.mark.usefixtures("impatient")
def test_an_agent_who_misses_two_offers_is_away_and_sees_why(town: TownHall, arrive: Arrive) -> None:
    lucie = arrive("lucie.garnier")
    arrive("antoine.mercier", "busy")  # somebody else could serve them: they wait
    visitors = [Visitor(town), Visitor(town)]
    with lucie.stream() as desk:
        desk.until("reset")
        for visitor in visitors:
            visitor.begin("Bonjour", topic="cantine")
        desk.until("offer_ended", timeout=40, because="expired")
        desk.until("offer_ended", timeout=40, because="expired")
        while desk.until("me").data["me"]["activity"] != "away":
            pass
    me = lucie.get("/me")
    assert (me["activity"], me["reason"]) == ("away", "missed_offers")
    assert lucie.offers() == []
    assert lucie.contact(visitors[0].id)["state"] == "waiting"
    lucie.story_so_far(visitors[0].id, "expired")


@contextmanager
def plan_in_force(town: TownHall, folder: Path, change: Callable[[str], str]) -> Iterator[None]:
    """Put a changed plan in force until the end of the block, by import and without a restart."""
    before = PLAN.read_text("utf-8")
    changed = change(before)
    assert changed != before
    file = folder / "plan.yaml"
    file.write_text(changed, "utf-8")
    town.command("plan", "import", str(file))
    try:
        yield
    finally:
        town.command("plan", "import", str(PLAN))


def _status(agent: Agent, contact_id: str) -> int:
    return agent.request("POST", f"/contacts/{contact_id}/accept").status_code


def _at_once(actions: Sequence[Callable[[], int]]) -> list[int]:
    """Run these at the same moment; returns the result of each, in order."""
    start = threading.Barrier(len(actions))
    results = [0] * len(actions)

    def run(number: int) -> None:
        start.wait()
        results[number] = actions[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
