"""Uuencoded files, which old programs write into the text itself."""

from __future__ import annotations

import re
from binascii import Error, a2b_uu
from collections.abc import Iterator
from dataclasses import dataclass

from canaux.clean_text import one_line, without_blank_runs

_FILE = re.compile(r"^begin [0-7]{3,4} ([^\n]{1,200})\n((?:[!-`][ -`]{0,90}\n){1,300000})(?:[ `]\n)?end[ \t]*$", re.M)


@dataclass(frozen=True)
class InlineFile:
    """A file found in the text."""

    name: str
    content: bytes


def uudecoded(text: str) -> Iterator[InlineFile]:
    """The uuencoded files in this text."""
    for found in _FILE.finditer(text.replace("\r\n", "\n")):
        name = one_line(found[1].replace("/", "_").replace("\\", "_")) or "piece-jointe"
        yield InlineFile(name, b"".join(_line(line) for line in found[2].split("\n")))


def without_uuencoded(text: str) -> str:
    """The text without its uuencoded files."""
    return without_blank_runs(_FILE.sub("", text)).strip()


def _line(line: str) -> bytes:
    if not line:
        return b""
    counted = 1 + (((ord(line[0]) - 32) & 63) * 4 + 2) // 3  # what follows it is filling, of whatever length
    try:
        return a2b_uu(line[:counted])
    except Error:
        return b""
