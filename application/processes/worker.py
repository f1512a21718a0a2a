"""A worker: carries out what leaves for the outside, as RQ jobs that name a row of the outbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache

import structlog
from redis import Redis
from rq import Queue, SimpleWorker

from application.settings import Settings, load_settings
from application.wiring.core import Core, build_core
from application.wiring.redis_clients import queue_client
from canaux.voice.voicemail import recover
from routeur.ports.news import DeliveryError

log = structlog.get_logger(__name__)

QUEUE = "effects"
RECOVER_EVERY = timedelta(hours=1)
RECOVER_SINCE = timedelta(days=1)
MOST_QUEUED = 1000
"""While so many wait, no more are queued: with no worker left, what the outbox hands out again would fill Redis."""
JOB_SECONDS = 50
"""Less than the time after which the outbox takes a job for lost."""


def hand_out(redis: Redis) -> Callable[[int], None]:
    """What queues a job for a row of the outbox. RQ keeps nothing of it: the outbox knows how it ended."""
    queue = Queue(QUEUE, connection=redis)

    def enqueue(entry_id: int) -> None:
        if queue.count < MOST_QUEUED:
            queue.enqueue(perform_effect, entry_id, job_timeout=JOB_SECONDS, result_ttl=0, failure_ttl=0)

    return enqueue


def perform_effect(entry_id: int) -> None:
    """The job."""
    _core().router.outbox.perform(entry_id)


def recover_when_due(redis: Redis, due_key: str) -> None:
    """Queue the job that looks for voice messages left while we were down; once an hour, whoever asks first."""
    if redis.set(due_key, "asked", nx=True, ex=RECOVER_EVERY):
        Queue(QUEUE, connection=redis).enqueue(recover_messages, job_timeout=JOB_SECONDS, result_ttl=0, failure_ttl=0)


def recover_messages() -> None:
    """The job. The network tells us once of each recording; those that are known already change nothing."""
    core = _core()
    try:
        recover(core.router.reception, core.adapters.network, core.clock() - RECOVER_SINCE)
    except DeliveryError as error:
        log.warning("recordings_not_recovered", reason=error.reason)


@cache
def _core() -> Core:
    """This process's; RQ finds a job by its name, so that nothing can be handed to it."""
    return build_core(load_settings())


def work(settings: Settings) -> int:
    """Work until told to stop. In this very process: a job lost with it is handed out again by the outbox."""
    _core()
    worker = SimpleWorker([QUEUE], connection=queue_client(settings.redis_address), log_job_description=False)
    worker.work(logging_level="WARNING")
    return 0
