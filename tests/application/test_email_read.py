"""`routeur email read`, as a mail server's pipe runs it: the letter is in the record, or the mail server keeps it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest

from application import cli
from application.cli import main
from application.commands.email_read import read
from application.demo import DemoSecrets
from application.letter_box import LetterBox, LetterTooLarge
from canaux.email.limits import LARGEST_LETTER_BYTES
from tests.servers import free_port
from tests.webhook_stand_in import TOKEN, WebhookStandIn, webhook_stand_in

LETTER = b"From: lea@example.org\r\nSubject: Carte\r\n\r\nBonjour\r\n"
KEEPS, RETURNS = os.EX_TEMPFAIL, os.EX_DATAERR

Pipe = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def webhook() -> Iterator[WebhookStandIn]:
    with webhook_stand_in() as stand_in:
        yield stand_in


@pytest.fixture
def pipe(environment: dict[str, str], folder: Path) -> Pipe:
    """`routeur email read ...` with a letter on standard input."""

    def run(*options: str, letter: bytes = LETTER, **variables: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "application", "email", "read", *options]
        given = environment | {"EMAIL_WEBHOOK_TOKEN": TOKEN} | variables
        return subprocess.run(command, cwd=folder, env=given, input=letter, capture_output=True)

    return run


def test_a_letter_that_is_taken_is_taken_in_silence(pipe: Pipe, webhook: WebhookStandIn) -> None:
    done = pipe("--url", webhook.url)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert webhook.letters == [LETTER]


def test_without_an_address_it_goes_to_the_web_server_of_this_machine(pipe: Pipe, webhook: WebhookStandIn) -> None:
    assert pipe(PORT=webhook.url.rpartition(":")[2]).returncode == 0
    assert webhook.letters == [LETTER]


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 413, 429, 500, 502, 503])
def test_whatever_else_the_town_hall_answers_the_mail_server_keeps_the_letter(
    pipe: Pipe, webhook: WebhookStandIn, status: int
) -> None:
    webhook.status = status
    done = pipe("--url", webhook.url)
    assert done.returncode == KEEPS
    assert len(done.stderr.splitlines()) == 1


def test_a_wrong_token_is_told_as_one_even_before_a_large_letter_is_in(pipe: Pipe, webhook: WebhookStandIn) -> None:
    done = pipe("--url", webhook.url, letter=LETTER * 400_000, EMAIL_WEBHOOK_TOKEN="wrong")
    assert done.returncode == KEEPS
    assert b"EMAIL_WEBHOOK_TOKEN" in done.stderr
    assert b"wrong" not in done.stderr


def test_nobody_there_is_one_line(pipe: Pipe) -> None:
    done = pipe("--url", f"http://127.0.0.1:{free_port()}")
    assert done.returncode == KEEPS
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "options",
    [
        ("--ulr", "http://localhost"),
        ("--url", "http://guichet.example.org"),
        ("--url", "guichet.example.org"),
        ("--url", "http://127.0.0.1:port"),
        ("--token-file", "nowhere"),
        ("--token-file", "."),
    ],
)
def test_a_mistake_of_the_operator_returns_no_letter(pipe: Pipe, options: tuple[str, str]) -> None:
    done = pipe(*options)
    assert done.returncode == KEEPS
    assert len(done.stderr.splitlines()) == 1


def test_a_misspelt_command_returns_no_letter(environment: dict[str, str], folder: Path) -> None:
    command = [sys.executable, "-m", "application", "email", "raed"]
    assert subprocess.run(command, cwd=folder, env=environment, capture_output=True).returncode == KEEPS


@pytest.mark.parametrize(
    "ends", [SystemExit(), SystemExit(0), SystemExit(1), SystemExit("no"), KeyboardInterrupt(), ValueError("secret")]
)
def test_however_the_command_ends_the_mail_server_keeps_the_letter(
    ends: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(_options: object) -> int:
        raise ends

    monkeypatch.setattr(cli, "_email_read", breaks)
    assert main(["email", "read"]) == KEEPS
    assert capsys.readouterr().err == f"{type(ends).__name__}\n"


@pytest.mark.parametrize("status", [1, 2, 64, 120])
def test_a_status_that_is_not_documented_keeps_the_letter(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_email_read", lambda _options: status)
    assert main(["email", "read"]) == KEEPS


def test_options_that_cannot_even_be_read_keep_the_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks() -> None:
        raise SystemExit(2)

    monkeypatch.setattr(cli, "parser", breaks)
    assert main(["email", "read"]) == KEEPS


def test_a_letter_that_is_too_large_for_any_try_goes_back_at_once(pipe: Pipe, webhook: WebhookStandIn) -> None:
    done = pipe("--url", webhook.url, letter=b"x" * (LARGEST_LETTER_BYTES + 1))
    assert done.returncode == RETURNS
    assert "35 Mio" in done.stderr.decode()
    assert webhook.letters == []


def test_the_largest_letter_is_taken(webhook: WebhookStandIn) -> None:
    box = LetterBox(webhook.url, TOKEN)
    box.hand_in(b"x" * LARGEST_LETTER_BYTES)
    with pytest.raises(LetterTooLarge):
        box.hand_in(b"x" * (LARGEST_LETTER_BYTES + 1))
    assert [len(letter) for letter in webhook.letters] == [LARGEST_LETTER_BYTES]


def test_a_town_hall_that_never_answers_is_left_in_time(
    folder: Path, webhook: WebhookStandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EMAIL_WEBHOOK_TOKEN", TOKEN)
    webhook.silent = True
    assert read(BytesIO(LETTER), webhook.url, None, seconds=0.2) == KEEPS
    assert len(capsys.readouterr().err.splitlines()) == 1


class TestToken:
    """Postfix gives its pipe neither environment nor arguments that others cannot read."""

    def test_stands_in_a_file(self, pipe: Pipe, folder: Path, webhook: WebhookStandIn) -> None:
        (folder / "token").write_text(TOKEN + "\n")
        assert pipe("--url", webhook.url, "--token-file", "token", EMAIL_WEBHOOK_TOKEN="another").returncode == 0

    def test_of_a_demonstration_is_the_one_that_it_made_up(
        self, folder: Path, webhook: WebhookStandIn, pipe: Pipe
    ) -> None:
        secrets = DemoSecrets.in_folder(folder / "var")
        (folder / "var" / "demo-secrets.json").write_text(
            (folder / "var" / "demo-secrets.json").read_text().replace(secrets.email_webhook_token, TOKEN)
        )
        assert pipe("--url", webhook.url, EMAIL_WEBHOOK_TOKEN="").returncode == 0

    def test_that_is_nowhere_is_asked_for_and_none_is_made_up(self, pipe: Pipe, folder: Path) -> None:
        done = pipe(EMAIL_WEBHOOK_TOKEN="")
        assert done.returncode == KEEPS
        assert b"--token-file" in done.stderr
        assert list(folder.iterdir()) == []

    def test_is_in_no_line_even_if_no_header_can_hold_it(self, pipe: Pipe, folder: Path) -> None:
        (folder / "token").write_text("first-line\nsecond-line\n")
        done = pipe("--token-file", "token", PORT=str(free_port()))
        assert done.returncode == KEEPS
        assert b"-line" not in done.stderr


def test_it_loads_little_because_it_is_started_for_every_letter(
    environment: dict[str, str], folder: Path, webhook: WebhookStandIn
) -> None:
    heavy = {"flask", "sqlalchemy", "pydantic", "redis", "structlog", "gevent", "requests", "imapclient"}
    program = (
        "import sys; from application.cli import main; "
        f"assert main(['email', 'read', '--url', '{webhook.url}']) == 0; "
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=environment | {"EMAIL_WEBHOOK_TOKEN": TOKEN, "PYTHONPATH": os.pathsep.join(sys.path)},
        input=LETTER,
        capture_output=True,
    )
    assert (done.stdout.strip(), done.returncode) == (b"[]", 0), done.stderr
    assert webhook.letters == [LETTER]
