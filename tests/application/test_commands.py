"""The commands, as an operator types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from application.cli import OUTPUT_CLOSED
from application.commands.plan import DEMO_PLAN
from bureau.access.accounts import Accounts
from bureau.access.hashing import Hashing
from bureau.access.principal import Role
from routeur.plans import Plans
from routeur.record.engine import open_record
from routeur.record.migrate import is_current

SMALL_PLAN = Path(__file__).parents[1] / "data" / "small_plan.yaml"
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def routeur(environment: dict[str, str], folder: Path, record_url: str, redis_url: str) -> Command:
    """`routeur ...` on an empty record and an empty Redis."""
    variables = environment | {"DATABASE_URL": record_url, "REDIS_URL": redis_url, "PLAN": str(SMALL_PLAN)}

    def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "application", *arguments]
        return subprocess.run(command, cwd=folder, env=variables, input=given, capture_output=True, text=True)

    return run


def test_upgrade_makes_the_record_and_imports_the_first_plan_once(routeur: Command, record_url: str) -> None:
    for _ in range(2):
        assert routeur("db", "upgrade").returncode == 0
    record = open_record(record_url)
    assert is_current(record)
    assert Plans(record).current().version == 1
    record.close()


def test_importing_a_plan_puts_it_in_force_and_exporting_gives_it_back(routeur: Command, folder: Path) -> None:
    routeur("db", "upgrade")
    assert routeur("plan", "import", str(DEMO_PLAN)).returncode == 0
    exported = routeur("plan", "export").stdout
    again = folder / "again.yaml"
    again.write_text(exported)
    assert routeur("plan", "check", str(again)).returncode == 0
    assert routeur("plan", "import", str(again)).returncode == 0
    assert routeur("plan", "export").stdout == exported


def test_agents_lists_login_name_and_skills(routeur: Command) -> None:
    routeur("db", "upgrade")
    agents = json.loads(routeur("agents", "--json").stdout)
    assert agents
    assert {"login", "name", "skills"} <= agents[0].keys()
    assert agents[0]["login"] in routeur("agents").stdout


def test_a_password_opens_the_account(routeur: Command, record_url: str) -> None:
    from argon2 import PasswordHasher

    routeur("db", "upgrade")
    login = json.loads(routeur("agents", "--json").stdout)[0]["login"]
    assert routeur("password", login, given="short\n").returncode == 1
    assert routeur("password", "nobody", given="a long enough one\n").returncode == 1
    assert routeur("password", login, given="a long enough one\n").returncode == 0
    record = open_record(record_url)
    accounts = Accounts(record, Hashing(PasswordHasher()), demo=False)
    assert accounts.authenticate(login, "a long enough one") in set(Role)
    assert accounts.authenticate(login, "demo") is None
    record.close()


def test_rebuild_and_purge_say_what_they_did(routeur: Command) -> None:
    routeur("db", "upgrade")
    assert "0" in routeur("rebuild").stdout
    assert "0" in routeur("purge", "--days", "30").stdout


class TestPlanCheck:
    """The check needs no setting, no record and no Redis."""

    @pytest.fixture
    def check(self, environment: dict[str, str], folder: Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
        def run(text: str) -> subprocess.CompletedProcess[str]:
            (folder / "plan.yaml").write_text(text)
            command = [sys.executable, "-m", "application", "plan", "check", "plan.yaml"]
            return subprocess.run(
                command, cwd=folder, env=environment | {"PORT": "none"}, capture_output=True, text=True
            )

        return run

    def test_a_sound_plan_passes(self, check: Command) -> None:
        assert check(DEMO_PLAN.read_text("utf-8")).returncode == 0

    def test_a_sound_plan_passes_without_a_remark(self, check: Command) -> None:
        assert len(check(DEMO_PLAN.read_text("utf-8")).stdout.splitlines()) == 1

    def test_a_commitment_that_the_year_makes_impossible_is_told_and_is_no_fault(self, check: Command) -> None:
        plan = DEMO_PLAN.read_text("utf-8").replace("commitment_before_days: 7", "commitment_before_days: 2")
        answer = check(plan)
        _, remark = answer.stdout.splitlines()
        assert answer.returncode == 0
        assert remark.startswith("plan.yaml: topics.renseignement-notaire.commitment_before_days : ")
        assert "en moins de 2 jours" in remark

    def test_every_fault_is_told_with_its_line(self, check: Command) -> None:
        answer = check(DEMO_PLAN.read_text("utf-8").replace("accueil: 1", "acceuil: 1"))
        assert answer.returncode == 1
        assert all(line.startswith("plan.yaml:") for line in answer.stdout.splitlines())
        assert len(answer.stdout.splitlines()) > 1

    def test_a_file_that_is_not_there_is_one_line(self, environment: dict[str, str], folder: Path) -> None:
        command = [sys.executable, "-m", "application", "plan", "check", "nowhere.yaml"]
        answer = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        assert answer.returncode == 1
        assert len(answer.stderr.splitlines()) == 1


def test_no_day_that_is_still_to_come_is_purged(routeur: Command) -> None:
    routeur("db", "upgrade")
    refused = routeur("purge", "--days", "-1")
    assert refused.returncode == 2
    assert "à partir de 0" in refused.stderr


def test_a_reader_that_has_seen_enough_of_the_output_is_no_fault(environment: dict[str, str], folder: Path) -> None:
    """As `routeur plan check ... | head -0` does."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "application", "sheets", "check", "--plan", str(DEMO_PLAN), "--to-confirm"]
    ended = subprocess.run(command, cwd=folder, env=environment, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert ended.returncode == OUTPUT_CLOSED
    assert ended.stderr == ""


def test_a_record_that_does_not_answer_is_said_in_one_line(environment: dict[str, str], folder: Path) -> None:
    variables = environment | {"DATABASE_URL": "postgresql://nobody:pass-word@127.0.0.1:1/x", "PLAN": str(SMALL_PLAN)}
    command = [sys.executable, "-m", "application", "db", "upgrade"]
    done = subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("Le registre ne répond pas (DATABASE_URL)")
    assert "pass-word" not in line


def test_a_folder_that_cannot_be_written_to_is_said_in_one_line(environment: dict[str, str], folder: Path) -> None:
    (folder / "var").write_text("not a folder")
    command = [sys.executable, "-m", "application", "run"]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Rien ne peut être écrit dans {folder / 'var'}")
