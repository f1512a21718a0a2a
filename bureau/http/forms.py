"""Bodies that bring files: a form with the JSON of the request in its field `body`, and files in its fields `files`."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from bureau.http.files import safe_name
from bureau.http.problems import Problem
from bureau.http.sendable_files import KINDS, is_what_it_says, kind_of
from competences.translation import N_
from routeur.contact.messages import OutgoingFile

FORM = "multipart/form-data"
MOST_FILES = 10
MAXIMUM_FORM_BYTES = 15 * 1024 * 1024
"""A letter is a third larger than its files, and many mail servers take no more than 20 MB."""

_BODY, _FILES = "body", "files"
_LONGEST_NAME_CHARACTERS = 150


def read_form(fields: MultiDict[str, str], parts: MultiDict[str, FileStorage]) -> tuple[bytes, list[OutgoingFile]]:
    """The JSON of the form, and its files. Raises Problem for files that nobody should be sent."""
    unknown = (fields.keys() | parts.keys()) - {_BODY, _FILES}
    nameless = _FILES in fields
    if unknown or nameless:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            N_("A form has the JSON in its field `body`, and files, each with its name, in fields `files`."),
        )
    said = [value.encode() for value in fields.getlist(_BODY)] + [part.read() for part in parts.getlist(_BODY)]
    chosen = [part for part in parts.getlist(_FILES) if part.filename]  # an empty field of a browser's form has none
    if len(said) != 1:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY, N_("A form has the JSON of the request once, in its field `body`.")
        )
    if len(chosen) > MOST_FILES:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            N_("At most {number} files go with a message."),
            facts={"number": MOST_FILES},
        )
    return said[0], list(_checked(chosen))


def form_description(body: dict[str, Any]) -> dict[str, Any]:
    """The form in the terms of OpenAPI 3.1; `body` is the schema of its JSON."""
    one_file = {"type": "string", "contentMediaType": "application/octet-stream"}
    return {
        "schema": {
            "type": "object",
            "properties": {_BODY: body, _FILES: {"type": "array", "items": one_file, "maxItems": MOST_FILES}},
            "required": [_BODY],
            "additionalProperties": False,
        },
        "encoding": {_BODY: {"contentType": "application/json"}},
    }


def _checked(chosen: Iterable[FileStorage]) -> Iterable[OutgoingFile]:
    for part in chosen:
        name = _shortened(safe_name(part.filename or ""))
        kind, content = kind_of(name), part.read()
        if kind is None:
            raise _refused(N_("{name} cannot be sent. These can: {kinds}."), name, kinds=", ".join(sorted(KINDS)))
        if not content:
            raise _refused(N_("{name} is empty."), name)
        if not is_what_it_says(kind, content):
            raise _refused(N_("{name} is not what its name says, or carries macros: export it anew, as a PDF."), name)
        yield OutgoingFile(name, KINDS[kind].media_type, content)


def _refused(detail: str, name: str, **facts: str) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, facts={"name": name, **facts})


def _shortened(name: str) -> str:
    """The name cut to a bearable length; what it ends with says what the file is."""
    stem, dot, ending = name.rpartition(".")
    return f"{stem[:_LONGEST_NAME_CHARACTERS]}{dot}{ending}"
