"""A channel that the product does not have is added as docs/architecture.md says, and a contact comes by it.

Everything else stays as it is: a copy of the packages gets one member and one row more in the table of channels, one
file in `canaux` and one in `webhooks`, and a composition root of its own names the two.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from competences.channels import CHANNELS, Channel
from tests.routeur.hall import PLAN

ROOT = Path(__file__).parent.parent
PARTS = ROOT / "tests" / "data" / "sixth_channel"
PACKAGES = ("canaux", "competences", "routeur", "webhooks")
CHANNEL = "fax"
TABLE = Path("competences/channels.py")
ADDED = (Path(f"canaux/{CHANNEL}.py"), Path(f"webhooks/{CHANNEL}.py"))


def extended_table(source: str) -> str:
    """The table's module with the new member after the others, and the new row."""
    last = list(Channel)[-1]
    member = f'    {last.name} = "{last.value}"\n'
    end_of_rows = '}\n"""In order of precedence'
    assert source.count(member) == source.count(end_of_rows) == 1
    source = source.replace(member, member + (PARTS / "member.txt").read_text("utf-8"))
    return source.replace(end_of_rows, (PARTS / "row.txt").read_text("utf-8") + end_of_rows)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The packages with the new channel."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / TABLE).write_text(extended_table((ROOT / TABLE).read_text("utf-8")), "utf-8")
    for added in ADDED:
        assert not (tmp_path / added).exists()
        shutil.copy(PARTS / added, tmp_path / added)
    return tmp_path


def test_a_contact_comes_by_a_channel_that_the_plan_in_force_does_not_know(
    tree: Path, sqlite: str, redis_url: str
) -> None:
    assert f"{CHANNEL}:" not in PLAN.read_text("utf-8")
    command = [sys.executable, "-W", "error", str(PARTS / "town_hall.py"), sqlite, redis_url, str(PLAN)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tree), str(ROOT)])}
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lived = json.loads(done.stdout.splitlines()[-1])

    assert lived["statuses"] == [403, 204, 204, 204]
    assert lived["agent"] == "anne"
    assert lived["load"] == {**{channel.value: 0 for channel in CHANNELS}, CHANNEL: 1}
    assert {"arrived", "offered", "accepted", "replied", "finished"} == set(lived["story"])
    answered, told = lived["sent"]
    assert answered == ["+33639980001", "Voici le formulaire."]
    assert told[0] == "+33639980001"
    assert "enregistré sous la référence" in told[1]
    assert (lived["rules"]["target_seconds"], lived["rules"]["capacity"], lived["rules"]["exclusive"]) == (
        7200,
        2,
        False,
    )
