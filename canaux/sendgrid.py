"""SendGrid's Inbound Parse, translated back to the MIME message that it was."""

from __future__ import annotations

import email.policy
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import Parser
from email.utils import parseaddr

from canaux.email.envelope import verdict
from canaux.malformed import MalformedMessage

_SIGNATURE = re.compile(r"@(?P<domain>[^\s:,{}]+)\s*:\s*(?P<result>[a-z]+)", re.IGNORECASE)
"""One of the letter's signatures as SendGrid reports it: `@example.org : pass`."""


@dataclass(frozen=True)
class UploadedFile:
    """One file of the form."""

    field: str
    name: str
    content_type: str
    content: bytes


def to_mime(fields: Mapping[str, bytes], files: Sequence[UploadedFile]) -> bytes:
    """The message in this form: `email` as it is ("raw" setting), else put together again from its fields."""
    raw = fields.get("email") or next((file.content for file in files if file.field == "email"), None)
    if raw:
        return raw
    if "headers" not in fields and "from" not in fields:
        raise MalformedMessage("neither a raw message nor a parsed one")
    try:
        return _rebuilt(fields, files).as_bytes()
    except Exception as error:  # writing headers out again fails in as many ways as reading them
        raise MalformedMessage(f"not a message ({type(error).__name__})") from error


def authentication(fields: Mapping[str, bytes]) -> str | None:
    """What SendGrid found of the sender's address; None where the form does not say."""
    spf, dkim, sender = (_decoded(fields.get(name, b""), None) for name in ("SPF", "dkim", "from"))
    found = [("dkim", one["result"], one["domain"]) for one in _SIGNATURE.finditer(dkim)]
    if not found and dkim.strip().isalpha():  # "none"
        found.append(("dkim", dkim.strip(), ""))
    if spf.strip().isalpha():
        found.append(("spf", spf.strip(), ""))
    return verdict(found, parseaddr(sender)[1].lower())


def _rebuilt(fields: Mapping[str, bytes], files: Sequence[UploadedFile]) -> EmailMessage:
    message = EmailMessage(policy=email.policy.SMTP)
    for name, value in _original_headers(fields):
        message[name] = value
    charsets = _charsets(fields)
    text = _decoded(fields.get("text", b""), charsets.get("text"))
    html = _decoded(fields.get("html", b""), charsets.get("html"))
    if html and not text:
        message.set_content(html, subtype="html")
    else:
        message.set_content(text)
        if html:
            message.add_alternative(html, subtype="html")
    for file in files:
        main, _, sub = (file.content_type or "application/octet-stream").partition("/")
        if main in ("message", "multipart") or not sub:
            main, sub = "application", "octet-stream"
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name or file.field)
    return message


def _original_headers(fields: Mapping[str, bytes]) -> list[tuple[str, str]]:
    """The original headers but those that describe the body, which is put together anew."""
    text = _decoded(fields.get("headers", b""), None)  # as text: an internationalised message has them in UTF-8
    block = Parser(policy=email.policy.compat32).parsestr(text, headersonly=True)
    kept = [
        (name, " ".join(str(value).split()))
        for name, value in block.items()
        if not name.lower().startswith("content-") and name.lower() != "mime-version"
    ]
    present = {name.lower() for name, _ in kept}
    for name in ("from", "to", "subject"):
        if name not in present and name in fields:
            kept.append((name.title(), " ".join(_decoded(fields[name], None).split())))
    return kept


def _charsets(fields: Mapping[str, bytes]) -> dict[str, str]:
    try:
        found = json.loads(fields.get("charsets", b"{}"))
    except ValueError:
        return {}
    return {str(field): str(charset) for field, charset in found.items()} if isinstance(found, dict) else {}


def _decoded(value: bytes, charset: str | None) -> str:
    for candidate in (charset or "utf-8", "utf-8"):
        try:
            return value.decode(candidate)
        except (LookupError, ValueError):
            continue
    return value.decode("cp1252", "replace")
