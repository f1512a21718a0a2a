"""The commands that are about the routing plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from application.operator_words import _, operator_language
from application.settings import Settings, SettingsError
from application.wiring.core import Core, open_core
from bureau.access.accounts import sync_accounts
from competences.calendar import Calendar
from competences.due_dates import unkeepable
from competences.plan.check import check
from competences.plan.errors import PlanErrors
from competences.plan.plan import Plan
from routeur.plans import NoPlan

DEMO_PLAN = Path(__file__).parents[2] / "plans" / "mairie.yaml"


A_YEAR = timedelta(days=366)


def check_plan(path: Path, today: date) -> int:
    """Print every fault of the file; the exit status says whether there is one.

    Of a sound plan, also which commitments cannot be kept in the year from `today` on: that is no fault, since it
    depends on the day.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(_("The plan {path} cannot be read: {reason}").format(path=path, reason=error)) from error
    faults = check(text, operator_language())
    for fault in faults:
        print(f"{path}:{fault.line}: {fault}" if fault.line else f"{path}: {fault}")
    if faults:
        return 1
    print(_("{path} can be put in force.").format(path=path))
    for remark in _unkeepable_in_words(Plan.load(text), today):
        print(f"{path}: {remark}")
    return 0


def _unkeepable_in_words(plan: Plan, today: date) -> Iterator[str]:
    calendar = Calendar(plan.hours, plan.commune.timezone)
    for one in unkeepable(plan, calendar, today, today + A_YEAR):
        words = _(
            "topics.{topic}.commitment_before_days: what comes in after the closing of {after} cannot be answered "
            "before {days} days are over: nobody works until {again}."
        )
        yield words.format(
            topic=one.topic, days=one.days, after=one.after.strftime("%d/%m/%Y"), again=one.again.strftime("%d/%m/%Y")
        )


def import_plan(settings: Settings, path: Path) -> int:
    """Put the file in force; running processes notice within a second."""
    if check_plan(path, settings.clock()().date()):
        return 1
    with open_core(settings) as core:
        version = publish(core, path, author=None)
    print(_("Version {version} of the plan is in force.").format(version=version))
    return 0


def export_plan(settings: Settings) -> int:
    """Print the document of the plan in force."""
    with open_core(settings) as core:
        print(core.plans.plan().dump(), end="")
    return 0


def has_plan(core: Core) -> bool:
    """Whether a plan was ever put in force."""
    try:
        core.plans.current()
    except NoPlan:
        return False
    return True


def publish(core: Core, path: Path, author: str | None) -> int:
    """Put the plan of this file in force, with accounts for its agents. Returns its version."""
    try:
        document = path.read_text("utf-8")
    except OSError as error:
        raise SettingsError(
            _("The plan {path} cannot be read: {reason}").format(path=path, reason=error.strerror)
        ) from error
    try:
        in_force = core.plans.publish(document, author, core.clock())
    except PlanErrors as error:
        raise SettingsError(_("The plan {path} is not valid: routeur plan check {path}").format(path=path)) from error
    sync_accounts(core.record, in_force.plan)
    return in_force.version


def first_plan(settings: Settings) -> Path:
    """The file to import where there is no plan yet."""
    if settings.plan is not None:
        return settings.plan
    if not settings.demo or not DEMO_PLAN.exists():
        raise SettingsError(_("There is no routing plan yet: name its file in PLAN."))
    return DEMO_PLAN
