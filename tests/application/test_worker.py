"""The hand-over of effects to workers."""

from __future__ import annotations

import pytest
from redis import Redis
from rq import Queue

from application.processes import worker


def test_effects_that_nobody_carries_out_do_not_pile_up(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MOST_QUEUED_JOBS", 3)
    with Redis.from_url(redis_url) as redis:
        enqueue = worker.hand_out(redis)
        for _ in range(5):
            enqueue(1)
        assert Queue(worker.QUEUE, connection=redis).count == 3
