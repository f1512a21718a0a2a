"""Logging in and out, in a browser (a cookie) or from a program (a bearer token)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from flask import Response, request

from bureau.access.accounts import Accounts
from bureau.access.gate import Gate
from bureau.access.hashing import TooManyPasswords
from bureau.access.login_throttle import LogInThrottle
from bureau.access.principal import STAFF, Principal, Role
from bureau.access.tokens import AccessTokens, LogInKind
from bureau.access.user_agents import in_short
from bureau.http.endpoint import answer
from bureau.http.operation import Operation
from bureau.http.problems import Problem
from bureau.schemas.answers import Session, Token
from bureau.schemas.requests import LogIn, PasswordChange
from canaux import security_log
from competences.translation import N_
from routeur.contact.words import Activity
from routeur.desk.desk import Desk

TAG = "session"
UNKNOWN = "unknown"
"""Stands for a log-in that nobody has: it may be a password typed in the wrong field."""

AT_LOG_IN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS})
BUSY_SECONDS = 10
"""When to come back where too many passwords are being checked."""


class LogInApi:
    """Sessions and tokens."""

    def __init__(
        self, accounts: Accounts, tokens: AccessTokens, gate: Gate, throttle: LogInThrottle, desk: Desk
    ) -> None:
        self._accounts = accounts
        self._tokens = tokens
        self._gate = gate
        self._throttle = throttle
        self._desk = desk

    def operations(self) -> list[Operation]:
        created = HTTPStatus.CREATED
        gone = HTTPStatus.NO_CONTENT
        return [
            Operation("POST", "/session", self.log_in, TAG, None, Session, created, body=LogIn, refusals=AT_LOG_IN),
            Operation("GET", "/session", self.get_session, TAG, STAFF, Session),
            Operation("DELETE", "/session", self.log_out, TAG, STAFF, status=gone),
            Operation("POST", "/tokens", self.create_token, TAG, None, Token, created, body=LogIn, refusals=AT_LOG_IN),
            Operation(
                "PUT",
                "/me/password",
                self.change_my_password,
                TAG,
                STAFF,
                status=gone,
                body=PasswordChange,
                refusals=frozenset({HTTPStatus.TOO_MANY_REQUESTS}),
            ),
            Operation("DELETE", "/tokens/current", self.revoke_token, TAG, STAFF, status=gone),
        ]

    def log_in(self, body: LogIn) -> Response:
        """Log in with a browser.

        Sets the session's cookie, and gives the token that must come back in `X-CSRF-Token` with every request
        that changes something.
        """
        who = self._authenticated(body, by_cookie=True)
        response = answer(self._session(who), HTTPStatus.CREATED)
        self._gate.give_cookie(response, who.token)
        return response

    def get_session(self, who: Principal) -> Session:
        """Who is logged in."""
        return self._session(who)

    def log_out(self, who: Principal) -> Response:
        """Log out. After their last log-in has ended, an agent is off shift."""
        self._end(who)
        response = answer(None, HTTPStatus.NO_CONTENT)
        self._gate.take_cookie(response)
        return response

    def create_token(self, body: LogIn) -> Token:
        """Log in with a program: a bearer token, good for twelve hours."""
        return Token(token=self._authenticated(body, by_cookie=False).token)

    def revoke_token(self, who: Principal) -> None:
        """End the bearer token of this request. After their last log-in has ended, an agent is off shift."""
        self._end(who)

    def change_my_password(self, who: Principal, body: PasswordChange) -> None:
        """Change my password, with the present one. Every other log-in of mine ends."""
        if self._checked(who.login, body.present) is None:
            raise Problem(HTTPStatus.FORBIDDEN, N_("The present password is not right."))
        with _turns():
            self._accounts.change_password(who.login, body.password, kept_token=who.token)
        security_log.record("password_changed", account=who.login)

    def _authenticated(self, body: LogIn, *, by_cookie: bool) -> Principal:
        role = self._checked(body.login, body.password)
        if role is None:
            raise Problem(
                HTTPStatus.UNAUTHORIZED,
                N_("The login or the password is not right."),
                headers={"WWW-Authenticate": "Bearer"},
            )
        kind = LogInKind.BROWSER if by_cookie else LogInKind.PROGRAM
        security_log.record("logged_in", account=body.login, by=kind.value)
        token = self._tokens.issue(body.login, kind, in_short(request.headers.get("User-Agent", "")))
        return Principal(body.login, role, token, by_cookie=by_cookie)

    def _checked(self, login: str, password: str) -> Role | None:
        """The role of the account that this password opens, or None; a failure is counted."""
        address = request.remote_addr or ""
        wait = self._throttle.seconds_to_wait(login, address)
        if wait:
            raise _come_back(HTTPStatus.TOO_MANY_REQUESTS, wait)
        with _turns():
            role = self._accounts.authenticate(login, password)
        if role is None:
            self._throttle.failed(login)
            security_log.record("log_in_failed", account=self._accounts.known(login) or UNKNOWN)
        else:
            self._throttle.forget(login, address)
        return role

    def _session(self, who: Principal) -> Session:
        return Session(login=who.login, role=who.role, csrf=self._gate.csrf_token(who.token))

    def _end(self, who: Principal) -> None:
        security_log.record("logged_out", account=who.login)
        if self._tokens.end(who.token, who.login).none_left:
            self._desk.set_activity(who.login, Activity.OFFLINE)


@contextmanager
def _turns() -> Iterator[None]:
    """Turn TooManyPasswords inside the block into a 503 that says when to come back."""
    try:
        yield
    except TooManyPasswords:
        raise _come_back(HTTPStatus.SERVICE_UNAVAILABLE, BUSY_SECONDS) from None


def _come_back(status: HTTPStatus, seconds: int) -> Problem:
    return Problem(
        status,
        N_("Please try again in {seconds} seconds."),
        facts={"seconds": seconds},
        headers={"Retry-After": str(seconds)},
    )
