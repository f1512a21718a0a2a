"""(c): signed voice webhooks acknowledged per second, against a bare view that validates and commits one row.

Both run in turn under the same gunicorn, with the same workers, requests and PostgreSQL, which waits for its disk. This
system also looks the call up, finds or makes the usager, journals, queues, and composes the greeting and the menu.
"""

from __future__ import annotations

import statistics
from contextlib import ExitStack
from tempfile import TemporaryDirectory

import psycopg
from redis import Redis

from bench.measure import median_ratio
from bench.report import Result
from bench.town import town_plan
from bench.traffic import Senders, signed_calls
from bench.web_servers import TWILIO_TOKEN, WebServer, bare_view, town_hall
from routeur.index import Index
from tests.servers import postgres_server, redis_server

WORKERS, CONNECTIONS = 2, 16
ROUNDS, CALLS = 7, 1_200


class Measured:
    """One server and its rate in each round."""

    def __init__(self, server: WebServer) -> None:
        self._server = server
        self._senders = Senders(server.port, CONNECTIONS)
        self.rates: list[float] = []

    def warm_up(self) -> None:
        self._senders.rate(self._calls(CALLS // 4))

    def round(self) -> None:
        """Send the calls of one round."""
        self.rates.append(self._senders.rate(self._calls(CALLS)))

    def close(self) -> None:
        self._senders.close()

    @property
    def usual(self) -> float:
        """The median rate of all rounds."""
        return statistics.median(self.rates)

    def _calls(self, how_many: int) -> list[bytes]:
        return signed_calls(self._server.url, self._server.port, TWILIO_TOKEN, how_many)


def measure_webhooks() -> list[Result]:
    """Measure the rates of this system, on both databases, and of the bare view in turn."""
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server(durable=True))
        redis, other_redis = (stack.enter_context(redis_server()) for _ in range(2))
        record, table = (stack.enter_context(postgres.database()) for _ in range(2))
        folder = stack.enter_context(TemporaryDirectory(prefix="bench-"))
        servers = {
            "ours": stack.enter_context(town_hall(record, redis.url, workers=WORKERS)),
            "bare": stack.enter_context(bare_view(table, workers=WORKERS)),
            "SQLite": stack.enter_context(town_hall(f"sqlite:///{folder}/record.db", other_redis.url, workers=WORKERS)),
        }
        for name in ("ours", "SQLite"):  # somebody is on shift, so that callers are queued
            servers[name].set_activity(servers[name].log_in(next(iter(town_plan().agents))), "busy")
        measured = {name: Measured(server) for name, server in servers.items()}
        for server in measured.values():
            server.warm_up()
        for _ in range(ROUNDS):
            for server in measured.values():
                server.round()
        for server in measured.values():
            server.close()
        _all_there(record, redis.url)
    ratio = median_ratio(list(zip(measured["ours"].rates, measured["bare"].rates, strict=True)))
    rates = ", ".join(f"{name} {server.usual:.0f}/s" for name, server in measured.items())
    what = "signed voice webhooks acknowledged per second to a bare view's, PostgreSQL"
    return [Result("webhook_rate", what, ratio, 0.75, f"{rates}; {WORKERS} workers each", at_least=True)]


def _all_there(record: str, redis_url: str) -> None:
    """Check that every acknowledged call is in the record and stands in the index."""
    sent = ROUNDS * CALLS + CALLS // 4
    with psycopg.connect(record) as connection, Redis.from_url(redis_url, decode_responses=True) as redis:
        recorded = connection.execute("SELECT count(*) FROM contact").fetchone()
        queued = len(Index(redis).contacts())
    if recorded != (sent,) or queued != sent:
        raise AssertionError(f"{sent} calls acknowledged, {recorded} recorded, {queued} queued")
