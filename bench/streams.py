"""(f): the memory that 3,000 idle event streams cost one web process."""

from __future__ import annotations

import resource
import socket
from contextlib import ExitStack
from datetime import datetime

from bench.report import Result
from bench.town import town_plan
from bench.web_servers import MONDAY_MORNING, WebServer, town_hall
from bureau.access.accounts import sync_accounts
from bureau.access.tokens import AccessTokens, LogInKind
from bureau.api.event_streams import STREAMS_PER_LOGIN
from routeur.plans import Plans
from routeur.record.engine import open_record
from routeur.record.migrate import upgrade
from tests.servers import postgres_server, redis_server

STREAMS = 3_000
AGENTS = STREAMS // STREAMS_PER_LOGIN
MB = 1_000_000


def measure_streams() -> list[Result]:
    """Open the streams, and measure the memory of the web process."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 4 * STREAMS) if most > 0 else 4 * STREAMS, most))
    with ExitStack() as stack:
        redis = stack.enter_context(redis_server())
        record = stack.enter_context(stack.enter_context(postgres_server(durable=True)).database())
        tokens = _large_staff(record)
        server = stack.enter_context(town_hall(record, redis.url, workers=1))
        before = _memory(server)
        streams = [stack.enter_context(_stream(server, tokens[number % AGENTS])) for number in range(STREAMS)]
        after = _memory(server)
        _all_are_told(server, tokens, streams)
    detail = f"{before:.0f} MB before, {(after - before) * 1000 / STREAMS:.0f} kB each; all told of one event"
    return [
        Result(
            "idle_streams",
            f"{STREAMS:,} idle event streams on one web process",
            after,
            150,
            detail,
            unit=" MB",
            digits=0,
        )
    ]


def _large_staff(database_url: str) -> list[str]:
    """Put a plan with this number of agents in force, over an empty record; returns a token of each."""
    plan = town_plan()
    models = list(plan.agents.values())
    staff = {f"agent-{n}": models[n % len(models)].model_copy(update={"phone": None}) for n in range(AGENTS)}
    record = open_record(database_url)
    upgrade(record)
    morning = datetime.fromisoformat(MONDAY_MORNING)
    large = Plans(record).publish(plan.model_copy(update={"agents": staff}).dump(), None, morning).plan
    sync_accounts(record, large)
    tokens = [AccessTokens(record, lambda: morning).issue(login, LogInKind.PROGRAM) for login in staff]
    record.close()
    return tokens


def _memory(server: WebServer) -> float:
    (worker,) = server.workers()
    return float(worker.memory_info().rss) / MB


def _stream(server: WebServer, token: str) -> socket.socket:
    """An open stream whose first event has come."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    head = ["GET /api/v1/me/events HTTP/1.1", f"Host: 127.0.0.1:{server.port}", f"Authorization: Bearer {token}"]
    connection.sendall("\r\n".join([*head, "Accept: text/event-stream", "", ""]).encode())
    _read_until(connection, b"event: snapshot")
    return connection


def _all_are_told(server: WebServer, tokens: list[str], streams: list[socket.socket]) -> None:
    """Put each agent on a break, and wait until every stream has the event."""
    for token in tokens:
        server.set_activity(token, "break")
    for stream in streams:
        _read_until(stream, b"event: activity")


def _read_until(connection: socket.socket, mark: bytes) -> None:
    received = b""
    while mark not in received:
        more = connection.recv(65_536)
        if not more:
            raise ConnectionError(received.decode())
        received += more
