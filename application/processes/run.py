"""`routeur run`: the whole system in one process tree, until Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from types import FrameType
from urllib.error import URLError

from redis.exceptions import RedisError

from application.commands.maintenance import prepare
from application.operator_words import _
from application.processes.clock_start import first_instant
from application.processes.embedded_redis import redis_command, redis_server
from application.processes.supervisor import Child, Supervisor
from application.processes.welcome import welcome
from application.settings import Settings, SettingsError
from application.wiring.core import open_core
from application.wiring.redis_clients import text_client

REDIS_START_SECONDS = 10.0
LOOK_FOR_READINESS_SECONDS = 0.25


def run(settings: Settings) -> int:
    """Start everything, keep it alive, and stop it all when asked to. Returns the exit status."""
    stop = _StopRequest()
    with _only_one(settings):
        _check_port(settings)
        supervisor = Supervisor(_children(settings))
        try:
            supervisor.start(stage=0)
            _await_redis(settings)
            prepare(settings)
            _anchor_clock(settings)
            supervisor.start(stage=1)
            supervisor.watch(_Readiness(settings, stop))
        finally:
            supervisor.stop()
    print(_("Everything has stopped."), flush=True)
    return 0


class _StopRequest:
    """Set by Ctrl-C or SIGTERM."""

    def __init__(self) -> None:
        self.made = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._make)

    def _make(self, _number: int, _frame: FrameType | None) -> None:
        self.made = True


class _Readiness:
    """The supervisor's question whether to keep on; when asked, it also announces once that the system answers."""

    def __init__(self, settings: Settings, stop: _StopRequest) -> None:
        self._settings = settings
        self._stop = stop
        self._announced = False
        self._next_look = 0.0

    def __call__(self) -> bool:
        if not self._announced and time.monotonic() >= self._next_look:
            self._announced = _is_ready(self._settings)
            self._next_look = time.monotonic() + LOOK_FOR_READINESS_SECONDS
            if self._announced:
                print(welcome(self._settings), flush=True)
        return not self._stop.made


def _is_ready(settings: Settings) -> bool:
    with (
        suppress(URLError, OSError),
        urllib.request.urlopen(f"http://127.0.0.1:{settings.port}/readyz", timeout=1) as answer,
    ):
        return bool(answer.status == 200)
    return False


def _children(settings: Settings) -> list[Child]:
    children = []
    if settings.redis_url is None:
        settings.folder.mkdir(parents=True, exist_ok=True)
        server = redis_server(tell=partial(print, flush=True))
        children.append(Child("redis", redis_command(server, settings.folder), stage=0))
    us = [sys.executable, "-m", "application"]
    names = ["web", "dispatcher", "worker"]
    if settings.imap_url is not None:
        names.append("mailbox")
    children += [Child(name, [*us, name]) for name in names]
    children.append(Child("worker", [*us, "worker", "--no-letters"]))  # a mail server may take minutes over one
    return [*children, Child("topics", [*us, "topics", "build"], once=True)]


def _await_redis(settings: Settings) -> None:
    deadline = time.monotonic() + REDIS_START_SECONDS
    with text_client(settings.redis_address) as client:
        while True:
            try:
                client.ping()
                return
            except RedisError as error:
                if time.monotonic() > deadline:
                    raise SettingsError(_("Redis does not answer: {reason}").format(reason=error)) from error
            time.sleep(0.02)


def _anchor_clock(settings: Settings) -> None:
    """One time for all processes of this run, and for those that replace them."""
    if settings.clock_start is not None:
        with open_core(settings) as core:
            offset = first_instant(core, settings.clock_start) - datetime.now(UTC)
        os.environ["CLOCK_OFFSET_SECONDS"] = str(offset.total_seconds())


@contextmanager
def _only_one(settings: Settings) -> Iterator[None]:
    """Let no second `routeur run` start from the same folder."""
    try:
        settings.folder.mkdir(parents=True, exist_ok=True)
        settings.folder.chmod(0o700)  # one that an earlier version has made, too
        lock = (settings.folder / "run.lock").open("w")
    except OSError as error:
        words = _("Nothing can be written in {path}: {reason}")
        raise SettingsError(words.format(path=settings.folder, reason=error.strerror)) from None
    with lock as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(_("It already runs from this folder.")) from None
        yield


def _check_port(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            raise SettingsError(
                _("Port {port} is taken: choose another with PORT.").format(port=settings.port)
            ) from None
