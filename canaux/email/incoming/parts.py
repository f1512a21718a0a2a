"""The parts of an e-mail: what was written, and the files that go with it."""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import Iterator
from dataclasses import dataclass
from mimetypes import guess_extension
from os.path import splitext

from canaux.clean_text import clean, one_line
from canaux.email.incoming import tnef
from canaux.email.incoming.decoding import base64_bytes, decoded
from canaux.email.incoming.flowed import unflowed
from canaux.email.incoming.html_text import LONGEST_HTML_CHARACTERS, html_to_text
from canaux.email.incoming.mime import Part
from canaux.email.incoming.uuencoded import uudecoded, without_uuencoded
from routeur.contact.messages import InboundAttachment

MOST_FILES = 200
LONGEST_NAME_CHARACTERS = 255
LONGEST_READ_NAME_CHARACTERS = 4_000
LONGEST_SUFFIX_CHARACTERS = 20
LONGEST_TEXT_BYTES = 1_000_000  # all texts of a message together
MOST_HTML_CHARACTERS = 2 * LONGEST_HTML_CHARACTERS  # the same of HTML, which takes more time
SHORTEST_OF_HTML = 4  # a plain text with less than a quarter of the HTML's characters is a stub

_PLAIN = frozenset({"text/plain", "text/markdown", "text/x-markdown", "text/enriched"})
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_BODIES = _PLAIN | _HTML
_SEALED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"})
_CHARSET_WITHIN = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
FEWEST_WORDS = 3
FEWEST_SHARED_WORDS = 0.3  # of those of the HTML: with fewer in it, a plain text says something else


@dataclass(frozen=True)
class Content:
    """The text and the files of a message. `complete` is False where some of it could not be read, or was too long.

    `unopened` are the names of the files of Outlook's that hold others and could not be opened. `sealed`: some of what
    was written is in a file that is signed as a whole or encrypted.
    """

    text: str
    attachments: tuple[InboundAttachment, ...]
    complete: bool
    unopened: tuple[str, ...]
    sealed: bool


def content(message: Part) -> Content:
    """The texts in their order, and everything else as files."""
    reading = _Reading()
    for leaf in _leaves(message):
        reading.take(leaf)
    return Content(
        "\n\n".join(text for text in reading.texts if text),
        tuple(reading.files),
        complete=reading.complete and all(part.readable for part in message.walk()),
        unopened=tuple(reading.unopened),
        sealed=any(part.kind in _SEALED and _holds_a_text(part) for part in message.walk()),
    )


@dataclass
class _Leaf:
    part: Part
    alternatives: list[Part]  # the other ways in which the same is said, of those that are bodies


def _leaves(message: Part) -> Iterator[_Leaf]:
    """The parts that are not containers, in order. A message within the message is one part.

    Of the texts of an alternative only the plain one comes, with the HTML ones beside it.
    """
    waiting: list[Part] = [message]
    said_in_html: dict[int, list[Part]] = {}
    while waiting:
        part = waiting.pop()
        if not part.parts:
            yield _Leaf(part, said_in_html.get(id(part), []))
            continue
        inner = part.parts
        if part.kind == "multipart/alternative":
            plain = [one for one in inner if one.kind in _PLAIN and not one.is_attached]
            html = [found for one in inner if one not in plain for found in _html_in(one)]
            if plain and html:
                said_in_html[id(plain[0])] = html
                for found in html:
                    said_in_html[id(found)] = [plain[0]]
        waiting.extend(reversed(inner))


def _html_in(part: Part) -> list[Part]:
    """The HTML of an alternative: itself, or the first text of a container with its pictures."""
    return [one for one in part.walk() if one.kind in _HTML and not one.parts and not one.is_attached]


class _Reading:
    """The text and files read so far, within the limits for one message."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.files: list[InboundAttachment] = []
        self.complete = True
        self.unopened: list[str] = []
        self._text_left = LONGEST_TEXT_BYTES
        self._html_left = MOST_HTML_CHARACTERS

    def take(self, leaf: _Leaf) -> None:
        part = leaf.part
        if part.kind.startswith("multipart/"):
            self._take_unreadable(part)
        elif not (leaf.alternatives or self._is_body(part)):
            self._take_file(part)
        elif part.kind in _HTML:
            if not leaf.alternatives:
                self.texts.append(self._html(part))
        else:
            self.texts.append(self._plain(part, leaf.alternatives))

    def _is_body(self, part: Part) -> bool:
        """Whether the part is body text, not a file: a text with a file name is body if no text came before it."""
        if part.kind not in _BODIES or part.is_attached:
            return False
        return file_name(part) is None or not any(self.texts)

    def _take_unreadable(self, part: Part) -> None:
        """Show the undecoded body of a container in which no part can be read."""
        if part.readable:
            return  # an empty one
        self.complete = False
        text = self._decoded(part.body, None).strip()
        if text and not any(self.texts):
            self.texts.append(clean(text))

    def _take_file(self, part: Part) -> None:
        name, raw = file_name(part), payload(part)
        if part.kind in tnef.KINDS or (name or "").lower() == tnef.NAME:
            self._take_tnef(name or tnef.NAME, part.kind, raw)
        else:
            self._add(name, part.kind, raw)

    def _take_tnef(self, name: str, kind: str, raw: bytes) -> None:
        """Take what stands in a winmail.dat; of its text and the letter's, mostly the same, one is shown."""
        found = tnef.opened(raw)
        if found is not None:
            for file in found.files:
                self._add(file.name, one_line(file.kind, 127), file.content)
            text = clean(found.text[: self._text_left]) or self._as_text(found.html)
            self._text_left -= len(text)
            if sum(map(len, self.texts)) * SHORTEST_OF_HTML < len(text):
                self.texts.append(text)
        if found is None:
            self._add(name, kind, raw)
            self.unopened.append(name)
        elif not (found.complete or any(self.texts)):
            self._add(name, kind, raw)
            self.complete = False

    def _add(self, name: str | None, kind: str, raw: bytes) -> None:
        if len(self.files) == MOST_FILES:
            self.complete = False
            return
        suffix = ".eml" if kind == "message/rfc822" else guess_extension(kind) or ""
        name = _fitting(name) if name else f"piece-jointe-{len(self.files) + 1}{suffix}"
        self.files.append(InboundAttachment(name=name, content_type=one_line(kind, 127), size=len(raw), content=raw))

    def _plain(self, part: Part, html: list[Part]) -> str:
        text = self._text(part)
        if text.lstrip()[:200].lower().startswith(("<!doctype html", "<html")):
            return self._as_text(text)
        text = clean(unflowed(text, part.value("Content-Type").parameters))
        for file in uudecoded(text):
            self._add(file.name, "application/octet-stream", file.content)
        text = without_uuencoded(text)
        if html and len(text) * SHORTEST_OF_HTML < LONGEST_HTML_CHARACTERS:
            said = self._html(html[0])
            if len(text) * SHORTEST_OF_HTML < len(said):
                return said
            if _says_other_things(text, said):
                return f"{text}\n\n{said}"
        return text

    def _html(self, part: Part) -> str:
        charset = part.value("Content-Type").parameters.get("charset")
        raw = payload(part)
        within = _CHARSET_WITHIN.search(raw, 0, 2_000) if not charset else None
        return self._as_text(self._decoded(raw, within[1].decode("ascii") if within else charset))

    def _as_text(self, html: str) -> str:
        read = html[: min(LONGEST_HTML_CHARACTERS, self._html_left)]
        self.complete = self.complete and len(read) == len(html)
        self._html_left -= len(read)
        return html_to_text(read)

    def _text(self, part: Part) -> str:
        return self._decoded(payload(part), part.value("Content-Type").parameters.get("charset"))

    def _decoded(self, raw: bytes, charset: str | None) -> str:
        read = raw[: self._text_left]
        self.complete = self.complete and len(read) == len(raw)
        self._text_left -= len(read)
        return decoded(read, charset)


def _fitting(name: str) -> str:
    """A file's name as long as it may be; what tells its kind stays at its end."""
    stem, suffix = splitext(name)
    if len(suffix) > LONGEST_SUFFIX_CHARACTERS:
        stem, suffix = name, ""
    return stem[: LONGEST_NAME_CHARACTERS - len(suffix)] + suffix


def _says_other_things(text: str, html: str) -> bool:
    """Whether hardly a word of the HTML stands in the plain text: one of the two is a stub, and nobody knows which."""
    said = set(_WORD.findall(html.lower()))
    shared = said & set(_WORD.findall(text.lower()))
    return len(said) >= FEWEST_WORDS and len(shared) < len(said) * FEWEST_SHARED_WORDS


def _holds_a_text(sealed: Part) -> bool:
    """Whether a letter may be in it (RFC 8551, 3.2.2): not where it brings certificates alone."""
    return sealed.value("Content-Type").parameters.get("smime-type", "").lower() != "certs-only"


def _is_prose(body: bytes) -> bool:
    """Whether this begins with words and spaces, and is no base64, whatever it says."""
    return body.lstrip()[:1000].partition(b"\n")[0].rstrip().count(b" ") > 1


def file_name(part: Part) -> str | None:
    """The file name of a part, without its folders."""
    name = part.value("Content-Disposition").parameters.get("filename") or part.value("Content-Type").parameters.get(
        "name"
    )
    return one_line(name.replace("/", "_").replace("\\", "_"), LONGEST_READ_NAME_CHARACTERS) or None if name else None


def payload(part: Part) -> bytes:
    """The bytes of a part that is not a container; of a message within the message, that message as it came."""
    encoding = part.value("Content-Transfer-Encoding").word.strip("\"'").lower()
    if encoding == "base64" and not _is_prose(part.body):
        # A message within a message must not be encoded; some programs do it, and some only say so.
        if part.kind.startswith("message/") and b":" in part.body[:200]:
            return part.body
        return base64_bytes(part.body)
    if encoding == "quoted-printable":
        return a2b_qp(part.body)
    if encoding in ("x-uuencode", "uuencode", "x-uue"):
        return next((file.content for file in uudecoded(part.body.decode("latin-1"))), part.body)
    return part.body
