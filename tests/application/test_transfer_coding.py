"""A body whose chunks are malformed is refused as the sender's fault, by the web server that really runs."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from application.processes.web_worker import MOST_DISCARDED_BYTES
from tests.e2e.waiting import eventually
from tests.servers import free_port

APPLICATION = """
from flask import Flask, request
from application.wiring.transfer_coding import refuse_malformed_bodies

app = Flask("echo")
app.config["MAX_CONTENT_LENGTH"] = 1_000
app.wsgi_app = refuse_malformed_bodies(app.wsgi_app)
app.add_url_rule("/unread", "unread", lambda: ("no", 403), methods=["POST"])
app.add_url_rule("/", view_func=lambda: request.get_data(), methods=["GET", "POST"])
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port of a gunicorn whose one view answers with the body, and its log."""
    folder, port = tmp_path_factory.mktemp("echo"), free_port()
    (folder / "echo.py").write_text(APPLICATION)
    log = folder / "log"
    configuration = "python:application.processes.gunicorn_config"
    options = ["-c", configuration, "--bind", f"127.0.0.1:{port}", "--pythonpath", str(folder)]
    with log.open("w") as told:
        process = subprocess.Popen([sys.executable, "-m", "gunicorn", *options, "echo:app"], stdout=told, stderr=told)
        try:
            eventually(lambda: answers(port), "gunicorn answers")
            yield port, log
        finally:
            process.terminate()
            process.wait()


def answers(port: int) -> bool:
    with suppress(URLError, OSError), urlopen(f"http://127.0.0.1:{port}/", timeout=5):
        return True
    return False


def post(port: int, body: bytes, path: str = "/") -> bytes:
    """Everything that is answered to a body in chunks, until the server closes the connection."""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head + body)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_a_well_formed_body_is_read_whole(server: tuple[int, Path]) -> None:
    answer = post(server[0], b"3\r\nabc\r\n4;note=x\r\ndefg\r\n0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"abcdefg")


@pytest.mark.parametrize(
    "body",
    [
        b"-1\r\nabc\r\n0\r\n\r\n",
        b"0x1\r\na\r\n0\r\n\r\n",
        b"1_0\r\n0123456789abcdef\r\n0\r\n\r\n",
        b" 3\r\nabc\r\n0\r\n\r\n",
        b"\r\nabc\r\n0\r\n\r\n",
        b"g\r\nabc\r\n0\r\n\r\n",
        b"3\r\nabcdef\r\n0\r\n\r\n",
        b"3\r\nabc\r\n0\r\nBad Trailer: x\r\n\r\n",
        b"3;\x00\r\nabc\r\n0\r\n\r\n",
        b"f" * 9_000 + b"\r\n",
        b"3\r\nab",
    ],
)
def test_a_malformed_one_is_the_sender_s_fault_and_ends_the_connection(server: tuple[int, Path], body: bytes) -> None:
    port, log = server
    answer = post(port, body + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert "Traceback" not in log.read_text()


NEXT = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def chunk(size: int) -> bytes:
    return b"%x\r\n%s\r\n" % (size, b"x" * size)


def test_what_nobody_wanted_to_read_does_not_stand_in_the_way_of_the_next_request(server: tuple[int, Path]) -> None:
    answer = post(server[0], chunk(500_000) + b"0\r\n\r\n" + NEXT, "/unread")
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"403", b"200"]


def test_an_unread_body_that_is_malformed_ends_the_connection(server: tuple[int, Path]) -> None:
    answer = post(server[0], b"-1\r\nabc\r\n0\r\n\r\n" + NEXT, "/unread")
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"403"]


def test_a_body_without_end_is_not_read_for_ever(server: tuple[int, Path]) -> None:
    head = b"POST /unread HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    sent = 0
    with socket.create_connection(("127.0.0.1", server[0]), timeout=10) as connection, suppress(OSError):
        connection.sendall(head)
        while sent < 3 * MOST_DISCARDED_BYTES:
            connection.sendall(chunk(1_000_000))
            sent += 1_000_000
    assert sent < 3 * MOST_DISCARDED_BYTES
