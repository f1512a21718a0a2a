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


@pytest.mark.parametrize(
    "text", ["Hi, opening hours?", "Opening hours", "When open?", "Hello, birth certificate please"]
)
def test_a_short_letter_that_is_clearly_english(text: str) -> None:
    assert letter_language(text) == "en"


@pytest.mark.parametrize(
    "text",
    [
        "Hello",
        "Passport?",
        "Was will der Mann",
        "Hola, ¿horario?",
        "Hello la mairie, les horaires ?",
        "Test",
    ],
)
def test_a_short_letter_that_is_not_clear(text: str) -> None:
    assert letter_language(text) == "fr"


DISCLAIMER = (
    "This e-mail and any attachments are confidential and intended solely for the addressee. If you have received it "
    "in error, please delete it and tell the sender.\n\nWe do not accept any liability for what is in it or for a loss."
)
THEIRS = "Dear Sir, we have sent you the invoice and would like to know when you will be able to pay it. Thank you."


@pytest.mark.parametrize(
    ("subject", "text", "language"),
    [
        ("Passeport", f"Passeport perdu.\n\n{DISCLAIMER}", "fr"),
        ("Passeport", DISCLAIMER, "fr"),
        ("Passeport", f"Voir pièce jointe.\n\n-- \nJohn Smith\n{THEIRS}", "fr"),
        ("Passeport", f"Voir pièce jointe.\n\nCordialement,\nJohn Smith\n{THEIRS}", "fr"),
        ("Passeport", "Voir pièce jointe.\n\nSent from my iPhone, the best of all that there is, with the mail", "fr"),
        (
            "Fwd: Your invoice and what you have to do",
            f"A traiter.\n\n-------- Message transféré --------\n{THEIRS}",
            "fr",
        ),
        ("TR: Invoice", f"A traiter.\n\n-----Message d'origine-----\nDe : Ann <a@x.example>\n\n{THEIRS}", "fr"),
        ("Re: Your invoice: what you have to do", f"Payé hier.\n> {THEIRS}", "fr"),
        (
            "Re: Votre passeport",
            f"Hello, I have sent it to you by post.\n> Bonjour, {'la mairie vous écrit ' * 9}",
            "en",
        ),
        ("Passport", f"Hello, when are you open on Saturday, please?\n\n{DISCLAIMER}", "en"),
        (
            "Opening hours",
            "Hi,\n\nopening hours?\n\n-- \nVille de Lyon, la mairie de tous les Lyonnais et pour tous",
            "en",
        ),
        ("Question", "Hello, is this confidential: can I come with my dog to the town hall?", "en"),
    ],
)
def test_only_what_the_writer_wrote_says_their_language(subject: str, text: str, language: str) -> None:
    head = f"From: a@example.org\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n"
    assert read_email((head + text).encode()).inbound.language == language


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
