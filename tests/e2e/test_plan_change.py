"""The plan changes while the town hall works."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.desk import Arrive
from tests.e2e.street import Caller, Visitor
from tests.e2e.test_offers import plan_in_force
from tests.e2e.town_hall import TownHall
from tests.e2e.waiting import eventually
from tests.twiml_check import said


def test_new_skills_count_at_once_for_who_waits(town: TownHall, arrive: Arrive, tmp_path: Path) -> None:
    theo = arrive("theo.marchand")
    arrive("odile.besson", "busy")
    visitor = Visitor(town)
    visitor.begin("Nous avons perdu notre père cette nuit.", topic="obseques")
    assert arrive("camille.martin", None).contact(visitor.id)["state"] == "waiting"

    def theo_learns(plan: str) -> str:
        before, _, after = plan.partition("  theo.marchand:")
        return before + "  theo.marchand:" + after.replace("{accueil: 1}", "{accueil: 1, funeraire: 4}", 1)

    with plan_in_force(town, tmp_path, theo_learns):
        assert theo.offered()["contact"]["id"] == visitor.id
        theo.accept(visitor.id)
        theo.finish(visitor.id)


def test_a_topic_that_disappears_strands_nobody(town: TownHall, arrive: Arrive, tmp_path: Path) -> None:
    arrive("odile.besson", "busy")
    theo = arrive("theo.marchand")
    visitor = Visitor(town)
    visitor.begin("C'est pour une exhumation.", topic="exhumation")
    assert theo.offers() == []

    def without_exhumation(plan: str) -> str:
        before, _, after = plan.partition("  exhumation:")
        _, _, after = after.partition("  # --- Urbanisme")
        lines = (before + "  # --- Urbanisme" + after).splitlines(keepends=True)
        return "".join(line for line in lines if "topic: exhumation" not in line)

    with plan_in_force(town, tmp_path, without_exhumation):
        assert theo.offered()["contact"]["id"] == visitor.id
        theo.accept(visitor.id)
        theo.finish(visitor.id)


def test_callers_hear_the_new_plan(town: TownHall, arrive: Arrive, tmp_path: Path) -> None:
    arrive("theo.marchand")
    with plan_in_force(town, tmp_path, lambda plan: plan.replace("name: Sainte-Aldegonde-sur-Yonne", "name: Port-Sec")):
        eventually(lambda: "Port-Sec" in _greeting(town), "the new name is said")


def _greeting(town: TownHall) -> str:
    caller = Caller(town)
    words = said(caller.dial())
    caller.hang_up()
    return words


def test_a_plan_with_a_fault_changes_nothing(town: TownHall, tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text(town.command("plan", "export").replace("famille: 5", "famille: 9"), "utf-8")
    before = town.command("plan", "export")
    with pytest.raises(AssertionError, match="famille"):
        town.command("plan", "import", str(faulty))
    assert town.command("plan", "export") == before
