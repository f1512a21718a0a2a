"""The command `routeur play`."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console
from rich.live import Live
from urllib3.exceptions import HTTPError

from application.operator_words import _
from application.play.director import Director
from application.play.http_client import HttpClient, ProviderSecrets
from application.play.morning.scenario import Scenario, write_scenario
from application.play.pace import Pace, Stopped
from application.play.report import report
from application.play.show import View, final
from application.play.stage import ApiSession, Stage
from application.play.tally import Tally
from application.play.town_hall import town_hall
from application.play.watch import Watch
from application.processes.welcome import welcome
from application.settings import Settings, SettingsError
from application.wiring.core import open_core
from bureau.access.accounts import DEMO_PASSWORD
from competences.calendar import Calendar
from competences.plan.plan import Plan
from routeur.clock import shifted_clock

LINE_SECONDS = 10.0
BROKEN_OFF = 130
"""The exit status of a program that Ctrl-C stopped."""


@dataclass(frozen=True)
class Options:
    """`minutes` of real time that the play lasts; without a `speed`, the whole morning fits in them."""

    seed: int
    minutes: float
    speed: float | None


def play(settings: Settings, options: Options, *, with_run: bool) -> int:
    """Play a morning; returns the exit status: 0 if nothing failed and nothing that was acknowledged is missing.

    `with_run` starts a town hall of its own for the play, which stays open afterwards until Ctrl-C.
    """
    if not settings.demo:
        raise SettingsError(_("The play is for demonstrations: with SECRET_KEY, nobody's password is known to it."))
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell's background jobs ignore the first
        signal.signal(number, signal.default_int_handler)
    if not with_run:
        return play_against(settings, options)
    with town_hall(settings) as process:
        status = play_against(settings, options)
        if status != BROKEN_OFF:
            print(welcome(settings), flush=True)
            with suppress(KeyboardInterrupt):
                process.wait()
    return status


def play_against(settings: Settings, options: Options) -> int:
    """Play against the instance that runs at our port; returns the exit status."""
    with open_core(settings) as core:
        plan = core.plans.plan()
    scenario = write_scenario(plan, options.seed)
    pace = Pace(options.speed or scenario.seconds / (options.minutes * 60))
    secrets = ProviderSecrets(settings.twilio_token, settings.email_token)
    http = HttpClient(f"http://{settings.host}:{settings.port}", settings.base_url, secrets)
    try:
        supervisor = ApiSession.log_in(http, _supervisor(plan, scenario), DEMO_PASSWORD)
        since = datetime.fromisoformat(supervisor.get("/service-level")["to"])
        stage = Stage(http, pace, Tally(), plan, shifted_clock(since - datetime.now(UTC)))
        return _play(stage, scenario, supervisor, since, settings.base_url, options.minutes * 60 * pace.speed)
    except (HTTPError, OSError) as error:
        raise SettingsError(_("Nothing answers at {address}: routeur run").format(address=settings.base_url)) from error
    finally:
        http.close()


def _play(
    stage: Stage, scenario: Scenario, supervisor: ApiSession, since: datetime, public_url: str, seconds: float
) -> int:
    console = Console()
    if not Calendar(stage.plan.hours, stage.plan.commune.timezone).is_open(since):
        console.print(
            _("The town hall is closed at this hour: whatever comes in becomes a follow-up (see CLOCK_START).")
        )
    with Watch(stage.http, supervisor, since) as watch:
        director = Director(
            stage,
            scenario,
            door=supervisor,
            password=DEMO_PASSWORD,
            public_url=public_url,
            figures=lambda: watch.figures,
        )
        view = View(stage, scenario, director, lambda: watch.figures)
        whole = _perform(console, view, stage, lambda: director.play(min(scenario.seconds, seconds)))
    if watch.failure is not None:
        stage.tally.error(watch.failure)
    made = report(supervisor, stage.tally, stage.plan, since)
    final(console, made, stage.tally)
    if not whole:
        return BROKEN_OFF
    return 1 if made.missing or stage.tally.errors else 0


def _perform(console: Console, view: View, stage: Stage, act: Callable[[], None]) -> bool:
    """Show the play while it lasts; returns False if Ctrl-C broke it off."""

    def run() -> None:
        try:
            act()
        except Stopped:
            return
        except Exception as error:  # belongs in the report, like those of all who play
            stage.tally.error(f"{type(error).__name__}: {error}")

    acting = threading.Thread(target=run, name="director", daemon=True)
    acting.start()
    try:
        if console.is_terminal:
            with Live(view, console=console, refresh_per_second=8):
                acting.join()
        else:
            while acting.is_alive():
                acting.join(LINE_SECONDS)
                console.print(view.line(), highlight=False, soft_wrap=True)
    except KeyboardInterrupt:
        stage.pace.stop()
        acting.join()
        return False
    return True


def _supervisor(plan: Plan, scenario: Scenario) -> str:
    """The login of somebody who sees every contact and, if possible, does not serve this morning."""
    serving = {shift.login for shift in scenario.shifts}
    overseers = [login for login, agent in plan.agents.items() if agent.role != "agent"]
    return min(overseers, key=lambda login: login in serving)
