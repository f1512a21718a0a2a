"""Opens winmail.dat: the format (TNEF, MS-OXTNEF) in which Outlook sends text and files that others cannot read.

The walk from object to object is ours, since the library gives up the whole at one wrong date and copies the rest at
each step; the properties within an object are read by it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from mimetypes import guess_type
from typing import Any

from tnefparse import TNEF, properties
from tnefparse.mapi import IMESSAGE_SIG, SZMAPI_STRING, decode_mapi

from canaux.clean_text import one_line
from canaux.email.incoming.decoding import decoded

NAME = "winmail.dat"
KINDS = frozenset(f"application/{name}" for name in ("ms-tnef", "vnd.ms-tnef"))
DEEPEST_LETTER = 3  # within another
MOST_OBJECTS = 2_000
UNNAMED = "fichier"
LONGEST_NAME_CHARACTERS = 1_000

_SIGNATURE = TNEF.TNEF_SIGNATURE.to_bytes(4, "little")
_HEAD_BYTES = len(_SIGNATURE) + 2  # and a key
_OBJECT_BYTES = 11  # of an object without its data: level, name, kind, length and checksum
_MOST_FILLING_BYTES = 3  # after a value, up to a multiple of four
_CODE_PAGES = {65001: "utf-8", 28591: "iso-8859-1", 28605: "iso-8859-15", 20127: "us-ascii"}  # by Windows' numbers

logging.getLogger("tnefparse").disabled = True  # it says what it read, and people's words are no log's business


class _Ending(bytes):
    """Bytes that are not read past their end, whatever number of values they claim to hold."""

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice) and key.stop is not None and key.stop > len(self) + _MOST_FILLING_BYTES:
            raise ValueError("past the end")
        return super().__getitem__(key)


@dataclass
class TnefFile:
    """A file that stood in it."""

    name: str = ""
    kind: str = ""
    content: bytes = b""


@dataclass
class Tnef:
    """What stood in it: the text, or the HTML, and the files. `complete` is False if it has a text only as RTF."""

    text: str = ""
    html: str = ""
    files: list[TnefFile] = field(default_factory=list)
    complete: bool = True


def opened(raw: bytes, depth: int = 0) -> Tnef | None:
    """What stands in a winmail.dat; None if nothing in it can be read."""
    if not raw.startswith(_SIGNATURE) or depth > DEEPEST_LETTER:
        return None
    try:
        found = _read(raw, depth)
    except Exception:  # whatever the library stumbles over
        return None
    return found if found.text or found.html or found.files or not found.complete else None


def _read(raw: bytes, depth: int) -> Tnef:
    found = Tnef()
    code_page = "cp1252"
    for name, data in _objects(raw):
        if name == TNEF.ATTOEMCODEPAGE:
            code_page = _label(int.from_bytes(data[:4], "little"))
        elif name == TNEF.ATTBODY:
            found.text = _text(data, code_page)
        elif name == TNEF.ATTMAPIPROPS:
            _read_letter(found, _properties(data), code_page)
        elif name == TNEF.ATTATTACHRENDDATA:
            found.files.append(TnefFile())
        elif found.files and name == TNEF.ATTATTACHTITLE:
            found.files[-1].name = _text(data, code_page)
        elif found.files and name == TNEF.ATTATTACHDATA:
            found.files[-1].content = data
        elif found.files and name == TNEF.ATTATTACHMENT:
            _read_file(found.files[-1], _properties(data), code_page)
    found.files = [one for file in found.files for one in _taken_out(file, depth)]
    return found


def _objects(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """The objects in their order, by name; the last may be cut."""
    at = _HEAD_BYTES
    for _ in range(MOST_OBJECTS):
        if at + _OBJECT_BYTES > len(raw):
            return
        size = int.from_bytes(raw[at + 5 : at + 9], "little")
        yield int.from_bytes(raw[at + 1 : at + 3], "little"), raw[at + 9 : at + 9 + size]
        at += _OBJECT_BYTES + size


def _properties(data: bytes) -> dict[int, Any]:
    """The properties of an object by their names."""
    if int.from_bytes(data[:4], "little") > len(data) // 4:
        raise ValueError("more properties than there is room for")
    return {one.name: one for one in reversed(decode_mapi(_Ending(data), "latin-1"))}


def _read_letter(found: Tnef, said: dict[int, Any], code_page: str) -> None:
    if properties.MAPI_INTERNET_CODEPAGE in said:
        code_page = _label(said[properties.MAPI_INTERNET_CODEPAGE].data)
    found.text = _value(said, properties.MAPI_BODY, code_page) or found.text
    found.html = _value(said, properties.MAPI_BODY_HTML, code_page)
    found.complete = bool(found.text or found.html or properties.MAPI_RTF_COMPRESSED not in said)


def _read_file(file: TnefFile, said: dict[int, Any], code_page: str) -> None:
    names = (properties.MAPI_ATTACH_LONG_FILENAME, properties.MAPI_ATTACH_FILENAME, properties.MAPI_DISPLAY_NAME)
    file.name = next(filter(None, (_value(said, name, code_page) for name in names[:2])), file.name)
    file.name = file.name or _value(said, names[2], code_page)
    file.kind = _value(said, properties.MAPI_ATTACH_MIME_TAG, code_page)
    if properties.MAPI_ATTACH_DATA_OBJ in said:
        file.content = b"".join(said[properties.MAPI_ATTACH_DATA_OBJ].raw_data)


def _taken_out(file: TnefFile, depth: int) -> Iterator[TnefFile]:
    """The file under a name that can be kept; of a letter within the letter its text, then its files."""
    name = one_line(file.name.replace("/", "_").replace("\\", "_"), LONGEST_NAME_CHARACTERS) or UNNAMED
    inner = opened(file.content.removeprefix(IMESSAGE_SIG), depth + 1)
    if inner is None:
        yield TnefFile(name, file.kind or guess_type(name)[0] or "application/octet-stream", file.content)
        return
    if inner.text or inner.html:
        kind, text = ("text/plain", inner.text) if inner.text else ("text/html", inner.html)
        yield TnefFile(f"{name}.{'txt' if inner.text else 'html'}", kind, text.encode())
    yield from inner.files


def _value(said: dict[int, Any], name: int, code_page: str) -> str:
    """A property's text; empty if it is missing."""
    if name not in said:
        return ""
    value = said[name].data
    if said[name].attr_type == SZMAPI_STRING:
        value = value.encode("latin-1")  # as which the library was told to read it, whatever it is
    return _text(value, code_page) if isinstance(value, bytes) else str(value).strip("\0")


def _text(raw: bytes, code_page: str) -> str:
    return decoded(raw.rstrip(b"\0"), code_page)


def _label(number: int) -> str:
    return _CODE_PAGES.get(number, f"cp{number}")
