"""Writes a winmail.dat (TNEF, MS-OXTNEF) as Outlook does."""

from __future__ import annotations

from collections.abc import Sequence

UNICODE, STRING, BINARY, LONG = 0x1F, 0x1E, 0x102, 0x03
BODY, HTML, RTF, CODE_PAGE = 0x1000, 0x1013, 0x1009, 0x3FDE
DATA, LONG_NAME, MIME_TAG = 0x3701, 0x3707, 0x370E

LETTER = b"\x07\x03\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46"
"""What stands before a letter within the letter."""

SIGNATURE = b"\x78\x9f\x3e\x22"

Property = tuple[int, int, bytes | int]
"""A property's type, its name and its value."""


def winmail(*objects: bytes) -> bytes:
    """A winmail.dat with these objects."""
    return SIGNATURE + b"\x01\x00" + b"".join(objects)


def text(words: bytes) -> bytes:
    return _object(1, 0x800C, 2, words + b"\0")


def code_page(number: int) -> bytes:
    return _object(1, 0x9007, 6, number.to_bytes(4, "little") + bytes(4))


def letter(*properties: Property) -> bytes:
    """The properties of the letter."""
    return _object(1, 0x9003, 6, _properties(properties))


def file(title: bytes, content: bytes, *properties: Property) -> bytes:
    """A file: its date is none, as some programs write it."""
    parts = [
        _object(2, 0x9002, 6, bytes(14)),
        _object(2, 0x8013, 3, bytes(14)),
        _object(2, 0x8010, 1, title + b"\0"),
        _object(2, 0x800F, 6, content),
    ]
    return b"".join([*parts, *([_object(2, 0x9005, 6, _properties(properties))] if properties else [])])


def _object(level: int, name: int, kind: int, data: bytes) -> bytes:
    head = bytes([level]) + name.to_bytes(2, "little") + kind.to_bytes(2, "little")
    return head + len(data).to_bytes(4, "little") + data + (sum(data) & 0xFFFF).to_bytes(2, "little")


def _properties(properties: Sequence[Property]) -> bytes:
    written = [len(properties).to_bytes(4, "little")]
    for kind, name, value in properties:
        written.append(kind.to_bytes(2, "little") + name.to_bytes(2, "little"))
        if isinstance(value, int):
            written.append(value.to_bytes(4, "little"))
        else:
            written.append((1).to_bytes(4, "little") + len(value).to_bytes(4, "little"))
            written.append(value + bytes(-len(value) % 4))
    return b"".join(written)
