"""A whole town hall in its own processes, started as `make run` starts it, with a street outside: phones and mail."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from tests.e2e.waiting import eventually
from tests.servers import redis_binary
from tests.smtp_server import Mailbox, smtp_server
from tests.twilio_stand_in import ACCOUNT, TOKEN, TwilioStandIn, twilio_stand_in

ROOT = Path(__file__).parent.parent.parent
PLAN = ROOT / "plans" / "mairie.yaml"
MONDAY_MORNING = "2026-03-02T09:00:00+01:00"
SUNDAY = "2026-03-01T11:00:00+01:00"
MAIL_TOKEN = "mail-token-for-tests"
SENDER = "mairie@sainte-aldegonde.example"
START_SECONDS = 60.0
STOP_SECONDS = 10.0

OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL", "API_TOKEN", "CLOCK_OFFSET_SECONDS", "PORT")


@dataclass
class TownHall:
    """One running town hall."""

    url: str
    folder: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]
    phones: TwilioStandIn
    mailbox: Mailbox
    log: Path
    _pump: threading.Thread = field(repr=False)

    def processes(self, kind: str) -> list[psutil.Process]:
        """The processes of one kind (web, worker, dispatcher, redis) that this town hall started."""
        found = []
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if kind_of(process.cmdline()) == kind:
                    found.append(process)
        return found

    def command(self, *arguments: str) -> str:
        """Run a `routeur` command beside the running system; returns its output."""
        done = subprocess.run(
            [sys.executable, "-m", "application", *arguments],
            cwd=self.folder,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-4000:]
        with suppress(URLError, OSError), urlopen(f"{self.url}/readyz", timeout=2) as answer:
            return bool(json.loads(answer.read())["ready"])
        return False

    def stop(self) -> None:
        """Stop it as Ctrl-C does, and kill the processes that do not stop."""
        children = psutil.Process(self.process.pid).children(recursive=True) if self.process.poll() is None else []
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        self._pump.join()


def kind_of(command: list[str]) -> str | None:
    """The kind of process that has this command line."""
    words = " ".join(command)
    if "gunicorn" in words:
        return "web"
    if Path(redis_binary()).name in words:
        return "redis"
    return command[-1] if "-m application" in words else None


@contextmanager
def town_hall(
    folder: Path,
    record_url: str,
    *,
    redis_url: str | None = None,
    clock_start: str | datetime = MONDAY_MORNING,
    web_processes: int = 2,
) -> Iterator[TownHall]:
    """A town hall that is ready, until the end of the block."""
    with twilio_stand_in() as phones, smtp_server() as mailbox:
        town = open_town_hall(
            folder, record_url, phones, mailbox, redis_url=redis_url, clock_start=clock_start,
            web_processes=web_processes,
        )  # fmt: skip
        try:
            yield town
        finally:
            town.stop()
        assert phones.violations == []


def open_town_hall(
    folder: Path,
    record_url: str,
    phones: TwilioStandIn,
    mailbox: Mailbox,
    *,
    redis_url: str | None = None,
    clock_start: str | datetime = MONDAY_MORNING,
    web_processes: int = 2,
) -> TownHall:
    """Start a town hall and wait until it is ready; the caller stops it."""
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if name not in OURS} | {
        "PORT": str(port),
        "DATABASE_URL": record_url,
        "PLAN": str(PLAN),
        "CLOCK_START": str(clock_start),
        "WEB_CONCURRENCY": str(web_processes),
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_BASE": phones.base_url,
        "SMTP_URL": mailbox.url,
        "EMAIL_FROM": SENDER,
        "EMAIL_WEBHOOK_TOKEN": MAIL_TOKEN,
    }
    if redis_url is not None:
        environment["REDIS_URL"] = redis_url
    process = subprocess.Popen(
        [sys.executable, "-m", "application", "run"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    log = folder / "log"
    # The processes write to a pipe, not to the file: a scenario fills their disk.
    pump = threading.Thread(target=_pump, args=(process, log))
    pump.start()
    town = TownHall(f"http://127.0.0.1:{port}", folder, environment, process, phones, mailbox, log, pump)
    try:
        eventually(town.is_ready, f"ready; see {log}", START_SECONDS)
    except BaseException:
        town.stop()
        raise
    return town


def _pump(process: subprocess.Popen[bytes], log: Path) -> None:
    assert process.stdout is not None
    with process.stdout as lines, log.open("ab", buffering=0) as file:
        shutil.copyfileobj(lines, file, 1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
