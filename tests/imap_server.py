"""A real IMAP server (pymap), which keeps one mailbox in memory: a new one, numbered anew, at each start.

It keeps no keywords; Dovecot, which does, is in `tests/mail_servers.py`.
"""

from __future__ import annotations

import imaplib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from tests.servers import START_SECONDS, free_port

USER, PASSWORD = "mairie@example.org", "mot de passé"
COMMAND = """
from pymap.config import IMAPConfig
from pymap.main import main
from pysasl.hashing import BuiltinHash
IMAPConfig._get_hash_context = classmethod(lambda *_: BuiltinHash(rounds=1))  # 500,000 take half a second
main()
"""


@dataclass
class PostOffice:
    """A mailbox on an IMAP server, from the side of those who write to it and look into it."""

    port: int
    user: str = USER
    password: str = PASSWORD
    folder: str = "INBOX"

    @property
    def url(self) -> str:
        """What IMAP_URL would say."""
        user, password = self.user.replace("@", "%40"), self.password.replace(" ", "%20")
        return f"imap://{user}:{password}@127.0.0.1:{self.port}/{self.folder}"

    @contextmanager
    def opened(self) -> Iterator[imaplib.IMAP4]:
        """As a person's mail program opens it."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=START_SECONDS)
        try:
            client.authenticate("PLAIN", lambda _: f"\0{self.user}\0{self.password}".encode())
            client.select(self.folder)
            yield client
        finally:
            with suppress(OSError, imaplib.IMAP4.error):
                client.logout()

    def with_folder(self, name: str) -> PostOffice:
        """The same server with an empty mailbox of this name."""
        with self.opened() as client:
            assert client.create(name)[0] == "OK"
        return replace(self, folder=name)

    def post(self, *letters: bytes, flags: str = "") -> None:
        """Letters arrive."""
        with self.opened() as client:
            for letter in letters:
                assert client.append(self.folder, flags, "", letter)[0] == "OK"

    def flags(self) -> list[set[str]]:
        """The flags of each letter, in the order of arrival."""
        with self.opened() as client:
            lines = client.fetch("1:*", "(FLAGS)")[1]
        told = [imaplib.ParseFlags(line) for line in lines if isinstance(line, bytes)]
        return [{flag.decode() for flag in flags} - {"\\Recent"} for flags in told]

    def read(self, number: int) -> None:
        """A person reads a letter in a mail program."""
        self.flag(number, "\\Seen")

    def flag(self, number: int, flag: str) -> None:
        with self.opened() as client:
            assert client.store(str(number), "+FLAGS", flag)[0] == "OK"

    def remove(self, number: int) -> None:
        with self.opened() as client:
            client.store(str(number), "+FLAGS", "\\Deleted")
            client.expunge()


IDLES = sys.version_info < (3, 13)
"""Whether a client may wait (IDLE): pymap 0.36 drops it under Python 3.13; Dovecot does not (`test_mail_servers`)."""


@contextmanager
def imap_server(port: int | None = None) -> Iterator[PostOffice]:
    """Run a server on a loopback port until the end of the block."""
    office = PostOffice(port or free_port())
    command = [sys.executable, "-c", COMMAND, "--host", "127.0.0.1", "--port", str(office.port), "--no-tls"]
    command += ["--no-service", "admin", "dict", "--demo-user", office.user, "--demo-password", office.password]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        wait_for(office, process)
        yield office
    finally:
        process.kill()  # asked to end, from Python 3.12 on it would wait for everybody who is connected
        process.wait(START_SECONDS)


def wait_for(office: PostOffice, process: subprocess.Popen[bytes]) -> None:
    """Return once the mailbox opens."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with office.opened():
                return
        except (OSError, imaplib.IMAP4.error):
            assert process.poll() is None, process.args
            assert time.monotonic() < deadline, process.args
            time.sleep(0.02)
