"""A worker: carries out effects on the outside world, as RQ jobs that name a row of the outbox."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import structlog
from redis import Redis
from rq import SimpleWorker
from rq.job import Job

from application.processes.jobs import LETTERS, QUEUE, job_class, job_queue, worker_options
from application.settings import Settings, load_settings
from application.wiring.core import Core, build_core
from application.wiring.redis_clients import queue_client
from canaux.voice.voicemail import recover
from competences.channels import CHANNELS, Channel
from routeur.ports.news import DeliveryError
from routeur.ports.outbox import HandOut

log = structlog.get_logger(__name__)

RECOVER_EVERY = timedelta(hours=1)
RECOVER_SINCE = timedelta(days=1)
MOST_QUEUED_JOBS = 1000
"""No more jobs are queued while this many wait: with no worker left, the outbox's retries would fill Redis."""
JOB_SECONDS, LETTER_JOB_SECONDS = 50, 660
"""The time limits of a job and of a letter's: less than the times after which the outbox takes them for lost."""


def hand_out(redis: Redis) -> HandOut:
    """The function that queues a job for a row of the outbox. RQ keeps no result: the outbox knows how it ended."""
    effects, letters = job_queue(redis, our_jobs()), job_queue(redis, our_jobs(), LETTERS)

    def enqueue(entry_id: int, channel: Channel) -> None:
        queue, seconds = (effects, JOB_SECONDS) if CHANNELS[channel].live else (letters, LETTER_JOB_SECONDS)
        if queue.count < MOST_QUEUED_JOBS:
            queue.enqueue(perform_effect, entry_id, job_timeout=seconds, result_ttl=0, failure_ttl=0)

    return enqueue


def perform_effect(entry_id: int) -> None:
    """The job that carries out one row of the outbox."""
    _core().router.outbox.perform(entry_id)


def recover_when_due(redis: Redis, due_key: str) -> None:
    """Queue the job that looks for voice messages left while we were down; once an hour among all dispatchers."""
    if redis.set(due_key, "asked", nx=True, ex=RECOVER_EVERY):
        queue = job_queue(redis, our_jobs())
        queue.enqueue(recover_messages, job_timeout=JOB_SECONDS, result_ttl=0, failure_ttl=0)


def recover_messages() -> None:
    """The job that records voice messages left while we were down: the network announces each only once.

    Messages that are recorded already change nothing.
    """
    core = _core()
    try:
        recover(core.router.reception, core.adapters.phone, core.clock() - RECOVER_SINCE)
    except DeliveryError as error:
        log.warning("recordings_not_recovered", reason=error.reason)


@cache
def our_jobs() -> type[Job]:
    """What workers carry out."""
    return job_class(perform_effect, recover_messages)


@cache
def _core() -> Core:
    """The core of this process. RQ finds a job by its name, so it cannot be passed in."""
    return build_core(load_settings())


def make_worker(redis: Redis, *, letters: bool = True) -> SimpleWorker:
    """RQ's worker for our jobs. Without `letters` it is always there for calls and texts."""
    queues = [QUEUE, LETTERS] if letters else [QUEUE]
    return SimpleWorker(queues, connection=redis, log_job_description=False, **worker_options(our_jobs()))


def work(settings: Settings, *, letters: bool = True) -> int:
    """Work until told to stop, with or without letters.

    Jobs run in this very process: the outbox hands out again those lost with it.
    """
    _core()
    make_worker(queue_client(settings.redis_address), letters=letters).work(logging_level="WARNING")
    return 0
