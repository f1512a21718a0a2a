"""A model says what a message is about, how sure that is, and why; it abstains if it is not sure enough."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from competences.recognition.model import TopicModel

PLAIN_DEMANDS = [
    ("Bonjour, je voudrais un extrait d'acte de naissance pour mon mariage, comment faire ?", "acte-naissance"),
    ("bjr jé perdu ma carte didentité cmt faire svp", "carte-identite"),
    ("oui bonjour alors voilà je voudrais inscrire ma fille à la cantine à partir de lundi", "cantine"),
    ("Le lampadaire devant chez moi est éteint depuis une semaine", "eclairage-public"),
    ("Me Vasseur notaire, merci de nous adresser la note de renseignements d'urbanisme", "renseignement-notaire"),
    ("Il y a un trou énorme dans la chaussée rue des Lilas", "voirie"),
    ("my passport expires next month, how do I renew it?", "passeport"),
    ("the street light in front of my house is broken", "eclairage-public"),
    ("I'd like to register my son for the summer holiday centre", "centre-loisirs"),
]
NOT_OURS = [
    "bonjour",
    "",
    "???",
    "Ma carte grise est perdue, où refaire le certificat d'immatriculation ?",
    "quel est le score du match de ce soir",
    "I want to order two pizzas",
    "Je souhaite contester mon impôt sur le revenu",
]


@pytest.mark.parametrize(("text", "topic"), PLAIN_DEMANDS)
def test_a_plain_demand_is_routed_by_its_words(topic_model: TopicModel, text: str, topic: str) -> None:
    recognition = topic_model.recognise(text)
    assert recognition.topic == topic
    assert recognition.guesses[0].topic == topic


@pytest.mark.parametrize("text", NOT_OURS)
def test_what_is_not_ours_is_left_to_a_person(topic_model: TopicModel, text: str) -> None:
    assert topic_model.recognise(text).topic is None


def test_three_guesses_the_surest_first(topic_model: TopicModel) -> None:
    guesses = topic_model.recognise("une question sur la facture de la cantine").guesses
    assert len(guesses) == 3
    assert [guess.confidence for guess in guesses] == sorted((guess.confidence for guess in guesses), reverse=True)
    assert all(0 <= guess.confidence <= 1 for guess in guesses)


def test_the_words_that_decided_are_words_of_the_text(topic_model: TopicModel) -> None:
    words = topic_model.recognise("Bonjour, mon PASSEPORT périmé, merci").words
    assert words[0] == "passeport"
    assert set(words) <= {"bonjour", "mon", "passeport", "perime", "merci"}


def test_case_accents_and_punctuation_do_not_matter(topic_model: TopicModel) -> None:
    assert topic_model.recognise("MA CARTE D'IDENTITÉ !") == topic_model.recognise("ma carte d identite")


def test_a_saved_model_recognises_the_same(topic_model: TopicModel) -> None:
    again = TopicModel.load(topic_model.save())
    for text, topic in PLAIN_DEMANDS:
        assert again.recognise(text).topic == topic


def test_what_is_not_a_model_is_refused() -> None:
    with pytest.raises(ValueError, match="."):
        TopicModel.load(b"not a model")


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_nothing_that_can_be_written_is_too_much(topic_model: TopicModel, text: str) -> None:
    recognition = topic_model.recognise(text)
    assert len(recognition.guesses) == 3
