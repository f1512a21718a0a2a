"""The words of `routeur run` once the system answers."""

from __future__ import annotations

from application.operator_words import _
from application.settings import Settings
from application.wiring.core import open_core
from bureau.access.accounts import DEMO_PASSWORD
from competences.plan.plan import Plan

SHOWN_AGENTS = 3


def welcome(settings: Settings) -> str:
    """The address and, in a demonstration, who can log in."""
    lines = ["", _("The town hall is open: {address}").format(address=settings.base_url)]
    if settings.demo:
        with open_core(settings) as core:
            plan = core.plans.plan()
        lines.append(_("Demonstration log-ins (password: {password}):").format(password=DEMO_PASSWORD))
        lines += [f"  {login:<24} {name}" for login, name in _some_agents(plan)]
        lines.append(_("All of them: routeur agents"))
    lines.append(_("Ctrl-C stops everything."))
    return "\n".join(lines)


def _some_agents(plan: Plan) -> list[tuple[str, str]]:
    """The first few agents of each role, the role with the fewest people first."""
    by_role: dict[str, list[tuple[str, str]]] = {}
    for login, agent in plan.agents.items():
        by_role.setdefault(agent.role, []).append((login, f"{agent.name} ({_role(agent.role)})"))
    return [person for people in sorted(by_role.values(), key=len) for person in people[:SHOWN_AGENTS]]


def _role(role: str) -> str:
    return {"agent": _("agent"), "supervisor": _("supervisor"), "admin": _("administrator")}[role]
