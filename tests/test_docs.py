"""Every setting, command, figure and message is described where people look for it."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from application.cli import parser
from application.settings import Settings
from application.wiring import metrics
from tests.test_sixth_channel import ADDED, CHANNEL, TABLE

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")


def commands(of: argparse.ArgumentParser, before: str = "routeur") -> Iterator[str]:
    """Every command with its sub-commands, in full."""
    below = [action for action in of._actions if isinstance(action, argparse._SubParsersAction)]
    for action in below:
        for name, one in action.choices.items():
            yield from commands(one, f"{before} {name}")
    if not below:
        yield before


@pytest.mark.parametrize("name", [name.upper() for name in Settings.model_fields])
def test_every_setting_is_in_the_readme(name: str) -> None:
    assert f"`{name}`" in README


@pytest.mark.parametrize("command", [*commands(parser())])
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"`{command}" in README


def test_the_readme_names_no_command_that_is_not_there() -> None:
    named = set(re.findall(r"`(routeur(?: [a-z]+)+)", README))
    assert named <= set(commands(parser()))


def test_every_figure_is_described() -> None:
    source = Path(metrics.__file__).read_text("utf-8")
    assert set(re.findall(r'"(routeur_\w+)"', source)) == set(re.findall(r"`(routeur_\w+)", OPERATIONS))


def test_every_target_of_the_makefile_is_in_the_readme() -> None:
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert targets is not None
    assert [name for name in targets[1].split() if name != ".venv" and f"make {name}" not in README] == []


def test_the_operator_reads_everything_in_french() -> None:
    with (ROOT / "application" / "locales" / "fr.po").open("rb") as file:
        french = {message.id for message in read_po(file) if message.string}
    said = {found[2] for found in extract_from_dir(str(ROOT / "application"), keywords={"_": None})}
    assert said == french - {""}


def test_links_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))
        assert [link for link in links if not (page.parent / link).exists()] == []


def test_adding_a_channel_is_told_as_it_is_done() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    section = page.partition("## Adding a channel\n")[2].partition("\n## ")[0]
    steps = re.findall(r"^\d\. (.*?):", section, re.MULTILINE)
    *product, wiring = [re.findall(r"`([\w/<>.]+)`", step) for step in steps]
    told = [Path(path.replace("<channel>", CHANNEL)) for step in product for path in step]
    assert told == [TABLE, *ADDED]
    assert all((ROOT / path).exists() for path in [TABLE, *wiring])
    for named in ("canaux", "webhooks"):
        assert any(f"from {named}." in (ROOT / path).read_text("utf-8") for path in wiring)
    for cited in re.findall(r"`([\w/]+\.py)`", section):
        assert (ROOT / cited).exists()
    table = (ROOT / TABLE).read_text("utf-8")
    assert all(name in table for name in ("class Channel(", "CHANNELS: Final", "default_rules: "))


def test_the_help_is_in_french_and_in_english() -> None:
    def help_text(language: str) -> str:
        command = [sys.executable, "-m", "application", "--help"]
        return subprocess.run(command, env={"LANG": language}, capture_output=True, text=True, check=True).stdout

    assert "La file unique de la mairie." in help_text("fr_FR.UTF-8")
    assert "The town hall's one queue." in help_text("en_GB.UTF-8")
