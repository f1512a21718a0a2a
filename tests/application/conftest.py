"""Fixtures: an environment without settings but the test's own, and an empty folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from application.settings import Settings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, in an environment without settings but the folder of learned models."""
    for name in Settings.model_fields.keys() - {"topic_models"}:
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    """The environment for a child process, to which a test may add."""
    return dict(os.environ)
