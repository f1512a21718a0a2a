"""Puts the parts together, once per process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from redis import Redis

from application.settings import Settings
from application.wiring.adapters import Adapters, channel_adapters
from application.wiring.redis_clients import text_client
from routeur.clock import Clock
from routeur.desk.desk import Desk
from routeur.index import Index
from routeur.plans import Plans
from routeur.ports.announcer import Announcer
from routeur.ports.outbox import Outbox
from routeur.queue.place import Routing
from routeur.reception.reception import Reception
from routeur.record.engine import Record, open_record
from routeur.topics.corrections import Corrections
from routeur.topics.recogniser import Recogniser


@dataclass(frozen=True)
class Core:
    """The router and what it stands on; the same in every process."""

    settings: Settings
    clock: Clock
    record: Record
    redis: Redis
    index: Index
    plans: Plans
    adapters: Adapters
    routing: Routing
    recogniser: Recogniser
    corrections: Corrections
    reception: Reception
    desk: Desk
    outbox: Outbox


def build_core(settings: Settings) -> Core:
    """Wire the router. Connects to nothing yet."""
    clock = settings.clock()
    record = open_record(settings.record_url)
    redis = text_client(settings.redis_address)
    index = Index(redis)
    plans = Plans(record)
    adapters = channel_adapters(settings, clock, plans)
    routing = Routing(record, index, plans, clock, adapters.by_channel, Announcer(redis, index.key("events")))
    recogniser = Recogniser(record, settings.models_folder)
    corrections = Corrections(record, plans, clock, recogniser.common_words)
    desk = Desk(routing, corrections)
    return Core(
        settings=settings,
        clock=clock,
        record=record,
        redis=redis,
        index=index,
        plans=plans,
        adapters=adapters,
        routing=routing,
        recogniser=recogniser,
        corrections=corrections,
        reception=Reception(routing, recogniser.recognise),
        desk=desk,
        outbox=Outbox(record, clock, adapters.by_channel, routing.delivery_failed, desk.phone_not_answered),
    )


@contextmanager
def open_core(settings: Settings) -> Iterator[Core]:
    """For a command: wired, and closed at the end."""
    core = build_core(settings)
    try:
        yield core
    finally:
        core.record.close()
        core.redis.close()
