"""The e-mail channel's way out: acknowledgements, announcements and agents' answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from canaux.clean_text import clean, one_line, shortened
from canaux.email.outgoing.composing import Letter, compose
from canaux.email.outgoing.html_letter import as_html
from canaux.email.outgoing.letters import acknowledgement, announcement, legal_letter, letter_language
from canaux.email.outgoing.mailable import ImpossibleAddress, mailable
from canaux.email.outgoing.quoting import Quote, below, quote
from canaux.email.outgoing.reminder import reminder_letter
from canaux.email.references import mark, without_marks
from canaux.email.threads import OurMessageIds
from canaux.email.unread import is_unread
from canaux.provider_interfaces import MailTransport
from canaux.typography import as_printed
from canaux.wording import code_in_words, known_language
from competences.channels import Channel
from competences.plan.plan import Plan
from competences.translation import DEFAULT_LANGUAGE, translator
from routeur.clock import Clock
from routeur.contact.answers import Answer
from routeur.contact.messages import NamedAddress
from routeur.contact.proof_codes import GOOD_FOR
from routeur.contact.row import ContactRow
from routeur.contact.words import AddressKind
from routeur.plans import PlanInForce
from routeur.ports.news import (
    CodeAsked,
    DeliveryError,
    EarlierToday,
    Effect,
    FollowedUp,
    FollowUpsDue,
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

MOST_UNPROVED_OF_A_WRITER_A_DAY = 100
MOST_UNPROVED_A_DAY = 300
"""How many letters are acknowledged within 24 hours at addresses that nothing proves (a Reply-To elsewhere, a form's
field): of those that one address wrote, which may be the form of our own site, and in all. Anybody can have us write to
anybody that way."""

MORE_REQUESTS = 10
"""How many times as many where one of the plan's forms says that it is a request: a day of enrolments has many."""

_LONGEST_SUBJECT_CHARACTERS = 150
_STAFF = "staff"
"""Stands for the contact in the Message-ID of a letter that is in none."""


class EmailChannel:
    """Words letters in the commit, so that what was promised is what is sent; composes and sends them in the worker."""

    channel = Channel.EMAIL

    def __init__(
        self,
        *,
        sender: str,
        secret: str,
        plans: Callable[[], PlanInForce],
        answers: Callable[[str], Answer],
        transport: MailTransport,
        clock: Clock,
    ) -> None:
        """`secret` is the key of the proof in our Message-IDs; `answers` tells what goes with a recorded answer."""
        self._sender_name, self._sender = parseaddr(sender)
        self.address = self._sender.lower()
        try:
            host = mailable(self._sender).rpartition("@")[2]
        except ImpossibleAddress:
            raise ValueError("EMAIL_FROM must be an e-mail address") from None
        self.message_ids = OurMessageIds(host, secret)
        self._plans = plans
        self._answers = answers
        self._transport = transport
        self._clock = clock

    def effects(self, news: News, thread: Sequence[str]) -> Sequence[Effect]:
        match news:
            case Received(contact=contact, earlier_today=earlier) if (
                not contact.acknowledge or _enough(contact, earlier) or not self._is_read(contact)
            ):
                return ()
            case Received(contact=contact, follow_up=follow_up):
                body = acknowledgement(self._plans(), contact, follow_up)
                return (self._automatic(contact, thread, f"email:ack:{contact.id}", body),)
            case FollowedUp(contact=contact) if not contact.machine_may_write or not self._is_read(contact):
                return ()
            case FollowedUp(contact=contact, follow_up=follow_up):
                body = announcement(self._plans().plan, contact, follow_up)
                return (self._automatic(contact, thread, f"email:follow-up:{follow_up.id}", body),)
            case ReplyWritten(contact=contact, message_id=message_id, text=text, cc=cc):
                return (self._effect(contact, thread, f"email:reply:{message_id}", text, cc=cc, message_id=message_id),)
            case CodeAsked():
                return (self._code(news),)
            case LegalNotice():
                return self._law(news, thread)
            case FollowUpsDue():
                return (self._reminder(news),)
            case _:
                return ()

    def writes_from(self, kind: AddressKind, address: str) -> str | None:
        """Our address, to write to a person's mailbox; None for a number, for ourselves and for what nobody reads."""
        written_to = kind is AddressKind.EMAIL and not self._is_ours(address) and not is_unread(address)
        return self.address if written_to else None

    def _is_read(self, contact: ContactRow) -> bool:
        """Whether a person may read an acknowledgement: there is an address, and it is neither ours nor a robot's."""
        return contact.reachable and not self._is_ours(contact.answer_address) and not is_unread(contact.answer_address)

    def _is_ours(self, address: str) -> bool:
        return address == self.address or address in self._plans().plan.own_addresses

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
        letter = self._automatic(written_to, thread, f"email:law:{notice.id}", body)
        return (replace(letter, if_failed=IfFailed.NOTHING) if elsewhere and contact.held else letter,)

    def _code(self, asked: CodeAsked) -> Effect:
        """The letter that carries a code to a given address. If it cannot be delivered, nothing else changes."""
        key = f"email:code:{asked.id}"
        language = known_language(asked.contact.language)
        subject, body = (_printed(words, language) for words in code_in_words(self._plans().plan, asked.code, language))
        own_id = self.message_ids.make(asked.contact.id, key)
        payload = {
            "to": asked.address,
            "subject": subject,
            "body": body,
            "language": language,
            "message_id": own_id,
            "references": [],
            "automatic": True,
            "until": (self._clock() + GOOD_FOR).isoformat(),
        }
        return Effect(self.channel, SEND, key, payload, asked.contact.id, IfFailed.NOTHING, provider_id=own_id)

    def _reminder(self, due: FollowUpsDue) -> Effect:
        """The letter that reminds somebody here of follow-ups. It is in no contact, and waits for no other letter."""
        key = f"email:reminder:{due.id}"
        subject, body = (_printed(words, DEFAULT_LANGUAGE) for words in reminder_letter(self._plans().plan, due))
        own_id = self.message_ids.make(_STAFF, key)
        payload = {
            "to": due.address,
            "subject": subject,
            "body": body,
            "language": DEFAULT_LANGUAGE,
            "message_id": own_id,
            "references": [],
            "automatic": True,
        }
        return Effect(self.channel, SEND, key, payload, None, IfFailed.NOTHING, provider_id=own_id)

    def _automatic(self, contact: ContactRow, thread: Sequence[str], key: str, body: str) -> Effect:
        return self._effect(contact, thread, key, _printed(body, letter_language(self._plans().plan, contact.language)))

    def _effect(
        self,
        contact: ContactRow,
        thread: Sequence[str],
        key: str,
        body: str,
        *,
        cc: Sequence[str] = (),
        message_id: str | None = None,
    ) -> Effect:
        """The letter that carries a recorded message, or that goes on its own."""
        own_id = self.message_ids.make(contact.id, key)
        automatic = message_id is None
        payload: dict[str, Any] = {
            "to": contact.answer_address,
            "cc": list(cc),
            "subject": _neutral_subject(contact)
            if automatic and not contact.answered_where_proved
            else _subject(contact),
            "body": body,
            "language": letter_language(self._plans().plan, contact.language),
            "message_id": own_id,
            "references": [known for known in thread if known.startswith("<")][-MOST_REFERENCES:],
            "automatic": automatic,
        }
        return Effect(self.channel, SEND, key, payload, contact.id, message_id=message_id, provider_id=own_id)

    def perform(self, effect: Effect) -> None:
        plan = self._plans().plan
        answer = self._answers(effect.message_id) if effect.message_id is not None else Answer((), None)
        _ = translator("canaux", DEFAULT_LANGUAGE).gettext
        until = effect.payload.get("until")
        if until is not None and self._clock() > datetime.fromisoformat(until):
            raise DeliveryError("the code is good no longer", retryable=False)
        try:
            message = self._composed(effect.payload, plan, answer)
        except ImpossibleAddress as error:
            reason = _(
                "Not sent: this is not an address that can be written to. "
                "Call the person or write to them by post, if you know who it is."
            )
            raise DeliveryError(reason, retryable=False) from error
        except Exception as error:  # composing asks nobody for anything: what fails once fails each time
            reason = _("Not sent: this letter cannot be put into the form of an e-mail ({error}).")
            raise DeliveryError(reason.format(error=type(error).__name__), retryable=False) from error
        self._transport.send(message)

    def _composed(self, payload: Any, plan: Plan, answer: Answer) -> EmailMessage:
        language = payload.get("language", DEFAULT_LANGUAGE)  # effects written by an earlier version have neither
        quoted = _quoted(answer, payload["to"], language, plan.commune.timezone)
        subject, body = payload["subject"], clean(payload["body"])
        return compose(
            Letter(
                sender=NamedAddress(self._sender_name or plan.commune.name, self._sender),
                to=payload["to"],
                cc=payload.get("cc", ()),
                subject=subject,
                text=below(body, quoted),
                html=as_html(body, quoted, subject=subject, language=language),
                language=language,
                sent_at=self._clock(),
                message_id=payload["message_id"],
                references=payload["references"],
                automatic=payload["automatic"],
                files=answer.files,
            )
        )


def _enough(contact: ContactRow, earlier: EarlierToday) -> bool:
    """Whether one letter more is not acknowledged. The law wants every request acknowledged (CRPA L112-11)."""
    more = MORE_REQUESTS if contact.request is not None else 1
    return (
        earlier.same_address >= MOST_ACKNOWLEDGEMENTS_A_DAY * more
        or earlier.same_writer >= MOST_UNPROVED_OF_A_WRITER_A_DAY * more
        or earlier.unproved >= MOST_UNPROVED_A_DAY * more
    )


def _neutral_subject(contact: ContactRow) -> str:
    """A subject without a word of the writer's, who may be a stranger to the person who gets the letter."""
    _ = translator("canaux", known_language(contact.language)).gettext
    return " ".join([_("Your message"), mark(contact)])


def _subject(contact: ContactRow) -> str:
    _ = translator("canaux", known_language(contact.language)).gettext
    subject = shortened(
        without_marks(one_line(contact.subject or "")) or _("Your message"), _LONGEST_SUBJECT_CHARACTERS
    )
    if not subject.lower().startswith("re:"):
        subject = f"Re: {subject}"
    return f"{subject} {mark(contact)}"


def _quoted(answer: Answer, to: str, language: str, timezone: str) -> Quote | None:
    asked = answer.question
    return None if asked is None else quote(asked if asked.writer else replace(asked, writer=to), language, timezone)


def _printed(words: str, language: str) -> str:
    return as_printed(words) if language == "fr" else words
