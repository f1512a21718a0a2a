"""The files that recognition learns from can be read by anyone and hold what they should."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from competences.plan.plan import Plan
from competences.recognition.examples import (
    NO_TOPIC,
    Corpus,
    Example,
    ExamplesError,
    common_words,
    read_examples,
    shipped_corpus,
)

TOPICS = set(Plan.load(Path("plans/mairie.yaml").read_text("utf-8")).topics)
CORPUS = shipped_corpus()


def test_a_file_of_examples_is_csv_whose_other_columns_are_passed_over() -> None:
    document = 'channel,text,topic\nemail,"Bonjour,\nla cantine ?",cantine\nchat,  allô , none \n'
    assert read_examples(document) == [Example("Bonjour,\nla cantine ?", "cantine"), Example("allô", NO_TOPIC)]


def test_a_spreadsheet_s_mark_at_the_beginning_is_no_part_of_it() -> None:
    assert read_examples("\ufefftext,topic\nallô,none\n") == [Example("allô", NO_TOPIC)]


@pytest.mark.parametrize(
    ("document", "line"),
    [
        ("", 1),
        ("text\nbonjour\n", 1),
        ("text,topic\nbonjour,cantine\nbonjour\n", 3),
        ("text,topic\n,cantine\n", 2),
        (f"{'x' * 1_000_001},text,topic\n", 1),
    ],
)
def test_what_is_no_example_is_refused_with_its_line(document: str, line: int) -> None:
    with pytest.raises(ExamplesError) as refused:
        read_examples(document)
    assert refused.value.line == line


def test_every_topic_of_the_plan_has_messages_and_expressions_and_no_other_has() -> None:
    messages = Counter(example.topic for example in CORPUS.messages)
    expressions = Counter(example.topic for example in CORPUS.expressions)
    assert set(messages) == set(expressions) == TOPICS | {NO_TOPIC}
    assert min(messages.values()) >= 12


def test_confidence_is_measured_on_messages_that_teach_nothing_else() -> None:
    assert {example.topic for example in CORPUS.calibration} == TOPICS | {NO_TOPIC}
    assert not {example.text for example in CORPUS.calibration} & {example.text for example in CORPUS.messages}


def test_the_examples_name_nobody_who_could_be_reached() -> None:
    for example in (*CORPUS.messages, *CORPUS.calibration):
        for address in re.findall(r"[\w.+-]+@[\w.-]+", example.text):
            assert "example" in address, address


def test_a_fifth_is_held_out_the_same_one_each_time_and_of_every_topic() -> None:
    kept, held_out = CORPUS.without_a_fifth()
    assert (kept, held_out) == CORPUS.without_a_fifth()
    assert not {example.text for example in held_out} & {example.text for example in kept.messages}
    assert {example.topic for example in held_out} == TOPICS | {NO_TOPIC}
    assert 0.15 < len(held_out) / len(CORPUS.messages) < 0.25


def test_corpora_of_equal_examples_have_equal_names() -> None:
    one, other = Example("la cantine", "cantine"), Example("allô", NO_TOPIC)
    assert Corpus([one, other], [], []).digest == Corpus([other, one], [], []).digest
    assert Corpus([one, other], [], []).digest != Corpus([one], [other], []).digest
    assert Corpus([one], [], []).with_messages([other]).digest == Corpus([one, other], [], []).digest


def test_what_only_one_person_writes_is_no_common_word() -> None:
    messages = [Example(f"la cantine de Lina{number}", "cantine") for number in range(5)]
    assert common_words(Corpus(messages, [], [])) == {"la", "cantine", "de"}
