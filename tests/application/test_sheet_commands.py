"""The command `routeur sheets check`, as an operator types it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from application.commands.plan import DEMO_PLAN

ROOT = Path(__file__).parents[2]
SHEETS = ROOT / "competences" / "topics"
SMALL_PLAN = ROOT / "tests" / "data" / "small_plan.yaml"
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def routeur(environment: dict[str, str], folder: Path, sqlite: str) -> Command:
    """`routeur ...` on a day when no sheet was to be reviewed yet, with no record at first and without Redis."""
    variables = environment | {"DATABASE_URL": sqlite, "CLOCK_START": "2026-11-24T09:00"}

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "application", *arguments]
        return subprocess.run(command, cwd=folder, env=variables | more, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def sheets(folder: Path) -> Path:
    """A copy of the sheets that the test may spoil."""
    copy = folder / "sheets"
    shutil.copytree(SHEETS, copy)
    return copy


def test_the_sheets_that_are_installed_are_without_a_fault(routeur: Command) -> None:
    done = routeur("sheets", "check")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == "45 fiches, sans faute."
    assert all(": Remarque : " in line for line in done.stdout.splitlines()[1:])


def test_every_fault_is_told_with_its_file_and_line(routeur: Command, sheets: Path) -> None:
    pacs = sheets / "pacs" / "fiche.md"
    pacs.write_text(pacs.read_text("utf-8").replace("service: etat-civil", "service: ccas"), "utf-8")
    (sheets / "cantine" / "fiche.md").unlink()
    done = routeur("sheets", "check", "sheets")
    assert done.returncode == 1
    faults = [line for line in done.stdout.splitlines() if ": Remarque : " not in line]
    assert faults == [
        "sheets/cantine/fiche.md:1: Le sujet « cantine » du plan n'a pas de fiche.",
        "sheets/pacs/fiche.md:3: service: Dans le plan, le service de ce sujet est « etat-civil ».",
    ]
    assert "the plan's topic `cantine` has no sheet" in routeur("sheets", "check", "sheets", LANG="en").stdout.lower()


def test_the_day_decides_whether_a_review_is_overdue(routeur: Command) -> None:
    assert routeur("sheets", "check", CLOCK_START="2030-01-01T09:00").returncode == 1


def test_the_plan_is_the_one_in_force_unless_a_file_is_named(routeur: Command) -> None:
    assert routeur("db", "upgrade", PLAN=str(SMALL_PLAN)).returncode == 0
    done = routeur("sheets", "check")
    assert done.returncode == 1
    assert "Le plan n'a pas de sujet « cantine »." in done.stdout
    assert routeur("sheets", "check", "--plan", str(DEMO_PLAN)).returncode == 0


def test_what_the_services_must_confirm_is_the_page_of_the_documentation(routeur: Command, sheets: Path) -> None:
    page = routeur("sheets", "check", "--to-confirm")
    assert page.returncode == 0
    assert page.stdout == (ROOT / "docs" / "sheets-to-confirm.md").read_text("utf-8")
    (sheets / "cantine" / "fiche.md").unlink()
    done = routeur("sheets", "check", "--to-confirm", "sheets")
    assert done.returncode == 1
    assert done.stdout.startswith("<!-- ")
    assert done.stderr == "sheets/cantine/fiche.md:1: Le sujet « cantine » du plan n'a pas de fiche.\n"


@pytest.mark.parametrize(
    "arguments", [("nowhere",), ("--plan", "nowhere.yaml"), ("--plan", str(SHEETS / "cantine" / "fiche.md"))]
)
def test_what_cannot_be_read_is_said_in_one_line(routeur: Command, arguments: tuple[str, ...]) -> None:
    done = routeur("sheets", "check", *arguments)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
