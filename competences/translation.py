"""Translations of what people read: gettext catalogues, from each package's `locales/<language>.po`."""

from __future__ import annotations

import gettext
import io
from functools import cache
from importlib.resources import files

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DEFAULT_LANGUAGE = "fr"
CATALOGUED = ("fr", "en")
"""The languages in which our catalogues say everything; a plan may word its main phrases in others."""


def N_(message: str) -> str:
    """Marks a message for the catalogues where it is defined; it is translated where it is shown."""
    return message


@cache
def translator(package: str, language: str) -> gettext.NullTranslations:
    """The messages of one package in one language.

    Messages are written in English; a language without a catalogue therefore reads English.
    The catalogue is compiled in memory, so that the text file is the only form that is kept.
    """
    source = files(package).joinpath("locales", f"{language}.po")
    if not source.is_file():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source.read_bytes()), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
