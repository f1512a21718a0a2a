"""`/webhooks/email/sendgrid`: e-mail from SendGrid's Inbound Parse."""

from __future__ import annotations

from collections.abc import Sequence

from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from canaux.malformed import MalformedMessage
from canaux.sendgrid import UploadedFile, authentication, to_mime
from routeur.contact.messages import OriginalMessage
from routeur.reception.reception import Reception
from webhooks.email_common import EmailAuth, EmailWebhook, MailRoom, PostedLetter
from webhooks.skeleton import Incoming, Route

MOST_FORM_PARTS = 300


class SendGridEmail(EmailWebhook):
    """A form, which holds the raw message or its parts."""

    def letter(self, incoming: Incoming) -> PostedLetter:
        fields, files = read_form(incoming)
        raw = to_mime(fields, files)
        return PostedLetter(raw, _as_posted(incoming, raw), authentication(fields))


def sendgrid_routes(*, auth: Sequence[EmailAuth], mail_room: MailRoom, reception: Reception) -> list[Route]:
    return [Route("POST", "/webhooks/email/sendgrid", SendGridEmail(auth, mail_room, reception))]


def _as_posted(incoming: Incoming, raw: bytes) -> OriginalMessage | None:
    """The form, unless the letter stands in it as it came."""
    if raw in incoming.body:
        return None
    return OriginalMessage(incoming.request.headers.get("Content-Type", ""), incoming.body)


def read_form(incoming: Incoming) -> tuple[dict[str, bytes], list[UploadedFile]]:
    """Fields and files of a form, as bytes: SendGrid's fields are each in a charset of their own.

    Raises MalformedMessage.
    """
    kind, options = parse_options_header(incoming.request.headers.get("Content-Type"))
    if kind == "application/x-www-form-urlencoded":
        return {name: value.encode() for name, value in incoming.form.items()}, []
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not boundary:
        raise MalformedMessage("not a form")
    try:
        return _parts(incoming.body, boundary.encode())
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
