"""A language is added to a plan by its words alone; what could not be said or chosen is a fault with its place."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml
from babel.messages.extract import extract_from_file

from competences.plan.phrases import PHRASES, places
from competences.plan.plan import Plan, PlanErrors
from competences.recognition.language import recognised_language
from tests.competences.documents import mairie

ROOT = Path(__file__).parents[2]
SMALL = (ROOT / "tests" / "data" / "small_plan.yaml").read_text("utf-8")


def plan_with(german: dict[str, Any], *, offered: bool = False) -> str:
    plan = yaml.safe_load(Plan.load(SMALL).dump())
    plan["languages"]["de"] = {"label": {"fr": "Allemand"}, **german}
    plan["agents"]["anne"]["skills"]["lang:de"] = 3
    if offered:
        plan["menu"]["entries"]["*"] = {"label": {"fr": "Deutsch", "de": "Deutsch"}, "language": "de"}
    return yaml.safe_dump(plan, allow_unicode=True, sort_keys=False)


def faults(text: str) -> list[str]:
    with pytest.raises(PlanErrors) as caught:
        Plan.load(text, "en")
    return [str(error) for error in caught.value.errors]


def test_a_language_with_its_words_is_one_of_the_plan() -> None:
    words = {"greeting": "Guten Tag. Rathaus von {commune}.", "goodbye": "Auf Wiederhören."}
    plan = Plan.load(plan_with({"spoken": "de-DE", "words": words}, offered=True))
    assert plan.spoken_languages == ("fr", "en", "de")
    assert plan.languages["de"].by_message["Thank you for your call. Goodbye."] == "Auf Wiederhören."
    assert Plan.load(plan.dump()) == plan


@pytest.mark.parametrize(
    ("german", "offered", "fault"),
    [
        ({"words": {"greting": "Guten Tag."}}, False, "greeting"),
        ({"words": {"greeting": "Guten Tag."}}, False, "{commune}"),
        ({"words": {"greeting": "Guten Tag, {town}."}}, False, "{commune}"),
        ({"words": {"greeting": "Guten Tag, {commune!r}."}}, False, "{commune}"),
        ({"words": {"greeting": "Guten Tag, {commune"}}, False, "{commune}"),
        ({"words": {"goodbye": "Auf {wieder}hören."}}, False, "braces"),
        ({"heard": "deutsch!"}, False, "es-ES"),
        ({"spoken": "de-DE"}, False, "menu"),
        ({}, True, "spoken"),
    ],
)
def test_what_could_not_be_said_or_chosen_is_a_fault(german: dict[str, Any], fault: str, *, offered: bool) -> None:
    (found,) = faults(plan_with(german, offered=offered))
    assert fault in found


def test_every_phrase_is_one_that_we_say() -> None:
    said = set()
    for path in (ROOT / "canaux").rglob("*.py"):
        said |= {str(message[1]) for message in extract_from_file("python", path)}
    assert set(PHRASES.values()) <= said
    assert all(places(message) is not None for message in PHRASES.values())


def test_all_that_a_caller_hears_can_be_worded() -> None:
    heard = {str(message[1]) for message in extract_from_file("python", ROOT / "canaux" / "voice" / "script.py")}
    not_theirs = {
        "This call is no longer waiting for you. Goodbye.",  # an agent hears it
        "We are sorry: we have a technical problem.",  # said while the plan cannot be read
        "Please leave us your name and your question after the beep.",
    }
    assert heard - not_theirs <= set(PHRASES.values())


def test_the_town_s_languages_have_every_phrase() -> None:
    for code, language in mairie().languages.items():
        if language.words:
            assert set(language.words) == set(PHRASES), code


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hola, necesito una copia de mi partida de nacimiento. ¿Qué tengo que hacer?", "es"),
        ("Olá, preciso de uma certidão de nascimento. O que devo fazer? Obrigado.", "pt"),
        ("السلام عليكم، أريد تجديد جواز السفر. متى تفتح البلدية؟", "ar"),
        ("Hello, I would like to renew my passport. When are you open?", "en"),
        ("Bonjour, je voudrais une copie de mon acte de naissance.", "fr"),
        ("Guten Tag, ich möchte wissen, wann das Rathaus geöffnet ist.", "fr"),
        ("Pasaporte por favor", "fr"),
        ("", "fr"),
        ("👋", "fr"),
    ],
)
def test_a_message_is_recognised_only_where_its_language_is_clear(text: str, language: str) -> None:
    assert recognised_language(mairie(), text, "fr") == language


SPANISH = dict.fromkeys(
    (
        "hola necesito ayuda por favor",
        "Buenas tardes, ¿a qué hora abre la oficina de turismo mañana?",
        "buenos días quería hablar con alguien que hable español",
    ),
    "es",
)
"""Among the messages about nothing of ours."""


def test_no_example_of_a_message_in_french_or_english_is_taken_for_another_language() -> None:
    texts = [
        row["text"]
        for path in (ROOT / "competences" / "topics").glob("*/messages.csv")
        for row in csv.DictReader(path.read_text("utf-8").splitlines(keepends=True))
        if row["language"] in ("fr", "en")
    ]
    assert len(texts) > 1000
    taken = {text: recognised_language(mairie(), text, "fr") for text in texts}
    assert {text: language for text, language in taken.items() if language not in ("fr", "en")} == SPANISH


def test_every_phrase_is_described() -> None:
    page = (ROOT / "docs" / "languages.md").read_text("utf-8")
    assert [name for name, message in PHRASES.items() if f"| `{name}` | {message} |" not in page] == []
