"""`/webhooks/email/sendgrid`: e-mail from SendGrid's Inbound Parse."""

from __future__ import annotations

from collections.abc import Sequence

from werkzeug.http import parse_options_header

from canaux.email.incoming.mime import parts_between
from canaux.malformed import MalformedMessage
from canaux.sendgrid import UploadedFile, authentication, to_mime
from routeur.contact.messages import OriginalMessage
from routeur.reception.reception import Reception
from webhooks.email_common import EmailAuth, EmailWebhook, MailRoom, PostedLetter
from webhooks.skeleton import Incoming, Route

MOST_FORM_PARTS = 2_000


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

    Its parts are read as those of a message are: what is wrong with a name costs the name. Raises MalformedMessage.
    """
    kind, options = parse_options_header(incoming.request.headers.get("Content-Type"))
    if kind == "application/x-www-form-urlencoded":
        return {name: value.encode() for name, value in incoming.form.items()}, []
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not boundary:
        raise MalformedMessage("not a form")
    fields: dict[str, bytes] = {}
    files: list[UploadedFile] = []
    parts = parts_between(incoming.body, boundary.encode("utf-8", "replace"), MOST_FORM_PARTS)
    if not parts:
        raise MalformedMessage("no part stands between the form's boundaries")
    for part in parts:
        said = part.value("Content-Disposition").parameters
        if "filename" in said:
            file_kind = part.value("Content-Type").word or "application/octet-stream"
            files.append(UploadedFile(said.get("name", ""), said["filename"], file_kind, part.body))
        else:
            fields[said.get("name", "")] = part.body
    return fields, files
