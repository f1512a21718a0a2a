"""gunicorn's configuration: gevent workers, which hold thousands of idle streams each."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from application.settings import Settings

worker_class = "application.processes.web_worker.WebWorker"
worker_connections = 5000
loglevel = "warning"
keepalive = 65
timeout = 30
graceful_timeout = 2
"""Streams never end by themselves: at a stop they are cut, and resume elsewhere with Last-Event-ID."""


def serve(settings: Settings) -> NoReturn:
    """Replace this process by the web server."""
    options = ["--bind", settings.listen_on, "--workers", str(settings.web_concurrency)]
    command = [sys.executable, "-m", "gunicorn", "-c", "python:application.processes.gunicorn_config", *options]
    os.execv(sys.executable, [*command, "application.processes.web:create_app()"])
