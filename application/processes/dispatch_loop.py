"""The dispatcher's process: one round after the other, even while Redis or the database fails."""

from __future__ import annotations

import os
import signal
import socket
import threading

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from application.processes.event_sending import telling_listeners
from application.processes.worker import hand_out, recover_when_due
from application.settings import Settings
from application.wiring.core import open_core
from application.wiring.redis_clients import queue_client
from routeur.plans import NoPlan

ROUND_MS = 250
"""The longest wait of a round for an event, so also the longest delay in noticing a deadline."""

RETRY_SECONDS = 0.5

log = structlog.get_logger(__name__)


def dispatch(settings: Settings) -> int:
    """Run rounds until told to stop; returns the exit status."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    name = f"{socket.gethostname()}-{os.getpid()}"
    with open_core(settings) as core, telling_listeners(core.event_webhooks, core.clock):
        queue = queue_client(settings.redis_address)
        dispatcher = core.router.make_dispatcher(core.redis, hand_out(queue), name)
        while not stop.is_set():
            try:
                dispatcher.step(block_ms=ROUND_MS)
                recover_when_due(queue, core.index.key("recovered"))
            except (RedisError, SQLAlchemyError, TimeoutError, NoPlan) as error:
                log.warning("round_failed", error=type(error).__name__)
                stop.wait(RETRY_SECONDS)
    return 0
