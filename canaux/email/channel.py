"""The e-mail channel's way out: acknowledgements, announcements and agents' answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr
from typing import Any

from canaux.clean_text import one_line
from canaux.email.letters import acknowledgement, announcement, legal_letter
from canaux.email.references import mark
from canaux.email.threads import OurMessageIds
from canaux.email.unread import is_unread
from canaux.provider_interfaces import MailTransport
from canaux.wording import code_in_words, known_language
from competences.channels import Channel
from competences.translation import translator
from routeur.clock import Clock
from routeur.contact.row import ContactRow
from routeur.plans import PlanInForce
from routeur.ports.news import (
    CodeAsked,
    DeliveryError,
    Effect,
    FollowedUp,
    IfFailed,
    LegalNotice,
    News,
    Received,
    ReplyWritten,
)

SEND = "send"
MOST_REFERENCES = 20
MOST_ACKNOWLEDGEMENTS_A_DAY = 3
"""How many letters of one address are acknowledged within 24 hours: more help nobody, and may be a robot's echo."""

_POLICY = SMTP_POLICY.clone(max_line_length=998)  # folded shorter, long Message-IDs would be written encoded


class EmailChannel:
    """Composes letters in the commit, so that what was promised is what is sent, and sends them in the worker."""

    channel = Channel.EMAIL

    def __init__(
        self, *, sender: str, secret: str, plans: Callable[[], PlanInForce], transport: MailTransport, clock: Clock
    ) -> None:
        """`secret` is the key of the proof in our Message-IDs."""
        self._sender_name, self._sender = parseaddr(sender)
        self.address = self._sender.lower()
        host = self._sender.partition("@")[2]
        if not host:
            raise ValueError("EMAIL_FROM must be an e-mail address")
        self.message_ids = OurMessageIds(host, secret)
        self._plans = plans
        self._transport = transport
        self._clock = clock

    def effects(self, news: News, thread: Sequence[str]) -> Sequence[Effect]:
        match news:
            case Received(contact=contact, acknowledge=acknowledge, earlier_today=earlier) if (
                not acknowledge or earlier >= MOST_ACKNOWLEDGEMENTS_A_DAY or not self._is_read(contact)
            ):
                return ()
            case Received(contact=contact, follow_up=follow_up):
                body = acknowledgement(self._plans(), contact, follow_up)
                return (self._effect(contact, thread, f"email:ack:{contact.id}", body, automatic=True),)
            case FollowedUp(contact=contact) if not self._is_read(contact):
                return ()
            case FollowedUp(contact=contact, follow_up=follow_up):
                body = announcement(self._plans().plan, contact, follow_up)
                return (self._effect(contact, thread, f"email:follow-up:{follow_up.id}", body, automatic=True),)
            case ReplyWritten(contact=contact, message_id=message_id, text=text, cc=cc):
                return (self._effect(contact, thread, f"email:reply:{message_id}", text, automatic=False, cc=cc),)
            case CodeAsked():
                return (self._code(news),)
            case LegalNotice():
                return self._law(news, thread)
            case _:
                return ()

    def _is_read(self, contact: ContactRow) -> bool:
        """Whether a person may read an acknowledgement: there is an address, and it is neither ours nor a robot's."""
        return contact.reachable and contact.answer_address != self.address and not is_unread(contact.answer_address)

    def _law(self, notice: LegalNotice, thread: Sequence[str]) -> Sequence[Effect]:
        """The letter of a notice of the law; for another channel's contact to the address that was given with it.

        If that one cannot be delivered while an agent speaks with the person, nothing else changes.
        """
        contact = notice.contact
        elsewhere = contact.channel is not self.channel
        if elsewhere and contact.given_email is None:
            return ()
        written_to = replace(contact, reply_to=contact.given_email) if elsewhere else contact
        if not self._is_read(written_to):
            return ()
        body = legal_letter(self._plans().plan, notice)
        letter = self._effect(written_to, thread, f"email:law:{notice.id}", body, automatic=True)
        return (replace(letter, if_failed=IfFailed.NOTHING) if elsewhere and contact.held else letter,)

    def _code(self, asked: CodeAsked) -> Effect:
        """The letter that carries a code to a given address. If it cannot be delivered, nothing else changes."""
        key = f"email:code:{asked.id}"
        subject, body = code_in_words(self._plans().plan, asked.code, asked.contact.language)
        payload = {
            "to": asked.address,
            "subject": subject,
            "body": body,
            "message_id": self.message_ids.make(asked.contact.id, key),
            "references": [],
            "automatic": True,
        }
        return Effect(self.channel, SEND, key, payload, asked.contact.id, IfFailed.NOTHING)

    def _effect(
        self,
        contact: ContactRow,
        thread: Sequence[str],
        key: str,
        body: str,
        *,
        automatic: bool,
        cc: Sequence[str] = (),
    ) -> Effect:
        payload: dict[str, Any] = {
            "to": contact.answer_address,
            "cc": list(cc),
            "subject": _subject(contact),
            "body": body,
            "message_id": self.message_ids.make(contact.id, key),
            "references": [known for known in thread if known.startswith("<")][-MOST_REFERENCES:],
            "automatic": automatic,
        }
        return Effect(self.channel, SEND, key, payload, contact.id)

    def perform(self, effect: Effect) -> None:
        try:
            message = self._message(effect.payload)
        except (ValueError, LookupError, MessageError) as error:
            raise DeliveryError("not an address that can be written to", retryable=False) from error
        self._transport.send(message)

    def _message(self, payload: Any) -> EmailMessage:
        message = EmailMessage(policy=_POLICY)
        plan = self._plans().plan
        message["From"] = Address(self._sender_name or plan.commune.name, addr_spec=self._sender)
        message["To"] = Address(addr_spec=payload["to"])
        if payload.get("cc"):  # effects written by an earlier version have none
            message["Cc"] = [Address(addr_spec=address) for address in payload["cc"]]
        message["Subject"] = payload["subject"]
        message["Date"] = format_datetime(self._clock())
        message["Message-ID"] = payload["message_id"]
        if payload["references"]:
            message["In-Reply-To"] = payload["references"][-1]
            message["References"] = " ".join(payload["references"])
        if payload["automatic"]:
            message["Auto-Submitted"] = "auto-replied"
            message["X-Auto-Response-Suppress"] = "All"
        message.set_content(payload["body"])
        return message


def _subject(contact: ContactRow) -> str:
    _ = translator("canaux", known_language(contact.language)).gettext
    subject = one_line(contact.subject or _("Your request"), 150)
    if not subject.lower().startswith("re:"):
        subject = f"Re: {subject}"
    return subject if mark(contact) in subject else f"{subject} {mark(contact)}"
