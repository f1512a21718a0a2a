"""What somebody may do to a web process to hold it up, each for some seconds from a process of its own.

Run as a program: `python -m bench.attacks NAME PORT SECONDS RECORD`; prints `ready` once it has begun.
"""

from __future__ import annotations

import http.client
import json
import secrets
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from random import Random

from bench.web_servers import MAIL_TOKEN
from tests.chaos.poison import poison

JSON = {"Content-Type": "application/json"}
CHAT = "/webhooks/chat/conversations"
LARGE_BODY_BYTES = 29_000_000
SLOW_BODY_BYTES = 60_000
ANSWER_SECONDS = 20.0


@dataclass(frozen=True)
class Target:
    """A web process of a demonstration over SQLite, and the instant (monotonic) at which the attack ends."""

    port: int
    record: str
    ends_at: float

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self.ends_at

    def connection(self, number: int = 0) -> http.client.HTTPConnection:
        """A connection from an address of this machine that no other number has."""
        here = (f"127.0.1.{number + 1}", 0)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS, source_address=here)

    def post(self, path: str, body: bytes, headers: dict[str, str], number: int = 0) -> bytes:
        """What is answered, whatever it is; nothing where the connection is cut."""
        with suppress(OSError, http.client.HTTPException), closing(self.connection(number)) as connection:
            connection.request("POST", path, body, headers)
            return connection.getresponse().read()
        return b""


def at_once(count: int, act: Callable[[int], None], target: Target) -> None:
    """Have `count` threads do it again and again."""

    def again(number: int) -> None:
        while target.goes_on:
            act(number)

    threads = [threading.Thread(target=again, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    for thread in threads:
        thread.join()


def wrong_passwords(target: Target) -> None:
    """Twenty guess at once, each from an address and at accounts of their own, so that no limit stops them soon."""

    def guess(number: int) -> None:
        body = json.dumps({"login": secrets.token_hex(8), "password": "wrong"}).encode()
        target.post("/api/v1/tokens", body, JSON, number)

    at_once(20, guess, target)


def poison_letters(target: Target) -> None:
    """Four senders of letters that are made to hurt."""
    headers = {"Authorization": f"Bearer {MAIL_TOKEN}", "Content-Type": "message/rfc822"}
    chance = Random(1)

    def send(number: int) -> None:
        target.post("/webhooks/email/mime", poison(chance)[1], headers, number)

    at_once(4, send, target)


def locked_record(target: Target) -> None:
    """Another process holds SQLite's write lock, and eight visitors write meanwhile."""
    with closing(sqlite3.connect(target.record, isolation_level=None, timeout=ANSWER_SECONDS)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        begin = json.dumps({"text": "Bonjour"}).encode()
        threads = [
            threading.Thread(target=target.post, args=(CHAT, begin, JSON, number), daemon=True) for number in range(8)
        ]
        for thread in threads:
            thread.start()
        print("ready", flush=True)
        time.sleep(max(0.0, target.ends_at - time.monotonic()))
        connection.execute("ROLLBACK")
    for thread in threads:
        thread.join()


def streams_of_one_visitor(target: Target) -> None:
    """Two hundred streams of one conversation, as many as are let in listening to the end, while its visitor writes."""
    begun = json.loads(target.post(CHAT, json.dumps({"text": "Bonjour"}).encode(), JSON))
    bearer = {"Authorization": f"Bearer {begun['token']}"}

    def listen(number: int) -> None:
        with suppress(OSError, http.client.HTTPException), closing(target.connection(number)) as connection:
            connection.request("GET", f"{CHAT}/{begun['id']}/events", headers=bearer)
            answer = connection.getresponse()
            while target.goes_on and answer.status == 200 and answer.readline():
                """Read on."""
        time.sleep(max(0.0, target.ends_at - time.monotonic()))

    def listen_or_write(number: int) -> None:
        if number:
            listen(number)
            return
        said = json.dumps({"text": "encore", "client_id": secrets.token_hex(8)}).encode()
        target.post(f"{CHAT}/{begun['id']}/messages", said, {**JSON, **bearer})
        time.sleep(0.05)

    at_once(201, listen_or_write, target)


def large_bodies(target: Target) -> None:
    """Twenty senders of as much as a letter may be, none of whom shows a token."""
    head = f"POST /webhooks/email/mime HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {LARGE_BODY_BYTES}\r\n\r\n"
    piece = b"x" * 65_536

    def send(_number: int) -> None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", target.port), timeout=5) as connection:
            connection.sendall(head.encode())
            for _ in range(LARGE_BODY_BYTES // len(piece)):
                if not target.goes_on:
                    return
                connection.sendall(piece)

    at_once(20, send, target)


def slow_bodies(target: Target) -> None:
    """Two hundred bodies that come a byte at a time."""
    head = (
        "POST /api/v1/tokens HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {SLOW_BODY_BYTES}\r\n\r\n"
    )
    connections = [socket.create_connection(("127.0.0.1", target.port), timeout=5) for _ in range(200)]
    for connection in connections:
        connection.sendall(head.encode())
    print("ready", flush=True)
    while target.goes_on:
        for connection in connections:
            connection.sendall(b" ")
        time.sleep(0.2)
    for connection in connections:
        connection.close()


ATTACKS: dict[str, Callable[[Target], None]] = {
    attack.__name__: attack
    for attack in (
        wrong_passwords,
        poison_letters,
        locked_record,
        streams_of_one_visitor,
        large_bodies,
        slow_bodies,
    )
}


if __name__ == "__main__":
    name, port, seconds, record = sys.argv[1:]
    ATTACKS[name](Target(int(port), record, time.monotonic() + float(seconds)))
