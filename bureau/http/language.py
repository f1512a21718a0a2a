"""The language that an answer is written in."""

from __future__ import annotations

from gettext import NullTranslations

from flask import Request

from competences.translation import DEFAULT_LANGUAGE, translator

LANGUAGES = (DEFAULT_LANGUAGE, "en")


def language_of(request: Request) -> str:
    """French unless the reader's browser or program prefers English."""
    return request.accept_languages.best_match(LANGUAGES, default=DEFAULT_LANGUAGE)


def translations_for(request: Request) -> NullTranslations:
    """The texts of this package in the reader's language."""
    return translator("bureau", language_of(request))
