"""Calls as Twilio announces them: signed requests, made beforehand and sent over open connections."""

from __future__ import annotations

import secrets
import socket
import threading
import time
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

CALLERS = 10_000
"""As many as Arcep keeps numbers for fiction (from +33 6 39 98 00 00): some people call twice."""


def signed_calls(url: str, port: int, token: str, how_many: int) -> list[bytes]:
    """New calls, each as the bytes of its request."""
    validator = RequestValidator(token)
    return [_request(validator, f"{url}/webhooks/voice", port, number) for number in range(how_many)]


def _request(validator: RequestValidator, url: str, port: int, number: int) -> bytes:
    form = {
        "AccountSid": "AC" + "0" * 32,
        "ApiVersion": "2010-04-01",
        "CallSid": "CA" + secrets.token_hex(16),
        "CallStatus": "ringing",
        "Called": "+33199003500",
        "CalledCountry": "FR",
        "Caller": f"+3363998{number * 7919 % CALLERS:04d}",
        "Direction": "inbound",
        "From": f"+3363998{number * 7919 % CALLERS:04d}",
        "FromCountry": "FR",
        "To": "+33199003500",
        "ToCountry": "FR",
    }
    body = urlencode(form)
    head = [
        "POST /webhooks/voice HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8",
        f"Content-Length: {len(body)}",
        f"X-Twilio-Signature: {validator.compute_signature(url, form)}",
        "User-Agent: TwilioProxy/1.1",
        "Accept: */*",
        "I-Twilio-Idempotency-Token: " + secrets.token_hex(16),
    ]
    return "\r\n".join([*head, "", body]).encode()


class Senders:
    """Connections over which calls are sent at the same time."""

    def __init__(self, port: int, connections: int) -> None:
        self._sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]

    def close(self) -> None:
        for connection in self._sockets:
            connection.close()

    def rate(self, requests: list[bytes]) -> float:
        """The number of requests acknowledged per second. Raises AssertionError if one is not."""
        faults: list[str] = []
        shares = [requests[start :: len(self._sockets)] for start in range(len(self._sockets))]
        threads = [
            threading.Thread(target=_send, args=(connection, share, faults))
            for connection, share in zip(self._sockets, shares, strict=True)
        ]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        taken = time.perf_counter() - start
        if faults:
            raise AssertionError(faults[0])
        return len(requests) / taken


def _send(connection: socket.socket, requests: list[bytes], faults: list[str]) -> None:
    for request in requests:
        connection.sendall(request)
        head, body = _read(connection)
        if not head.startswith(b"HTTP/1.1 200") or b"<Response>" not in body:
            faults.append((head + body).decode())
            return


def _read(connection: socket.socket) -> tuple[bytes, bytes]:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += _more(connection)
    return head, body


def _more(connection: socket.socket) -> bytes:
    received = connection.recv(65_536)
    if not received:
        raise ConnectionError("the server hung up")
    return received
