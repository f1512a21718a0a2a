"""A key or a word means the right thing at every place of the menu."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competences.plan.menu import ChoiceKind, MenuChoice, choose, menu_entries
from tests.competences.documents import mairie

MENU = mairie().menu
KEYWORDS = {key: topic.keywords for key, topic in mairie().topics.items()}

PRESSED = [
    ("", "3", MenuChoice(ChoiceKind.SUBMENU, "3")),
    ("3", "1", MenuChoice(ChoiceKind.TOPIC, "3", topic="cantine")),
    ("", "0", MenuChoice(ChoiceKind.GENERAL, "")),
    ("3", "0", MenuChoice(ChoiceKind.GENERAL, "3")),
    ("3", "8", MenuChoice(ChoiceKind.FOLLOW_UP, "3")),
    ("", "9", MenuChoice(ChoiceKind.LANGUAGE, "", language="en")),
    ("3", "9", MenuChoice(ChoiceKind.LANGUAGE, "3", language="en")),
    ("3", "7", MenuChoice(ChoiceKind.NOT_UNDERSTOOD, "3")),
    ("", "*", MenuChoice(ChoiceKind.SUBMENU, "*")),
    ("3", "*", MenuChoice(ChoiceKind.SUBMENU, "*")),
    ("*", "1", MenuChoice(ChoiceKind.LANGUAGE, "*", language="es")),
    ("", "#", MenuChoice(ChoiceKind.NOT_UNDERSTOOD, "")),
    ("", "31", MenuChoice(ChoiceKind.NOT_UNDERSTOOD, "")),
    ("77", "3", MenuChoice(ChoiceKind.SUBMENU, "3")),  # a place that the plan does not have is the first menu
]


@pytest.mark.parametrize(("path", "digits", "choice"), PRESSED)
def test_a_key(path: str, digits: str, choice: MenuChoice) -> None:
    assert choose(MENU, path, digits=digits) == choice


SPOKEN = [
    ("", "trois", MenuChoice(ChoiceKind.SUBMENU, "3")),
    ("", "3", MenuChoice(ChoiceKind.SUBMENU, "3")),
    ("", "Neuf.", MenuChoice(ChoiceKind.LANGUAGE, "", language="en")),
    ("", "C'est pour l'ÉTAT CIVIL", MenuChoice(ChoiceKind.SUBMENU, "1")),
    ("", "etat-civil", MenuChoice(ChoiceKind.SUBMENU, "1")),
    ("", "étoile", MenuChoice(ChoiceKind.SUBMENU, "*")),
    ("", "portugais", MenuChoice(ChoiceKind.LANGUAGE, "", language="pt")),
    ("", "English, please", MenuChoice(ChoiceKind.LANGUAGE, "", language="en")),
    ("", "je voudrais être rappelé", MenuChoice(ChoiceKind.FOLLOW_UP, "")),
    ("", "je veux parler à quelqu'un", MenuChoice(ChoiceKind.GENERAL, "")),
    ("3", "la cantine", MenuChoice(ChoiceKind.TOPIC, "3", topic="cantine")),
    ("3", "quelqu'un", MenuChoice(ChoiceKind.GENERAL, "3")),
    # said in the first menu, meant in a sub-menu
    ("", "bonjour, c'est pour la cantine", MenuChoice(ChoiceKind.TOPIC, "3", topic="cantine")),
    ("5", "un passeport", MenuChoice(ChoiceKind.TOPIC, "1", topic="passeport")),
    # the longest phrase that was said is meant
    ("1", "un acte de mariage", MenuChoice(ChoiceKind.TOPIC, "1", topic="acte-mariage")),
    ("1", "mon mariage", MenuChoice(ChoiceKind.TOPIC, "1", topic="mariage")),
    # nowhere in the menu, but a topic's own word
    ("", "je viens pour un PACS", MenuChoice(ChoiceKind.TOPIC, "", topic="pacs")),
    # parts of words do not count
    ("", "la ruelle", MenuChoice(ChoiceKind.NOT_UNDERSTOOD, "")),
    ("", "euh", MenuChoice(ChoiceKind.NOT_UNDERSTOOD, "")),
    ("", "", MenuChoice(ChoiceKind.NOT_UNDERSTOOD, "")),
]


@pytest.mark.parametrize(("path", "speech", "choice"), SPOKEN)
def test_a_word(path: str, speech: str, choice: MenuChoice) -> None:
    assert choose(MENU, path, speech=speech, keywords=KEYWORDS) == choice


def test_a_key_counts_more_than_what_is_said_at_the_same_time() -> None:
    assert choose(MENU, "", digits="2", speech="cantine").path == "2"


def test_without_keywords_only_the_menu_s_own_words_are_understood() -> None:
    assert choose(MENU, "", speech="un pacs").kind is ChoiceKind.NOT_UNDERSTOOD


def test_neither_key_nor_word_is_not_understood() -> None:
    assert choose(MENU, "3") == MenuChoice(ChoiceKind.NOT_UNDERSTOOD, "3")


def test_the_entries_to_read_out_are_those_of_the_place() -> None:
    assert [entry.topic for entry in menu_entries(MENU, "3").values()][:2] == ["cantine", "inscription-scolaire"]
    assert menu_entries(MENU, "77") == MENU.entries == menu_entries(MENU)


def test_every_word_of_the_menu_leads_where_its_key_leads() -> None:
    for path in ["", *(digit for digit, entry in MENU.entries.items() if entry.entries)]:
        for digit, entry in menu_entries(MENU, path).items():
            for words in entry.words:
                assert choose(MENU, path, speech=f"euh {words} s'il vous plaît") == choose(MENU, path, digits=digit)


@given(path=st.text("0123456789x", max_size=4), digits=st.text(max_size=3), speech=st.text(max_size=40))
def test_whatever_is_pressed_or_said_the_caller_stands_somewhere(path: str, digits: str, speech: str) -> None:
    choice = choose(MENU, path, digits=digits, speech=speech, keywords=KEYWORDS)
    assert menu_entries(MENU, choice.path) is not MENU.entries or choice.path == ""
    assert (choice.topic is not None) is (choice.kind is ChoiceKind.TOPIC)
    assert (choice.language is not None) is (choice.kind is ChoiceKind.LANGUAGE)
