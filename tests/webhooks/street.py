"""The town hall as seen from the street: its webhooks, mounted over real services, and the providers who call them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from flask import Flask
from sqlalchemy import select
from twilio.request_validator import SIGNATURE_SETTINGS_HEADER, RequestValidator
from werkzeug.test import TestResponse

from canaux.chat import VisitorTokens
from canaux.email.channel import EmailChannel
from canaux.enquiries import Enquiries
from canaux.messaging import MessagingChannel
from canaux.smtp import SmtpTransport
from canaux.throttle import Throttle, throttle_storage
from canaux.twilio.client import TwilioGateway
from canaux.voice.channel import VoiceChannel
from canaux.voice.urls import VoiceUrls
from competences.channels import Channel
from competences.plan.plan import Plan
from routeur.record.tables import Contact, Message
from tests.routeur.hall import Hall
from tests.twilio_stand_in import ACCOUNT, TOKEN, TwilioStandIn
from tests.twiml_check import check_twiml
from webhooks.chat import chat_blueprint
from webhooks.email import email_blueprint
from webhooks.email_auth import EmailAuth, TokenAuth
from webhooks.messaging import messaging_blueprint
from webhooks.twilio_auth import TwilioAuth
from webhooks.voice import voice_blueprint

PUBLIC_URL = "https://guichet.example.fr"
EMAIL_TOKEN = "email-token-for-tests"
OUR_NUMBER = "+33199003500"
CALLER = "+33639980101"
SHARED_KEY = "webhooks_sharedkey_1"
SHARED_SECRET = "shared-secret-for-tests"


class NoWakes:
    """Nothing ever happens: a stream tells what there is, and ends."""

    def subscribe(self, *, contact: str) -> Any:
        return iter(())


class Street:
    """A town hall whose channels are real, reachable as its providers reach it."""

    def __init__(
        self,
        hall: Hall,
        twilio: TwilioStandIn,
        smtp_url: str,
        *more_email_auth: EmailAuth,
        throttle_url: str = "memory://",
    ) -> None:
        self.hall = hall
        self.twilio = twilio
        self.network = TwilioGateway(ACCOUNT, TOKEN, twilio.base_url)
        self.urls = VoiceUrls(PUBLIC_URL)
        email = EmailChannel(
            sender="mairie@petit-bourg.example",
            plans=hall.plans.current,
            transport=SmtpTransport(smtp_url),
            clock=hall.clock,
        )
        adapters: dict[Channel, Any] = hall.postmen  # the hall reads it at each use
        adapters.update(
            {
                Channel.VOICE: VoiceChannel(urls=self.urls, plans=self.plan, network=self.network),
                Channel.MESSAGING: MessagingChannel(plans=self.plan, network=self.network),
                Channel.EMAIL: email,
            }
        )
        auth = TwilioAuth(PUBLIC_URL, TOKEN, {SHARED_KEY: SHARED_SECRET})
        self.tokens = VisitorTokens("secret-key-for-tests")
        self.storage = throttle_storage(throttle_url)
        app = Flask("street")
        app.register_blueprint(
            voice_blueprint(auth=auth, urls=self.urls, reception=hall.reception, desk=hall.desk, plans=self.plan)
        )
        app.register_blueprint(
            messaging_blueprint(
                auth=auth, reception=hall.reception, plans=self.plan, enquiries=self.enquiries("status:text")
            )
        )
        app.register_blueprint(
            email_blueprint(
                auth=[TokenAuth(EMAIL_TOKEN), *more_email_auth], our_host=email.host, reception=hall.reception
            )
        )
        app.register_blueprint(
            chat_blueprint(
                tokens=self.tokens,
                reception=hall.reception,
                hub=NoWakes(),
                plans=self.plan,
                throttle=Throttle("chat", self.storage),
                enquiries=self.enquiries("status:chat"),
            )
        )
        self.app = app
        self.client = app.test_client()

    def close(self) -> None:
        self.network.close()

    def plan(self) -> Plan:
        return self.hall.plans.current().plan

    def enquiries(self, name: str) -> Enquiries:
        return Enquiries(self.hall.statuses, self.plan, Throttle(name, self.storage, strict=True))

    # Twilio's side

    def post(self, url: str, **form: str) -> TestResponse:
        """A request signed as Twilio signs it; `url` is absolute or a path."""
        path = self._path(url)
        signature = RequestValidator(TOKEN).compute_signature(PUBLIC_URL + path, form)
        return self.client.post(path, data=form, headers={"X-Twilio-Signature": signature})

    def post_with_shared_key(self, path: str, algorithm: str, secret: str = SHARED_SECRET, **form: str) -> TestResponse:
        """A request signed with a shared key, as announced in a header."""
        signature = RequestValidator(secret).compute_signature(PUBLIC_URL + path, form, algorithm)
        settings = f"key={SHARED_KEY},algorithm={algorithm}"
        headers = {"X-Twilio-Signature": signature, SIGNATURE_SETTINGS_HEADER: settings}
        return self.client.post(path, data=form, headers=headers)

    @staticmethod
    def _path(url: str) -> str:
        parts = urlsplit(url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def call(self, sid: str = "CA1", caller: str = CALLER) -> Phone:
        return Phone(self, sid, caller)

    # What came of it

    def contacts(self) -> list[Any]:
        with self.hall.record.read() as connection:
            return list(connection.execute(select(*Contact.__table__.c).order_by(Contact.arrived_at)).all())

    def only_contact(self) -> Any:
        (found,) = self.contacts()
        return found

    def messages(self) -> list[Any]:
        with self.hall.record.read() as connection:
            return list(connection.execute(select(*Message.__table__.c).order_by(Message.position)).all())


class Phone:
    """A call, from Twilio's side: asks, and checks that what comes back is TwiML."""

    def __init__(self, street: Street, sid: str, caller: str) -> None:
        self.street = street
        self.sid = sid
        self.caller = caller

    def ask(self, url: str, **form: str) -> ElementTree.Element:
        response = self.street.post(url, **self._form(**form))
        assert response.status_code == 200
        assert response.mimetype == "text/xml"
        return check_twiml(response.data, public_url=PUBLIC_URL)

    def tell(self, url: str, **form: str) -> TestResponse:
        return self.street.post(url, **self._form(**form))

    def _form(self, **form: str) -> dict[str, str]:
        return {"CallSid": self.sid, "From": self.caller, "To": OUR_NUMBER, "CallStatus": "in-progress", **form}

    def dial(self) -> ElementTree.Element:
        return self.ask("/webhooks/voice", CallStatus="ringing")

    def press(self, menu: ElementTree.Element, digit: str) -> ElementTree.Element:
        return self.ask(self._action(menu), Digits=digit)

    def speak(self, menu: ElementTree.Element, words: str) -> ElementTree.Element:
        return self.ask(self._action(menu), SpeechResult=words)

    def stay_silent(self, menu: ElementTree.Element) -> ElementTree.Element:
        return self.ask(self._action(menu))

    @staticmethod
    def _action(menu: ElementTree.Element) -> str:
        (gather,) = menu.iter("Gather")
        return gather.attrib["action"]

    def stay(self, loop: ElementTree.Element) -> ElementTree.Element:
        """Until the end of a turn of the waiting loop."""
        (redirect,) = loop.iter("Redirect")
        return self.ask(redirect.text or "")

    def hang_up(self) -> TestResponse:
        return self.tell("/webhooks/voice/status", CallStatus="completed")
