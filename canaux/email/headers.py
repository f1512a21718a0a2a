"""Headers read without trust: what a sender wrote may break any parser."""

from __future__ import annotations

import re
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses

from canaux.addresses import ADDRESS
from canaux.clean_text import one_line
from canaux.email.policy import LONGEST_HEADER_CHARACTERS

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")


def header(message: EmailMessage, name: str) -> str:
    """A header as text in one line; empty where there is none."""
    values = header_values(message, name)
    return values[0] if values else ""


def header_values(message: EmailMessage, name: str) -> list[str]:
    """Every header of this name, decoded, each in one line."""
    # The raw values: the structured parsers of email.policy raise many kinds of errors on broken headers.
    wanted = name.lower()
    return [_decoded(value) for key, value in message.raw_items() if key.lower() == wanted]


def _decoded(value: object) -> str:
    raw = _as_text(str(value))
    try:
        return one_line(str(make_header(decode_header(raw))), limit=LONGEST_HEADER_CHARACTERS)
    except Exception:  # unknown charsets, broken base64 ...: the words as they came are better than none
        return one_line(raw, limit=LONGEST_HEADER_CHARACTERS)


def _as_text(value: str) -> str:
    """The header as text; bytes above 127 are read as UTF-8 where they can be, else as Western European."""
    raw = value.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def addresses(message: EmailMessage, name: str) -> list[tuple[str, str]]:
    """The mailboxes in this header, as (name, address in lower case)."""
    raw = [_as_text(str(value)) for key, value in message.raw_items() if key.lower() == name.lower()]
    found = []
    for display, address in getaddresses([" ".join(value.split()) for value in raw]):
        bare = one_line(address).lower()
        if ADDRESS.fullmatch(bare):
            found.append((_decoded(display), bare))
    # Where the quoting is broken the parser finds nothing, though the address stands there for all to see.
    return found or [
        ("", one.lower()) for value in raw for one in ADDRESS.findall(one_line(value, LONGEST_HEADER_CHARACTERS))
    ]


def message_ids(message: EmailMessage, name: str) -> list[str]:
    """The Message-IDs in this header, in their order, with their angle brackets."""
    # Decoded: some programs write long ids as encoded words.
    return [found for value in header_values(message, name) for found in _MESSAGE_ID.findall(value)]
