"""The other ways of recognition do what they are said to do, and are judged like the one that is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.svm import LinearSVC

from bench import labelled_messages, topics_compared
from bench.recognition_ways import SHARES, Calibrated, Documents, Linear, mixture, search, sheets
from competences.recognition.examples import Corpus, Example
from competences.recognition.training import PENALTY, train

WORDS = {
    "cantine": ["repas de midi", "menu de la cantine", "cantines scolaires", "annuler un repas", "repas sans porc"],
    "voirie": ["trou dans la rue", "nid de poule", "trottoir cassé", "la rue est abîmée", "trou sur le trottoir"],
    "none": ["billet de train", "match de football", "recette de gâteau", "billet de loterie", "train en retard"],
}
MESSAGES = [Example(f"{opening} {text}", topic) for topic, texts in WORDS.items() for text in texts
            for opening in ("bonjour", "bonsoir, ")]  # fmt: skip
CALIBRATION = [
    Example("le repas de midi", "cantine"),
    Example("un trou devant chez moi, rue haute", "voirie"),
    Example("mon train est en retard", "none"),
]
CORPUS = Corpus(MESSAGES, [Example("cantine", "cantine"), Example("nid de poule", "voirie")], CALIBRATION)
TOPICS = ("cantine", "none", "voirie")


def test_plurals_and_accents_are_found_by_their_stems() -> None:
    way = Documents.of([Example("Les cantines scolaires", "cantine"), Example("La voirie", "voirie")], TOPICS)
    cantine, none, voirie = way.scores(["cantine scolaire"])[0]
    assert cantine > 0
    assert none == voirie == 0


def test_a_topic_is_as_good_as_the_mean_of_its_best_documents() -> None:
    documents = [Example("repas", "cantine"), Example("menu", "cantine"), Example("rue", "voirie")]
    one = Documents.of(documents, TOPICS)
    two = Documents(one.topics, one.starts, one.index, best=2)
    assert two.scores(["repas"])[0][0] == pytest.approx(one.scores(["repas"])[0][0] / 2)


@pytest.mark.parametrize("text", ["", "???", "xyzzy"])
def test_a_text_without_a_known_word_scores_nothing(text: str) -> None:
    assert not Documents.of(MESSAGES, TOPICS).scores([text]).any()


def test_every_way_scores_the_same_topics() -> None:
    kept, found = train(CORPUS), search(MESSAGES, CORPUS)
    linear = Linear(CORPUS, LinearSVC(C=PENALTY, random_state=0))
    mixed = mixture([kept, found], CALIBRATION)
    for way in (kept, found, linear, mixed):
        assert tuple(way.topics) == TOPICS
        assert way.scores(["un trou", "le repas"]).shape == (2, 3)


def test_the_way_that_is_kept_is_judged_as_it_works() -> None:
    model = train(CORPUS)
    judged = Calibrated(model, CALIBRATION)
    for example in [*MESSAGES, *CALIBRATION]:
        ours, theirs = model.recognise(example.text), judged.recognise(example.text)
        assert ours.topic == theirs.topic
        assert [guess.topic for guess in ours.guesses] == [guess.topic for guess in theirs.guesses]


def test_the_linear_way_with_all_features_is_the_one_that_is_kept() -> None:
    texts = [example.text for example in CALIBRATION]
    linear = Linear(CORPUS, LinearSVC(C=PENALTY, random_state=0))
    assert np.allclose(linear.scores(texts), train(CORPUS).scores(texts), atol=1e-4)


def test_a_mixture_knows_what_its_parts_know() -> None:
    undecided = Documents.of([Example("repas", "voirie"), Example("repas chaud", "cantine")], TOPICS)
    good = Documents.of(MESSAGES, TOPICS)
    text = CALIBRATION[0].text
    assert undecided.scores([text])[0].argmax() == TOPICS.index("voirie")
    assert mixture([undecided, good], CALIBRATION).scores([text])[0].argmax() == TOPICS.index("cantine")


def test_a_mixture_takes_little_of_what_misleads() -> None:
    good = Documents.of(MESSAGES, TOPICS)
    misled = Documents.of([Example("repas de midi", "voirie"), Example("trou rue", "cantine")], TOPICS)
    assert mixture([good, misled], CALIBRATION).shares == (1.0, min(SHARES))


def test_each_topic_has_the_text_of_its_sheet() -> None:
    found = {sheet.topic: sheet.text for sheet in sheets()}
    assert len(found) == 45
    assert "restaurant scolaire" in found["cantine"]


def test_a_table_has_a_row_for_each_way(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(topics_compared, "WAYS", {"kept": train, "bm25": lambda corpus: search(MESSAGES, corpus)})
    topics_compared.show_ways(CORPUS, {"three messages": CALIBRATION})
    title, _, headings, rule, *rows = capsys.readouterr().out.splitlines()
    assert title == "On three messages:"
    assert [row.split(" | ")[0] for row in rows if row] == ["| kept", "| bm25 (best 1)"]
    assert {line.count("|") for line in (headings, rule, *rows) if line} == {8}


def test_messages_are_found_by_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cantine").mkdir()
    messages = tmp_path / "cantine" / "messages.csv"
    messages.write_text("text,topic,language\nrepas,cantine,fr\n meal ,cantine,en\n", "utf-8")
    monkeypatch.setattr(labelled_messages, "OUR_OWN", tmp_path)
    monkeypatch.setattr(labelled_messages, "SECOND_AUTHOR", tmp_path / "second" / "author.csv")
    assert labelled_messages.texts_where("language", "en") == {"meal"}
    assert labelled_messages.texts_where("channel", "voice") == set()
    assert labelled_messages.second_author() == ()
