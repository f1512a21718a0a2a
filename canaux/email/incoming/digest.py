"""The digest of a letter: what its sender wrote, whatever way it came."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

from canaux.email.incoming.mime import Part
from routeur.contact.digests import two_fold
from routeur.contact.messages import InboundAttachment

_OF_ITS_WRITER = frozenset({"from", "reply-to", "to", "cc", "subject", "date", "in-reply-to", "references"})
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


def digest(raw: bytes, sender: str, subject: str, text: str, files: Iterable[InboundAttachment]) -> str:
    """The same for the same letter by two routes; another for one with another sender, or other words or files.

    It agrees with that of the same letter unread (`routeur.contact.digests`).
    """
    return two_fold(
        _of([sender.encode(), subject.encode(), text.encode(), *(_file(file) for file in files)]),
        _raw(raw, sender, subject),
    )


def unread_digest(raw: bytes, sender: str, subject: str) -> str:
    """The digest of a letter that was not read: it agrees with that of the same bytes below their headers."""
    return two_fold(None, _raw(raw, sender, subject))


def name_without_id(message: Part, raw: bytes) -> str:
    """What a letter is known by that has no Message-ID: the headers of its writer's, and what stands below."""
    written = sorted(
        (name.lower(), " ".join(value.split())) for name, value in message.headers if name.lower() in _OF_ITS_WRITER
    )
    return _of([*(f"{name}:{value}".encode("utf-8", "surrogateescape") for name, value in written), _below(raw)])


def _raw(raw: bytes, sender: str, subject: str) -> str:
    return _of([sender.encode(), subject.encode(), _below(raw)])


def _below(raw: bytes) -> bytes:
    """The letter below its headers, to which each route adds its own."""
    head = _END_OF_HEAD.search(raw)
    body = raw[head.end() :] if head is not None else raw
    return body.replace(b"\r\n", b"\n").rstrip(b"\n")


def _of(parts: Iterable[bytes]) -> str:
    found = sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.hexdigest()


def _file(file: InboundAttachment) -> bytes:
    return file.name.encode() + b"\0" + sha256(file.content or b"").digest()
