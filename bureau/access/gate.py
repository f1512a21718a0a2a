"""Admits a request: checks who sends it, whether their role may do this, and whether they meant to."""

from __future__ import annotations

import hmac
from http import HTTPStatus

from flask import Request, Response

from bureau.access.csrf import HEADER, CsrfTokens
from bureau.access.principal import Principal, Role
from bureau.access.tokens import LIFETIME, AccessTokens
from bureau.http.operation import Operation
from bureau.http.problems import Problem
from competences.translation import N_

COOKIE = "bureau_session"
HTTPS_COOKIE = f"__Host-{COOKIE}"
"""Browsers take it from this very host alone, over HTTPS."""

INTEGRATION = "integration"
"""The name in the journal of another system that holds the service token."""


class Gate:
    """Recognises a session cookie, a bearer token, or the service token."""

    def __init__(self, tokens: AccessTokens, csrf: CsrfTokens, *, service_token: str | None, https: bool) -> None:
        self._tokens = tokens
        self._csrf = csrf
        self._service_token = service_token
        self._https = https
        self._cookie = HTTPS_COOKIE if https else COOKIE

    def identify(self, request: Request) -> Principal | None:
        """The principal whose credentials the request shows, if they are valid; a bearer token goes before a cookie."""
        authorization = request.authorization
        if authorization is not None:
            token = authorization.token if authorization.type == "bearer" else None
            return self._bearer(token) if token else None
        cookie = request.cookies.get(self._cookie)
        return self._owner(cookie, by_cookie=True) if cookie else None

    def admit(self, request: Request, operation: Operation) -> Principal | None:
        """The principal, None only where anyone may. Raises Problem if they may not do this operation."""
        who = self.identify(request)
        if operation.who is None:
            return who
        if who is None:
            raise Problem(HTTPStatus.UNAUTHORIZED, N_("Log in first, please."), headers={"WWW-Authenticate": "Bearer"})
        if operation.changes_something and who.by_cookie:
            self._check_meant(request, who)
        if who.role not in operation.who:
            raise Problem(HTTPStatus.FORBIDDEN, N_("Your role does not allow this."))
        return who

    def still_good(self, who: Principal) -> bool:
        """Whether the principal is still logged in; a stream asks this from time to time."""
        return self._owner(who.token, by_cookie=who.by_cookie) is not None

    def csrf_token(self, session_token: str) -> str:
        return self._csrf.token_for(session_token)

    def give_cookie(self, response: Response, session_token: str) -> None:
        """Set the session's cookie."""
        response.set_cookie(
            self._cookie, session_token, max_age=LIFETIME, httponly=True, secure=self._https, samesite="Lax", path="/"
        )

    def take_cookie(self, response: Response) -> None:
        """Delete the session's cookie."""
        response.delete_cookie(self._cookie, httponly=True, secure=self._https, samesite="Lax", path="/")

    def _check_meant(self, request: Request, who: Principal) -> None:
        if not self._csrf.matches(who.token, request.headers.get(HEADER, "")):
            raise Problem(HTTPStatus.FORBIDDEN, N_("The request lacks the X-CSRF-Token that was given at log-in."))

    def _bearer(self, token: str) -> Principal | None:
        if self._service_token and hmac.compare_digest(token.encode(), self._service_token.encode()):
            return Principal(INTEGRATION, Role.INTEGRATION, token, by_cookie=False)
        return self._owner(token, by_cookie=False)

    def _owner(self, token: str, *, by_cookie: bool) -> Principal | None:
        owner = self._tokens.owner(token)
        return Principal(*owner, token, by_cookie=by_cookie) if owner is not None else None
