"""The commands that are about the staff."""

from __future__ import annotations

import getpass
import json
import sys

from argon2 import PasswordHasher
from rich.console import Console
from rich.table import Table

from application.operator_words import _
from application.settings import Settings, SettingsError
from application.wiring.core import open_core
from bureau.access import accounts
from bureau.access.hashing import Hashing
from competences.plan.plan import Plan
from routeur.errors import Invalid, NotFound


def list_agents(settings: Settings, *, as_json: bool) -> int:
    """Print login, name and skills of everyone in the plan in force."""
    with open_core(settings) as core:
        plan = core.plans.plan()
    if as_json:
        people = [
            {"login": login, "name": agent.name, "role": agent.role, "skills": dict(agent.skills)}
            for login, agent in plan.agents.items()
        ]
        print(json.dumps(people, ensure_ascii=False, indent=2))
    else:
        Console().print(_table(plan))
    return 0


def _table(plan: Plan) -> Table:
    table = Table(_("Log-in"), _("Name"), _("Role"), _("Skills"))
    for login, agent in plan.agents.items():
        skills = ", ".join(f"{skill} {level}" for skill, level in sorted(agent.skills.items()))
        table.add_row(login, agent.name, agent.role, skills)
    return table


def set_password(settings: Settings, login: str) -> int:
    """Give an account a password, typed or piped in."""
    prompt = _("New password of {login}: ").format(login=login)
    password = getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    try:
        with open_core(settings) as core, core.record.write() as connection:
            accounts.set_password(connection, login, password, Hashing(PasswordHasher()))
    except NotFound:
        raise SettingsError(_("Nobody has the log-in {login}.").format(login=login)) from None
    except Invalid:
        shortest = accounts.MINIMUM_PASSWORD_CHARACTERS
        words = _("A password has at least {count} characters, and not one alone, repeated.")
        raise SettingsError(words.format(count=shortest)) from None
    print(_("The password of {login} is set.").format(login=login))
    return 0
