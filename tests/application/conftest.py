"""An environment with nothing in it but what the test puts there, and a folder of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from application.settings import Settings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The present directory: empty, and no setting in the environment but where all tests find learned models."""
    for name in Settings.model_fields.keys() - {"topic_models"}:
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    """The same for a child process: to be added to, and handed over."""
    return dict(os.environ)
