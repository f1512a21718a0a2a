"""The web servers to measure: this system's and a bare one, under the same gunicorn with gevent workers."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.town import PLAN
from tests.servers import free_port

TWILIO_TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105 (signs nothing but the benchmark's own requests)
MAIL_TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105 (likewise)
MONDAY_MORNING = "2026-03-02T10:00:00+01:00"
START_SECONDS = 30.0


@dataclass(frozen=True)
class WebServer:
    """A running gunicorn."""

    port: int
    process: psutil.Process

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def log_in(self, login: str) -> str:
        """Log in to the demonstration; returns a token."""
        answer = self._call("POST", "/api/v1/tokens", {"login": login, "password": "demo"}, {})
        return str(json.loads(answer)["token"])

    def set_activity(self, token: str, activity: str) -> None:
        self._call("PUT", "/api/v1/me/activity", {"activity": activity}, {"Authorization": f"Bearer {token}"})

    def _call(self, method: str, path: str, body: Mapping[str, str], headers: Mapping[str, str]) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, json.dumps(body), {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status >= 300:
            raise RuntimeError(content.decode())
        return content

    def workers(self) -> list[psutil.Process]:
        """The worker processes."""
        return list(self.process.children())


@contextmanager
def town_hall(database_url: str, redis_url: str, *, workers: int) -> Iterator[WebServer]:
    """This system's web process over an empty record, with the town hall's plan in force and the hall open."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = {
            "PORT": str(port),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "PLAN": str(PLAN),
            "CLOCK_START": MONDAY_MORNING,
            "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
            "EMAIL_WEBHOOK_TOKEN": MAIL_TOKEN,
        }
        for command in ("db upgrade", "rebuild"):
            run_command(command.split(), folder, settings)
        with _gunicorn("application.processes.web:create_app()", port, workers, folder, settings) as server:
            yield server


@contextmanager
def bare_view(database_url: str, *, workers: int) -> Iterator[WebServer]:
    """The server of `bench.bare`, a Flask view that does no more than it must."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = {"DATABASE_URL": database_url, "TWILIO_AUTH_TOKEN": TWILIO_TOKEN}
        with _gunicorn("bench.bare:create_app()", free_port(), workers, folder, settings) as server:
            yield server


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": str(Path(__file__).parents[1]), **settings}


def run_command(arguments: Sequence[str], folder: str, settings: Mapping[str, str]) -> str:
    """Runs `routeur` in a folder of its own; returns what it prints."""
    command = [sys.executable, "-m", "application", *arguments]
    done = subprocess.run(command, cwd=folder, env=_environment(settings), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout


@contextmanager
def _gunicorn(
    application: str, port: int, workers: int, folder: str, settings: Mapping[str, str]
) -> Iterator[WebServer]:
    options = ["--bind", f"127.0.0.1:{port}", "--workers", str(workers)]
    configuration = "python:application.processes.gunicorn_config"
    command = [sys.executable, "-m", "gunicorn", "-c", configuration, *options, application]
    with (Path(folder) / "log").open("w+") as log:
        process = psutil.Popen(command, cwd=folder, env=_environment(settings), stdout=log, stderr=log)
        try:
            _wait_until_it_answers(port, process, Path(log.name))
            yield WebServer(port, psutil.Process(process.pid))
        finally:
            process.terminate()
            process.wait()


def _wait_until_it_answers(port: int, process: psutil.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.is_running() and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with suppress(OSError):
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            connection.close()
            return
        connection.close()
        time.sleep(0.05)
    raise RuntimeError(log.read_text("utf-8"))
