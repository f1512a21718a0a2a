"""Over a whole day with many chats, none tops up an agent past a more urgent call or visit that they could serve."""

from __future__ import annotations

from collections import Counter

import pytest
from redis import Redis

from bench.reference_day import CHATTY, SHARES, ReferenceDay
from bench.town import OPENING, town_plan
from competences.channels import Channel
from routeur.index import Index


@pytest.mark.parametrize(("shares", "agents"), [(SHARES, 12), (CHATTY, 8)])
def test_a_day_ends_well_for_phone_and_counter(redis_client: Redis, shares: dict[Channel, float], agents: int) -> None:
    day = ReferenceDay(
        Index(redis_client), redis_client, town_plan(), OPENING, agents=agents, shares=shares, contacts=500, seed=1
    )
    day.run()
    assert day.topped_up > 0
    assert day.wronged == []
    assert sum(sum(ended.values()) for ended in day.outcomes().values()) == 500
    ends: Counter[str] = sum(day.outcomes().values(), Counter())
    assert set(ends) <= {"served", "abandoned", "followed up"}
    assert day.mean_wait(Channel.VOICE, Channel.WALKIN) <= day.mean_wait(Channel.CHAT)
