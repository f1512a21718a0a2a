"""Eight processes do everything at once to one Redis: nothing is lost, nothing held twice, no capacity exceeded."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from redis import Redis

from routeur.contact.words import Activity
from routeur.index import Index
from tests.routeur.hammer import CONTACTS, PROCESSES, RULES, agents
from tests.routeur.index_dump import read_index
from tests.routeur.witness import Witness

ROOT = Path(__file__).parents[2]
MOST_SECONDS = 240
"""Far more than it should take, so that a slow machine is not taken for a fault."""


def open_town_hall(redis: Redis) -> Index:
    index = Index(redis)
    with index.rebuilding():
        index.configure(RULES, offer_seconds=1, lease_seconds=0.5, missed_offers=2, avoid_seconds=1)
    for login, skills in agents().items():
        index.place_agent(login, skills, Activity.AVAILABLE, 1, datetime.now(UTC))
    return index


def hammer(url: str) -> Counter[str]:
    """Run all the processes to their end; returns the sum of what they did."""
    command = [sys.executable, "-m", "tests.routeur.hammer", url]
    processes = [
        subprocess.Popen([*command, str(number)], cwd=ROOT, stdout=subprocess.PIPE) for number in range(PROCESSES)
    ]
    done: Counter[str] = Counter()
    try:
        for process in processes:
            output, _ = process.communicate(timeout=MOST_SECONDS)
            assert process.returncode == 0
            done.update(json.loads(output))
    finally:
        for process in processes:
            process.kill()
    return done


def test_nothing_is_lost_or_held_twice_or_above_capacity(redis_url: str, redis_client: Redis) -> None:
    index = open_town_hall(redis_client)
    witness = Witness(redis_client, RULES)

    done = hammer(redis_url)

    assert witness.wrongs() == []
    assert witness.ended() == CONTACTS
    assert done["lost"] == 0
    assert done["finished"] + done["abandoned"] + done["lapsed"] + done["unserved"] == CONTACTS
    assert done["finished"] > CONTACTS / 2
    for event in ("declined", "too late", "transferred", "lapsed", "abandoned", "went", "desk gone", "came back"):
        assert done[event] > 0, event

    index.tick(datetime.now(UTC))
    dump = read_index(redis_client, index.key(""))
    assert not index.contacts()
    assert {agent["load"] for agent in dump.agents.values()} == {"00000"}
    assert [dump.contacts, dump.queues, dump.heads, dump.fronts] == [{}, {}, {}, {}]
    available = {login for login, agent in dump.agents.items() if agent["activity"] == "available"}
    assert {login for idle in dump.idle.values() for login, _ in idle} == available
