"""Downloads of files that usagers sent. A browser saves them and never shows them: nobody knows what is in them."""

from __future__ import annotations

import re
import unicodedata
from http import HTTPStatus
from io import BytesIO

import structlog
from flask import Response, send_file

from bureau.http.problems import Problem
from canaux.provider_interfaces import Media
from competences.translation import N_
from routeur.contact.messages import OriginalMessage, StoredFile
from routeur.ports.news import DeliveryError

ANYTHING = "application/octet-stream"
TEXT = "text/plain"
LETTER = "message/rfc822"
MEDIA_TYPES = (ANYTHING, "application/pdf", "audio/mpeg", "audio/x-wav", "image/jpeg", "image/png", TEXT)
"""The types under which files are served; all others are served as `application/octet-stream`."""

ORIGINAL_MEDIA_TYPES = (LETTER, ANYTHING)
"""The types under which messages are served as they came."""

NOT_IN_A_NAME = re.compile(r'[/\\:*?"<>|]')
NAMELESS = "fichier"


def download(file: StoredFile, media: Media) -> Response:
    """The file as a download. Raises Problem if the provider that keeps it does not hand it over."""
    content = file.content if file.content is not None else _fetched(file.url, media)
    return _saved(content, media_type(file.content_type, content), safe_name(file.name))


def download_original(original: OriginalMessage, name: str) -> Response:
    """A message as it came, as a download: a letter as `message/rfc822`, a provider's form as it was posted."""
    if original.media_type == LETTER:
        return _saved(original.content, LETTER, f"{name}.eml")
    response = _saved(original.content, ANYTHING, f"{name}.bin")
    response.headers["X-Original-Content-Type"] = original.media_type
    return response


def _saved(content: bytes, kind: str, name: str) -> Response:
    response = send_file(
        BytesIO(content), mimetype=kind, as_attachment=True, download_name=name, conditional=False, etag=False
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def media_type(declared: str, content: bytes) -> str:
    """The type under which the file is served."""
    kind = declared.split(";")[0].strip().lower()
    if kind not in MEDIA_TYPES or (kind == TEXT and not _is_utf_8(content)):
        return ANYTHING
    return kind


def safe_name(name: str) -> str:
    """The name without folders, and without characters that cannot be seen (some turn `exe.pdf` around)."""
    seen = "".join(c for c in name if c == " " or unicodedata.category(c)[0] not in "CZ")
    return NOT_IN_A_NAME.sub("_", seen).strip(" .") or NAMELESS


def _fetched(url: str | None, media: Media) -> bytes:
    try:
        if url is None:
            raise DeliveryError("nobody keeps the file", retryable=False)
        return media.fetch(url)
    except DeliveryError as error:
        structlog.get_logger(__name__).warning("a file cannot be fetched", reason=error.reason)
        raise Problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            N_("The provider that keeps this file does not hand it over at present."),
            headers={"Retry-After": "10"} if error.retryable else {},
        ) from error


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode()
    except ValueError:
        return False
    return True
