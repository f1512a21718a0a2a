"""A sheet is filled with the plan's words, in the reader's language."""

from __future__ import annotations

import pytest

from competences.plan.hours import Hours
from competences.sheets.hours_in_words import hours_in_words
from competences.sheets.placeholders import Filler
from tests.competences.documents import mairie, plan_with

FRENCH = {
    "{{ commune.name }}": "Sainte-Aldegonde-sur-Yonne",
    "{{commune.phone}}": "01 99 00 35 00",
    "{{ commune.website }}": "https://www.sainte-aldegonde-sur-yonne.example",
    "{{ service.label }} : {{ service.phone }}": "Enfance et familles : 01 99 00 35 07",
    "{{ topic.label }}": "Cantine scolaire",
    "sous {{ topic.commitment_days }} jours": "sous 2 jours",
    "{{ topic.online }}": "https://demarches.sainte-aldegonde-sur-yonne.example/cantine",
    "{{ local.ages-centre-loisirs }}": "de 3 à 12 ans",
    "{{ local.prix-du-pain }}": "[à compléter : local.prix-du-pain]",
    "{{ ''.__class__ }}": "[à compléter : ''.__class__]",
    "{ topic.label }": "{ topic.label }",
}


@pytest.mark.parametrize(("text", "filled"), FRENCH.items())
def test_names_become_the_words_of_the_plan_and_nothing_is_executed(text: str, filled: str) -> None:
    assert Filler(mairie(), "cantine", "fr").fill(text) == filled


def test_english_words_where_there_are_any() -> None:
    plan = plan_with((("local_facts", "tarif-pain"), {"fr": "un euro"}))
    text = "{{ topic.label }}, {{ local.ages-centre-loisirs }}, {{ local.tarif-pain }}, {{ service.phone }}"
    assert Filler(plan, "cantine", "en").fill(text) == "School meals, aged 3 to 12, un euro, +33 1 99 00 35 07"


def test_what_the_plan_does_not_say_shows_as_a_gap() -> None:
    assert Filler(mairie(), "nuisances-bruit", "en").fill("{{ topic.online }}") == "[to be filled in: topic.online]"


def test_days_with_the_same_hours_are_said_together() -> None:
    assert hours_in_words(mairie().hours, "fr") == (
        "lundi, mardi, jeudi et vendredi de 8 h 30 à 12 h et de 13 h 30 à 17 h 30 ; "
        "mercredi de 10 h 30 à 19 h ; samedi de 9 h à 12 h"
    )
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    only = Hours.model_validate({"week": {day: ["9:00-12:15"] if day == "sunday" else [] for day in days}})
    assert hours_in_words(only, "en").replace("\N{NARROW NO-BREAK SPACE}", " ") == "Sunday from 9 AM to 12:15 PM"
