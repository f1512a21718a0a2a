"""The digest of a letter: what its sender wrote, whatever way it came."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from routeur.contact.messages import InboundAttachment


def digest(sender: str, subject: str, text: str, files: Iterable[InboundAttachment]) -> str:
    """The same for the same letter by two routes; another for one with another sender, or other words or files."""
    found = sha256()
    for part in (sender.encode(), subject.encode(), text.encode(), *(_file(file) for file in files)):
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.hexdigest()


def _file(file: InboundAttachment) -> bytes:
    return file.name.encode() + b"\0" + sha256(file.content or b"").digest()
