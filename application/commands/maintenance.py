"""The commands that are about the record and the index."""

from __future__ import annotations

from datetime import timedelta

from redis.exceptions import RedisError

from application.commands.plan import first_plan, has_plan, publish
from application.operator_words import _
from application.settings import Settings, SettingsError
from application.wiring.core import open_core
from routeur.record.migrate import upgrade
from routeur.retention import purge


def prepare(settings: Settings) -> None:
    """Migrate the record and, where it has no plan yet, put the first one in force."""
    with open_core(settings) as core:
        upgrade(core.record)
        if not has_plan(core):
            publish(core, first_plan(settings), author=None)


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
