"""`/metrics`: the town hall's figures in Prometheus' format, read anew at each request by whichever process answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from application.wiring.core import Core
from application.wiring.mailbox_sign import MailboxSign
from competences.channels import Channel
from routeur.reading.current_figures import FollowUpFigures, QueueFigures, read_figures
from routeur.reading.service_level import service_level

Value = TypeVar("Value", bound=str)


def exposition(core: Core, dispatcher_seen: Callable[[], bool]) -> bytes:
    """Every figure, in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_TownHall(core, dispatcher_seen))
    return generate_latest(registry)


class _TownHall(Collector):
    def __init__(self, core: Core, dispatcher_seen: Callable[[], bool]) -> None:
        self._core = core
        self._dispatcher_seen = dispatcher_seen

    def collect(self) -> Iterator[Metric]:
        now = self._core.clock()
        figures = read_figures(self._core.record, now)
        yield from _queues(figures.queues)
        yield _by_label("routeur_contacts_open", "Contacts that are not closed", "state", figures.open_contacts)
        yield _by_label("routeur_agents", "Agents by what they are doing", "activity", figures.agents)
        yield from _follow_ups(figures.follow_ups)
        yield _by_label("routeur_outbox", "Effects that have not left, by state", "state", figures.effects)
        yield from self._service_level(now)
        alive = float(self._dispatcher_seen())
        yield _single("routeur_dispatcher_up", "Whether a dispatcher was seen within 10 s", alive)
        read = MailboxSign(self._core.redis, self._core.index).seconds_since(now)
        if read is not None:
            yield _single("routeur_mailbox_seconds_since_read", "How long ago the mailbox was read through", read)

    def _service_level(self, now: datetime) -> Iterator[Metric]:
        zone = ZoneInfo(self._core.plans.plan().commune.timezone)
        midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        today = service_level(self._core.record, midnight, now)
        if today.total.share is not None:
            yield _single("routeur_service_level_today", "Share served within 900 s today", today.total.share)
        yield _single("routeur_service_level_counted_today", "Contacts that it counts", today.total.counted)
        apart = today.total.while_closed
        yield _single("routeur_service_level_while_closed_today", "Contacts that came while closed", apart)


def _queues(queues: Mapping[Channel, QueueFigures]) -> Iterator[Metric]:
    waiting = {channel: queue.waiting for channel, queue in queues.items()}
    oldest = {channel: queue.oldest_wait.total_seconds() for channel, queue in queues.items()}
    yield _by_label("routeur_contacts_waiting", "Contacts that wait for an agent", "channel", waiting)
    yield _by_label("routeur_oldest_wait_seconds", "Wait of the first of them", "channel", oldest)


def _follow_ups(follow_ups: FollowUpFigures) -> Iterator[Metric]:
    yield _single("routeur_follow_ups_unanswered", "Follow-ups that were not answered yet", follow_ups.unanswered)
    yield _single("routeur_follow_ups_overdue", "Those whose due date has passed", follow_ups.overdue)


def _by_label(name: str, text: str, label: str, values: Mapping[Value, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, number in values.items():
        family.add_metric([str(value)], number)
    return family


def _single(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)
