"""Problem documents (RFC 9457): the form of every refusal of the API."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field

from bureau.http.language import language_of, translations_for
from competences.translation import N_

PROBLEM_JSON = "application/problem+json"
LIST = "/api/problems"

TITLES: Mapping[HTTPStatus, str] = {
    HTTPStatus.BAD_REQUEST: N_("The request cannot be read"),
    HTTPStatus.UNAUTHORIZED: N_("Not logged in"),
    HTTPStatus.FORBIDDEN: N_("Not allowed"),
    HTTPStatus.NOT_FOUND: N_("Not found"),
    HTTPStatus.METHOD_NOT_ALLOWED: N_("This cannot be done here"),
    HTTPStatus.CONFLICT: N_("Too late for this"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: N_("Too large"),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: N_("Not JSON"),
    HTTPStatus.UNPROCESSABLE_ENTITY: N_("Something in the request is not right"),
    HTTPStatus.TOO_MANY_REQUESTS: N_("Too many attempts"),
    HTTPStatus.INTERNAL_SERVER_ERROR: N_("Something went wrong on our side"),
    HTTPStatus.SERVICE_UNAVAILABLE: N_("Out of service for a moment"),
}


KINDS: Mapping[HTTPStatus, str] = {
    HTTPStatus.BAD_REQUEST: "unreadable",
    HTTPStatus.UNAUTHORIZED: "not-logged-in",
    HTTPStatus.FORBIDDEN: "role",
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too-large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "media-type",
    HTTPStatus.UNPROCESSABLE_ENTITY: "not-valid",
    HTTPStatus.TOO_MANY_REQUESTS: "too-many",
    HTTPStatus.INTERNAL_SERVER_ERROR: "our-fault",
    HTTPStatus.SERVICE_UNAVAILABLE: "unavailable",
}
"""The kind of problem of a status, where nothing more special is known."""

NO_SUCH_THING = N_("There is no such thing, or it is not yours to see.")
SEE_ERRORS = N_("See `errors` for what is wrong, and where.")


class Fault(BaseModel):
    """One fault of a request: its place (`pointer` into the body, or query `parameter`), and what it is."""

    model_config = ConfigDict(frozen=True)

    pointer: str | None = Field(default=None, examples=["#/outcome"])
    parameter: str | None = Field(default=None, examples=["limit"])
    message: str


class ProblemDocument(BaseModel):
    """Why the request was refused, for people (`title`, `detail`) and for programs (`type`, `status`, `errors`)."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="The kind; `/api/problems` lists them all.", examples=["/api/problems#conflict"])
    title: str
    status: int
    detail: str
    errors: list[Fault] = Field(default_factory=list)
    state: str | None = Field(
        default=None, description="With 409: how the contact or follow-up stands at this moment.", examples=["active"]
    )
    holder: str | None = Field(
        default=None, description="With 409: who has it at this moment.", examples=["camille.martin"]
    )


@dataclass(frozen=True)
class PresentStanding:
    """How the contact or follow-up that a request is about stands, and who has it (their log-in).

    `words` say what that forbids: a text of the catalogue, with the name of who has it.
    """

    state: str
    holder: str | None
    words: str | None = None


def kind_of(error: type[Exception]) -> str:
    """The name of the kind of problem that an error makes: `reply-too-late`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """A refusal. `detail` is a text of the catalogue, filled in with `facts` once translated.

    `kind` names it among `/api/problems`; by default it is the status's. `state` and `holder` say how what the
    request is about stands.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        facts: Mapping[str, object] | None = None,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        kind: str | None = None,
        standing: PresentStanding | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind or KINDS[status]
        self.standing = standing
        self.detail = detail
        self.facts = facts or {}
        self.errors = errors
        self.headers = headers or {}


def problem_response(problem: Problem) -> Response:
    """The document, in the reader's language."""
    say: Callable[[str], str] = translations_for(request).gettext
    standing = problem.standing
    document = ProblemDocument(
        type=f"{LIST}#{problem.kind}",
        state=standing.state if standing is not None else None,
        holder=standing.holder if standing is not None else None,
        title=say(TITLES[problem.status]),
        status=problem.status,
        detail=say(problem.detail).format(**problem.facts),
        errors=list(problem.errors),
    )
    response = Response(document.model_dump_json(exclude_none=True), problem.status, content_type=PROBLEM_JSON)
    response.headers["Content-Language"] = language_of(request)
    response.headers["Cache-Control"] = "no-store"
    response.headers.extend(dict(problem.headers))
    return response
