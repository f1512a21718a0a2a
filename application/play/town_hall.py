"""The play's own town hall: `routeur run` in a process of its own, at an hour at which it is open."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import URLError

from application.commands.maintenance import prepare
from application.operator_words import _
from application.play.morning.scenario import opening_hour
from application.processes.supervisor import death_signal
from application.settings import Settings, SettingsError
from application.wiring.core import open_core
from competences.calendar import Calendar
from competences.plan.plan import Plan

LOG = "run.log"
START_SECONDS = 60.0
STOP_SECONDS = 10.0
LOOK_SECONDS = 0.1


@contextmanager
def town_hall(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """Run a town hall until the end of the block. Its output goes to a file: the screen is the play's."""
    environment = dict(os.environ)
    if settings.clock_start is None:
        prepare(settings)
        with open_core(settings) as core:
            plan = core.plans.plan()
        # Past the minutes in which everybody waits for agents who have yet to log in: the play's day is shorter.
        begins = next_morning(plan, datetime.now(UTC)) + timedelta(minutes=plan.opening_grace_minutes)
        environment["CLOCK_START"] = begins.isoformat()
    settings.folder.mkdir(parents=True, exist_ok=True)
    log = settings.folder / LOG
    print(_("The town hall opens; what it says goes to {path}.").format(path=log), flush=True)
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "application", "run"],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,  # Ctrl-C reaches us alone
            preexec_fn=death_signal(),
        )
    try:
        _await(process, settings, log)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)


def next_morning(plan: Plan, now: datetime) -> datetime:
    """The usual opening hour on the next working day on which the town hall opens then, in the commune's time."""
    calendar = Calendar(plan.hours, plan.commune.timezone)
    hour = opening_hour(plan)
    day = calendar.local_date(now)
    while True:
        day = calendar.add_working_days(day, 1)
        opens = datetime.combine(day, hour, calendar.zone)
        if calendar.is_open(opens) and not calendar.is_open(opens - timedelta(seconds=1)):
            return opens


def _await(process: subprocess.Popen[bytes], settings: Settings, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_ready(settings):
        if process.poll() is not None or time.monotonic() > deadline:
            raise SettingsError("\n".join(log.read_text("utf-8").splitlines()[-3:]))
        time.sleep(LOOK_SECONDS)


def _is_ready(settings: Settings) -> bool:
    with (
        suppress(URLError, OSError),
        urllib.request.urlopen(f"http://{settings.host}:{settings.port}/readyz", timeout=1) as answer,
    ):
        return bool(answer.status == 200)
    return False
