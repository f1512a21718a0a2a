"""An operation of the API, declared once: what answers it, who may ask, and what the description says of it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel

from bureau.access.principal import Role

Method = Literal["GET", "POST", "PUT", "DELETE"]
View = Callable[..., Any]

PATH_PARAMETER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""The form of every id, reference and log-in of the record; nothing else is worth a query."""

BODY_REFUSALS = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)


@dataclass(frozen=True)
class Operation:
    """`view` is called with the path's parameters by name, and with `who`, `body` and `query` if they are declared.

    With `takes_files` the body may also be a form with files (see `forms`), and the view is called with `files` too.
    It returns an instance of `answer` (None for an empty answer), or a whole Response of its own.
    `who` None means anyone, logged in or not. `refusals` are those that the other fields do not imply.
    """

    method: Method
    path: str
    view: View
    tag: str
    who: frozenset[Role] | None
    answer: type[BaseModel] | None = None
    status: HTTPStatus = HTTPStatus.OK
    body: type[BaseModel] | None = None
    takes_files: bool = False
    query: type[BaseModel] | None = None
    media_types: tuple[str, ...] = ("application/json",)
    refusals: frozenset[HTTPStatus] = frozenset()

    @property
    def id(self) -> str:
        """The name of the operation: the view's."""
        return str(self.view.__name__)

    @property
    def summary(self) -> str:
        """The first paragraph of the view's docstring."""
        return (inspect.getdoc(self.view) or self.id).split("\n\n")[0].replace("\n", " ")

    @property
    def description(self) -> str:
        """The rest of the view's docstring."""
        return "\n\n".join((inspect.getdoc(self.view) or "").split("\n\n")[1:])

    @property
    def changes_something(self) -> bool:
        return self.method != "GET"

    @property
    def problems(self) -> frozenset[HTTPStatus]:
        """Every refusal that this operation may answer with."""
        refusals = {HTTPStatus.SERVICE_UNAVAILABLE, *self.refusals}
        if self.who is not None:
            refusals.add(HTTPStatus.UNAUTHORIZED)
            if self.changes_something or self.who < frozenset(Role):
                refusals.add(HTTPStatus.FORBIDDEN)
        if "<" in self.path:
            refusals.add(HTTPStatus.NOT_FOUND)
        if self.query is not None:
            refusals.add(HTTPStatus.UNPROCESSABLE_ENTITY)
        if self.body is not None:
            refusals |= BODY_REFUSALS
        return frozenset(refusals)
