"""What the architecture promises: imports run one way (the rules are in pyproject.toml, under tool.importlinter), a
contact has its type everywhere, the router names no channel, and what is cited is there."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from competences.channels import CHANNELS

PACKAGES = ("application", "bench", "bureau", "canaux", "competences", "routeur", "tools", "webhooks")
ROOT = Path(__file__).parent.parent
A_CONTACT = {"companion", "contact", "lead", "newcomer", "one", "other", "row", "standing"}
"""What variables that hold a contact are called."""


def test_imports_run_one_way() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("package", PACKAGES)
def test_no_contact_goes_by_without_its_type(package: str) -> None:
    untyped = [
        f"{module.relative_to(ROOT)}: {ast.unparse(node)}"
        for module in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if _names_a_contact_any(node) or _fakes_a_row(node)
    ]
    assert untyped == []


def _names_a_contact_any(node: ast.AST) -> bool:
    if isinstance(node, ast.arg):
        return node.arg in A_CONTACT and node.annotation is not None and ast.unparse(node.annotation) == "Any"
    if isinstance(node, ast.AnnAssign):
        return ast.unparse(node.target) in A_CONTACT and ast.unparse(node.annotation) == "Any"
    return isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id == "Any"


def _fakes_a_row(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "SimpleNamespace"


def test_the_router_asks_the_table_what_a_channel_is_and_names_none() -> None:
    modules = (path for path in (ROOT / "routeur").rglob("*.py") if "migrations" not in path.parts)
    naming = {path for path in modules if re.search(r"\bChannel\.[A-Z]", path.read_text("utf-8"))}
    assert naming == set()


def test_the_scripts_are_told_the_letters_of_the_channels() -> None:
    letters = "".join(traits.letter for traits in CHANNELS.values())
    for script in (ROOT / "routeur" / "index" / "scripts").rglob("*.lua"):
        code = re.sub(r"--.*", "", script.read_text("utf-8"))
        assert letters not in code
        assert not re.search(rf"'([{letters}]|0{{{len(letters)}}}|1{{{len(letters)}}})'", code), script.name
        assert not re.search(rf"for \w+ = 1, {len(letters)}\b", code), script.name


CITED = re.compile(
    r"\b((?:application|bench|bureau|canaux|competences|docs|plans|routeur|tests|webhooks)/[\w/.-]+\.\w+)"
)


def test_comments_cite_files_that_exist() -> None:
    sources = (
        path for folder in PACKAGES for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".lua", ".md")
    )
    missing = {
        f"{source.relative_to(ROOT)}: {cited}"
        for source in sources
        for cited in CITED.findall(source.read_text("utf-8"))
        if not (ROOT / cited).exists()
    }
    assert missing == set()
