"""The OpenAPI 3.1 description, made from the operations and the pydantic models that run them.

pydantic writes the schemas; what is here only arranges them. So the description cannot drift from what is checked.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bureau.access.csrf import HEADER
from bureau.access.gate import COOKIE
from bureau.http.forms import FORM, form_description
from bureau.http.operation import PATH_PARAMETER, Operation
from bureau.http.problems import PROBLEM_JSON, ProblemDocument

Schema = dict[str, Any]
Mode = Literal["validation", "serialization"]

REF = "#/components/schemas/{model}"

SECURITY_SCHEMES: Schema = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token from `POST /api/v1/tokens`, or the service token of the installation.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "The cookie from `POST /api/v1/session`.",
    },
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": HEADER,
        "description": "With the cookie, for every request that changes something: the `csrf` of the session.",
    },
}

PROBLEM_HEADERS: Mapping[HTTPStatus, Schema] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    HTTPStatus.TOO_MANY_REQUESTS: {
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
    },
}


def description(
    operations: Sequence[Operation],
    *,
    prefix: str,
    title: str,
    version: str,
    webhooks: Mapping[str, type[BaseModel]],
) -> Schema:
    """The whole document. `webhooks`: what we send to others, by name."""
    references, schemas = _schemas(operations, webhooks.values())
    paths: dict[str, Schema] = {}
    for operation in operations:
        path = prefix + re.sub(r"<(\w+)>", r"{\1}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation, references, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": version,
            "license": {"name": "European Union Public Licence 1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in operations)],
        "paths": paths,
        "webhooks": {
            name: {"post": _webhook(model, references[model, "serialization"])} for name, model in webhooks.items()
        },
        "components": {"schemas": schemas, "securitySchemes": SECURITY_SCHEMES},
    }


def _schemas(
    operations: Iterable[Operation], sent: Iterable[type[BaseModel]]
) -> tuple[Mapping[tuple[type[BaseModel], Mode], Schema], Schema]:
    """A reference for each model and direction, and the schemas that they refer to."""
    used: dict[tuple[type[BaseModel], Mode], None] = {(ProblemDocument, "serialization"): None}
    used |= {(model, "serialization"): None for model in sent}
    for operation in operations:
        for model in (operation.body, operation.query):
            if model is not None:
                used[model, "validation"] = None
        if operation.answer is not None:
            used[operation.answer, "serialization"] = None
    references, document = models_json_schema(list(used), ref_template=REF)
    return references, document["$defs"]  # type: ignore[return-value]


def _webhook(model: type[BaseModel], reference: Schema) -> Schema:
    headers = {
        "webhook-id": "Names the event; the same at every attempt.",
        "webhook-timestamp": "When this attempt was made, in seconds since 1970.",
        "webhook-signature": "Standard Webhooks, v1: HMAC-SHA256 with the subscription's secret.",
    }
    return {
        "summary": inspect.getdoc(model),
        "parameters": [
            {"name": name, "in": "header", "required": True, "description": what, "schema": {"type": "string"}}
            for name, what in headers.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": reference}}},
        "responses": {"2XX": {"description": "Taken."}, "410": {"description": "No more, please."}},
    }


def _operation(
    operation: Operation, references: Mapping[tuple[type[BaseModel], Mode], Schema], schemas: Schema
) -> Schema:
    described: Schema = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "security": _security(operation),
        "responses": _responses(operation, references),
    }
    if operation.description:
        described["description"] = operation.description
    parameters = _path_parameters(operation)
    if operation.query is not None:
        parameters += _query_parameters(references[operation.query, "validation"], schemas)
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        needed = any(field.is_required() for field in operation.body.model_fields.values())
        content = {"application/json": {"schema": references[operation.body, "validation"]}}
        if operation.takes_files:
            content[FORM] = form_description(references[operation.body, "validation"])
        described["requestBody"] = {"required": needed, "content": content}
    return described


def _security(operation: Operation) -> list[Schema]:
    if operation.who is None:
        return []
    by_cookie: Schema = {"session": [], "csrf": []} if operation.changes_something else {"session": []}
    return [{"bearer": []}, by_cookie]


def _responses(operation: Operation, references: Mapping[tuple[type[BaseModel], Mode], Schema]) -> Schema:
    success: Schema = {"description": operation.status.phrase}
    if operation.answer is not None:
        schema = references[operation.answer, "serialization"]
        success["content"] = {kind: {"schema": schema} for kind in operation.media_types}
    elif operation.status is not HTTPStatus.NO_CONTENT:
        success["content"] = {kind: _unstructured(kind) for kind in operation.media_types}
    problem = {PROBLEM_JSON: {"schema": references[ProblemDocument, "serialization"]}}
    responses: Schema = {str(operation.status.value): success}
    for status in sorted(operation.problems):
        refusal: Schema = {"description": status.phrase, "content": problem}
        if status in PROBLEM_HEADERS:
            refusal["headers"] = PROBLEM_HEADERS[status]
        responses[str(status.value)] = refusal
    return responses


def _unstructured(media_type: str) -> Schema:
    """The schema of an answer without a model: text is a string; JSON Schema cannot describe other bytes."""
    return {"schema": {"type": "string"}} if media_type.startswith("text/") else {}


def _path_parameters(operation: Operation) -> list[Schema]:
    schema = {"type": "string", "pattern": f"^{PATH_PARAMETER.pattern}$"}
    names = re.findall(r"<(\w+)>", operation.path)
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in names]


def _query_parameters(reference: Schema, schemas: Schema) -> list[Schema]:
    """One parameter for each property of the query's model; the model's own schema is then taken out."""
    model = schemas.pop(reference["$ref"].rsplit("/", 1)[1], None)
    if model is None:
        raise ValueError("two operations share one query model")
    return [_query_parameter(name, schema) for name, schema in model["properties"].items()]


def _query_parameter(name: str, schema: Schema) -> Schema:
    """One parameter. A query has no null: an optional parameter is absent instead."""
    schema = {key: value for key, value in schema.items() if not (key == "default" and value is None)}
    if "anyOf" in schema:
        (kind,) = (choice for choice in schema.pop("anyOf") if choice != {"type": "null"})
        schema = {**kind, **schema}
    described: Schema = {"name": name, "in": "query", "required": False, "schema": schema}
    if "description" in schema:
        described["description"] = schema.pop("description")
    return described
