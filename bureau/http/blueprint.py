"""The JSON API as one Flask blueprint, put together from its collaborators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, jsonify

from bureau.access.accounts import Accounts
from bureau.access.csrf import CsrfTokens
from bureau.access.gate import Gate
from bureau.access.hashing import Hashing
from bureau.access.login_throttle import LogInThrottle
from bureau.access.permissions import Permissions
from bureau.access.tokens import AccessTokens
from bureau.api.closures import ClosuresApi
from bureau.api.contacts import ContactsApi
from bureau.api.event_streams import EventStreams
from bureau.api.event_subscriptions import EventSubscriptionsApi
from bureau.api.follow_ups import FollowUpsApi
from bureau.api.legal_requests import RequestsApi
from bureau.api.log_in import LogInApi
from bureau.api.log_ins import LogInsApi
from bureau.api.me import MeApi
from bureau.api.overview import OverviewApi
from bureau.api.plan_topics import PlanTopicsApi
from bureau.api.service_level import ServiceLevelApi
from bureau.api.set_aside import SetAsideApi
from bureau.api.sheets import SheetsApi
from bureau.api.staff import StaffApi
from bureau.api.statistics import StatisticsApi
from bureau.api.topic_examples import TopicExamplesApi
from bureau.http.endpoint import Endpoint
from bureau.http.openapi import description
from bureau.http.problem_handlers import register_problem_handlers
from bureau.http.standings import Standings
from bureau.live.desk_things import DeskThings
from bureau.live.overview_teller import OverviewThings
from bureau.live.streams import Streams
from bureau.schemas.event_subscriptions import PublishedEvent
from canaux.event_webhooks.parts import EventWebhooks
from canaux.provider_interfaces import Media
from canaux.server_sent import HEARTBEAT_SECONDS
from canaux.stream_places import StreamPlaces
from canaux.throttle import throttle_storage
from competences.plan.plan import Plan
from competences.sheets.catalogue import Catalogue
from routeur.clock import Clock
from routeur.closures import Closures
from routeur.desk.desk import Desk
from routeur.followups.keeping import FollowUps
from routeur.followups.legal_requests import Requests
from routeur.plans import PlanInForce
from routeur.ports.events import EventHub
from routeur.queue.recall import Recall
from routeur.reading.readers import Readers
from routeur.reading.views import Views
from routeur.reception.reception import Reception
from routeur.record.engine import Record
from routeur.topics.corrections import Corrections

TITLE = "Guichet"
PREFIX = "/api/v1"


@dataclass(frozen=True)
class ApiSettings:
    """`secret_key` signs CSRF tokens. `https`: cookies are for HTTPS only. `demo`: accounts without a password open
    with `demo`. `service_token`: the token of other systems, if they may call. `throttle_url`: where attempts to log
    in are counted, a Redis URL in production.
    """

    secret_key: str
    https: bool
    demo: bool
    version: str
    service_token: str | None = None
    throttle_url: str = "memory://"
    heartbeat_seconds: float = HEARTBEAT_SECONDS


@dataclass(frozen=True)
class Collaborators:
    """The services that the API calls."""

    record: Record
    clock: Clock
    plans: Callable[[], Plan]
    in_force: Callable[[], PlanInForce]
    sheets: Catalogue
    reception: Reception
    desk: Desk
    views: Views
    follow_ups: FollowUps
    recall: Recall
    requests: Requests
    corrections: Corrections
    closures: Closures
    hub: EventHub
    places: StreamPlaces
    media: Media
    event_webhooks: EventWebhooks
    own_number: str | None = None
    """The number of ours that texts leave from which answer none; None where there is none."""


def api_blueprint(settings: ApiSettings, parts: Collaborators, hashing: Hashing) -> Blueprint:
    """The blueprint with every path under `/api`."""
    tokens = AccessTokens(parts.record, parts.clock)
    csrf = CsrfTokens(settings.secret_key)
    gate = Gate(tokens, csrf, service_token=settings.service_token, https=settings.https)
    accounts = Accounts(parts.record, hashing, demo=settings.demo)
    throttle = LogInThrottle(throttle_storage(settings.throttle_url))
    things = DeskThings(parts.views, parts.in_force, parts.clock)
    streams = EventStreams(Streams(parts.hub, parts.desk, gate.still_good, settings.heartbeat_seconds), parts.places)
    permissions = Permissions(parts.views, parts.in_force)
    operations = [
        *LogInApi(accounts, tokens, gate, throttle, parts.desk).operations(),
        *LogInsApi(tokens, accounts, parts.desk).operations(),
        *MeApi(parts.desk, parts.views, things, parts.hub, streams, parts.clock).operations(),
        *ContactsApi(
            parts.desk,
            parts.views,
            parts.reception,
            permissions,
            Readers(parts.record, parts.clock),
            parts.media,
            parts.sheets,
            parts.own_number,
            parts.plans,
        ).operations(),
        *SetAsideApi(parts.reception, parts.views).operations(),
        *FollowUpsApi(parts.follow_ups, parts.recall, parts.views, permissions).operations(),
        *RequestsApi(
            parts.requests,
            parts.views,
            permissions,
            Readers(parts.record, parts.clock),
            parts.plans,
            parts.clock,
        ).operations(),
        *SheetsApi(parts.sheets, parts.clock).operations(),
        *TopicExamplesApi(parts.corrections).operations(),
        *ServiceLevelApi(parts.record, parts.plans, parts.clock).operations(),
        *StatisticsApi(parts.record, parts.plans, parts.clock).operations(),
        *EventSubscriptionsApi(
            parts.event_webhooks.subscriptions,
            parts.event_webhooks.deliveries,
            parts.event_webhooks.secrets,
            parts.event_webhooks.targets,
            parts.plans,
        ).operations(),
        *StaffApi(parts.views).operations(),
        *OverviewApi(OverviewThings(parts.views, parts.in_force), parts.hub, streams, parts.clock).operations(),
        *ClosuresApi(parts.closures).operations(),
        *PlanTopicsApi(parts.plans).operations(),
    ]
    blueprint = Blueprint("api", __name__)
    for operation in operations:
        blueprint.add_url_rule(
            PREFIX + operation.path,
            operation.id,
            Endpoint(operation, gate, parts.desk.touch),
            methods=[operation.method],
            provide_automatic_options=False,
        )
    document = description(
        operations, prefix=PREFIX, title=TITLE, version=settings.version, webhooks={"event": PublishedEvent}
    )

    def openapi() -> tuple[Response, HTTPStatus]:
        return jsonify(document), HTTPStatus.OK

    blueprint.add_url_rule("/api/openapi.json", "openapi", openapi, provide_automatic_options=False)
    register_problem_handlers(blueprint, "/api/", Standings(parts.views))
    return blueprint
