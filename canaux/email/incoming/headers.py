"""Headers read without trust: what a sender wrote may break any parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import getaddresses

from canaux.addresses import ADDRESS
from canaux.clean_text import one_line
from canaux.email.incoming.decoding import header_text
from canaux.email.incoming.mime import LONGEST_HEADER_CHARACTERS, Part

MOST_HEADER_CHARACTERS = 60_000  # of one name together: that of the mailboxes takes time
_MESSAGE_ID = re.compile(r"<([^<>]{1,300})>")
_BARE_MESSAGE_ID = re.compile(r"[^<>\s,]{1,200}@[^<>\s,]{1,200}")
_LONGEST_MESSAGE_ID_CHARACTERS = 250
_BEFORE_AN_ADDRESS = re.compile(r"[\s\"'<(\[:]*$")
_MAILTO = re.compile(r"<\s*mailto:", re.IGNORECASE)
_MOST_NESTED = 50  # comments, and groups: the library's parser goes into each
_RUN_OF_MARKS = re.compile(r"""(?:[<>\[\];,@"\\.] ?){20}""")
_NAME_WITH_A_COMMA = re.compile(r"(?:^|(?<=>,))\s*([^\"<>,;:@()]{1,100},[^\"<>,;:@()]{0,100}?)\s*(<[^<>\s]{1,320}>)")


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


def addresses(message: Part, name: str) -> list[tuple[str, str]]:
    """The mailboxes in this header, as (name, address in lower case)."""
    raw = _raw_values(message, name)
    found = _mailboxes(raw)
    if found:
        return found
    # The whole header may be one encoded word; and where the quoting is broken the parser finds nothing, though the
    # address stands there for all to see.
    plain = [one_line(header_text(value), LONGEST_HEADER_CHARACTERS) for value in raw]
    return _mailboxes(plain) or [found for value in plain for found in _addresses_anywhere(value)]


def _addresses_anywhere(value: str) -> Iterator[tuple[str, str]]:
    """The addresses that stand anywhere in a header; what stands before the first is its name."""
    value = _MAILTO.sub("<", value)
    for number, one in enumerate(ADDRESS.finditer(value)):
        yield ("" if number else _BEFORE_AN_ADDRESS.sub("", value[: one.start()])), one[0].lower().rstrip(".")


def _mailboxes(values: list[str]) -> list[tuple[str, str]]:
    # A name with a comma, unquoted, is one name where what stands before the comma is no address.
    quoted = [_NAME_WITH_A_COMMA.sub(r'"\1" \2', " ".join(_MAILTO.sub("<", value).split())) for value in values]
    found = []
    for display, address in getaddresses([value for value in quoted if _is_flat(value)]):
        bare = one_line(header_text(address)).lower().rstrip(".")
        if ADDRESS.fullmatch(bare):
            found.append((one_line(header_text(display)), bare))
    return found


def _is_flat(value: str) -> bool:
    """Whether the library's parser reads this header in a bounded work: it takes long over marks, one at a time."""
    return not _RUN_OF_MARKS.search(value) and max(value.count("("), value.count(":")) <= _MOST_NESTED


def message_ids(message: Part, name: str) -> list[str]:
    """The Message-IDs in this header, in their order, with their angle brackets."""
    # Some programs write long ids as encoded words, break the line within one, or leave the brackets out.
    found = []
    for value in header_values(message, name):
        inner = _MESSAGE_ID.findall(value) if "<" in value else _BARE_MESSAGE_ID.findall(value)
        found += ["".join(one.split()) for one in inner]
    return [f"<{one}>" for one in found if one and len(one) <= _LONGEST_MESSAGE_ID_CHARACTERS]
