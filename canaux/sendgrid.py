"""SendGrid's Inbound Parse, translated back to the MIME message that it was."""

from __future__ import annotations

import json
import re
import time
from base64 import encodebytes
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote

from canaux.clean_text import one_line
from canaux.email.incoming.decoding import decoded
from canaux.email.incoming.envelope import verdict
from canaux.email.incoming.mailboxes import mailboxes
from canaux.email.incoming.mime import parse_head
from canaux.malformed import MalformedMessage

_SIGNATURE = re.compile(r"@(?P<domain>[^\s:,{}@]{1,255})\s{0,5}:\s{0,5}(?P<result>[a-z]{1,20})", re.IGNORECASE)
"""One of the letter's signatures as SendGrid reports it: `@example.org : pass`."""
_TOKEN = re.compile(r"[A-Za-z0-9._+:-]{1,60}")
_SAYS_WHO_WROTE = frozenset({"headers", "from", "envelope"})
LONGEST_HEADERS_BYTES = 100_000
LONGEST_FIELD_BYTES = 20_000  # of the others that are read while people wait
_KIND = re.compile(r"[A-Za-z0-9.+_-]{1,60}/[A-Za-z0-9.+_-]{1,60}")

SLICE_BYTES = 57 * 16_384  # whole lines of base64, each of 57 bytes


@dataclass(frozen=True)
class UploadedFile:
    """One file of the form."""

    field: str
    name: str
    content_type: str
    content: bytes


def to_mime(fields: Mapping[str, bytes], files: Sequence[UploadedFile]) -> bytes:
    """The message in this form: its field `email` unchanged ("raw" setting), else a message built from its fields.

    The same form gives the same bytes. Texts keep their bytes and the charset that the form names.
    """
    raw = fields.get("email") or next((file.content for file in files if file.field == "email"), None)
    if raw:
        return raw
    if _SAYS_WHO_WROTE.isdisjoint(fields):
        raise MalformedMessage("neither a raw message nor a parsed one")
    charsets = _charsets(fields)
    texts = [
        _part(f"text/{subtype}; charset={_token(charsets.get(name))}", "", fields[name])
        for name, subtype in (("text", "plain"), ("html", "html"))
        if fields.get(name)
    ]
    enclosed = [
        _part(
            file.content_type if _KIND.fullmatch(file.content_type) else "application/octet-stream",
            f"Content-Disposition: attachment; filename*=utf-8''{quote(file.name or file.field)}\r\n",
            file.content,
        )
        for file in files
    ]
    said = _container("alternative", texts)
    return b"".join([*_headers(fields, charsets), b"MIME-Version: 1.0\r\n", _container("mixed", [said, *enclosed])])


def authentication(fields: Mapping[str, bytes]) -> str | None:
    """What SendGrid found of the sender's address; None where the form does not say."""
    spf, dkim, sender = (_said(fields, name) for name in ("SPF", "dkim", "from"))
    found = [("dkim", one["result"], one["domain"]) for one in _SIGNATURE.finditer(dkim)]
    if not found and dkim.strip().isalpha():  # "none"
        found.append(("dkim", dkim.strip(), ""))
    if spf.strip().isalpha():
        found.append(("spf", spf.strip(), _envelope_domain(fields)))
    return verdict(found, next((address for _, address in mailboxes([sender])), ""))


def _envelope_domain(fields: Mapping[str, bytes]) -> str:
    """The domain that SPF was asked about; empty where the form does not say."""
    return _envelope_sender(fields).rpartition("@")[2]


def _envelope_sender(fields: Mapping[str, bytes]) -> str:
    """The address that the sending server gave, which proves nothing; empty where the form does not say."""
    try:
        envelope = json.loads(_said(fields, "envelope") or "{}")
    except (ValueError, RecursionError):
        return ""
    sender = envelope.get("from") if isinstance(envelope, dict) else None
    return one_line(sender, 320) if isinstance(sender, str) else ""


def _said(fields: Mapping[str, bytes], name: str, charset: str | None = None) -> str:
    return decoded(fields.get(name, b"")[:LONGEST_FIELD_BYTES], charset)


def _headers(fields: Mapping[str, bytes], charsets: Mapping[str, str]) -> list[bytes]:
    """The original headers but those that describe the body, which is put together anew."""
    block = parse_head(fields.get("headers", b"")[:LONGEST_HEADERS_BYTES].strip() + b"\r\n\r\n").headers
    kept = [
        (name, value.encode("utf-8", "surrogateescape"))
        for name, value in block
        if not name.lower().startswith("content-") and name.lower() != "mime-version"
    ]
    present = {name.lower() for name, _ in kept}
    for name in ("from", "to", "subject"):
        if name not in present and name in fields:
            words = " ".join(_said(fields, name, charsets.get(name)).split())
            kept.append((name.title(), words.encode()))
    sender = _envelope_sender(fields)
    if sender and present.isdisjoint(("from", "return-path")) and not fields.get("from", b"").strip():
        kept.append(("Return-Path", f"<{sender}>".encode()))
    return [name.encode() + b": " + value + b"\r\n" for name, value in kept]


def _part(kind: str, more: str, body: bytes) -> bytes:
    head = f"Content-Type: {kind}\r\n{more}Content-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + b"".join(_base64(body))


def _base64(content: bytes) -> Iterator[bytes]:
    """The content in lines of base64; others of the web process have their turn between two slices of a large one."""
    for start in range(0, len(content), SLICE_BYTES):
        time.sleep(0)
        yield encodebytes(content[start : start + SLICE_BYTES]).replace(b"\n", b"\r\n")


def _container(subtype: str, parts: Sequence[bytes]) -> bytes:
    boundary = f"=_{sha256(b''.join(parts)).hexdigest()[:40]}"
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return head.encode() + body + b"--" + boundary.encode() + b"--\r\n"


def _charsets(fields: Mapping[str, bytes]) -> dict[str, str]:
    try:
        found = json.loads(fields.get("charsets", b"{}")[:LONGEST_FIELD_BYTES])
    except (ValueError, RecursionError):
        return {}
    return {str(field): str(charset) for field, charset in found.items()} if isinstance(found, dict) else {}


def _token(charset: str | None) -> str:
    return charset if charset is not None and _TOKEN.fullmatch(charset) else "utf-8"
