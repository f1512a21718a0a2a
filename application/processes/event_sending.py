"""Tells listeners what happens, beside the dispatcher's rounds: one that does not answer holds up nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import structlog
from sqlalchemy.exc import SQLAlchemyError

from canaux.event_webhooks.parts import EventWebhooks
from routeur.clock import Clock

log = structlog.get_logger(__name__)

ROUND_SECONDS = 1.0
LISTENERS_AT_ONCE = 8
CLEAN_EVERY = timedelta(hours=1)


class EventSending:
    """Rounds: write down what is new, and let a thread tell each listener that is waiting, one thread per listener."""

    def __init__(self, parts: EventWebhooks, clock: Clock, pool: ThreadPoolExecutor) -> None:
        self._parts = parts
        self._clock = clock
        self._pool = pool
        self._telling: dict[str, Future[int]] = {}
        self._next_cleaning = clock()

    def round(self) -> None:
        """Do one round. Raises SQLAlchemyError while the record is away."""
        self._parts.fan_out.step()
        self._telling = {one: told for one, told in self._telling.items() if not told.done()}
        for subscription_id in self._parts.deliveries.waiting():
            if subscription_id not in self._telling:
                self._telling[subscription_id] = self._pool.submit(self._tell, subscription_id)
        if self._clock() >= self._next_cleaning:
            self._parts.deliveries.forget_old()
            self._next_cleaning = self._clock() + CLEAN_EVERY

    def _tell(self, subscription_id: str) -> int:
        try:
            return self._parts.deliveries.tell(subscription_id)
        except (SQLAlchemyError, TimeoutError) as error:
            log.warning("listener_not_told", error=type(error).__name__)
            return 0


@contextmanager
def telling_listeners(parts: EventWebhooks, clock: Clock) -> Iterator[None]:
    """Tell listeners in threads until the block ends; what is on its way then is told again later."""
    stop = Event()
    pool = ThreadPoolExecutor(LISTENERS_AT_ONCE, thread_name_prefix="listener")
    sending = EventSending(parts, clock, pool)

    def rounds() -> None:
        while not stop.wait(ROUND_SECONDS):
            try:
                sending.round()
            except (SQLAlchemyError, TimeoutError) as error:
                log.warning("events_not_told", error=type(error).__name__)

    thread = Thread(target=rounds, name="event-sending", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        pool.shutdown(wait=True, cancel_futures=True)
