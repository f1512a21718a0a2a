"""A letter is answered in the language of its words; in French where they do not say for certain."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from canaux.email.incoming.language import letter_language
from canaux.email.incoming.reading import read_email


@pytest.mark.parametrize(
    "text",
    [
        "Hello, I would like to know how to renew my passport. Thank you.",
        "Lost card\nHi, what documents do I need for a new identity card?",
        "Dear Sir or Madam,\nmy husband and I moved to Auxerre. Where can we register our children at school?",
        "When is the town hall open on Saturdays, please?",
    ],
)
def test_english(text: str) -> None:
    assert letter_language(text) == "en"


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("Bonjour, je voudrais renouveler mon passeport. Merci.", ""),
        ("Bonjour, je voudrais renouveler mon passeport. Merci.", "en-US"),
        ("Acte de naissance", "en-US"),
        ("", "en-GB"),
        ("", ""),
        ("OK", ""),
        ("Guten Tag, ich möchte wissen, wann das Rathaus in der Stadt geöffnet ist.", ""),
        ("Buenos días, quisiera saber cuándo está abierto el ayuntamiento.", ""),
        ("Le week-end à la mairie : open data et hackathon the best of", ""),
    ],
)
def test_french_and_what_is_neither_for_certain(text: str, declared: str) -> None:
    assert letter_language(text, declared) == "fr"


def test_a_few_words_count_with_what_the_letter_declares() -> None:
    assert (letter_language("Passport, please", "en-GB"), letter_language("Passport, please")) == ("en", "fr")


def test_a_letter_has_the_language_of_its_words() -> None:
    raw = b"From: ann@example.org\r\nSubject: Opening hours\r\n\r\nHello, when are you open on Saturday, please?\r\n"
    assert read_email(raw).inbound.language == "en"
    assert read_email(b"From: lea@example.org\r\n\r\nBonjour\r\n").inbound.language == "fr"


def test_every_example_of_a_letter_is_answered_in_its_own_language() -> None:
    folder = files("competences") / "topics"
    letters = [
        row
        for topic in folder.iterdir()
        if topic.joinpath("messages.csv").is_file()
        for row in csv.DictReader(topic.joinpath("messages.csv").read_text("utf-8").splitlines(keepends=True))
    ]
    english = [row for row in letters if row["channel"] == "email" and row["language"] == "en"]
    french = [row["text"] for row in letters if row["language"] == "fr"]
    assert len(english) > 200
    assert [row["text"] for row in english if letter_language(row["text"]) != "en"] == []
    assert [text for text in french if letter_language(text) != "fr"] == []
