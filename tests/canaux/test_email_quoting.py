"""An answer quotes the question, and the quote goes again when the person answers the answer."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canaux.email.incoming.history import newest_words
from canaux.email.incoming.reading import read_email
from canaux.email.outgoing.html_letter import as_html
from canaux.email.outgoing.quoting import MOST_QUOTED_CHARACTERS, MOST_QUOTED_LINES, below, quote
from routeur.contact.answers import Question

ASKED = Question("Léa Martin", datetime(2026, 3, 2, 9, 12, tzinfo=UTC), "Bonjour,\n\nUne photo suffit ?\n\nLéa")
PARIS = "Europe/Paris"
FRENCH = "Le 2 mars 2026 à 10:12, Léa Martin a écrit\u00a0:"


def test_the_question_stands_below_the_answer() -> None:
    assert (
        below("Oui.", quote(ASKED, "fr", PARIS)) == f"Oui.\n\n{FRENCH}\n> Bonjour,\n>\n> Une photo suffit ?\n>\n> Léa"
    )


def test_it_is_announced_in_the_language_of_its_writer() -> None:
    assert quote(ASKED, "en", PARIS).attribution == "On 2 March 2026 at 10:12, Léa Martin wrote:"
    assert quote(ASKED, "es", "America/Martinique").attribution == "On 2 March 2026 at 05:12, Léa Martin wrote:"


def test_the_first_of_a_month() -> None:
    asked = Question("Léa", datetime(2026, 5, 1, 9, tzinfo=UTC), "Bonjour")
    assert quote(asked, "fr", PARIS).attribution.startswith("Le 1er mai 2026 à 11:00")


def test_an_answer_to_nothing_stands_alone() -> None:
    assert below("Bonjour", None) == "Bonjour"


@given(st.text(max_size=10_000), st.integers(min_value=0, max_value=300))
def test_a_quote_has_its_bounds(line: str, times: int) -> None:
    quoted = quote(Question("x" * 500, ASKED.at, "\n".join([line] * times)), "fr", PARIS)
    assert len(quoted.lines) <= MOST_QUOTED_LINES + 1
    assert sum(map(len, quoted.lines)) <= MOST_QUOTED_CHARACTERS + 10
    assert len(quoted.attribution) < 300


def test_what_was_cut_says_so() -> None:
    assert quote(Question("Léa", ASKED.at, "mot " * 2000), "fr", PARIS).lines[-1] == "[…]"


def marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


OURS = below("Bonjour,\n\nOui, une photo suffit.\n\n-- \nMairie", quote(ASKED, "fr", PARIS))
ENGLISH = below("Hello,\n\nYes, a photo will do.", quote(ASKED, "en", PARIS))
HEADINGS = {
    "thunderbird": "Le 02/03/2026 à 11:30, Mairie de Petit-Bourg a écrit :",
    "gmail": "Le lun. 2 mars 2026 à 11:30, Mairie <mairie@petit-bourg.example> a écrit :\n",
    "apple": "On 2 Mar 2026, at 11:30, Mairie <mairie@petit-bourg.example> wrote:\n",
}
UNMARKED = {
    "outlook": "De : Mairie <mairie@bourg.example>\nEnvoyé : lundi 2 mars 2026 11:30\nÀ : Léa\nObjet : Re: Carte\n",
    "old outlook": "-----Message d'origine-----\nDe : Mairie\nEnvoyé : lundi 2 mars 2026 11:30\n",
}


@pytest.mark.parametrize("ours", [OURS, ENGLISH], ids=["french", "english"])
@pytest.mark.parametrize("heading", HEADINGS.values(), ids=HEADINGS)
def test_who_answers_above_is_read_alone(ours: str, heading: str) -> None:
    assert newest_words(f"Merci beaucoup !\n\nLéa\n\n{heading}\n{marked(ours)}\n") == "Merci beaucoup !\n\nLéa"


@pytest.mark.parametrize("heading", HEADINGS.values(), ids=HEADINGS)
def test_who_answers_below_is_read_alone(heading: str) -> None:
    assert newest_words(f"{heading}\n{marked(OURS)}\n\nMerci beaucoup !\n") == "Merci beaucoup !"


@pytest.mark.parametrize("heading", UNMARKED.values(), ids=UNMARKED)
def test_who_answers_above_without_marks_is_read_alone(heading: str) -> None:
    assert newest_words(f"Merci beaucoup !\n\n{heading}\n{OURS}\n") == "Merci beaucoup !"


def test_who_leaves_our_letter_as_it_came_is_read_alone() -> None:
    _, _, history = OURS.partition("\n\n-- \nMairie\n")
    assert newest_words(f"Merci beaucoup !\n{history}") == "Merci beaucoup !"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_answer_in_html_is_read_alone(language: str) -> None:
    ours = as_html("Oui, une photo suffit.", quote(ASKED, language, PARIS), subject="Re: Carte", language=language)
    answer = EmailMessage()
    answer["From"] = "lea@example.org"
    answer["Subject"] = "Re: Carte"
    answer["In-Reply-To"] = "<1@petit-bourg.example>"
    answer.set_content(
        f"<div>Merci beaucoup !</div><div>Le lun. 2 mars 2026 à 11:30, Mairie &lt;mairie@bourg.example&gt; a écrit"
        f" :<br></div><blockquote>{ours}</blockquote>",
        subtype="html",
    )
    assert read_email(answer.as_bytes()).inbound.text == "Merci beaucoup !"
