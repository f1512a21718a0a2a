"""The addresses for those who watch the processes: liveness, readiness, figures."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryFile

import structlog
from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST
from redis.exceptions import RedisError
from sqlalchemy import make_url, select
from sqlalchemy.exc import SQLAlchemyError

from application.wiring.core import Core
from application.wiring.metrics import exposition
from routeur.record.tables import PlanVersion

ROOM_BYTES = 256 * 1024
"""What is written to see that a disk is not full: more than a letter's worth of record and log."""

log = structlog.get_logger(__name__)


def health_blueprint(core: Core) -> Blueprint:
    """The blueprint with /healthz, /readyz and /metrics."""
    blueprint = Blueprint("health", __name__)

    def dispatcher_seen() -> bool:
        return bool(core.redis.exists(core.index.key("dispatcher")))

    def database() -> bool:
        with core.record.read() as connection:
            return connection.scalar(select(PlanVersion.version).limit(1)) is not None

    def disk() -> bool:
        folder = record_folder(core.settings.record_url)
        return folder is None or takes_a_file(folder)

    checks: dict[str, Callable[[], bool]] = {
        "database": database,
        "disk": disk,
        "redis": lambda: bool(core.redis.ping()),
        "dispatcher": dispatcher_seen,
    }

    @blueprint.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @blueprint.get("/readyz")
    def readyz() -> tuple[Response, HTTPStatus]:
        results = {name: _passes(name, check) for name, check in checks.items()}
        ready = all(results.values())
        return jsonify(ready=ready, **results), HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE

    @blueprint.get("/metrics")
    def metrics() -> Response:
        figures = exposition(core, lambda: _passes("dispatcher", dispatcher_seen))
        return Response(figures, content_type=CONTENT_TYPE_LATEST)

    return blueprint


def _passes(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (SQLAlchemyError, RedisError, OSError) as error:
        log.warning("not_ready", check=name, error=type(error).__name__)
        return False


def record_folder(url: str) -> Path | None:
    """The folder of a record in SQLite; None for a database that looks after its own disk."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    return Path(str(parsed.database)).parent


def takes_a_file(folder: Path) -> bool:
    """Whether a little more can be written there. Raises OSError where not."""
    with TemporaryFile(dir=folder) as file:
        file.write(b"\0" * ROOM_BYTES)
        file.flush()
    return True
