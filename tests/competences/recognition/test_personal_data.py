"""An example keeps what somebody asked, but not who they are."""

from __future__ import annotations

import pytest

from competences.recognition.personal_data import without_personal_data

EVERYDAY = """
    bonjour je suis voudrais acte de naissance ma fille est la cantine pour mon numero ou j habite le mairie caf et un m
    appelle madame mme une copie fils hello i need a birth certificate my name is demande l dossier nee
"""
COMMON = frozenset(EVERYDAY.split())


def kept(text: str, *names: str) -> str:
    return without_personal_data(text, known_words=COMMON, names=names)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("mon numéro est 06 39 98 12 34", "mon numéro est [numéro]"),
        ("mon numéro est +33639981234", "mon numéro est [numéro]"),
        ("écrivez à awa.diallo@courriel.example", "écrivez à [courriel]"),
        ("j'habite 12 bis rue des Lilas", "j'habite [adresse]"),
        ("je suis née le 12/03/1984", "je suis née le [date]"),
        ("dossier 458712", "dossier [nombre]"),
        ("ma demande KRT-482-915", "ma demande [référence]"),
        ("FR76 3000 6000 0112 3456 7890 189", "[compte]"),
        ("voir https://exemple.example/moi?nom=diallo", "voir [lien]"),
        ("Je m'appelle Awa Diallo et je voudrais un acte", "Je m'appelle [nom] et je voudrais un acte"),
        ("Mme Ouattara demande une copie", "Mme [nom] demande une copie"),
        ("Hello, my name is John Smith", "Hello, my name is [nom]"),
        ("je m'appelle awa diallo et je voudrais un acte", "je m'appelle [nom] et je voudrais un acte"),
        ("JE M'APPELLE AWA DIALLO ET JE SUIS", "JE M'APPELLE [nom] ET JE SUIS"),
        ("je suis awa diallo", "je suis [nom]"),
        ("bonjour madame ouattara je voudrais un acte", "bonjour madame [nom] je voudrais un acte"),
        ("bonjour madame je voudrais un acte", "bonjour madame je voudrais un acte"),
        ("mon fils mamadou est à la cantine", "mon fils [nom] est à la cantine"),
        ("mon fils Mamadou est à la cantine", "mon fils [nom] est à la cantine"),
    ],
)
def test_what_says_who_is_taken_out(text: str, left: str) -> None:
    assert kept(text) == left


def test_the_name_that_the_record_knows_is_taken_out_however_it_is_written() -> None:
    assert kept("c'est lina diallo pour la cantine", "Lina Diallo") == "c'est [nom] pour la cantine"


def test_what_stands_below_a_letter_s_closing_formula_is_taken_out() -> None:
    letter = "Je voudrais une copie de mon acte de naissance.\nCordialement,\nawa diallo\n3 chemin vert"
    assert kept(letter) == "Je voudrais une copie de mon acte de naissance."


def test_what_somebody_asked_is_left_as_it_was() -> None:
    asked = "Bonjour, je voudrais une copie de mon acte de naissance pour la Caf"
    assert kept(asked) == asked
