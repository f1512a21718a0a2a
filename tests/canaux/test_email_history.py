"""Of an answer the history goes, and every line of the person's own stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canaux.email.history import newest_words

HEADINGS = {
    "thunderbird": "Le 02/03/2026 à 10:12, Mairie de Petit-Bourg a écrit :",
    "gmail": "Le lun. 2 mars 2026 à 10:12, Mairie de Petit-Bourg <mairie@petit-bourg.example> a écrit :",
    "gmail on two lines": "Le lun. 2 mars 2026 à 10:12, Mairie de Petit-Bourg <\nmairie@petit-bourg.example> a écrit :",
    "apple": "Le 2 mars 2026 à 10:12, Mairie <mairie@petit-bourg.example> a écrit :",
    "english": "On Mon, Mar 2, 2026 at 10:12 AM Mairie <mairie@petit-bourg.example> wrote:",
}
WITHOUT_MARKS = {
    "zimbra": '----- Mail original -----\nDe: "Mairie" <mairie@petit-bourg.example>\nÀ: "Léa" <lea@example.org>\n'
    "Envoyé: Lundi 2 Mars 2026 10:12:00\nObjet: Carte",
    "outlook": "De : Mairie <mairie@petit-bourg.example>\nEnvoyé : lundi 2 mars 2026 10:12\nÀ : Léa\nObjet : Carte",
    "outlook with a rule": "________________________________\nDe : Mairie <mairie@petit-bourg.example>\n"
    "Envoyé : lundi 2 mars 2026 10:12\nÀ : Léa\nObjet : Carte",
    "old outlook": "-----Message d'origine-----\nDe : Mairie\nEnvoyé : lundi 2 mars 2026 10:12",
    "english": "-----Original Message-----\nFrom: Mairie\nSent: Monday, March 2, 2026 10:12 AM\nSubject: Carte",
    "sfr": 'Message du : 02/03/2026 10:12\nDe : "Mairie" <mairie@petit-bourg.example>\nA : Léa\nSujet : Carte',
}


@pytest.mark.parametrize("heading", HEADINGS.values(), ids=HEADINGS)
def test_an_answer_above(heading: str) -> None:
    text = f"Oui, jeudi.\n\nLéa\n\n{heading}\n\n> Bonjour,\n> Jeudi ou mardi ?\n"
    assert newest_words(text) == "Oui, jeudi.\n\nLéa"


@pytest.mark.parametrize("heading", HEADINGS.values(), ids=HEADINGS)
def test_an_answer_below(heading: str) -> None:
    text = f"{heading}\n> Bonjour,\n> Jeudi ou mardi ?\n\nOui, jeudi.\n\nLéa\n"
    assert newest_words(text) == "Oui, jeudi.\n\nLéa"


@pytest.mark.parametrize("heading", HEADINGS.values(), ids=HEADINGS)
def test_answers_between_stay_with_what_they_answer(heading: str) -> None:
    text = f"Bonjour,\n\n{heading}\n> Quel jour ?\nJeudi.\n> À quelle heure ?\n10 heures.\n> Merci.\n"
    assert newest_words(text) == "Bonjour,\n\n> Quel jour ?\nJeudi.\n> À quelle heure ?\n10 heures."


@pytest.mark.parametrize("heading", WITHOUT_MARKS.values(), ids=WITHOUT_MARKS)
def test_a_history_without_marks_goes_with_all_that_is_below(heading: str) -> None:
    assert newest_words(f"Oui, jeudi.\n\n{heading}\n\nBonjour,\nJeudi ou mardi ?\n") == "Oui, jeudi."


@pytest.mark.parametrize("heading", WITHOUT_MARKS.values(), ids=WITHOUT_MARKS)
def test_where_nothing_stands_above_it_nothing_goes(heading: str) -> None:
    assert newest_words(f"{heading}\n\nBonjour,\nOui, jeudi.") == f"{heading}\n\nBonjour,\nOui, jeudi."


@pytest.mark.parametrize(
    "text",
    [
        "Je peux venir.\nDe : 8 h à 10 h\nÀ : la mairie annexe\nDate : jeudi\nMerci",
        "Le maire m'a écrit :\nvenez en mairie.",
        "Bonjour,\nLe 2 mars, un voisin m'a écrit\nune lettre.",
        "Objet : demande d'acte\n\nMadame, Monsieur, je demande un acte.",
        "Un devis :\n--------------------\nPose : 20 euros\nTotal : 30 euros",
        "> tout est cité",
        "",
    ],
)
def test_own_lines_are_no_history(text: str) -> None:
    assert newest_words(text) == text


def test_a_signature_below_the_quote_stays_and_the_quote_goes() -> None:
    text = f"Oui.\n\n{HEADINGS['gmail']}\n> Jeudi ?\n\n-- \nLéa Martin"
    assert newest_words(text) == "Oui.\n\n--\nLéa Martin"


OWN = st.text("abcé ,.!?", min_size=1, max_size=30).filter(lambda line: line.strip() != "")
QUOTED = st.builds("> {}".format, OWN)


@given(st.lists(st.one_of(OWN, QUOTED, st.just("")), max_size=20), st.sampled_from(list(HEADINGS.values())))
def test_below_a_greeting_no_unquoted_line_is_lost(lines: list[str], heading: str) -> None:
    kept = newest_words("\n".join([heading, "> Bonjour", *lines])).split("\n")
    own = [line.strip() for line in lines if line.strip() and not line.startswith(">")]
    left = [line.strip() for line in kept if line.strip() in own]
    assert left == own or not own
