"""The commands that are about the record and the index."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from redis.exceptions import RedisError

from application.operator_words import _
from application.settings import Settings, SettingsError
from application.wiring.core import Core, open_core
from bureau.access.accounts import sync_accounts
from competences.plan.errors import PlanErrors
from routeur.plans import NoPlan
from routeur.record.migrate import upgrade
from routeur.retention import purge

DEMO_PLAN = Path(__file__).parents[2] / "plans" / "mairie.yaml"


def prepare(settings: Settings) -> None:
    """Migrate the record and, where it has no plan yet, put the first one in force."""
    with open_core(settings) as core:
        upgrade(core.record)
        if not has_plan(core):
            publish(core, first_plan(settings), author=None)


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
    with core.record.write() as connection:
        sync_accounts(connection, in_force.plan)
    return in_force.version


def first_plan(settings: Settings) -> Path:
    """The file to import where there is no plan yet."""
    if settings.plan is not None:
        return settings.plan
    if not settings.demo or not DEMO_PLAN.exists():
        raise SettingsError(_("There is no routing plan yet: name its file in PLAN."))
    return DEMO_PLAN


def rebuild(settings: Settings) -> int:
    """Make the index again from the record, beside the running processes."""
    with open_core(settings) as core:
        try:
            count = core.router.repair.rebuild()
        except RedisError as error:
            raise SettingsError(_("Redis does not answer: {reason}").format(reason=error)) from error
    if count is None:
        print(_("Another process is rebuilding the index already."))
    else:
        print(_("The index holds {count} open contacts.").format(count=count))
    return 0


def purge_older_than(settings: Settings, days: int) -> int:
    """Anonymise what was closed more than `days` days ago."""
    with open_core(settings) as core:
        purged = purge(core.record, core.clock() - timedelta(days=days))
    counts = {"contacts": purged.contacts, "usagers": purged.usagers}
    print(_("Anonymised: {contacts} contacts, {usagers} usagers.").format(**counts))
    return 0
