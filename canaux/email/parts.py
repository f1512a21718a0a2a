"""The parts of an e-mail: what was written, and the files that go with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage

from canaux.clean_text import clean, one_line
from canaux.email.body_text import LONGEST_HTML_CHARACTERS, html_to_text
from canaux.email.headers import header
from routeur.contact.messages import InboundAttachment

MOST_PARTS = 200


@dataclass(frozen=True)
class Content:
    """The text and the files of a message. `complete` is False where some of it was too long to be read."""

    text: str
    attachments: tuple[InboundAttachment, ...]
    complete: bool


def content(message: EmailMessage) -> Content:
    """The texts in their order, and everything else as files."""
    texts: list[str] = []
    files: list[InboundAttachment] = []
    complete = True
    for number, (part, said_plainly) in enumerate(_leaves(message)):
        if number == MOST_PARTS:
            complete = False
            break
        kind = part.get_content_type()
        if kind not in ("text/plain", "text/html") or _is_file(part):
            files.append(_file(part, len(files) + 1))
        elif kind == "text/plain":
            texts.append(clean(_decoded(part)))
        elif not said_plainly:
            html = _decoded(part)
            complete = complete and len(html) <= LONGEST_HTML_CHARACTERS
            texts.append(html_to_text(html))
    return Content("\n\n".join(text for text in texts if text), tuple(files), complete)


def _leaves(message: EmailMessage) -> Iterator[tuple[EmailMessage, bool]]:
    """The parts that are not containers, in order, and whether the same words also come as plain text.

    A message within the message is one part.
    """
    waiting = [(message, False)]
    while waiting:
        part, said_plainly = waiting.pop()
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            inner = [sub for sub in part.get_payload() if isinstance(sub, EmailMessage)]
            if part.get_content_subtype() == "alternative":
                said_plainly = said_plainly or any(_has_words(sub) for sub in inner)
            waiting.extend((sub, said_plainly) for sub in reversed(inner))
        else:
            yield part, said_plainly


def _has_words(part: EmailMessage) -> bool:
    return part.get_content_type() == "text/plain" and not part.is_multipart() and bool(_decoded(part).strip())


def _is_file(part: EmailMessage) -> bool:
    disposition = header(part, "Content-Disposition").lower()
    return disposition.startswith("attachment") or _file_name(part) is not None


def _file_name(part: EmailMessage) -> str | None:
    try:
        name = part.get_filename()
    except Exception:  # the library's parsers raise many kinds of errors on broken parameters
        return None
    return one_line(name.replace("/", "_").replace("\\", "_")) or None if name else None


def payload(part: EmailMessage) -> bytes:
    """The bytes of a part; for a message within the message, that message."""
    if part.is_multipart():  # message/rfc822, message/delivery-status
        return b"\n\n".join(sub.as_bytes() for sub in part.get_payload() if isinstance(sub, EmailMessage))
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""


def _decoded(part: EmailMessage) -> str:
    raw = payload(part)
    declared = part.get_param("charset")
    named = declared[2] if isinstance(declared, tuple) else declared
    for charset in (str(named or "utf-8"), "utf-8"):
        try:
            return raw.decode(charset)
        except (LookupError, ValueError):
            continue
    return raw.decode("cp1252", "replace")


def _file(part: EmailMessage, number: int) -> InboundAttachment:
    try:
        raw = payload(part)
    except Exception:  # a message within the message that cannot be written out again
        raw = b""
    kind = part.get_content_type()
    suffix = ".eml" if kind == "message/rfc822" else ""
    name = _file_name(part) or f"piece-jointe-{number}{suffix}"
    return InboundAttachment(name=name, content_type=one_line(kind, 127), size=len(raw), content=raw)
