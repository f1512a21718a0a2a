"""Translates what the operator reads: into French, or English if the machine's locale is English."""

from __future__ import annotations

import os

from competences.translation import DEFAULT_LANGUAGE, translator


def operator_language() -> str:
    """The language of the person who runs the commands, from the locale."""
    chosen = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "en" if chosen.startswith("en") else DEFAULT_LANGUAGE


def _(message: str) -> str:
    """The message in the operator's language."""
    return translator("application", operator_language()).gettext(message)
