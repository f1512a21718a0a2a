"""The figures behind /metrics, read from the record at each request: the same whichever process answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, func, select

from application.wiring.core import Core
from competences.channels import Channel
from routeur.contact.words import ContactState, FollowUpState
from routeur.ports.outbox import FAILED, PENDING, QUEUED, SENDING
from routeur.reading.service_level import service_level
from routeur.record.tables import AgentPresence, Contact, FollowUp, OutboxEntry

IN_QUEUE = (ContactState.WAITING.value, ContactState.OFFERED.value)


def exposition(core: Core, dispatcher_seen: Callable[[], bool]) -> bytes:
    """Everything, in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_TownHall(core, dispatcher_seen))
    return generate_latest(registry)


class _TownHall(Collector):
    def __init__(self, core: Core, dispatcher_seen: Callable[[], bool]) -> None:
        self._core = core
        self._dispatcher_seen = dispatcher_seen

    def collect(self) -> Iterator[Metric]:
        now = self._core.clock()
        with self._core.record.read() as connection:
            yield from _queues(connection, now)
            yield _agents(connection)
            yield from _follow_ups(connection, now)
            yield _outbox(connection)
        yield from self._service_level(now)
        alive = float(self._dispatcher_seen())
        yield _single("routeur_dispatcher_up", "Whether a dispatcher was seen within 10 s", alive)

    def _service_level(self, now: datetime) -> Iterator[Metric]:
        zone = ZoneInfo(self._core.plans.current().plan.commune.timezone)
        midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        today = service_level(self._core.record, midnight, now)
        if today.total.share is not None:
            yield _single("routeur_service_level_today", "Share served within 900 s today", today.total.share)
        yield _single("routeur_service_level_counted_today", "Contacts that it counts", today.total.counted)


def _queues(connection: Connection, now: datetime) -> Iterator[Metric]:
    waiting = GaugeMetricFamily("routeur_contacts_waiting", "Contacts that wait for an agent", labels=["channel"])
    oldest = GaugeMetricFamily("routeur_oldest_wait_seconds", "Wait of the first of them", labels=["channel"])
    query = (
        select(Contact.channel, func.count().label("number"), func.min(Contact.queued_at).label("first"))
        .where(Contact.state.in_(IN_QUEUE))
        .group_by(Contact.channel)
    )
    found = {row.channel: row for row in connection.execute(query)}
    for channel in Channel:
        row = found.get(channel.value)
        waiting.add_metric([channel.value], row.number if row else 0)
        oldest.add_metric([channel.value], max(timedelta(), now - row.first).total_seconds() if row else 0)
    yield waiting
    yield oldest
    states = GaugeMetricFamily("routeur_contacts_open", "Contacts that are not closed", labels=["state"])
    by_state = select(Contact.state, func.count().label("number")).where(Contact.state != ContactState.CLOSED.value)
    counts = {row.state: row.number for row in connection.execute(by_state.group_by(Contact.state))}
    for state in ContactState:
        if state is not ContactState.CLOSED:
            states.add_metric([state.value], counts.get(state.value, 0))
    yield states


def _agents(connection: Connection) -> Metric:
    family = GaugeMetricFamily("routeur_agents", "Agents by what they are doing", labels=["activity"])
    query = select(AgentPresence.activity, func.count()).group_by(AgentPresence.activity)
    for activity, number in connection.execute(query):
        family.add_metric([activity], number)
    return family


def _follow_ups(connection: Connection, now: datetime) -> Iterator[Metric]:
    unanswered = FollowUp.state.in_((FollowUpState.OPEN.value, FollowUpState.TAKEN.value))
    query = select(func.count()).select_from(FollowUp).where(unanswered)
    number = connection.scalar(query) or 0
    yield _single("routeur_follow_ups_unanswered", "Follow-ups that were not answered yet", number)
    late = connection.scalar(query.where(FollowUp.due_at < now)) or 0
    yield _single("routeur_follow_ups_overdue", "Those whose due date has passed", late)


def _outbox(connection: Connection) -> Metric:
    family = GaugeMetricFamily("routeur_outbox", "Effects that have not left, by state", labels=["state"])
    states = (PENDING, QUEUED, SENDING, FAILED)
    query = select(OutboxEntry.state, func.count().label("number")).where(OutboxEntry.state.in_(states))
    found = {row.state: row.number for row in connection.execute(query.group_by(OutboxEntry.state))}
    for state in states:
        family.add_metric([state], found.get(state, 0))
    return family


def _single(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)
