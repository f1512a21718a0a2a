"""The commands that are about the routing plan."""

from __future__ import annotations

from pathlib import Path

from application.operator_words import _, operator_language
from application.settings import Settings, SettingsError
from application.wiring.core import Core, open_core
from bureau.access.accounts import sync_accounts
from competences.plan.check import check
from competences.plan.errors import PlanErrors
from routeur.plans import NoPlan

DEMO_PLAN = Path(__file__).parents[2] / "plans" / "mairie.yaml"


def check_plan(path: Path) -> int:
    """Print every fault of the file; the exit status says whether there is one."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(_("The plan {path} cannot be read: {reason}").format(path=path, reason=error)) from error
    faults = check(text, operator_language())
    for fault in faults:
        print(f"{path}:{fault.line}: {fault}" if fault.line else f"{path}: {fault}")
    if not faults:
        print(_("{path} can be put in force.").format(path=path))
    return 1 if faults else 0


def import_plan(settings: Settings, path: Path) -> int:
    """Put the file in force; running processes notice within a second."""
    if check_plan(path):
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
