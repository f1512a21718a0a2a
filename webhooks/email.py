"""`/webhooks/email`: raw messages from a mail server, and SendGrid's Inbound Parse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import structlog
from flask import Blueprint, Request, Response, request
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from canaux.email.automatic import Writer
from canaux.email.reading import ReceivedEmail, read_email
from canaux.errors import MalformedMessage
from canaux.sendgrid import UploadedFile, to_mime
from routeur.ports.inbound import Inbound, Receipt
from webhooks.edge import EMAIL_BYTES, read_body, require, words
from webhooks.email_auth import EmailAuth

log = structlog.get_logger(__name__)

MOST_FORM_PARTS = 300


class ReceivesMail(Protocol):
    """The part of routeur.reception.reception.Reception that this channel needs."""

    def receive(self, inbound: Inbound) -> Receipt: ...
    def delivery_failed(self, contact_id: str, reason: str) -> None: ...


def email_blueprint(*, auth: Sequence[EmailAuth], our_host: str, reception: ReceivesMail) -> Blueprint:
    """The routes of e-mail; any one of `auth` suffices. A fault of ours is a 500, so that the message comes again."""
    blueprint = Blueprint("webhooks_email", __name__)

    def handle(to_raw: Callable[[Request, bytes], bytes]) -> Response:
        body = read_body(request, EMAIL_BYTES)
        require(any(one.accepts(request, body) for one in auth))
        try:
            received = read_email(to_raw(request, body), our_host)
        except MalformedMessage as error:
            return words(str(error), 400)
        return _deliver(received, reception)

    @blueprint.post("/webhooks/email/mime")
    def mime() -> Response:
        return handle(lambda request, body: body)

    @blueprint.post("/webhooks/email/sendgrid")
    def sendgrid() -> Response:
        return handle(lambda request, body: to_mime(*read_form(request, body)))

    return blueprint


def _deliver(received: ReceivedEmail, reception: ReceivesMail) -> Response:
    if received.writer is Writer.BOUNCE:
        if received.contact is not None:
            reception.delivery_failed(received.contact, received.bounce_reason)
        log.info("bounce", contact=received.contact)
        return words("bounce noted", 200)
    receipt = reception.receive(received.inbound)
    kept = "not a demand, kept as" if received.inbound.automatic else "received"
    return words(f"{kept} {receipt.standing.contact.reference}", 200)


def read_form(request: Request, body: bytes) -> tuple[dict[str, bytes], list[UploadedFile]]:
    """Fields and files of a form, as bytes: SendGrid's fields are each in a charset of their own.

    Raises MalformedMessage.
    """
    kind, options = parse_options_header(request.headers.get("Content-Type"))
    if kind == "application/x-www-form-urlencoded":
        return {name: value.encode() for name, value in request.form.items()}, []
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not boundary:
        raise MalformedMessage("not a form")
    try:
        return _parts(body, boundary.encode())
    except ValueError as error:
        raise MalformedMessage("a broken form") from error


def _parts(body: bytes, boundary: bytes) -> tuple[dict[str, bytes], list[UploadedFile]]:
    decoder = MultipartDecoder(boundary, max_parts=MOST_FORM_PARTS)
    decoder.receive_data(body)
    decoder.receive_data(None)
    fields: dict[str, bytes] = {}
    files: list[UploadedFile] = []
    part: Field | File | None = None
    content: list[bytes] = []
    while not isinstance(event := decoder.next_event(), (Epilogue, NeedData)):
        if isinstance(event, (Field, File)):
            part, content = event, []
        elif isinstance(event, Data):
            content.append(event.data)
            if not event.more_data and part is not None:
                _keep(part, b"".join(content), fields, files)
    return fields, files


def _keep(part: Field | File, content: bytes, fields: dict[str, bytes], files: list[UploadedFile]) -> None:
    if isinstance(part, File):
        kind = part.headers.get("Content-Type", "application/octet-stream").partition(";")[0].strip()
        files.append(UploadedFile(part.name, part.filename, kind, content))
    else:
        fields[part.name] = content
