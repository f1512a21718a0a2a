"""Dates, references, promises, and that everything said exists in French."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from canaux.wording import day_in_words, follow_up_in_words, known_language, local_day, service_label, spelled
from competences.plan.plan import Plan
from routeur.contact.words import FollowUpReason
from routeur.ports.inbound import FollowUpFacts

ROOT = Path(__file__).parents[2]
PLAN = Plan.load((ROOT / "tests" / "data" / "small_plan.yaml").read_text("utf-8"))
FOLLOW_UP = FollowUpFacts(
    "1", "ACD-123-456", FollowUpReason.CLOSED, None, "etat-civil", datetime(2026, 4, 1, 15, tzinfo=UTC)
)


def french() -> Catalog:
    return read_po(BytesIO((ROOT / "canaux" / "locales" / "fr.po").read_bytes()), locale="fr")


@pytest.mark.parametrize(
    ("day", "language", "words"),
    [
        (date(2026, 4, 1), "fr", "mercredi 1er avril"),
        (date(2026, 4, 11), "fr", "samedi 11 avril"),
        (date(2026, 4, 1), "en", "Wednesday 1 April"),
        (date(2026, 4, 1), "es", "Wednesday 1 April"),
    ],
)
def test_days(day: date, language: str, words: str) -> None:
    assert day_in_words(day, language) == words


def test_a_day_of_the_law_has_its_year() -> None:
    assert day_in_words(date(2026, 4, 2), "fr", year=True) == "jeudi 2 avril 2026"


def test_the_day_is_the_commune_s() -> None:
    assert local_day(datetime(2026, 4, 1, 22, 30, tzinfo=UTC), PLAN) == date(2026, 4, 2)


def test_references_are_spelled() -> None:
    assert spelled("ACD-123-456") == "A, C, D. 1, 2, 3. 4, 5, 6"


def test_a_language_that_we_do_not_write_is_answered_in_english() -> None:
    assert [known_language(one) for one in ("fr", "en", "es")] == ["fr", "en", "en"]


def test_promises() -> None:
    assert follow_up_in_words(PLAN, FOLLOW_UP, "fr") == (
        "Votre message est enregistré sous la référence ACD-123-456. "
        "Le service concerné, État civil, vous répondra au plus tard le mercredi 1er avril."
    )
    assert follow_up_in_words(PLAN, FOLLOW_UP, "en").endswith(
        "Civil registry, will answer you by Wednesday 1 April at the latest."
    )


def test_a_service_that_the_plan_no_longer_has_is_called_by_its_key() -> None:
    assert service_label(PLAN, "archives", "fr") == "archives"


def test_everything_said_exists_in_french() -> None:
    said = {
        message
        for package in ("canaux", "webhooks")
        for _, _, message, _, _ in extract_from_dir(ROOT / package, [("**.py", "python")])
    }
    catalogue = french()
    translated = {str(message.id) for message in catalogue if message.id and message.string and not message.fuzzy}
    assert said == translated


def test_translations_keep_their_places() -> None:
    catalogue = french()
    for message in catalogue:
        if message.id:
            names = {part.split("}")[0] for part in str(message.id).split("{")[1:]}
            assert {part.split("}")[0] for part in str(message.string).split("{")[1:]} == names
