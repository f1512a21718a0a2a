"""Headers read without trust: what a sender wrote may break any parser."""

from __future__ import annotations

import re

from canaux.clean_text import one_line
from canaux.email.incoming.decoding import header_text
from canaux.email.incoming.mailboxes import Mailbox, mailboxes
from canaux.email.incoming.mime import LONGEST_HEADER_CHARACTERS, Part

MOST_HEADER_CHARACTERS = LONGEST_HEADER_CHARACTERS  # of all headers of one name together
_MESSAGE_ID = re.compile(r"<([^<>]{1,300})>")
_WORDS = re.compile(r"[\s,]")
_LONGEST_MESSAGE_ID_CHARACTERS = 250


def header(message: Part, name: str) -> str:
    """A header as text in one line; empty where there is none."""
    values = header_values(message, name)
    return values[0] if values else ""


def has_header(message: Part, name: str) -> bool:
    """Whether there is a header of this name, if only an empty one."""
    wanted = name.lower()
    return any(key.lower() == wanted for key, _ in message.headers)


def header_values(message: Part, name: str) -> list[str]:
    """Every header of this name, decoded, each in one line."""
    return [one_line(header_text(value), limit=LONGEST_HEADER_CHARACTERS) for value in _raw_values(message, name)]


def _raw_values(message: Part, name: str) -> list[str]:
    wanted = name.lower()
    values: list[str] = []
    left = MOST_HEADER_CHARACTERS
    for key, value in message.headers:
        if key.lower() == wanted and left > 0:
            values.append(value[:left])
            left -= len(value)
    return values


def addresses(message: Part, name: str) -> list[Mailbox]:
    """The mailboxes in this header."""
    return mailboxes(_raw_values(message, name))


def message_ids(message: Part, name: str) -> list[str]:
    """The Message-IDs in this header, in their order, with their angle brackets."""
    # Some programs write long ids as encoded words, break the line within one, or leave the brackets out.
    found = []
    for value in header_values(message, name):
        inner = _MESSAGE_ID.findall(value) if "<" in value else [word for word in _WORDS.split(value) if "@" in word]
        found += ["".join(one.split()) for one in inner]
    return [f"<{one}>" for one in found if one and len(one) <= _LONGEST_MESSAGE_ID_CHARACTERS]
