"""The `routeur` command."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, suppress
from functools import partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from application.letter_box import town_hall_address
from application.operator_words import _

if TYPE_CHECKING:
    from application.settings import Settings

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
OWNER_ONLY = 0o077
OUTPUT_CLOSED = 128 + signal.SIGPIPE
"""The exit status of a program that SIGPIPE ends, which is what a shell expects here."""
Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status. What it writes is its owner's alone: the record is personal data."""
    os.umask(OWNER_ONLY)
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["email"]:
        return _for_a_mail_server(given)
    return _carry_out(parser().parse_args(given))


def _for_a_mail_server(given: Sequence[str]) -> int:
    """Run a command of a mail server, which keeps the letter only if the status is 75, whatever went wrong.

    It is started for every letter, so neither settings nor logs are loaded. It says one line, for the server's log.
    """
    said = StringIO()
    try:
        with redirect_stderr(said):
            command = _asked_for(given)
        status = command() if command is not None else os.EX_OK
        if status in (os.EX_OK, os.EX_DATAERR):
            return status
    except BaseException as error:
        with suppress(Exception):  # the server may not listen
            # What the command says may be the token; what its options say is ours.
            print(*said.getvalue().splitlines()[-1:] or [type(error).__name__], file=sys.stderr)
    return os.EX_TEMPFAIL


def _asked_for(given: Sequence[str]) -> Callable[[], int] | None:
    """The command with its options; None where only help was asked for, and given. Raises SystemExit."""
    try:
        options = parser().parse_args(given)
    except SystemExit as ended:
        if ended.code:
            raise
        return None
    return partial(options.command, options)


def _carry_out(options: argparse.Namespace) -> int:
    from sqlalchemy.exc import OperationalError

    from application.logs import configure_logs
    from application.processes.embedded_redis import RedisMissing
    from application.settings import SettingsError

    command: Command = options.command
    try:
        configure_logs(options.process)
        status = command(options)
        sys.stdout.flush()
        return status
    except (SettingsError, RedisMissing) as error:
        print(error, file=sys.stderr)
        return 1
    except OperationalError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        print(_("The record does not answer (DATABASE_URL): {reason}").format(reason=reason), file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of our output has seen enough (`| head`); the interpreter's own flush at exit must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OUTPUT_CLOSED


def load_settings() -> Settings:
    """The settings, loaded only by those commands that take any."""
    from application import settings

    return settings.load_settings()


def parser() -> argparse.ArgumentParser:
    """Every command and its options."""
    top = argparse.ArgumentParser(prog="routeur", description=_("The town hall's one queue."))
    commands = top.add_subparsers(required=True, metavar=_("COMMAND"))

    def add(name: str, run: Command, text: str, to: Commands = commands) -> argparse.ArgumentParser:
        added = to.add_parser(name, help=text, description=text)
        added.set_defaults(command=run, process=name)
        return added

    add("run", _run, _("start everything: web, workers, dispatcher and, where none is named, Redis"))
    play = add("play", _play, _("send a morning of realistic traffic to a demonstration that runs"))
    play.add_argument("--minutes", type=float, default=2.0, help=_("how long it lasts (2)"))
    play.add_argument("--speed", type=float, help=_("times faster than life; by default, so that the morning fits"))
    play.add_argument("--seed", type=int, default=1, help=_("the same number, the same morning (1)"))
    play.add_argument("--with-run", action="store_true", help=_("start everything first, and keep it until Ctrl-C"))
    add("web", _web, _("the web server alone (Procfile)"))
    worker = add("worker", _worker, _("one worker alone: carries out what leaves for the outside (Procfile)"))
    free = _("leave letters to other workers, to be free for calls")
    worker.add_argument("--no-letters", action="store_true", help=free)
    add("dispatcher", _dispatcher, _("the dispatcher alone: deadlines and repair (Procfile)"))

    mailbox = add("mailbox", _mailbox, _("the mailbox alone: brings letters from IMAP_URL (a process of its own)"))
    email = commands.add_parser("email", help=_("letters from a mail server")).add_subparsers(
        required=True, metavar=_("COMMAND")
    )
    piped = _("take a letter on standard input to the town hall (for a mail server's pipe)")
    read = add("read", _email_read, piped, email)
    read.add_argument("--token-file", type=Path, help=_("holds EMAIL_WEBHOOK_TOKEN; by default the environment does"))
    for brings in (mailbox, read):
        brings.add_argument(
            "--url", type=town_hall_address, help=_("the town hall's address; by default this machine's web server")
        )

    plan = commands.add_parser("plan", help=_("the routing plan")).add_subparsers(required=True, metavar=_("COMMAND"))
    check = add("check", _plan_check, _("say everything that is wrong in a plan"), plan)
    check.add_argument("file", type=Path)
    load = add("import", _plan_import, _("put a plan in force, without a restart"), plan)
    load.add_argument("file", type=Path)
    add("export", _plan_export, _("print the plan in force"), plan)

    sheets = commands.add_parser("sheets", help=_("the procedure sheets"))
    sheets_check = add(
        "check",
        _sheets_check,
        _("say everything that is wrong in the procedure sheets"),
        sheets.add_subparsers(required=True, metavar=_("COMMAND")),
    )
    sheets_check.add_argument("folder", type=Path, nargs="?", help=_("by default the sheets that are installed"))
    sheets_check.add_argument("--plan", type=Path, help=_("by default the plan in force"))
    sheets_check.add_argument(
        "--to-confirm", action="store_true", help=_("print instead what the services must confirm")
    )

    topics = commands.add_parser("topics", help=_("recognising topics in words")).add_subparsers(
        required=True, metavar=_("COMMAND")
    )
    add("build", _topics_build, _("learn the model of this machine, where it is missing"), topics)
    evaluation = add("evaluate", _topics_evaluate, _("print how well the messages of a file are recognised"), topics)
    evaluation.add_argument("file", type=Path, help=_("CSV with the columns text and topic (none: no topic of ours)"))
    learning = add("learn", _topics_learn, _("show what accepted corrections would change"), topics)
    learning.add_argument("--apply", action="store_true", help=_("and learn them"))

    database = commands.add_parser("db", help=_("the record")).add_subparsers(required=True, metavar=_("COMMAND"))
    add("upgrade", _db_upgrade, _("migrate the record; import the first plan where there is none"), database)

    add("rebuild", _rebuild, _("make the index in Redis again from the record"))
    agents = add("agents", _agents, _("who is on the staff, and with which skills"))
    agents.add_argument("--json", action="store_true", help=_("for programs"))
    password = add("password", _password, _("set an account's password (read from standard input)"))
    password.add_argument("login")
    purge = add("purge", _purge, _("anonymise what was closed long ago"))
    purge.add_argument("--days", type=_days, default=365, help=_("closed for more days than this (365)"))
    return top


def _days(text: str) -> int:
    days = int(text)
    if days < 0:
        raise argparse.ArgumentTypeError(_("a number of days from 0 on is expected"))
    return days


def _run(_options: argparse.Namespace) -> int:
    from application.processes.run import run

    return run(load_settings())


def _play(options: argparse.Namespace) -> int:
    from application.play.command import Options, play

    chosen = Options(seed=options.seed, minutes=options.minutes, speed=options.speed)
    return play(load_settings(), chosen, with_run=options.with_run)


def _web(_options: argparse.Namespace) -> int:
    from application.processes.gunicorn_config import serve

    serve(load_settings())


def _worker(options: argparse.Namespace) -> int:
    from application.processes.worker import work

    return work(load_settings(), letters=not options.no_letters)


def _dispatcher(_options: argparse.Namespace) -> int:
    from application.processes.dispatch_loop import dispatch

    return dispatch(load_settings())


def _mailbox(options: argparse.Namespace) -> int:
    from application.processes.mailbox import keep_mailbox

    keep_mailbox(load_settings(), options.url)


def _email_read(options: argparse.Namespace) -> int:
    from application.commands.email_read import read

    return read(sys.stdin.buffer, options.url, options.token_file)


def _plan_check(options: argparse.Namespace) -> int:
    from application.commands.plan import check_plan
    from routeur.clock import system_clock

    return check_plan(options.file, system_clock().date())


def _plan_import(options: argparse.Namespace) -> int:
    from application.commands.plan import import_plan

    return import_plan(load_settings(), options.file)


def _plan_export(_options: argparse.Namespace) -> int:
    from application.commands.plan import export_plan

    return export_plan(load_settings())


def _sheets_check(options: argparse.Namespace) -> int:
    from application.commands.sheets import check

    return check(load_settings(), options.folder, options.plan, to_confirm=options.to_confirm)


def _topics_build(_options: argparse.Namespace) -> int:
    from application.commands.topics import build

    return build(load_settings())


def _topics_evaluate(options: argparse.Namespace) -> int:
    from application.commands.topics import evaluate

    return evaluate(load_settings(), options.file)


def _topics_learn(options: argparse.Namespace) -> int:
    from application.commands.topic_learning import learn

    return learn(load_settings(), apply=options.apply)


def _db_upgrade(_options: argparse.Namespace) -> int:
    from application.commands.maintenance import prepare

    prepare(load_settings())
    return 0


def _rebuild(_options: argparse.Namespace) -> int:
    from application.commands.maintenance import rebuild

    return rebuild(load_settings())


def _agents(options: argparse.Namespace) -> int:
    from application.commands.staff import list_agents

    return list_agents(load_settings(), as_json=options.json)


def _password(options: argparse.Namespace) -> int:
    from application.commands.staff import set_password

    return set_password(load_settings(), options.login)


def _purge(options: argparse.Namespace) -> int:
    from application.commands.maintenance import purge_older_than

    return purge_older_than(load_settings(), options.days)
