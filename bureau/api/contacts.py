"""Contacts: reading them, and the actions of the agent who holds one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus

from flask import Response, request

from bureau.access.permissions import UNHELD, Permissions
from bureau.access.principal import EVERYONE, OVERSIGHT, STAFF, Principal
from bureau.api.answers_from_views import contact_page, full_contact
from bureau.api.kept_pages import kept_page
from bureau.api.suggestions import suggested_sheets
from bureau.api.walk_in import check_language, inbound_of
from bureau.http.cursors import decoded
from bureau.http.endpoint import answer
from bureau.http.files import MEDIA_TYPES, ORIGINAL_MEDIA_TYPES, download, download_original
from bureau.http.language import language_of
from bureau.http.operation import Operation
from bureau.http.problems import Problem
from bureau.schemas.answers import (
    ContactPage,
    Explanation,
    FullContact,
    Message,
    MessagePage,
    Reading,
    Readings,
    Timeline,
    TimelineEntry,
)
from bureau.schemas.requests import (
    ContactQuery,
    DraftText,
    Finish,
    FollowUpRequest,
    MessageQuery,
    NewNote,
    PageQuery,
    ReadMark,
    Reply,
    TopicChange,
    Transfer,
    WalkIn,
    WrapUpExtension,
)
from canaux import security_log
from canaux.messaging.reading import is_sms
from canaux.provider_interfaces import Media
from competences.channels import Channel
from competences.plan.plan import Plan
from competences.sheets.catalogue import Catalogue
from competences.translation import N_
from routeur.contact.messages import OutgoingFile
from routeur.desk.desk import Desk
from routeur.reading.contact_views import ContactView
from routeur.reading.paging import Page
from routeur.reading.readers import Readers
from routeur.reading.views import Views
from routeur.reception.reception import Reception

TAG = "contacts"
MOVED_ON = frozenset({HTTPStatus.CONFLICT})
OTHERS = frozenset({HTTPStatus.FORBIDDEN})
"""The refusal of a contact that is not the agent's to read."""
NO_SMS = N_("No number of ours sends SMS. Call the person, or write to them by e-mail or letter.")
NOT_BY_WHATSAPP = N_("Only a contact by WhatsApp can go on by SMS.")
UNFIT = MOVED_ON | {HTTPStatus.UNPROCESSABLE_ENTITY}


class ContactsApi:
    """Everything under `/contacts`, and the history of an usager."""

    def __init__(
        self,
        desk: Desk,
        views: Views,
        reception: Reception,
        permissions: Permissions,
        readers: Readers,
        media: Media,
        sheets: Catalogue,
        own_number: str | None,
        plans: Callable[[], Plan],
    ) -> None:
        self._desk = desk
        self._views = views
        self._reception = reception
        self._permissions = permissions
        self._readers = readers
        self._media = media
        self._sheets = sheets
        self._own_number = own_number
        self._plans = plans

    def operations(self) -> list[Operation]:
        path = "/contacts/<contact_id>"
        created, gone = HTTPStatus.CREATED, HTTPStatus.NO_CONTENT
        full = FullContact
        return [
            Operation("GET", "/contacts", self.list_contacts, TAG, EVERYONE, ContactPage, query=ContactQuery),
            Operation("POST", "/contacts", self.create_contact, TAG, EVERYONE, full, created, body=WalkIn),
            Operation("GET", path, self.get_contact, TAG, EVERYONE, full, refusals=OTHERS),
            Operation("GET", f"{path}/timeline", self.get_timeline, TAG, EVERYONE, Timeline, refusals=OTHERS),
            Operation("GET", f"{path}/readers", self.list_readers, TAG, OVERSIGHT, Readings),
            Operation("GET", f"{path}/explanation", self.get_explanation, TAG, EVERYONE, Explanation, refusals=OTHERS),
            Operation(
                "GET",
                f"{path}/attachments/<attachment_id>",
                self.download_attachment,
                TAG,
                EVERYONE,
                media_types=MEDIA_TYPES,
                refusals=OTHERS,
            ),
            Operation(
                "GET",
                f"{path}/messages",
                self.list_messages,
                TAG,
                EVERYONE,
                MessagePage,
                query=MessageQuery,
                refusals=OTHERS,
            ),
            Operation(
                "GET",
                f"{path}/messages/<message_id>/original",
                self.download_original,
                TAG,
                EVERYONE,
                media_types=ORIGINAL_MEDIA_TYPES,
                refusals=OTHERS,
            ),
            Operation("POST", f"{path}/accept", self.accept_contact, TAG, STAFF, full, refusals=MOVED_ON),
            Operation("POST", f"{path}/decline", self.decline_contact, TAG, STAFF, status=gone, refusals=MOVED_ON),
            Operation(
                "POST",
                f"{path}/messages",
                self.send_message,
                TAG,
                STAFF,
                Message,
                created,
                body=Reply,
                takes_files=True,
                refusals=UNFIT | OTHERS,
            ),
            Operation(
                "POST", f"{path}/notes", self.write_note, TAG, STAFF, Message, created, body=NewNote, refusals=MOVED_ON
            ),
            Operation("PUT", f"{path}/draft", self.save_draft, TAG, STAFF, status=gone, body=DraftText),
            Operation(
                "POST",
                f"{path}/wrap-up",
                self.extend_wrap_up,
                TAG,
                STAFF,
                full,
                body=WrapUpExtension,
                refusals=MOVED_ON,
            ),
            Operation("POST", f"{path}/typing", self.tell_typing, TAG, STAFF, status=gone),
            Operation("POST", f"{path}/read", self.tell_read, TAG, STAFF, status=gone, body=ReadMark),
            Operation("POST", f"{path}/by-sms", self.go_on_by_sms, TAG, STAFF, full, refusals=UNFIT | OTHERS),
            Operation(
                "POST", f"{path}/transfer", self.transfer_contact, TAG, STAFF, full, body=Transfer, refusals=UNFIT
            ),
            Operation("POST", f"{path}/topic", self.set_topic, TAG, STAFF, full, body=TopicChange, refusals=UNFIT),
            Operation("POST", f"{path}/finish", self.finish_contact, TAG, STAFF, full, body=Finish, refusals=UNFIT),
            Operation(
                "POST", f"{path}/follow-up", self.hand_over, TAG, STAFF, full, body=FollowUpRequest, refusals=UNFIT
            ),
            Operation(
                "GET",
                "/usagers/<usager_id>/contacts",
                self.list_usager_contacts,
                TAG,
                EVERYONE,
                ContactPage,
                query=PageQuery,
                refusals=OTHERS,
            ),
        ]

    def list_contacts(self, who: Principal, query: ContactQuery) -> ContactPage:
        """Contacts, newest first.

        An agent sees what waits and could be offered to them, the follow-ups of their service, and their own.
        """
        own = who.login if query.state not in UNHELD | {None} and not who.reads_all else None

        def read(cursor: str | None, limit: int) -> Page[ContactView]:
            return self._views.contacts.page(
                state=query.state,
                topic=query.topic,
                channel=query.channel,
                outcome=query.outcome,
                agent=own,
                cursor=cursor,
                limit=limit,
            )

        shown = partial(self._permissions.shown, who)
        return contact_page(kept_page(read, shown, decoded(query.cursor), query.limit))

    def create_contact(self, who: Principal, body: WalkIn) -> Response:
        """Receive somebody at the counter. The same `client_id` twice is one contact.

        422 for a language that is none of the plan's.
        """
        check_language(body, self._plans())
        contact_id = self._reception.receive(inbound_of(body, request.get_data(), who)).standing.contact.id
        response = answer(self._whole(contact_id), HTTPStatus.CREATED)  # who hands it in has not opened it
        response.headers["Location"] = f"/api/v1/contacts/{contact_id}"
        return response

    def get_contact(self, who: Principal, contact_id: str) -> FullContact:
        """One contact, with everything that was said and everything that happened."""
        self._permissions.check_may_read(who, contact_id)
        return self._full(who, contact_id)

    def get_timeline(self, who: Principal, contact_id: str) -> Timeline:
        """What happened to a contact, with reasons."""
        self._permissions.check_may_read(who, contact_id)
        entries = self._views.contacts.timeline(contact_id)
        self._note(who, contact_id)
        return Timeline(items=[TimelineEntry.model_validate(entry) for entry in entries])

    def list_readers(self, who: Principal, contact_id: str) -> Readings:
        """Who has opened a contact, and when; within ten minutes a person counts once."""
        return Readings(items=[Reading.model_validate(one) for one in self._readers.of_contact(contact_id)])

    def get_explanation(self, who: Principal, contact_id: str) -> Explanation:
        """Why a contact is where it is: who could serve it, and what they are doing."""
        self._permissions.check_may_read(who, contact_id)
        return Explanation.model_validate(self._views.contacts.explanation(contact_id))

    def download_attachment(self, who: Principal, contact_id: str, attachment_id: str) -> Response:
        """A file that came with a message: an e-mail's attachment, a voice message, a picture.

        Always to be saved, under its own name (`Content-Disposition: attachment`). A few kinds of file are named in
        `Content-Type`; all others are `application/octet-stream`. What the telephone provider keeps is fetched there:
        503 when it does not hand it over.
        """
        self._permissions.check_may_read(who, contact_id)
        file = self._views.contacts.stored_file(contact_id, attachment_id)
        self._note(who, contact_id)
        security_log.record("file_saved", account=who.login, contact=contact_id, file=attachment_id)
        return download(file, self._media)

    def download_original(self, who: Principal, contact_id: str, message_id: str) -> Response:
        """A message as it came, byte for byte: a letter as `message/rfc822`, a form or JSON as it was posted.

        Always to be saved (`Content-Disposition: attachment`). A form's own type, which names its boundary, stands in
        `X-Original-Content-Type`.
        """
        self._permissions.check_may_read(who, contact_id)
        original = self._views.contacts.original(contact_id, message_id)
        self._note(who, contact_id)
        security_log.record("original_saved", account=who.login, contact=contact_id, message=message_id)
        return download_original(original, message_id)

    def accept_contact(self, who: Principal, contact_id: str) -> FullContact:
        """Take a contact that is offered to me."""
        self._desk.accept(who.login, contact_id)
        return self._full(who, contact_id)

    def decline_contact(self, who: Principal, contact_id: str) -> None:
        """Leave a contact that is offered to me to somebody else; it keeps its place.

        Where it was for me by name, it is for everybody who can serve it from now on.
        """
        self._desk.decline(who.login, contact_id)

    def send_message(self, who: Principal, contact_id: str, body: Reply, files: Sequence[OutgoingFile]) -> Message:
        """Write to the usager, by e-mail also with files. The same `client_id` twice is one message.

        It leaves on the contact's channel; `by` and `address` choose another of its `ways_out`, as for the answer of a
        follow-up.

        With files the body is a form: the JSON in its field `body`, each file in a field `files`. Files are PDF,
        pictures (JPEG, PNG), office documents without macros (ODT, ODS, ODP, DOCX, XLSX, PPTX), texts (TXT, CSV) and
        appointments (ICS), at most ten and 15 MB together; what is in a file must be what its name says. Other channels
        than e-mail carry no files (422).
        """
        self._permissions.check_may_read(who, contact_id)
        message_id = self._desk.reply(
            who.login,
            contact_id,
            body.text,
            cc=[address.lower() for address in body.cc],
            files=files,
            client_id=body.client_id,
            by=body.by,
            address=body.address,
            anyone=who.oversees,
        )
        return self._message(contact_id, message_id)

    def list_messages(self, who: Principal, contact_id: str, query: MessageQuery) -> MessagePage:
        """What was said in a contact after a position, notes included."""
        self._permissions.check_may_read(who, contact_id)
        found = self._views.contacts.messages(contact_id, query.after, query.limit + 1)
        shown = [Message.model_validate(message) for message in found[: query.limit]]
        self._note(who, contact_id)
        return MessagePage(items=shown, next=shown[-1].position if len(found) > query.limit else None)

    def write_note(self, who: Principal, contact_id: str, body: NewNote) -> Message:
        """Note something in a contact for those who work on it; the usager never sees it.

        Whoever may read the contact may, also when it is closed. The same `client_id` twice is one note.
        """
        self._permissions.check_may_read(who, contact_id)
        return self._message(contact_id, self._desk.note(who.login, contact_id, body.text, client_id=body.client_id))

    def save_draft(self, who: Principal, contact_id: str, body: DraftText) -> None:
        """Keep what I have begun to write in a contact.

        My desk shows it, wherever I log in, until I write to the usager; nobody else sees it.
        """
        self._permissions.check_may_read(who, contact_id)
        self._desk.save_draft(who.login, contact_id, body.text)

    def tell_typing(self, who: Principal, contact_id: str) -> None:
        """I am typing in a contact that I hold: to be said every three seconds or so; the visitor's page shows it."""
        self._desk.typing(who.login, contact_id)

    def tell_read(self, who: Principal, contact_id: str, body: ReadMark) -> None:
        """I have read a contact that I hold up to this position; the visitor's page shows it."""
        self._desk.read_up_to(who.login, contact_id, body.position)

    def extend_wrap_up(self, who: Principal, contact_id: str, body: WrapUpExtension) -> FullContact:
        """Give me more time to note what is to be noted. Without it the contact is closed at `wrap_up_until`."""
        self._desk.extend_wrap_up(who.login, contact_id, body.seconds, anyone=who.oversees)
        return self._full(who, contact_id)

    def go_on_by_sms(self, who: Principal, contact_id: str) -> FullContact:
        """Write to the person by SMS from now on, where WhatsApp takes no answer any more; messages leave as before.

        409 where the person has said STOP to any number of ours that sends SMS; 422 where none does, or where the
        contact is not by WhatsApp.
        """
        if self._own_number is None:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, NO_SMS)
        self._permissions.check_may_read(who, contact_id)
        contact = self._reception.standing(contact_id).contact
        written_to = contact.service_address if contact.channel is Channel.MESSAGING else None
        if written_to is None or (is_sms(written_to) and written_to != self._own_number):
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, NOT_BY_WHATSAPP)
        self._desk.answer_from(who.login, contact_id, self._own_number, same_medium=is_sms, anyone=who.oversees)
        return self._full(who, contact_id)

    def transfer_contact(self, who: Principal, contact_id: str, body: Transfer) -> FullContact:
        """Send a contact back to the queue, for a topic, for certain skills, or for one agent; it keeps its place.

        409 for an agent who is not there; the answer says who is.
        """
        self._desk.transfer(
            who.login, contact_id, topic=body.topic, skills=body.skills, agent=body.agent, anyone=who.oversees
        )
        return self._full(who, contact_id)

    def set_topic(self, who: Principal, contact_id: str, body: TopicChange) -> FullContact:
        """Correct what a contact is about."""
        self._permissions.check_may_read(who, contact_id)
        self._desk.set_topic(who.login, contact_id, body.topic, anyone=who.oversees)
        return self._full(who, contact_id)

    def finish_contact(self, who: Principal, contact_id: str, body: Finish) -> FullContact:
        """Close a contact that I hold. Once it is closed, only another note is kept."""
        self._desk.finish(who.login, contact_id, body.outcome, body.note, anyone=who.oversees)
        return self._full(who, contact_id)

    def hand_over(self, who: Principal, contact_id: str, body: FollowUpRequest) -> FullContact:
        """Hand a contact to the back office; the usager is told the reference and the date."""
        self._desk.follow_up(
            who.login, contact_id, service=body.service, note=body.note, address=body.address, anyone=who.oversees
        )
        return self._full(who, contact_id)

    def list_usager_contacts(self, who: Principal, usager_id: str, query: PageQuery) -> ContactPage:
        """What an usager asked before, newest first."""
        self._permissions.check_may_read_usager(who, usager_id)
        page = self._views.contacts.page(usager=usager_id, cursor=decoded(query.cursor), limit=query.limit)
        return contact_page(page)

    def _full(self, who: Principal, contact_id: str) -> FullContact:
        self._note(who, contact_id)
        return self._whole(contact_id)

    def _whole(self, contact_id: str) -> FullContact:
        view = self._views.contacts.full(contact_id)
        return full_contact(view, suggested_sheets(view, self._sheets.on_hand(), language_of(request)))

    def _message(self, contact_id: str, message_id: str) -> Message:
        messages = self._reception.messages_after(contact_id, 0)
        return Message.model_validate(next(message for message in messages if message.id == message_id))

    def _note(self, who: Principal, contact_id: str) -> None:
        """Leave the trace of who has opened the contact."""
        self._readers.note(who.login, contact_id)
