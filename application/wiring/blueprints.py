"""Mounts the HTTP edges: where providers call in, and where people work."""

from __future__ import annotations

from importlib.metadata import version

from argon2 import PasswordHasher
from flask import Flask

from application.wiring.adapters import code_throttle
from application.wiring.core import Core
from application.wiring.redis_clients import reader_client
from application.wiring.threads import real_threads
from bureau.access.hashing import MOST_AT_ONCE, Hashing
from bureau.http.blueprint import ApiSettings, Collaborators, api_blueprint
from bureau.pages.suivi.page import suivi_blueprint
from canaux.chat.conversations import Conversations
from canaux.chat.tokens import VisitorTokens
from canaux.code_ways import CodeWays
from canaux.email.incoming.bounded_reading import BoundedReader
from canaux.enquiries.enquiries import Enquiries
from canaux.enquiries.status_proofs import StatusProofs
from canaux.messaging.conversation import TextConversation
from canaux.messaging.receipts import TextReceipts
from canaux.stream_places import StreamPlaces
from canaux.throttle import Throttle, throttle_storage
from canaux.twilio.twiml import VoiceTwiml
from canaux.voice.call_events import CallEvents
from canaux.voice.dialogue import Dialogue
from competences.sheets.catalogue import Catalogue
from competences.sheets.library import shipped_folder
from routeur.followups.status import Statuses
from routeur.ports.events import EventHub
from webhooks.chat import chat_routes
from webhooks.email_common import EmailAuth, MailRoom
from webhooks.email_mime import mime_routes
from webhooks.email_sendgrid import sendgrid_routes
from webhooks.messaging_twilio import messaging_routes
from webhooks.skeleton import Route, webhooks_blueprint
from webhooks.token_auth import TokenAuth
from webhooks.twilio_common import TwilioAuth
from webhooks.voice_twilio import voice_routes


def event_hub(core: Core) -> EventHub:
    """This process's one reader of events."""
    return EventHub(reader_client(core.settings.redis_address), core.index.events)


def add_webhooks(app: Flask, core: Core, hub: EventHub, places: StreamPlaces) -> None:
    """Every channel's and provider's routes."""
    app.register_blueprint(
        webhooks_blueprint([*_voice(core), *_messaging(core), *_email(core), *_chat(core, hub, places)]),
    )


def _voice(core: Core) -> list[Route]:
    return voice_routes(
        auth=_twilio_auth(core),
        twiml=VoiceTwiml(core.adapters.voice_urls),
        dialogue=Dialogue(core.router.reception, core.plans.plan),
        events=CallEvents(core.router.reception, core.router.desk),
    )


def _messaging(core: Core) -> list[Route]:
    enquiries = _enquiries(core, "status-by-text")
    adapters, reception = core.adapters, core.router.reception
    return messaging_routes(
        auth=_twilio_auth(core),
        conversation=TextConversation(reception, core.plans.plan, enquiries, adapters.opt_outs),
        receipts=TextReceipts(adapters.receipts, reception, adapters.opt_outs),
        urls=adapters.text_urls,
    )


def _twilio_auth(core: Core) -> TwilioAuth:
    return TwilioAuth(core.settings.base_url, core.settings.twilio_token)


def _email(core: Core) -> list[Route]:
    auth, email = _email_auth(core), core.adapters.email
    read_email = BoundedReader(core.settings.email_trusted_host or "")
    mail_room = MailRoom(email.address, email.message_ids, read_email, core.plans.plan)
    return [
        *mime_routes(auth=auth, mail_room=mail_room, reception=core.router.reception),
        *sendgrid_routes(auth=auth, mail_room=mail_room, reception=core.router.reception),
    ]


def _email_auth(core: Core) -> list[EmailAuth]:
    settings = core.settings
    ways: list[EmailAuth] = [TokenAuth(settings.email_token)]
    if settings.sendgrid_public_key is not None:
        # Cryptography costs each process 7 MB, which a town hall without SendGrid need not pay.
        from webhooks.sendgrid_signature import SendGridSignature

        ways.append(SendGridSignature(settings.sendgrid_public_key, core.clock))
    return ways


def _chat(core: Core, hub: EventHub, places: StreamPlaces) -> list[Route]:
    settings = core.settings
    # A demonstration is on this machine alone, where the play's whole public has one address.
    throttle = None if settings.demo else Throttle("chat", throttle_storage(settings.redis_address))
    enquiries = _enquiries(core, "status-by-chat")
    return chat_routes(
        tokens=VisitorTokens(settings.signing_key),
        throttle=throttle,
        conversations=Conversations(
            core.router.reception,
            hub,
            core.plans.plan,
            enquiries,
            _codes(core),
            core.router.foundation.signals,
            core.clock,
        ),
        places=places,
    )


def add_bureau(app: Flask, core: Core, hub: EventHub, places: StreamPlaces) -> None:
    """The API of the desk, and the public page on which people follow their requests."""
    settings = core.settings

    plan = core.plans.plan
    parts = Collaborators(
        record=core.record,
        clock=core.clock,
        plans=plan,
        in_force=core.plans.current,
        sheets=Catalogue(shipped_folder(), plan),
        reception=core.router.reception,
        desk=core.router.desk,
        views=core.router.views,
        follow_ups=core.router.follow_ups,
        recall=core.router.recall,
        requests=core.router.requests,
        corrections=core.corrections,
        closures=core.router.closures,
        hub=hub,
        places=places,
        media=core.adapters.media,
        event_webhooks=core.event_webhooks,
        own_number=settings.twilio_phone_number,
    )
    api = ApiSettings(
        secret_key=settings.signing_key,
        https=settings.behind_proxy,
        demo=settings.demo,
        version=version("guichet-routeur"),
        service_token=settings.api_token.get_secret_value() if settings.api_token else None,
        throttle_url=settings.redis_address,
    )
    hashing = Hashing(PasswordHasher(), elsewhere=real_threads(MOST_AT_ONCE))
    app.register_blueprint(api_blueprint(api, parts, hashing))
    enquiries = _enquiries(core, "status-by-page")
    codes = StatusProofs(core.router.reception.verifications, _codes(core), enquiries)
    app.register_blueprint(suivi_blueprint(enquiries, codes, parts.plans))


def _codes(core: Core) -> CodeWays:
    return CodeWays(code_throttle(core.settings), core.settings.text_calling_codes)


def _enquiries(core: Core, way_in: str) -> Enquiries:
    throttle = Throttle(way_in, throttle_storage(core.settings.redis_address), strict=True)
    return Enquiries(Statuses(core.record, core.plans.plan, core.clock), core.plans.plan, throttle)
