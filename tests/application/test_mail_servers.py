"""The mail servers of Debian, where they can be found (`apt-get install -y postfix dovecot-imapd`): Dovecot's mailbox,
and Postfix's pipe."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import application
from application.mail_round import MailRound
from application.processes.mailbox import Visits
from canaux.email.limits import LARGEST_LETTER_BYTES
from canaux.imap.address import MailboxAddress
from canaux.imap.mailbox import BEGINNING, DEALT_WITH, open_mailbox
from tests.application.test_mail_round import TownHall, letter
from tests.e2e.waiting import PATIENCE_SECONDS, eventually
from tests.imap_server import PostOffice
from tests.mail_servers import NOBODY, Postfix, dovecot, on_path, open_folder, postfix
from tests.webhook_stand_in import TOKEN, WebhookStandIn, webhook_stand_in

MAIL_PATIENCE_SECONDS = 90.0
"""Postfix looks through its queue once a second, where the machine lets it."""

TAKEN, LEFT_OUT = {"\\Seen", DEALT_WITH}, {"\\Flagged", DEALT_WITH}


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with dovecot() as office:
        yield office


@pytest.fixture
def town_hall() -> TownHall:
    return TownHall()


def visit(office: PostOffice, town_hall: TownHall) -> None:
    """A process comes, takes what is due, and is stopped."""
    with open_mailbox(MailboxAddress.parse(office.url)) as mailbox:
        MailRound(town_hall, time.monotonic).take_all(mailbox)


class TestDovecot:
    """It keeps keywords."""

    def test_the_first_visit_takes_what_nobody_has_read(self, office: PostOffice, town_hall: TownHall) -> None:
        office.post(letter("ancien"))
        office.post(letter("lu"), letter("lu aussi"), flags="\\Seen")
        office.post(letter("nouveau"))
        visit(office, town_hall)
        visit(office, town_hall)
        assert town_hall.taken == ["ancien", "nouveau"]
        assert office.flags() == [TAKEN, {"\\Seen"}, {"\\Seen", BEGINNING}, TAKEN]

    def test_what_comes_later_is_taken_even_if_somebody_reads_it_first(
        self, office: PostOffice, town_hall: TownHall
    ) -> None:
        office.post(letter("lu"), flags="\\Seen")
        visit(office, town_hall)
        office.post(letter("un"), letter("deux"))
        office.read(2)
        visit(office, town_hall)
        assert town_hall.taken == ["un", "deux"]

    def test_so_it_is_in_a_mailbox_that_began_empty(self, office: PostOffice, town_hall: TownHall) -> None:
        office.post(letter("un"))
        visit(office, town_hall)
        office.post(letter("deux"))
        office.read(2)
        visit(office, town_hall)
        visit(office, town_hall)
        assert town_hall.taken == ["un", "deux"]

    def test_a_star_of_somebody_s_own_keeps_no_letter_from_us(self, office: PostOffice, town_hall: TownHall) -> None:
        office.post(letter("un"))
        office.flag(1, "\\Flagged")
        visit(office, town_hall)
        assert town_hall.taken == ["un"]

    def test_a_letter_that_is_too_large_is_left_out_for_good(self, office: PostOffice, town_hall: TownHall) -> None:
        office.post(letter("un"), b"x" * (LARGEST_LETTER_BYTES + 1))
        visit(office, town_hall)
        visit(office, town_hall)
        assert town_hall.taken == ["un"]
        assert office.flags()[1] == LEFT_OUT

    def test_a_letter_comes_byte_for_byte(self, office: PostOffice) -> None:
        raw = bytes({*range(1, 256)} - {*b"\r\n"}) * 40 + b"\r\n.\r\n) FLAGS ()\r\n"
        came: list[bytes] = []

        class Keeps:
            def hand_in(self, letter: bytes) -> None:
                came.append(letter)

        office.post(raw)
        with open_mailbox(MailboxAddress.parse(office.url)) as mailbox:
            MailRound(Keeps(), time.monotonic).take_all(mailbox)
        assert came == [raw]

    def test_a_letter_that_arrives_is_taken_at_once(self, office: PostOffice, town_hall: TownHall) -> None:
        listening = threading.Event()
        visits = Visits(MailboxAddress.parse(office.url), MailRound(town_hall, time.monotonic), listening.set)
        threading.Thread(target=visits.visit, daemon=True).start()
        assert listening.wait(PATIENCE_SECONDS)
        office.post(letter("un"))
        eventually(lambda: town_hall.taken == ["un"], "the letter is taken")


def test_a_server_without_idle_is_looked_at_again_and_again(town_hall: TownHall) -> None:
    with dovecot(idle=False) as office, open_mailbox(MailboxAddress.parse(office.url)) as mailbox:
        office.post(letter("un"))
        mailbox.wait(seconds=0.01)
        MailRound(town_hall, time.monotonic).take_all(mailbox)
    assert town_hall.taken == ["un"]


@pytest.fixture
def webhook() -> Iterator[WebhookStandIn]:
    with webhook_stand_in() as stand_in:
        yield stand_in


@pytest.fixture
def server(webhook: WebhookStandIn) -> Iterator[Postfix]:
    """Postfix, with the pipe as docs/email.md has it."""
    on_path("postfix")
    with open_folder("token-") as folder:
        token = folder / "token"
        token.write_text(f"{TOKEN}\n")
        token.chmod(0o400)
        shutil.chown(token, NOBODY)
        command = [*program_of_nobody(), "email", "read", "--url", webhook.url, "--token-file", str(token)]
        with postfix(command, largest_bytes=2 * LARGEST_LETTER_BYTES) as server:
            yield server


def program_of_nobody() -> list[str]:
    """`routeur`, by a Python that another user may run: ours may lie in somebody's home."""
    modules = os.pathsep.join((str(Path(application.__file__).parents[1]), sysconfig.get_path("purelib")))
    for python in (sys.executable, "/usr/bin/python3"):
        program = ["/usr/bin/env", f"PYTHONPATH={modules}", python, "-m", "application"]
        done = subprocess.run([*program, "email", "--help"], user=NOBODY, cwd="/", env={}, capture_output=True)
        if done.returncode == 0:
            return program
    pytest.skip(f"the user {NOBODY} can read nothing in this folder")


class TestPostfix:
    def test_a_letter_is_delivered_once_it_is_taken(self, server: Postfix, webhook: WebhookStandIn) -> None:
        server.send(letter("un"))
        eventually(lambda: server.says("relay=guichet", "status=sent"), "it is delivered", MAIL_PATIENCE_SECONDS)
        (came,) = webhook.letters
        assert came.startswith(b"Return-Path: <lea@example.org>\n")
        assert came.endswith(b"\n\nun\n")

    def test_a_letter_that_is_not_taken_is_kept_and_brought_again(
        self, server: Postfix, webhook: WebhookStandIn
    ) -> None:
        webhook.status = 503
        server.send(letter("un"))
        eventually(lambda: server.says("relay=guichet", "status=deferred", "503"), "the letter is kept")
        assert not server.says("status=bounced")
        webhook.status = 200
        eventually(lambda: server.says("relay=guichet", "status=sent"), "it is delivered", MAIL_PATIENCE_SECONDS)

    def test_a_letter_that_is_too_large_is_returned(self, server: Postfix, webhook: WebhookStandIn) -> None:
        server.send(b"Subject: large\r\n\r\n" + b"0123456789\r\n" * (LARGEST_LETTER_BYTES // 10))
        eventually(lambda: server.says("relay=guichet", "status=bounced", "35 Mio"), "the letter is returned")
        assert webhook.letters == []
