"""Every message that a person reads has its French, with the same values filled in."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import competences
from competences.translation import translator

PACKAGE = Path(competences.__file__).parent


def messages() -> set[str]:
    keywords: dict[str, None] = {"N_": None, "gettext": None}
    return {str(message) for _, _, message, _, _ in extract_from_dir(PACKAGE, keywords=keywords)}


def catalogue() -> Catalog:
    return read_po(io.BytesIO((PACKAGE / "locales" / "fr.po").read_bytes()), locale="fr")


def test_the_catalogue_holds_every_message_and_no_other() -> None:
    held = {str(message.id) for message in catalogue() if message.id}
    assert held == messages()


@pytest.mark.parametrize("message", sorted(messages()))
def test_every_message_is_translated_with_the_same_values(message: str) -> None:
    translated = translator("competences", "fr").gettext(message)
    assert translated != message
    assert sorted(re.findall(r"\{\w+\}", translated)) == sorted(re.findall(r"\{\w+\}", message))


def test_no_translation_is_marked_as_doubtful() -> None:
    assert not [message.id for message in catalogue() if message.id and message.fuzzy]


@pytest.mark.parametrize("language", ["en", "xx", "../fr"])
def test_a_language_without_a_catalogue_reads_english(language: str) -> None:
    assert translator("competences", language).gettext("This text is empty.") == "This text is empty."
