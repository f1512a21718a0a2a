"""The commands that are about the routing plan."""

from __future__ import annotations

from pathlib import Path

from application.commands.maintenance import publish
from application.operator_words import _, operator_language
from application.settings import Settings, SettingsError
from application.wiring.core import open_core
from competences.plan.check import check


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
