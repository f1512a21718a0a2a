"""The commands about recognising topics, as an operator runs them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from competences.recognition.model import TopicModel
from routeur.topics.corrections import CandidateState, accepted_examples, learned_examples
from routeur.topics.recogniser import Recogniser
from tests.application.test_commands import Command, routeur
from tests.routeur.conftest import hall
from tests.routeur.hall import Hall

__all__ = ["hall", "routeur"]

KEYS = {
    "n", "top1", "top3", "routed_share", "routed_precision", "abstained_in_scope", "abstained_out_of_scope", "ms_p50",
    "ms_p99", "rss_mb", "by_topic", "confusions",
}  # fmt: skip


@pytest.fixture
def record_url(sqlite: str) -> str:
    """An environment on SQLite alone: the other tests of the record run on both databases."""
    return sqlite


@pytest.fixture
def messages(folder: Path) -> Path:
    path = folder / "messages.csv"
    path.write_text(
        "id,text,topic\n"
        "1,Bonjour je voudrais inscrire ma fille à la cantine,cantine\n"
        '2,"Bonjour,\nmon passeport est périmé",passeport\n'
        "3,bonjour,none\n",
        "utf-8",
    )
    return path


def test_evaluate_prints_one_json_object(routeur: Command, messages: Path, topic_model: TopicModel) -> None:
    done = routeur("topics", "evaluate", str(messages))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found) == KEYS
    assert (found["n"], found["top1"], found["routed_precision"], found["abstained_out_of_scope"]) == (3, 1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("text\nbonjour\n", "colonnes"),
        ("text,topic\n", "aucun message"),
        ("text,topic\nbonjour\n", "Ligne 2"),
        ("text,topic\nbonjour,piscine\n", "piscine"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(
    routeur: Command, messages: Path, topic_model: TopicModel, content: str, said: str
) -> None:
    messages.write_text(content, "utf-8")
    done = routeur("topics", "evaluate", str(messages))
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_with_nothing_accepted_there_is_nothing_to_learn(routeur: Command) -> None:
    routeur("db", "upgrade")
    done = routeur("topics", "learn")
    assert done.returncode == 0, done.stderr
    assert "0 à relire, 0 acceptées" in done.stdout


def accepted(hall: Hall, text: str, number: str) -> None:
    """Record an accepted correction: an agent gave this message a topic, and a supervisor agreed."""
    contact = hall.text(text, sid=number, number=f"+3363998000{number}").standing.contact.id
    hall.desk.set_topic("anne", contact, "permis-construire")
    (candidate,) = hall.corrections.candidates(CandidateState.CANDIDATE)
    hall.corrections.accept(candidate.id, "anne", text=text)


def test_what_was_accepted_is_compared_learned_and_used(routeur: Command, hall: Hall, folder: Path) -> None:
    said = ["mon zorglub est en panne", "un zorglub au fond du jardin"]
    for number, text in enumerate(said):
        accepted(hall, text, str(number))

    shown = routeur("topics", "learn")
    assert shown.returncode == 0, shown.stderr
    assert "avant" in shown.stdout
    assert "après" in shown.stdout
    assert learned_examples(hall.record) == []

    assert routeur("topics", "learn", "--apply").returncode == 0
    assert accepted_examples(hall.record) == []
    assert {example.text for example in learned_examples(hall.record)} == set(said)
    recognition = Recogniser(hall.record, Path(os.environ["TOPIC_MODELS"])).recognise("où poser un zorglub ?")
    assert recognition is not None
    assert recognition.guesses[0].topic == "permis-construire"
    assert "zorglub" in recognition.words


def test_before_a_model_is_learned_nobody_is_routed_by_their_words(tmp_path: Path, hall: Hall) -> None:
    assert Recogniser(hall.record, tmp_path / "empty").recognise("ma carte d'identité") is None
