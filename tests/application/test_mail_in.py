"""A running demonstration takes letters from a mailbox and from a pipe, each once, whichever way and however often."""

from __future__ import annotations

import re
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import psutil
import pytest

from tests.application.test_run import Tree, find, running
from tests.imap_server import IDLES, imap_server


def letter(words: str) -> bytes:
    message = EmailMessage()
    message["From"] = "Léa Martin <lea@example.org>"
    message["To"] = "mairie@example.org"
    message["Subject"] = words
    message["Message-ID"] = f"<{words.replace(' ', '-')}@example.org>"
    message.set_content("Bonjour")
    return message.as_bytes()


def figure(tree: Tree, name: str) -> float | None:
    found = re.search(rf"^routeur_{re.escape(name)} (\S+)$", tree.get("/metrics")[1].decode(), re.MULTILINE)
    return float(found[1]) if found else None


def open_contacts(tree: Tree) -> float:
    states = re.findall(r"^routeur_contacts_open\{.*\} (\S+)$", tree.get("/metrics")[1].decode(), re.MULTILINE)
    return sum(map(float, states))


@pytest.mark.skipif(not IDLES, reason="the IMAP server of the tests drops who waits, under this Python")
def test_letters_come_from_the_mailbox_and_the_pipe_each_once(environment: dict[str, str], folder: Path) -> None:
    pipe = [sys.executable, "-m", "application", "email", "read"]
    with imap_server() as office:
        office.post(letter("avant le debut"))
        with running(environment | {"IMAP_URL": office.url}, folder) as tree:
            tree.eventually(lambda: office.flags() == [{"\\Seen"}])
            assert open_contacts(tree) == 1
            assert (figure(tree, "mailbox_seconds_since_read") or 0) < 60

            victim: psutil.Process = find(tree, ["mailbox"])
            victim.kill()
            office.post(letter("apres la mort"), letter("avant le debut"))
            tree.eventually(lambda: office.flags() == [{"\\Seen"}] * 3)
            assert open_contacts(tree) == 2

            port = tree.address.rpartition(":")[2]
            for words in ("par le tuyau", "apres la mort"):
                given = letter(words)
                done = subprocess.run(pipe, cwd=folder, env=environment | {"PORT": port}, input=given)
                assert done.returncode == 0
            assert open_contacts(tree) == 3
