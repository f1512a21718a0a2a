"""Composes a letter of ours in the form that RFC 2045, RFC 2047 and RFC 5322 ask for. Pure.

`email.message` writes the body and its parts. The headers with words or ids of other people are written here, because
it would read such a value before writing it: what looks like an encoded word would be decoded, a long id encoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime

from canaux.clean_text import one_line
from canaux.email.outgoing.mailable import mailable
from routeur.contact.messages import NamedAddress, StoredFile

LONGEST_LINE_CHARACTERS = 78  # of a header, where its words allow it (RFC 5322, section 2.1.1)
_POLICY = SMTP.clone(max_line_length=74, cte_type="7bit")
"""Of an encoded body: 76 (RFC 2045, sections 6.7 and 6.8), with room for one sign of a line to be encoded besides."""
_ENCODED_WORD_LINE = 76  # of a header with encoded words (RFC 2047, section 2)
_LONGEST_PLAIN_WORD = 60
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")  # what fits in a line (998 characters, RFC 5322) without being encoded
_PLAIN = re.compile(r"[ -~]*")
_FROM_LINE = re.compile(r"^From ", re.MULTILINE)  # which a mailbox of one file marks, as do many servers
_QUOTED = re.compile(r'(["\\])')


@dataclass(frozen=True)
class Letter:
    """What a letter says, to whom, and which letters it answers.

    `subject` and the sender's name are plain words, addresses are as people write them. `references` are the
    Message-IDs of the thread, oldest first; the letter answers the last. `automatic`: no person wrote it (RFC 3834).
    """

    sender: NamedAddress
    to: str
    cc: Sequence[str]
    subject: str
    text: str
    html: str
    language: str
    sent_at: datetime
    message_id: str
    references: Sequence[str]
    automatic: bool
    files: Sequence[StoredFile] = ()


def compose(letter: Letter) -> EmailMessage:
    """The letter as a message. Raises ImpossibleAddress."""
    message = EmailMessage(policy=_POLICY)
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    for part in message.iter_parts():
        if isinstance(part, EmailMessage):
            _keep_from_lines(part)
    for file in letter.files:
        main, _, subtype = file.content_type.partition("/")
        charset = {"charset": "utf-8"} if main == "text" else None
        message.add_attachment(
            file.content or b"", maintype=main, subtype=subtype, filename=one_line(file.name, 200), params=charset
        )
    for header in _head(letter):
        message[header.name] = header
    return message


def _keep_from_lines(part: EmailMessage) -> None:
    """Write `From ` at the beginning of a line so that it stays as it is on its way (RFC 2049, section 3)."""
    if part["Content-Transfer-Encoding"] == "base64" or not _FROM_LINE.search(str(part.get_payload())):
        return
    part.set_content(part.get_content(), subtype=part.get_content_subtype(), cte="quoted-printable")
    part.set_payload(_FROM_LINE.sub("=46rom ", str(part.get_payload())))


class _WrittenHeader(str):
    """A header's value in plain words, and the lines in which it is written.

    `EmailPolicy` neither reads nor folds a value that has its header's name.
    """

    name: str
    _lines: Sequence[str]

    def __new__(cls, name: str, value: str, lines: Sequence[str] = ()) -> _WrittenHeader:
        header = super().__new__(cls, value)
        header.name, header._lines = name, tuple(lines) or (value,)
        return header

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: " + f"{policy.linesep} ".join(self._lines) + policy.linesep


def _head(letter: Letter) -> Iterable[_WrittenHeader]:
    known = [one for one in letter.references if _MESSAGE_ID.fullmatch(one)]
    yield _from(letter.sender)
    yield _list("To", ", ", [mailable(letter.to)])
    if letter.cc:
        yield _list("Cc", ", ", [mailable(address) for address in letter.cc])
    yield _words("Subject", one_line(letter.subject, 500))
    yield _WrittenHeader("Date", format_datetime(letter.sent_at))
    yield _WrittenHeader("Message-ID", letter.message_id)
    if known:
        yield _WrittenHeader("In-Reply-To", known[-1])
        yield _list("References", " ", known)
    yield _WrittenHeader("Content-Language", letter.language)
    if letter.automatic:
        yield _WrittenHeader("Auto-Submitted", "auto-replied")
        yield _WrittenHeader("X-Auto-Response-Suppress", "All")


def _from(sender: NamedAddress) -> _WrittenHeader:
    name, address = one_line(sender.name or ""), mailable(sender.address)
    if not name:
        return _WrittenHeader("From", address)
    quoted = '"' + _QUOTED.sub(r"\\\1", name) + '"'
    if _is_plain(name) and len(name) <= _LONGEST_PLAIN_WORD:
        return _list("From", " ", [quoted, f"<{address}>"])
    return _WrittenHeader("From", f"{quoted} <{address}>", [*_encoded("From", name), f"<{address}>"])


def _words(name: str, words: str) -> _WrittenHeader:
    if _is_plain(words) and all(len(word) <= _LONGEST_PLAIN_WORD for word in words.split(" ")):
        return _list(name, " ", words.split(" "))
    return _WrittenHeader(name, words, _encoded(name, words))


def _list(name: str, separator: str, items: Sequence[str]) -> _WrittenHeader:
    """Items in as many lines as they need; one that is longer than a line stays whole."""
    lines = [""]
    for number, item in enumerate(items):
        item += separator.rstrip() if number < len(items) - 1 else ""
        start = len(name) + 2 if len(lines) == 1 else 1
        if lines[-1] and start + len(lines[-1]) + 1 + len(item) > LONGEST_LINE_CHARACTERS:
            lines.append(item)
        else:
            lines[-1] += f" {item}" if lines[-1] else item
    return _WrittenHeader(name, separator.join(items), lines)


def _encoded(name: str, words: str) -> list[str]:
    header = Header(words, "utf-8", maxlinelen=_ENCODED_WORD_LINE, header_name=name)
    return [line.strip() for line in header.encode().split("\n")]


def _is_plain(words: str) -> bool:
    """Whether the words can stand unencoded: they are ASCII, and nothing in them reads like an encoded word."""
    return bool(_PLAIN.fullmatch(words)) and "=?" not in words
