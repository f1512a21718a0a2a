"""What every webhook does, in this order: bound the body, authenticate, read, receive, answer.

A request without credentials in its headers is refused before its body is read: it may be large, and slow.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from flask import Blueprint, Request, Response, abort, request
from werkzeug.exceptions import HTTPException

from canaux import security_log
from canaux.bounded_body import BodyTooLarge, bounded_body
from canaux.malformed import MalformedMessage

Facts = TypeVar("Facts")

FORM_BYTES = 64 * 1024

REFUSALS = (401, 403, 413, 415, 429)

NAME = re.compile(r"[^\x00-\x1f\x7f]{0,256}")
"""What a part of a path, or of a query, may be: PostgreSQL takes no NUL, and ours are short."""


@dataclass(frozen=True)
class Arriving:
    """A request whose body is still to come, and the parts of its path by name."""

    request: Request
    path: Mapping[str, str]


@dataclass(frozen=True)
class Incoming(Arriving):
    """A request with its whole body."""

    body: bytes

    @property
    def form(self) -> Mapping[str, str]:
        return self.request.form

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.args


class Webhook(ABC, Generic[Facts]):
    """One way in. A fault of ours is a 500, so that the provider shows it or sends the same again."""

    largest_body_bytes: ClassVar[int] = FORM_BYTES

    @abstractmethod
    def admit(self, arriving: Arriving) -> None:
        """Abort, without saying what was wrong, unless the headers show what the provider or the visitor would send."""

    def authenticate(self, incoming: Incoming) -> None:
        """Abort likewise if the whole request does not prove who sent it. Does nothing if the headers were enough."""

    @abstractmethod
    def read(self, incoming: Incoming) -> Facts:
        """Read the request into our own facts. Raises MalformedMessage."""

    @abstractmethod
    def receive(self, facts: Facts) -> Response:
        """Hand the facts to the router, and answer."""

    def __call__(self, **path: str) -> Response:
        try:
            response = self._answer(path)
        except HTTPException as refusal:
            _note(refusal.code if refusal.response is None else refusal.response.status_code)
            raise
        _note(response.status_code)
        return response

    def _answer(self, path: Mapping[str, str]) -> Response:
        if (request.content_length or 0) > self.largest_body_bytes:
            abort(413)
        if not all(NAME.fullmatch(part) for part in (*path.values(), *request.args.values())):
            abort(404)
        self.admit(Arriving(request, path))
        try:
            incoming = Incoming(request, path, bounded_body(request, self.largest_body_bytes))
        except BodyTooLarge:
            abort(413)
        self.authenticate(incoming)
        try:
            facts = self.read(incoming)
        except MalformedMessage as error:
            return in_words(str(error), 400)
        return self.receive(facts)


def _note(status: int | None) -> None:
    if status in REFUSALS:
        security_log.record("webhook_refused", route=str(request.url_rule), status=status)


@dataclass(frozen=True)
class Route:
    """Where a webhook is reached."""

    method: str
    path: str
    webhook: Webhook[Any]


def webhooks_blueprint(routes: Sequence[Route]) -> Blueprint:
    """These routes, for an application to mount."""
    blueprint = Blueprint("webhooks", __name__)
    for route in routes:
        blueprint.add_url_rule(route.path, f"{route.method} {route.path}", route.webhook, methods=[route.method])
    return blueprint


def in_words(text: str, status: int) -> Response:
    """A plain sentence, for the people who read a provider's console."""
    return Response(text + "\n", status, content_type="text/plain; charset=utf-8")


def no_content() -> Response:
    return Response(status=204)
