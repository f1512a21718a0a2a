"""Twilio's REST API as a small local server, which checks each request against Twilio's own OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest

DOCUMENT = Path(__file__).parent / "data" / "twilio_api_v2010.json"
ACCOUNT = "AC" + "0" * 32
TOKEN = "twilio-auth-token-for-tests"


@dataclass(frozen=True)
class Sent:
    """One request as it arrived. Repeated form fields are joined by a space."""

    method: str
    path: str
    form: Mapping[str, str]
    query: Mapping[str, str]


@dataclass(frozen=True)
class Refusal:
    """A refusal to give as the next answer; `code` is Twilio's own, None for an answer without one."""

    status: int
    code: int | None = 20001


@dataclass
class TwilioStandIn:
    """The requests that it was sent, and the refusals that it should give next; None among them takes the request."""

    base_url: str = ""
    requests: list[Sent] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    refusals: list[Refusal | None] = field(default_factory=list)
    calls: dict[str, dict[str, str]] = field(default_factory=dict)
    recordings: list[dict[str, str]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self._document = OpenAPI.from_dict(json.loads(DOCUMENT.read_text("utf-8")))

    def sent_to(self, ending: str) -> list[Sent]:
        """The forms posted to paths with this end, such as `Calls.json`."""
        return [one for one in self.requests if one.method == "POST" and one.path.endswith(ending)]

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        form = parse_qs(body.decode(), keep_blank_values=True)
        fault = self._fault(method, parts.path, query, headers, body)
        if fault is not None:
            self.violations.append(f"{method} {parts.path}: {fault}")
            return 400, {"code": 20001, "message": fault, "status": 400}
        self.requests.append(Sent(method, parts.path, _single(form), _single(query)))
        refusal = self.refusals.pop(0) if self.refusals else None
        if refusal is not None:
            if refusal.code is None:
                return refusal.status, {}
            return refusal.status, {"code": refusal.code, "message": "refused", "status": refusal.status}
        return self._answer(method, parts.path, _single(form), _single(query))

    def _fault(
        self, method: str, path: str, query: Mapping[str, list[str]], headers: Mapping[str, str], body: bytes
    ) -> str | None:
        request = MockRequest(
            "https://api.twilio.com",
            method.lower(),
            path,
            args=dict(query),
            headers=dict(headers),
            data=body or None,
            content_type=headers.get("Content-Type", "application/x-www-form-urlencoded"),
        )
        try:
            self._document.validate_request(request)
        except OpenAPIError as error:
            return f"{error} {error.__cause__ or ''}"
        return self._unknown_field(method, path, body)

    def _unknown_field(self, method: str, path: str, body: bytes) -> str | None:
        """Refuse unknown fields: the document and Twilio let them pass, which hides a misspelt one."""
        if method != "POST":
            return None
        known = _form_fields(path)
        unknown = set(parse_qs(body.decode(), keep_blank_values=True)) - known
        return f"unknown fields {sorted(unknown)}" if unknown else None

    def _answer(
        self, method: str, path: str, form: Mapping[str, str], query: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        name = path.rsplit("/", 1)[-1]
        if name == "Calls.json" and method == "POST":
            sid = f"CA{next(self._numbers):032x}"
            self.calls[sid] = {"sid": sid, "to": form["To"], "from": form["From"], "status": "queued"}
            return 201, self.calls[sid]
        if name == "Calls.json":
            found = [call for call in self.calls.values() if query.get("To") in (None, call["to"])]
            return 200, _page("calls", found)
        if name == "Messages.json":
            return 201, {"sid": f"SM{next(self._numbers):032x}", "status": "queued"}
        if name == "Recordings.json":
            return 200, _page("recordings", self.recordings)
        return self._one_call(method, name.removesuffix(".json"), form)

    def _one_call(self, method: str, sid: str, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        call = self.calls.get(sid)
        if call is None:
            return 404, {"code": 20404, "message": "not found", "status": 404}
        if method == "POST":
            if call["status"] == "completed":
                return 400, {"code": 21220, "message": "Call is not in-progress", "status": 400}
            call["status"] = form.get("Status", call["status"])
        return 200, call


def _single(values: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: " ".join(found) for name, found in values.items()}


def _page(name: str, items: list[dict[str, str]]) -> dict[str, Any]:
    return {name: items, "page": 0, "page_size": 50, "next_page_uri": None}


def _form_fields(path: str) -> set[str]:
    ending = path.rsplit("/", 1)[-1]
    for known, methods in json.loads(DOCUMENT.read_text("utf-8"))["paths"].items():
        if known.endswith(ending) or ("{Sid}" in known and ending not in ("Calls.json", "Messages.json")):
            content = methods["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
            return set(content["schema"]["properties"])
    return set()


@contextmanager
def twilio_stand_in() -> Iterator[TwilioStandIn]:
    """Serve it on a free loopback port until the end of the block."""
    stand_in = TwilioStandIn()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:  # noqa: N802 - named by http.server
            self._serve()

        def do_GET(self) -> None:  # noqa: N802
            self._serve()

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, answer = stand_in.handle(self.command, self.path, dict(self.headers), body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing: the tests check what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stand_in.base_url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
