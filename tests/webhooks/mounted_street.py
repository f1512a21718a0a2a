"""The town hall as seen from the street: its webhooks, mounted over real services, and the providers who call them."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from flask import Flask
from sqlalchemy import select
from twilio.request_validator import SIGNATURE_SETTINGS_HEADER, RequestValidator
from werkzeug.test import TestResponse

from canaux.chat.channel import ChatChannel
from canaux.chat.conversations import Conversations
from canaux.chat.tokens import VisitorTokens
from canaux.code_ways import CodeWays
from canaux.email.channel import EmailChannel
from canaux.email.incoming.reading import read_email
from canaux.enquiries.enquiries import Enquiries
from canaux.messaging.channel import MessagingChannel
from canaux.messaging.code_budget import CodeBudget
from canaux.messaging.conversation import TextConversation
from canaux.messaging.receipts import TextReceipts
from canaux.smtp import SmtpTransport
from canaux.stream_places import StreamPlaces
from canaux.throttle import Throttle, throttle_storage
from canaux.twilio.phone import TwilioPhone
from canaux.twilio.rest import TwilioAccount
from canaux.twilio.texts import TwilioTexts
from canaux.twilio.twiml import VoiceTwiml
from canaux.twilio.urls import TextUrls, VoiceUrls
from canaux.voice.call_events import CallEvents
from canaux.voice.channel import VoiceChannel
from canaux.voice.dialogue import Dialogue
from competences.phone_numbers import FRENCH_REGIONS, calling_codes
from competences.plan.plan import Plan
from routeur.contact.answers import answer
from routeur.contact.opt_outs import OptOuts
from routeur.contact.receipts import Receipts
from routeur.ports.events import EventHub
from routeur.record.tables import Contact, Message
from tests.routeur.hall import Hall
from tests.twilio_stand_in import ACCOUNT, TOKEN, TwilioStandIn
from tests.twiml_check import check_twiml
from webhooks.chat import chat_routes
from webhooks.email_common import EmailAuth, MailRoom
from webhooks.email_mime import mime_routes
from webhooks.email_sendgrid import sendgrid_routes
from webhooks.messaging_twilio import messaging_routes
from webhooks.skeleton import Route, webhooks_blueprint
from webhooks.token_auth import TokenAuth
from webhooks.twilio_common import TwilioAuth
from webhooks.voice_twilio import voice_routes

PUBLIC_URL = "https://guichet.example.fr"
EMAIL_TOKEN = "email-token-for-tests"
OUR_NUMBER = "+33199003500"
CALLER = "+33639980101"
SHARED_KEY = "webhooks_sharedkey_1"
SHARED_SECRET = "shared-secret-for-tests"


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
        self.storage = throttle_storage(throttle_url)
        self.urls = VoiceUrls(PUBLIC_URL)
        self.account = TwilioAccount(ACCOUNT, TOKEN, twilio.base_url)
        self.phone = TwilioPhone(self.account, self.urls)
        email = EmailChannel(
            sender="mairie@petit-bourg.example",
            secret="secret-key-for-tests",
            plans=hall.plans.current,
            answers=partial(answer, hall.record),
            transport=SmtpTransport(smtp_url),
            clock=hall.clock,
        )
        hall.adapt(VoiceChannel(plans=self.plan, network=self.phone))
        self.opt_outs, self.receipts = OptOuts(hall.record, hall.clock), Receipts(hall.record, hall.clock)
        self.text_urls = TextUrls(PUBLIC_URL)
        hall.adapt(
            MessagingChannel(
                plans=self.plan,
                network=TwilioTexts(self.account, self.text_urls),
                clock=hall.clock,
                opt_outs=self.opt_outs,
                receipts=self.receipts,
                code_budget=CodeBudget(Throttle("codes", self.storage)),
                own_number=OUR_NUMBER,
                calling_codes=calling_codes(FRENCH_REGIONS),
            )
        )
        hall.adapt(email)
        announcer = hall.foundation.announcer
        hall.adapt(ChatChannel(record=hall.record, announcer=announcer, plans=self.plan, clock=hall.clock))
        self.twilio_auth = TwilioAuth(PUBLIC_URL, TOKEN, {SHARED_KEY: SHARED_SECRET})
        self.email_auth: list[EmailAuth] = [TokenAuth(EMAIL_TOKEN), *more_email_auth]
        read = partial(read_email, trusted_host=email.message_ids.host)
        self.mail_room = MailRoom(email.address, email.message_ids, read, self.plan)
        self.tokens = VisitorTokens("secret-key-for-tests")
        self.hub = EventHub(hall.redis, hall.index.events, block_ms=50)
        self.app = Flask("street")
        self.app.register_blueprint(webhooks_blueprint(self._routes()))
        self.client = self.app.test_client()

    def _routes(self) -> list[Route]:
        reception = self.hall.reception
        return [
            *voice_routes(
                auth=self.twilio_auth,
                twiml=VoiceTwiml(self.urls),
                dialogue=Dialogue(reception, self.plan),
                events=CallEvents(reception, self.hall.desk),
            ),
            *messaging_routes(
                auth=self.twilio_auth,
                conversation=TextConversation(reception, self.plan, self.enquiries("status:text"), self.opt_outs),
                receipts=TextReceipts(self.receipts, reception, self.opt_outs),
                urls=self.text_urls,
            ),
            *mime_routes(auth=self.email_auth, mail_room=self.mail_room, reception=reception),
            *sendgrid_routes(auth=self.email_auth, mail_room=self.mail_room, reception=reception),
            *chat_routes(
                tokens=self.tokens,
                throttle=Throttle("chat", self.storage),
                conversations=Conversations(
                    reception,
                    self.hub,
                    self.plan,
                    self.enquiries("status:chat"),
                    CodeWays(Throttle("codes", self.storage), calling_codes(FRENCH_REGIONS)),
                    self.hall.foundation.signals,
                    self.hall.clock,
                ),
                places=StreamPlaces(self.hall.redis),
            ),
        ]

    def close(self) -> None:
        self.hub.close()
        self.account.close()

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
