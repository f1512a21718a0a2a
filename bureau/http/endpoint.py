"""Runs one operation for one request: admit, read, call, answer. A refusal is raised as a Problem."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Request, Response, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from bureau.access.gate import Gate
from bureau.access.principal import STAFF
from bureau.http.forms import FORM, MAXIMUM_FORM_BYTES, read_form
from bureau.http.language import translations_for
from bureau.http.operation import PATH_PARAMETER, Operation
from bureau.http.problems import NO_SUCH_THING, SEE_ERRORS, Fault, Problem
from bureau.http.validation_faults import faults_of
from canaux.bounded_body import BodyTooLarge, bounded_body
from competences.translation import N_
from routeur.contact.messages import OutgoingFile

Model = TypeVar("Model", bound=BaseModel)

MAXIMUM_BODY_BYTES = 64 * 1024

GIVEN_TWICE = N_("Once only, please.")


class Endpoint:
    """Answers one operation when Flask calls it. Each request of somebody on the staff shows that they are present."""

    def __init__(self, operation: Operation, gate: Gate, show_presence: Callable[[str], None]) -> None:
        self._operation = operation
        self._gate = gate
        self._show_presence = show_presence

    def __call__(self, **path: str) -> Response:
        operation = self._operation
        who = self._gate.admit(request, operation)
        if who is not None and who.role in STAFF:
            self._show_presence(who.login)
        if not all(PATH_PARAMETER.fullmatch(value) for value in path.values()):
            raise Problem(HTTPStatus.NOT_FOUND, NO_SUCH_THING)
        arguments: dict[str, Any] = dict(path)
        if operation.who is not None:
            arguments["who"] = who
        if operation.query is not None:
            arguments["query"] = read_query(request, operation.query)
        if operation.body is not None and operation.takes_files:
            arguments["body"], arguments["files"] = read_body_and_files(request, operation.body)
        elif operation.body is not None:
            arguments["body"] = read_body(request, operation.body)
        return answer(operation.view(**arguments), operation.status)


def answer(result: BaseModel | Response | None, status: HTTPStatus) -> Response:
    """The result as JSON. No cache keeps it: most results hold personal data."""
    if isinstance(result, Response):
        response = result
    elif result is None:
        response = Response(status=HTTPStatus.NO_CONTENT)
        response.headers.remove("Content-Type")
    else:
        response = Response(result.model_dump_json(by_alias=True), status, content_type="application/json")
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def read_query(request: Request, model: type[Model]) -> Model:
    """The query's parameters. Raises Problem for invalid ones, also for one that is given twice."""
    say = translations_for(request).gettext
    given = request.args.to_dict(flat=False)
    twice = [Fault(parameter=name, message=say(GIVEN_TWICE)) for name, values in given.items() if len(values) > 1]
    if twice:
        raise _unprocessable(twice)
    try:
        return model.model_validate_strings({name: values[0] for name, values in given.items()})
    except ValidationError as error:
        raise _unprocessable(faults_of(error, "query", say)) from None


def read_body(request: Request, model: type[Model]) -> Model:
    """The JSON body. An absent one counts as `{}`: most operations have no required details."""
    data = _body(request, MAXIMUM_BODY_BYTES)
    if data and not request.is_json:
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, N_("The body must be JSON, sent as application/json."))
    return _validated(request, model, data)


def read_body_and_files(request: Request, model: type[Model]) -> tuple[Model, list[OutgoingFile]]:
    """The JSON body and the files of a form (`multipart/form-data`); a body that is JSON brings no files."""
    if request.mimetype != FORM:
        return read_body(request, model), []
    _body(request, MAXIMUM_FORM_BYTES)
    said, files = read_form(request.form, request.files)
    if len(said) > MAXIMUM_BODY_BYTES:
        raise _too_large(MAXIMUM_BODY_BYTES)
    return _validated(request, model, said), files


def _body(request: Request, limit_bytes: int) -> bytes:
    try:
        return bounded_body(request, limit_bytes)
    except (BodyTooLarge, RequestEntityTooLarge):
        raise _too_large(limit_bytes) from None


def _validated(request: Request, model: type[Model], data: bytes) -> Model:
    try:
        return model.model_validate_json(data or b"{}")
    except ValidationError as error:
        if any(detail["type"] == "json_invalid" for detail in error.errors(include_url=False)):
            raise Problem(HTTPStatus.BAD_REQUEST, N_("The body is not well-formed JSON.")) from None
        raise _unprocessable(faults_of(error, "body", translations_for(request).gettext)) from None


def _too_large(limit_bytes: int) -> Problem:
    detail = N_("A request has at most {limit} kB.")
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, facts={"limit": limit_bytes // 1024})


def _unprocessable(faults: list[Fault]) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, SEE_ERRORS, errors=faults)
