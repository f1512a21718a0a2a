"""Mounts the HTTP edges: where providers call in, and where people work."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from flask import Flask

from application.wiring.core import Core
from application.wiring.redis_clients import reader_client
from bureau.http.blueprint import ApiSettings, Collaborators, api_blueprint
from bureau.pages.suivi.page import suivi_blueprint
from canaux.chat import VisitorTokens
from canaux.enquiries import Enquiries
from canaux.throttle import Throttle, throttle_storage
from competences.plan.plan import Plan
from competences.sheets.catalogue import Catalogue
from competences.sheets.library import shipped_folder
from routeur.followups.status import Statuses
from routeur.ports.events import Event, EventHub
from webhooks.chat import chat_blueprint
from webhooks.email import email_blueprint
from webhooks.email_auth import EmailAuth, TokenAuth
from webhooks.messaging import messaging_blueprint
from webhooks.sendgrid_signature import SendGridSignature
from webhooks.twilio_auth import TwilioAuth
from webhooks.voice import voice_blueprint


def event_hub(core: Core) -> EventHub:
    """This process's one reader of events."""
    return EventHub(reader_client(core.settings.redis_address), core.index.key("events"))


def add_webhooks(app: Flask, core: Core, hub: EventHub) -> None:
    """One blueprint per channel."""
    settings = core.settings

    def plan() -> Plan:
        return core.plans.current().plan

    twilio = TwilioAuth(settings.base_url, settings.twilio_token)
    app.register_blueprint(
        voice_blueprint(
            auth=twilio,
            urls=core.adapters.voice_urls,
            reception=core.router.reception,
            desk=core.router.desk,
            plans=plan,
        )
    )
    app.register_blueprint(
        messaging_blueprint(
            auth=twilio, reception=core.router.reception, plans=plan, enquiries=_enquiries(core, "status-by-text")
        )
    )
    app.register_blueprint(
        email_blueprint(auth=_email_auth(core), our_host=core.adapters.email_host, reception=core.router.reception)
    )
    tokens = VisitorTokens(settings.signing_key)
    # A demonstration is on this machine alone, where the play's whole public has one address.
    throttle = None if settings.demo else Throttle("chat", throttle_storage(settings.redis_address))
    app.register_blueprint(
        chat_blueprint(
            tokens=tokens,
            reception=core.router.reception,
            hub=_Wakes(hub),
            plans=plan,
            throttle=throttle,
            enquiries=_enquiries(core, "status-by-chat"),
        )
    )


def add_bureau(app: Flask, core: Core, hub: EventHub) -> None:
    """The API of the desk, and the public page on which people follow their requests."""
    settings = core.settings

    def plan() -> Plan:
        return core.plans.current().plan

    parts = Collaborators(
        record=core.record,
        clock=core.clock,
        plans=plan,
        sheets=Catalogue(shipped_folder(), plan),
        reception=core.router.reception,
        desk=core.router.desk,
        views=core.router.views,
        follow_ups=core.router.follow_ups,
        corrections=core.corrections,
        hub=hub,
        media=core.adapters.network,
    )
    api = ApiSettings(
        secret_key=settings.signing_key,
        https=settings.behind_proxy,
        demo=settings.demo,
        version=version("guichet-routeur"),
        service_token=settings.api_token.get_secret_value() if settings.api_token else None,
        throttle_url=settings.redis_address,
    )
    app.register_blueprint(api_blueprint(api, parts))
    app.register_blueprint(suivi_blueprint(_enquiries(core, "status-by-page"), parts.plans))


def _enquiries(core: Core, way_in: str) -> Enquiries:
    def plan() -> Plan:
        return core.plans.current().plan

    throttle = Throttle(way_in, throttle_storage(core.settings.redis_address), strict=True)
    return Enquiries(Statuses(core.record, plan, core.clock), plan, throttle)


def _email_auth(core: Core) -> list[EmailAuth]:
    settings = core.settings
    ways: list[EmailAuth] = [TokenAuth(settings.email_token)]
    if settings.sendgrid_public_key is not None:
        ways.append(SendGridSignature(settings.sendgrid_public_key, core.clock))
    return ways


WAKE_SECONDS = 15.0


class _Wakes:
    """What wakes a visitor's stream: something happened to the contact, or nothing did for a while."""

    def __init__(self, hub: EventHub) -> None:
        self._hub = hub

    def subscribe(self, *, contact: str) -> Iterator[Event | None]:
        with self._hub.subscribe(contact=contact) as next_event:
            yield None  # whatever was said between the visitor's first look and now
            while True:
                yield next_event(WAKE_SECONDS)
