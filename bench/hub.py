"""(h): how soon a web process answers `/healthz` while it is attacked, against the same process left alone.

One web process alone, so that nothing that holds its hub up is hidden by another.
"""

from __future__ import annotations

import http.client
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.attacks import ATTACKS
from bench.measure import percentile
from bench.report import Result
from bench.web_servers import WebServer, town_hall
from tests.servers import redis_server

ROUNDS = 5
QUIET_SECONDS, ATTACK_SECONDS = 1.0, 4.0
LOOK_SECONDS = 3.0
"""How long the process is watched while it is attacked."""

PAUSE_SECONDS = 0.01
MOST_MILLISECONDS = 100.0


class Watch:
    """The milliseconds that `/healthz` took, attacked and not, round by round."""

    def __init__(self) -> None:
        self.quiet: list[list[float]] = []
        self.attacked: list[list[float]] = []

    def result(self, attack: str) -> Result:
        quiet, attacked = (_medians(rounds) for rounds in (self.quiet, self.attacked))
        slowest = max(max(times) for times in self.attacked)
        ratios = [
            percentile(hit, 0.5) / percentile(calm, 0.5) for hit, calm in zip(self.attacked, self.quiet, strict=True)
        ]
        detail = (
            f"p50 {attacked[0]:.1f}, slowest {slowest:.0f} ms; quiet {quiet[0]:.1f} and {quiet[1]:.1f} ms; "
            f"p50 to p50 {statistics.median(ratios):.1f}"
        )
        what = f"p99 of /healthz under attack by {attack.replace('_', ' ')}"
        return Result(f"hub_{attack}", what, attacked[1], MOST_MILLISECONDS, detail, unit=" ms", digits=1)


def measure_hub() -> list[Result]:
    """Attack a web process in every way in turn, round after round."""
    watches = {attack: Watch() for attack in ATTACKS}
    with ExitStack() as stack:
        redis = stack.enter_context(redis_server())
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        record = folder / "record.db"
        server = stack.enter_context(town_hall(f"sqlite:///{record}", redis.url, workers=1))
        for _ in range(ROUNDS):
            for attack, watch in watches.items():
                watch.quiet.append(_look(server, QUIET_SECONDS))
                watch.attacked.append(_look_under(attack, server, record))
    return [watch.result(attack) for attack, watch in watches.items()]


def _look_under(attack: str, server: WebServer, record: Path) -> list[float]:
    command = [sys.executable, "-m", "bench.attacks", attack, str(server.port), str(ATTACK_SECONDS), str(record)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        if process.stdout is None or process.stdout.readline() != b"ready\n":
            raise RuntimeError(f"{attack} did not begin")
        return _look(server, LOOK_SECONDS)


def _look(server: WebServer, seconds: float) -> list[float]:
    """Ask again and again, on a new connection each time, as those do who watch a process."""
    times: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end or not times:
        begun = time.perf_counter()
        with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            answer.read()
        if answer.status != 200:
            raise RuntimeError(f"/healthz answered {answer.status}")
        times.append((time.perf_counter() - begun) * 1000)
        time.sleep(PAUSE_SECONDS)
    return times


def _medians(rounds: list[list[float]]) -> tuple[float, float]:
    """The median over the rounds of their medians, and that of their 99th percentiles."""
    median, slow = (statistics.median(percentile(times, share) for times in rounds) for share in (0.5, 0.99))
    return median, slow
