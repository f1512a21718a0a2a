"""Imports run one way (the rules are in pyproject.toml, under tool.importlinter); a contact has its type everywhere."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("application", "bureau", "canaux", "competences", "routeur", "webhooks")
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
