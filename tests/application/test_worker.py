"""The hand-over of effects to workers."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis
from rq import Callback, Queue, SimpleWorker
from rq.job import Job

from application.processes import worker
from application.processes.jobs import LETTERS, QUEUE, job_class, job_queue, worker_options
from competences.channels import Channel


def test_effects_that_nobody_carries_out_do_not_pile_up(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MOST_QUEUED_JOBS", 3)
    with Redis.from_url(redis_url) as redis:
        enqueue = worker.hand_out(redis)
        for _ in range(5):
            enqueue(1, Channel.VOICE)
        assert job_queue(redis, worker.our_jobs()).count == 3


def test_letters_wait_in_a_queue_of_their_own_which_some_workers_leave_alone(redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        enqueue = worker.hand_out(redis)
        enqueue(1, Channel.EMAIL)
        enqueue(2, Channel.MESSAGING)
        jobs = worker.our_jobs()
        assert [job_queue(redis, jobs, name).count for name in (QUEUE, LETTERS)] == [1, 1]
        assert worker.make_worker(redis).queue_names() == [QUEUE, LETTERS]
        assert worker.make_worker(redis, letters=False).queue_names() == [QUEUE]


def done_by(redis: Redis, jobs: type[Job]) -> None:
    """Carry out everything in the queue."""
    worker = SimpleWorker([QUEUE], connection=redis, log_job_description=False, **worker_options(jobs))
    worker.work(burst=True, logging_level="ERROR")


carried_out: list[object] = []


def ours(argument: object) -> None:
    carried_out.append(argument)


def test_a_worker_carries_out_functions_of_ours_alone(redis_url: str, tmp_path: Path) -> None:
    jobs = job_class(ours)
    made = tmp_path / "made"
    callback = Callback("os.mkdir")
    with Redis.from_url(redis_url) as redis:
        carried_out.clear()
        queue = job_queue(redis, jobs)
        queue.enqueue("os.mkdir", str(made))
        queue.enqueue("builtins.eval", f"__import__('os').mkdir({str(made)!r})")
        queue.enqueue(ours, "json", on_success=callback, on_failure=callback)
        Queue(QUEUE, connection=redis).enqueue(ours, "pickled")
        done_by(redis, jobs)
    assert carried_out == ["json"]
    assert not made.exists()
