"""The commands that are about the procedure sheets."""

from __future__ import annotations

import sys
from contextlib import closing
from importlib.resources.abc import Traversable
from pathlib import Path
from zoneinfo import ZoneInfo

from application.commands.plan import first_plan
from application.operator_words import _, operator_language
from application.settings import Settings, SettingsError
from competences.plan.plan import Plan, PlanErrors
from competences.sheets.checking import check_sheets
from competences.sheets.confirmation import page_to_confirm
from competences.sheets.library import read_folder, shipped_folder
from routeur.plans import NoPlan, Plans
from routeur.record.engine import open_record
from routeur.record.migrate import is_current


def check(settings: Settings, folder: Path | None, plan_file: Path | None, *, to_confirm: bool) -> int:
    """Print every fault in the sheets of a folder, or the page of what their services must confirm.

    The exit status says whether there is a fault; a remark is not one.
    """
    language = operator_language()
    plan = _plan_in(plan_file) if plan_file is not None else _plan_in_force(settings)
    where: Traversable = folder if folder is not None else shipped_folder()
    try:
        readings = read_folder(where)
    except OSError as error:
        raise SettingsError(_("The folder {path} cannot be read: {reason}").format(path=where, reason=error)) from error
    today = settings.clock()().astimezone(ZoneInfo(plan.commune.timezone)).date()
    findings = check_sheets(readings, plan, str(where), today)
    faulty = any(finding.fails for finding in findings)
    if to_confirm:
        print(page_to_confirm(readings, plan, language), end="")
    elif not faulty:
        print(_("{count} sheets, without a fault.").format(count=len(readings)))
    for finding in findings:
        if finding.fails or not to_confirm:
            print(finding.in_language(language), file=sys.stderr if to_confirm else sys.stdout)
    return 1 if faulty else 0


def _plan_in_force(settings: Settings) -> Plan:
    """The plan in the record; if there is none, the plan that the first start would import."""
    with closing(open_record(settings.record_url)) as record:
        try:
            return Plans(record).current().plan if is_current(record) else _plan_in(first_plan(settings))
        except NoPlan:
            return _plan_in(first_plan(settings))


def _plan_in(path: Path) -> Plan:
    try:
        return Plan.load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(_("The plan {path} cannot be read: {reason}").format(path=path, reason=error)) from error
    except PlanErrors as error:
        raise SettingsError(_("The plan {path} is not valid: routeur plan check {path}").format(path=path)) from error
