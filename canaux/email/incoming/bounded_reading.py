"""Reads e-mail in separate processes that can be ended, so that no message costs more than a bounded time."""

from __future__ import annotations

import os
import resource
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import ceil
from signal import SIGXCPU
from subprocess import PIPE, Popen
from threading import BoundedSemaphore, Event, Timer
from time import process_time
from typing import IO

import structlog
from pydantic import TypeAdapter

from canaux.email.incoming.reading import ReceivedEmail, read_email, unread_email

log = structlog.get_logger(__name__)

READING_SECONDS = 30.0  # on the clock: on a busy machine a process waits for its turn
READING_CPU_SECONDS = 5
READING_PROCESSES = 2
READING_NICENESS = 5  # who waits at a web page or on the line goes before a letter
READING_MEMORY_BYTES = 1024**3  # of one process: enough for the longest message, too little to starve the machine
_TRIES = 2  # of a message whose process was ended from outside
LONGEST_TURN_SECONDS = 20.0  # that a message waits for a process; less than a provider waits for the answer

_RECEIVED = TypeAdapter(ReceivedEmail)
_LENGTH_BYTES = 8


class BoundedReader:
    """Reads messages in a few processes of its own, each kept for the next message.

    What is not read in time, or uses up what it may cost, is kept unread with a note. A process that dies of something
    else, idle or at work, costs no message: the next one reads it, once.
    """

    def __init__(
        self, trusted_host: str, *, processes: int = READING_PROCESSES, seconds: float = READING_SECONDS
    ) -> None:
        self._trusted_host = trusted_host
        self._seconds = seconds
        self._turns = BoundedSemaphore(processes)
        self._idle: list[Popen[bytes]] = []
        weakref.finalize(self, _end_all, self._idle)

    def __call__(self, raw: bytes) -> ReceivedEmail:
        if not self._turns.acquire(timeout=LONGEST_TURN_SECONDS):
            log.warning("email_unread", reason="no process is free", size=len(raw))
            return unread_email(raw, self._trusted_host)
        try:
            return self._read(raw)
        finally:
            self._turns.release()

    def _read(self, raw: bytes) -> ReceivedEmail:
        for _ in range(_TRIES):
            process = self._living()
            spent = Event()
            try:
                with _ended_after(self._seconds, process, spent):
                    received = _ask(process, raw, self._trusted_host)
            except (OSError, EOFError, ValueError) as error:
                _end(process)
                log.warning("email_unread", reason=type(error).__name__, status=process.returncode, size=len(raw))
                if spent.is_set() or isinstance(error, ValueError) or not _ended_from_outside(process):
                    break
            else:
                self._idle.append(process)
                return received
        return unread_email(raw, self._trusted_host)

    def _living(self) -> Popen[bytes]:
        """A process that waits for a message; what died while it waited is left."""
        while self._idle:
            process = self._idle.pop()
            if process.poll() is None:
                return process
            _end(process)
        return _start()


def serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """Run in the reading process: read one message after the other until the input ends."""
    os.nice(READING_NICENESS)
    _allow_memory_bytes(READING_MEMORY_BYTES)
    while True:
        try:
            host, raw = _receive(source).decode(), _receive(source)
        except EOFError:
            return
        _allow_cpu_seconds(READING_CPU_SECONDS)
        received = read_email(raw, host)
        files = received.inbound.attachments
        bare = replace(received.inbound, attachments=tuple(replace(file, content=None) for file in files))
        _send(sink, _RECEIVED.dump_json(replace(received, inbound=bare)))
        for file in files:
            _send(sink, file.content or b"")
        sink.flush()


def _allow_cpu_seconds(seconds: int) -> None:
    """Have the system end this process after this many more seconds of CPU time."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (ceil(process_time()) + seconds, most))


def _allow_memory_bytes(most_bytes: int) -> None:
    """Have the system refuse this process more memory than this."""
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    soft = most_bytes if most == resource.RLIM_INFINITY else min(most_bytes, most)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, most))


def _ask(process: Popen[bytes], raw: bytes, trusted_host: str) -> ReceivedEmail:
    sink, source = process.stdin, process.stdout
    if sink is None or source is None:
        raise ValueError("a process without pipes")
    _send(sink, trusted_host.encode())
    _send(sink, raw)
    sink.flush()
    received = _RECEIVED.validate_json(_receive(source))
    files = tuple(replace(file, content=_receive(source)) for file in received.inbound.attachments)
    return replace(received, inbound=replace(received.inbound, attachments=files))


def _send(sink: IO[bytes], data: bytes) -> None:
    sink.write(len(data).to_bytes(_LENGTH_BYTES, "big"))
    sink.write(data)


def _receive(source: IO[bytes]) -> bytes:
    size = int.from_bytes(_exactly(source, _LENGTH_BYTES), "big")
    return _exactly(source, size)


def _exactly(source: IO[bytes], size: int) -> bytes:
    data = source.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _start() -> Popen[bytes]:
    """Start a process with this one's PATH and module path, and an otherwise empty environment."""
    known = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return Popen([sys.executable, "-m", "canaux.email.incoming.reading_process"], stdin=PIPE, stdout=PIPE, env=known)


@contextmanager
def _ended_after(seconds: float, process: Popen[bytes], spent: Event) -> Iterator[None]:
    """Kill the process after this time on the clock, and set `spent` then."""

    def end() -> None:
        spent.set()
        process.kill()

    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _ended_from_outside(process: Popen[bytes]) -> bool:
    """Whether a signal ended the process, other than the one for a process whose CPU time is used up."""
    return process.returncode < 0 and process.returncode != -SIGXCPU


def _end(process: Popen[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            _close(pipe)
    process.wait()


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:
        return  # what was not written yet has no reader


def _end_all(processes: list[Popen[bytes]]) -> None:
    while processes:
        _end(processes.pop())
