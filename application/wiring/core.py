"""The core of a process: the router with everything that it stands on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parseaddr
from importlib.metadata import version

from redis import Redis

from application.settings import Settings
from application.wiring.adapters import DEMO_SENDER, Adapters, channel_adapters
from application.wiring.redis_clients import text_client
from canaux.event_webhooks.parts import EventWebhooks, build_event_webhooks
from routeur.clock import Clock
from routeur.foundation import Foundation
from routeur.index import Index
from routeur.plans import Plans
from routeur.ports.announcer import Announcer
from routeur.ports.publisher import Publisher
from routeur.ports.signals import Signals
from routeur.record.engine import Record, open_record
from routeur.router import Router, build_router
from routeur.topics.corrections import Corrections
from routeur.topics.recogniser import Beside, Recogniser


@dataclass(frozen=True)
class Core:
    """The parts of the router, wired alike in every process."""

    settings: Settings
    clock: Clock
    record: Record
    redis: Redis
    index: Index
    plans: Plans
    adapters: Adapters
    recogniser: Recogniser
    corrections: Corrections
    router: Router
    event_webhooks: EventWebhooks


def build_core(settings: Settings, beside: Beside = lambda work: work()) -> Core:
    """Wire the router. Connects to nothing yet. `beside` does what would hold a web process up."""
    clock = settings.clock()
    record = open_record(settings.record_url)
    redis = text_client(settings.redis_address)
    index = Index(redis)
    plans = Plans(record, parseaddr(settings.email_from or DEMO_SENDER)[1] or None)
    announcer = Announcer(redis, index.events)
    adapters = channel_adapters(settings, clock, plans, record, announcer)
    signals = Signals(redis, announcer)
    foundation = Foundation(record, index, plans, clock, announcer, Publisher(adapters.by_channel), signals)
    recogniser = Recogniser(record, settings.models_folder, beside)
    corrections = Corrections(record, plans, clock, recogniser.common_words)
    return Core(
        settings=settings,
        clock=clock,
        record=record,
        redis=redis,
        index=index,
        plans=plans,
        adapters=adapters,
        recogniser=recogniser,
        corrections=corrections,
        router=build_router(foundation, recogniser.recognise, corrections),
        event_webhooks=build_event_webhooks(
            record,
            clock,
            secret=settings.signing_key,
            trusted_hosts=settings.event_listeners_inside,
            user_agent=f"guichet-routeur/{version('guichet-routeur')}",
        ),
    )


@contextmanager
def open_core(settings: Settings) -> Iterator[Core]:
    """A core for a command, closed at the end of the block."""
    core = build_core(settings)
    try:
        yield core
    finally:
        core.record.close()
        core.redis.close()
