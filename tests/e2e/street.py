"""The people outside, who call, write and chat through providers that sign their requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count
from typing import Self
from uuid import uuid4
from xml.etree.ElementTree import Element

import requests
from twilio.request_validator import RequestValidator

from tests.e2e.event_stream import EventStream
from tests.e2e.town_hall import MAIL_TOKEN, TownHall
from tests.e2e.waiting import PATIENCE_SECONDS, eventually
from tests.twilio_stand_in import TOKEN, Sent
from tests.twiml_check import MESSAGING, check_twiml, said, verb

TOWN_NUMBER = "+33199003500"
AS_WRITTEN = SMTP.clone(max_line_length=998)
"""A policy that leaves long Message-IDs as they are; by default Python would encode them, as no mail program does."""

_numbers = count(1)


def new_number() -> str:
    """A mobile number that nobody else in this run of the tests has (kept for fiction by the Arcep)."""
    return f"+336399{8_2000 + next(_numbers):05d}"


def new_address(name: str) -> str:
    return f"{name}.{uuid4().hex[:8]}@usagers.example"


def signed(url: str, form: Mapping[str, str], token: str = TOKEN) -> dict[str, str]:
    """The header with which Twilio vouches for a request."""
    return {"X-Twilio-Signature": RequestValidator(token).compute_signature(url, dict(form))}


def post_signed(url: str, form: Mapping[str, str], token: str = TOKEN) -> requests.Response:
    return requests.post(url, data=dict(form), headers=signed(url, form, token), timeout=PATIENCE_SECONDS)


def post_letter(town: TownHall, raw: bytes, token: str = MAIL_TOKEN) -> requests.Response:
    """Hand a letter in as our mail server does."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "message/rfc822"}
    return requests.post(f"{town.url}/webhooks/email/mime", data=raw, headers=headers, timeout=PATIENCE_SECONDS)


@dataclass
class Caller:
    """Somebody on the phone. The telephone network follows the TwiML that it is given, as Twilio does."""

    town: TownHall
    number: str = field(default_factory=new_number)
    sid: str = field(default_factory=lambda: f"CA{uuid4().hex}")
    heard: list[str] = field(default_factory=list)

    def _form(self, **more: str) -> dict[str, str]:
        return {"CallSid": self.sid, "From": self.number, "To": TOWN_NUMBER, "CallStatus": "in-progress", **more}

    def ask(self, url: str, **more: str) -> Element:
        """The TwiML that the network gets when it asks there on behalf of this call."""
        answer = post_signed(url, self._form(**more))
        assert answer.status_code == 200, (url, answer.status_code, answer.text)
        root = check_twiml(answer.content, public_url=self.town.url)
        self.heard.append(said(root))
        return root

    def dial(self) -> Element:
        """Let the call come in."""
        self.town.phones.calls[self.sid] = {"sid": self.sid, "to": TOWN_NUMBER, "from": self.number,
                                            "status": "in-progress"}  # fmt: skip
        return self.ask(f"{self.town.url}/webhooks/voice", CallStatus="ringing")

    def choose(self, menu: Element, *keys: str) -> Element:
        """Press keys in turn, each in the menu that the key before led to."""
        for key in keys:
            menu = self.ask(verb(menu, "Gather").attrib["action"], Digits=key)
        return menu

    def say(self, menu: Element, words: str) -> Element:
        return self.ask(verb(menu, "Gather").attrib["action"], SpeechResult=words)

    def keep_waiting(self, loop: Element) -> Element:
        """Go through the waiting loop once more."""
        return self.ask((verb(loop, "Redirect").text or "").strip())

    def leave_message(self, offer: Element, seconds: int = 12) -> Element:
        """Speak after the beep."""
        sid = f"RE{uuid4().hex}"
        url = f"https://api.twilio.com/2010-04-01/Accounts/AC0/Recordings/{sid}"
        return self.ask(
            verb(offer, "Record").attrib["action"],
            RecordingSid=sid, RecordingUrl=url, RecordingDuration=str(seconds),
        )  # fmt: skip

    def hang_up(self) -> None:
        """The network's status callback."""
        self.town.phones.calls[self.sid]["status"] = "completed"
        answer = post_signed(f"{self.town.url}/webhooks/voice/status", self._form(CallStatus="completed"))
        assert answer.status_code == 204, answer.text

    def moves(self) -> list[Sent]:
        """The requests of the REST API that moved this call."""
        return self.town.phones.sent_to(f"/Calls/{self.sid}.json")

    def moved(self, already: int = 0) -> Element:
        """Wait until the call is moved once more, and follow."""
        moves = eventually(lambda: self.moves()[already:], f"{self.sid} moved")
        return self.ask(moves[0].form["Url"])


@dataclass
class AgentPhone:
    """An agent's telephone, which rings when they accept a call."""

    town: TownHall
    number: str
    ring: Mapping[str, str] = field(default_factory=dict)

    def rings(self, contact_id: str) -> Self:
        """Wait until it rings for this contact."""

        def rings() -> list[Mapping[str, str]]:
            placed = [one.form for one in self.town.phones.sent_to("/Calls.json") if one.form["To"] == self.number]
            return [form for form in placed if f"/agent/{contact_id}?" in form["Url"]]

        self.ring = eventually(rings, f"{self.number} rings for {contact_id}")[-1]
        return self

    def pick_up(self) -> Element:
        answer = post_signed(self.ring["Url"], self._form("in-progress"))
        assert answer.status_code == 200, answer.text
        return check_twiml(answer.content, public_url=self.town.url)

    def ends(self, status: str = "completed") -> None:
        """Report the end of the call to it, or (`no-answer`, `busy`) that it was never answered."""
        for call in self.town.phones.calls.values():
            if call["to"] == self.number:
                call["status"] = status
        assert post_signed(self.ring["StatusCallback"], self._form(status)).status_code == 204

    def _form(self, status: str) -> dict[str, str]:
        return {"CallSid": f"CA{uuid4().hex}", "From": TOWN_NUMBER, "To": self.number, "CallStatus": status}


@dataclass
class Texter:
    """Somebody who writes text messages."""

    town: TownHall
    number: str = field(default_factory=new_number)
    from_prefix: str = ""

    def write(self, text: str, sid: str | None = None) -> requests.Response:
        form = {
            "MessageSid": sid or f"SM{uuid4().hex}", "From": self.from_prefix + self.number,
            "To": self.from_prefix + TOWN_NUMBER, "Body": text, "NumMedia": "0",
        }  # fmt: skip
        return post_signed(f"{self.town.url}/webhooks/messaging", form)

    def received(self) -> list[str]:
        """What was sent to their number through the REST API."""
        sent = self.town.phones.sent_to("/Messages.json")
        return [one.form["Body"] for one in sent if one.form["To"] == self.from_prefix + self.number]


def answer_text(answer: requests.Response) -> str:
    """The text that answers a text; empty for none."""
    assert answer.status_code == 200, (answer.status_code, answer.text)
    return said(check_twiml(answer.content, MESSAGING))


@dataclass
class Writer:
    """Somebody who writes e-mails."""

    town: TownHall
    address: str = field(default_factory=lambda: new_address("usager"))
    name: str = "Awa Diallo"

    def letter(self, subject: str, text: str, answering: EmailMessage | None = None, **headers: str) -> EmailMessage:
        message = EmailMessage(policy=AS_WRITTEN)
        message["From"] = f"{self.name} <{self.address}>"
        message["To"] = "mairie@sainte-aldegonde.example"
        message["Subject"] = subject
        message["Message-ID"] = f"<{uuid4().hex}@usagers.example>"
        if answering is not None:
            message["In-Reply-To"] = answering["Message-ID"]
            message["References"] = " ".join(filter(None, (answering["References"], answering["Message-ID"])))
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        return message

    def send(self, message: EmailMessage, token: str = MAIL_TOKEN) -> requests.Response:
        """Our mail server hands the message in."""
        return post_letter(self.town, message.as_bytes(), token)

    def send_by_sendgrid(self, message: EmailMessage) -> requests.Response:
        """SendGrid hands it in, parsed."""
        headers = "\n".join(f"{name}: {value}" for name, value in message.items())
        fields = {
            "headers": headers, "from": message["From"], "to": message["To"], "subject": message["Subject"],
            "text": message.get_content(), "charsets": '{"text": "utf-8"}', "attachments": "0",
        }  # fmt: skip
        return self._post_form(fields)

    def send_raw_by_sendgrid(self, message: EmailMessage) -> requests.Response:
        """SendGrid hands it in as it came."""
        return self._post_form({"email": message.as_string(), "charsets": '{"email": "utf-8"}'})

    def _post_form(self, fields: Mapping[str, str]) -> requests.Response:
        return requests.post(
            f"{self.town.url}/webhooks/email/sendgrid",
            files={name: (None, value) for name, value in fields.items()},
            auth=("sendgrid", MAIL_TOKEN),
            timeout=PATIENCE_SECONDS,
        )

    def received(self) -> list[EmailMessage]:
        return [one for one in list(self.town.mailbox.messages) if self.address in str(one["To"])]


@dataclass
class Visitor:
    """Somebody on the website's chat."""

    town: TownHall
    id: str = ""
    token: str = ""

    def begin(self, text: str, **more: str) -> requests.Response:
        answer = requests.post(self._url(), json={"text": text, **more}, timeout=PATIENCE_SECONDS)
        if answer.status_code == 201:
            self.id, self.token = answer.json()["id"], answer.json()["token"]
        return answer

    def say(self, text: str, client_id: str | None = None) -> requests.Response:
        body = {"text": text, "client_id": client_id or uuid4().hex}
        return requests.post(
            f"{self._url()}/{self.id}/messages", json=body, headers=self._headers(), timeout=PATIENCE_SECONDS
        )

    def settled(self) -> requests.Response:
        """Press the button that says: this answered my question."""
        return requests.post(f"{self._url()}/{self.id}/settled", headers=self._headers(), timeout=PATIENCE_SECONDS)

    def leave(self) -> requests.Response:
        return requests.delete(f"{self._url()}/{self.id}", headers=self._headers(), timeout=PATIENCE_SECONDS)

    def stream(self, last_event_id: str | None = None) -> EventStream:
        return EventStream(f"{self._url()}/{self.id}/events", self._headers(), last_event_id)

    def _url(self) -> str:
        return f"{self.town.url}/webhooks/chat/conversations"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}
