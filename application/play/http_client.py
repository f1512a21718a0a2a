"""The HTTP requests that providers, visitors and agents' desks make."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3
from twilio.request_validator import RequestValidator
from urllib3.exceptions import HTTPError

CONNECTIONS = 200
TIMEOUT = urllib3.Timeout(connect=5, read=30)
STREAM_TIMEOUT = urllib3.Timeout(connect=5, read=40)
"""It is longer than the pause between two heartbeats of a stream."""


class UnexpectedAnswer(Exception):
    """An answer that was not expected."""

    def __init__(self, what: str, status: int, body: str) -> None:
        super().__init__(f"{what}: {status} {body[:200]}")
        self.status = status


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True)
class ServerEvent:
    """One server-sent event."""

    kind: str
    data: dict[str, Any]


@dataclass(frozen=True)
class ProviderSecrets:
    """The secrets by which providers prove who they are."""

    twilio_token: str
    email_token: str


class HttpClient:
    """Sends requests to one instance. It listens at `address`; its providers know it as `public_url`."""

    def __init__(self, address: str, public_url: str, secrets: ProviderSecrets) -> None:
        self._address = address.rstrip("/")
        self._public_url = public_url.rstrip("/")
        self._validator = RequestValidator(secrets.twilio_token)
        self._email_token = secrets.email_token
        self._pool = urllib3.PoolManager(maxsize=CONNECTIONS, timeout=TIMEOUT, retries=False)

    def close(self) -> None:
        self._pool.clear()

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        *,
        allowed: tuple[int, ...] = (),
    ) -> Answer:
        """Send JSON. Raises UnexpectedAnswer for an answer that is neither a success nor `allowed`."""
        content = {"Content-Type": "application/json"} if body is not None else {}
        data = json.dumps(body).encode() if body is not None else None
        return self._exchange(method, path, data, {**content, **(headers or {})}, allowed)

    def twilio(self, url: str, **form: str) -> Answer:
        """Send a form signed as Twilio signs it; `url` is a path, or a whole URL that the instance gave out."""
        path = url.removeprefix(self._public_url)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": self._validator.compute_signature(self._public_url + path, form),
        }
        return self._exchange("POST", path, urlencode(form).encode(), headers)

    def mime(self, raw: bytes) -> Answer:
        """Send a message as the mail server does."""
        headers = {"Content-Type": "message/rfc822", "Authorization": f"Bearer {self._email_token}"}
        return self._exchange("POST", "/webhooks/email/mime", raw, headers)

    def sendgrid(self, fields: Mapping[str, str | tuple[str, bytes, str]]) -> Answer:
        """Send a message as SendGrid does: fields, and files as name, content and type."""
        body, content_type = urllib3.encode_multipart_formdata(dict(fields))
        basic = base64.b64encode(f"sendgrid:{self._email_token}".encode()).decode()
        headers = {"Content-Type": content_type, "Authorization": f"Basic {basic}"}
        return self._exchange("POST", "/webhooks/email/sendgrid", body, headers)

    @contextmanager
    def stream(self, path: str, token: str) -> Iterator[Stream]:
        """Open a stream of server-sent events."""
        headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
        response = self._pool.request(
            "GET", self._address + path, headers=headers, preload_content=False, timeout=STREAM_TIMEOUT
        )
        try:
            if response.status != 200:
                raise UnexpectedAnswer(f"GET {path}", response.status, response.read(1000).decode())
            yield Stream(response)
        finally:
            response.close()

    def _exchange(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        allowed: tuple[int, ...] = (),
    ) -> Answer:
        response = self._pool.request(method, self._address + path, body=body, headers=dict(headers))
        answer = Answer(response.status, response.data.decode())
        if response.status >= 300 and response.status not in allowed:
            raise UnexpectedAnswer(f"{method} {path}", response.status, answer.text)
        return answer


class Stream:
    """Iterates over the events of an open stream, until the other side or `end` closes it."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self._response = response

    def end(self) -> None:
        """End the stream from another thread; its reader finds the end."""
        with suppress(ValueError):  # it ended by itself
            self._response.shutdown()

    def __iter__(self) -> Iterator[ServerEvent]:
        kind, data = "", ""
        try:
            for line in self._lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    data = value
                elif not line and data:
                    yield ServerEvent(kind, json.loads(data))
                    kind, data = "", ""
        except HTTPError:
            return

    def _lines(self) -> Iterator[str]:
        left = b""
        for chunk in self._response.stream(decode_content=False):
            left += chunk
            *lines, left = left.split(b"\n")
            yield from (line.decode() for line in lines)
