"""The kinds of file that the town hall sends, and how to see that a file is of its kind. Pure.

It keeps out mistakes and what mail servers refuse anyway; it is no virus scanner.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

_ZIP = b"PK\x03\x04"
_MACROS = (b"vbaProject.bin", b"Basic/script-lc.xml")
_OPEN_XML = "vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT = "vnd.oasis.opendocument"


@dataclass(frozen=True)
class Kind:
    """A kind of file: its media type, and whether bytes look like it."""

    media_type: str
    fits: Callable[[bytes], bool]


def kind_of(name: str) -> str | None:
    """The kind in `KINDS` that a file's name ends with, or None."""
    _, dot, ending = name.rpartition(".")
    return ending.lower() if dot and ending.lower() in KINDS else None


def is_what_it_says(kind: str, content: bytes) -> bool:
    """Whether these bytes are of this kind, as far as their beginning and their parts tell."""
    return KINDS[kind].fits(content)


def _begins(*beginnings: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(beginnings)


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False


def _is_calendar(content: bytes) -> bool:
    return _is_text(content) and content.removeprefix(b"\xef\xbb\xbf").startswith(b"BEGIN:VCALENDAR")


def _open_xml(folder: bytes) -> Callable[[bytes], bool]:
    """A ZIP archive with the parts of ECMA-376, whose names stand in it uncompressed."""

    def fits(content: bytes) -> bool:
        parts = content.startswith(_ZIP) and b"[Content_Types].xml" in content and folder in content
        return parts and not any(macro in content for macro in _MACROS)

    return fits


def _open_document(media_type: str) -> Callable[[bytes], bool]:
    """A ZIP archive whose first part, uncompressed, is its media type (OpenDocument 1.3, part 2, section 3.3)."""
    first = b"mimetype" + media_type.encode()
    return lambda content: (
        content.startswith(_ZIP) and first in content[:200] and not any(macro in content for macro in _MACROS)
    )


def _open_documents() -> Mapping[str, Kind]:
    types = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}
    return {
        ending: Kind(media_type, _open_document(media_type))
        for ending, name in types.items()
        for media_type in (f"application/{_OPEN_DOCUMENT}.{name}",)
    }


KINDS: Mapping[str, Kind] = {
    "pdf": Kind("application/pdf", _begins(b"%PDF-")),
    "jpg": Kind("image/jpeg", _begins(b"\xff\xd8\xff")),
    "jpeg": Kind("image/jpeg", _begins(b"\xff\xd8\xff")),
    "png": Kind("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    **_open_documents(),
    "docx": Kind(f"application/{_OPEN_XML}.wordprocessingml.document", _open_xml(b"word/")),
    "xlsx": Kind(f"application/{_OPEN_XML}.spreadsheetml.sheet", _open_xml(b"xl/")),
    "pptx": Kind(f"application/{_OPEN_XML}.presentationml.presentation", _open_xml(b"ppt/")),
    "txt": Kind("text/plain", _is_text),
    "csv": Kind("text/csv", _is_text),
    "ics": Kind("text/calendar", _is_calendar),
}
"""By the ending of their names."""
