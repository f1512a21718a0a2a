"""The listeners of events: other systems that are told what happens."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from flask import request

from bureau.access.principal import OVERSIGHT, Principal
from bureau.http.cursors import decoded, encoded
from bureau.http.language import language_of
from bureau.http.operation import Operation
from bureau.http.problems import SEE_ERRORS, Fault, Problem
from bureau.schemas.event_subscriptions import (
    DeliveryQuery,
    EventDeliveryEntry,
    EventDeliveryPage,
    EventSubscriptionEntry,
    EventSubscriptionRequest,
    EventSubscriptions,
    EventSubscriptionWithSecret,
    Replayed,
    ReplayRequest,
)
from canaux import security_log
from canaux.event_webhooks.signing import ListenerSecrets
from canaux.event_webhooks.targets import Refused, Targets
from competences.channels import Channel
from competences.plan.plan import Plan
from competences.translation import translator
from routeur.errors import Invalid
from routeur.subscriptions.deliveries import Deliveries
from routeur.subscriptions.subscriptions import Subscription, Subscriptions, Wanted

TAG = "events"


class EventSubscriptionsApi:
    """Everything under `/event-subscriptions`."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        deliveries: Deliveries,
        secrets: ListenerSecrets,
        targets: Targets,
        plans: Callable[[], Plan],
    ) -> None:
        self._subscriptions = subscriptions
        self._deliveries = deliveries
        self._secrets = secrets
        self._targets = targets
        self._plans = plans

    def operations(self) -> list[Operation]:
        every, one = "/event-subscriptions", "/event-subscriptions/<subscription_id>"
        asked, entry, with_secret = EventSubscriptionRequest, EventSubscriptionEntry, EventSubscriptionWithSecret
        created, gone, page = HTTPStatus.CREATED, HTTPStatus.NO_CONTENT, EventDeliveryPage
        return [
            Operation("GET", every, self.list_event_subscriptions, TAG, OVERSIGHT, EventSubscriptions),
            Operation("POST", every, self.create_event_subscription, TAG, OVERSIGHT, with_secret, created, body=asked),
            Operation("GET", one, self.get_event_subscription, TAG, OVERSIGHT, entry),
            Operation("PUT", one, self.change_event_subscription, TAG, OVERSIGHT, entry, body=asked),
            Operation("DELETE", one, self.delete_event_subscription, TAG, OVERSIGHT, status=gone),
            Operation("POST", f"{one}/secret", self.renew_event_secret, TAG, OVERSIGHT, with_secret, created),
            Operation(
                "GET", f"{one}/deliveries", self.list_event_deliveries, TAG, OVERSIGHT, page, query=DeliveryQuery
            ),
            Operation("POST", f"{one}/replay", self.replay_events, TAG, OVERSIGHT, Replayed, body=ReplayRequest),
            Operation(
                "POST",
                f"{one}/deliveries/<delivery_id>/replay",
                self.replay_event,
                TAG,
                OVERSIGHT,
                status=gone,
            ),
        ]

    def list_event_subscriptions(self, who: Principal) -> EventSubscriptions:
        """The other systems that are told what happens."""
        return EventSubscriptions(items=[_entry(one) for one in self._subscriptions.all()])

    def create_event_subscription(self, who: Principal, body: EventSubscriptionRequest) -> EventSubscriptionWithSecret:
        """Tell another system what happens from now on, by HTTP.

        Each event is a POST of JSON (`PublishedEvent`), signed as the Standard Webhooks specification says, with the
        secret that is answered here. A 2xx takes it; anything else is tried again for three days. The order is not
        certain, and an event may come twice with the same `webhook-id`.
        """
        self._check(body)
        subscription = self._subscriptions.add(_wanted(body), who.login)
        security_log.record("event_subscription_added", login=who.login, subscription=subscription.id)
        return self._with_secret(subscription)

    def get_event_subscription(self, who: Principal, subscription_id: str) -> EventSubscriptionEntry:
        """One listener."""
        return _entry(self._subscriptions.get(subscription_id))

    def change_event_subscription(
        self, who: Principal, subscription_id: str, body: EventSubscriptionRequest
    ) -> EventSubscriptionEntry:
        """Tell it something else or somewhere else, stop, or go on with what it missed."""
        self._check(body)
        changed = self._subscriptions.change(subscription_id, _wanted(body), stopped=body.stopped)
        security_log.record("event_subscription_changed", login=who.login, subscription=subscription_id)
        return _entry(changed)

    def delete_event_subscription(self, who: Principal, subscription_id: str) -> None:
        """Tell it nothing more, and forget what it was told."""
        self._subscriptions.end(subscription_id)
        security_log.record("event_subscription_ended", login=who.login, subscription=subscription_id)

    def renew_event_secret(self, who: Principal, subscription_id: str) -> EventSubscriptionWithSecret:
        """A new secret. The present one signs too for a day, so that no event is refused meanwhile."""
        renewed = self._subscriptions.renew_secret(subscription_id)
        security_log.record("event_secret_renewed", login=who.login, subscription=subscription_id)
        return self._with_secret(renewed)

    def list_event_deliveries(self, who: Principal, subscription_id: str, query: DeliveryQuery) -> EventDeliveryPage:
        """What it was told in the last thirty days, and is still to be told; newest first."""
        page = self._deliveries.page(
            subscription_id, state=query.state, cursor=decoded(query.cursor), limit=query.limit
        )
        items = [EventDeliveryEntry.model_validate(item) for item in page.items]
        return EventDeliveryPage(items=items, next=encoded(page.next))

    def replay_event(self, who: Principal, subscription_id: str, delivery_id: str) -> None:
        """Tell it this event once more."""
        self._deliveries.replay(subscription_id, delivery_id)

    def replay_events(self, who: Principal, subscription_id: str, body: ReplayRequest) -> Replayed:
        """Tell it everything since an instant once more, as far as the log goes back."""
        return Replayed(count=self._deliveries.replay_since(subscription_id, body.since))

    def _check(self, body: EventSubscriptionRequest) -> None:
        try:
            self._targets.find(body.url)
        except Refused as refused:
            message = translator("canaux", language_of(request)).gettext(str(refused))
            fault = Fault(pointer="#/url", message=message)
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, SEE_ERRORS, errors=[fault]) from None
        plan = self._plans()
        for name in [*(set(body.topics) - set(plan.topics)), *(set(body.services) - set(plan.services))]:
            raise Invalid(name)

    def _with_secret(self, subscription: Subscription) -> EventSubscriptionWithSecret:
        secret = self._secrets.secret(subscription.id, subscription.secret_number)
        return EventSubscriptionWithSecret(**dict(_entry(subscription)), secret=secret)


def _wanted(body: EventSubscriptionRequest) -> Wanted:
    channels = [channel.value for channel in body.channels]
    return Wanted(body.name, body.url, body.kinds, channels, body.topics, body.services)


def _entry(one: Subscription) -> EventSubscriptionEntry:
    wanted = one.wanted
    return EventSubscriptionEntry(
        id=one.id,
        name=wanted.name,
        url=wanted.url,
        kinds=list(wanted.kinds),
        channels=[Channel(channel) for channel in wanted.channels],
        topics=list(wanted.topics),
        services=list(wanted.services),
        created_at=one.created_at,
        created_by=one.created_by,
        stopped=one.stopped,
        stopped_at=one.stopped_at,
        former_secret_until=one.former_until,
    )
