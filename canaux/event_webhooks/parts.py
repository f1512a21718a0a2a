"""The parts put together: who listens, what they are told, and what sends it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from canaux.event_webhooks.sender import EventSender
from canaux.event_webhooks.signing import ListenerSecrets
from canaux.event_webhooks.targets import Targets
from routeur.clock import Clock
from routeur.record.engine import Record
from routeur.subscriptions.deliveries import Deliveries
from routeur.subscriptions.fan_out import FanOut
from routeur.subscriptions.subscriptions import Subscriptions


@dataclass(frozen=True)
class EventWebhooks:
    """What the API and the sending threads share."""

    subscriptions: Subscriptions
    deliveries: Deliveries
    fan_out: FanOut
    secrets: ListenerSecrets
    targets: Targets


def build_event_webhooks(
    record: Record, clock: Clock, *, secret: str, trusted_hosts: Collection[str], user_agent: str
) -> EventWebhooks:
    """Wire them. `secret`: SECRET_KEY; `trusted_hosts`: hosts inside our network that may listen."""
    secrets, targets = ListenerSecrets(secret), Targets(trusted_hosts)
    subscriptions = Subscriptions(record, clock)
    deliveries = Deliveries(record, clock, subscriptions, EventSender(secrets, targets, clock, user_agent))
    return EventWebhooks(subscriptions, deliveries, FanOut(record, clock), secrets, targets)
