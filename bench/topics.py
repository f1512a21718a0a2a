"""The quality of recognition, on messages of a second author, who had not read ours, and on a fifth of our own.

Routed precision and abstentions are shown together, because either is easy alone. The aims are for the second author's
messages. Time and memory are those of `routeur topics evaluate`, a process that does nothing but recognise.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.labelled_messages import CALIBRATION, SECOND_AUTHOR, second_author, texts_where
from bench.report import Result
from bench.web_servers import run_command
from competences.recognition.evaluation import figures, judge
from competences.recognition.examples import Example, shipped_corpus
from competences.recognition.model import TopicModel
from competences.recognition.training import train
from routeur.topics.model_files import make_model, read_model

SHARES = {
    "top1": ("about a topic, the first guess is right", 0.88, True),
    "top3": ("about a topic, one of three guesses is right", 0.96, True),
    "routed_precision": ("routed by their text, rightly", 0.95, True),
    "abstained_in_scope": ("about a topic, left to a generalist", 0.20, False),
    "abstained_out_of_scope": ("about no topic, left to a generalist", 0.80, True),
}
IN_ENGLISH = ("top1", "routed_precision")
MOST_MILLISECONDS, MOST_MEGABYTES = 10, 300


def measure_topics() -> list[Result]:
    """Measure recognition on both sets of messages, and its cost."""
    corpus = shipped_corpus()
    kept, held_out = corpus.without_a_fifth()
    results = _recognition("own", "our held-out fifth", train(kept), held_out)
    with TemporaryDirectory(prefix="bench-") as folder:
        made = make_model(Path(folder), corpus)
        if unseen := second_author():
            results += _recognition("second", "second author", read_model(made), unseen)
        else:
            print(f"{SECOND_AUTHOR} is missing: nothing is measured on a second author's messages", file=sys.stderr)
        evaluation = ["topics", "evaluate", str(CALIBRATION)]
        return [*results, *_cost(json.loads(run_command(evaluation, folder, {"TOPIC_MODELS": folder})))]


def _recognition(name: str, whose: str, model: TopicModel, messages: Sequence[Example]) -> list[Result]:
    written_in_english = texts_where("language", "en")
    english = [message for message in messages if message.text in written_in_english]
    return [
        *_shares(f"topics_{name}", whose, SHARES, model, messages),
        *_shares(f"topics_{name}_english", f"{whose}, in English", IN_ENGLISH, model, english),
    ]


def _shares(
    name: str, whose: str, wanted: Iterable[str], model: TopicModel, messages: Sequence[Example]
) -> Iterator[Result]:
    """The wanted shares; one that these messages do not define is left out."""
    measured = figures(judge(model.recognise, messages))
    for figure in wanted:
        what, aim, at_least = SHARES[figure]
        if measured[figure] is not None:
            yield Result(
                f"{name}_{figure}",
                f"{whose}: {what}",
                measured[figure],
                aim,
                f"{measured['n']} messages",
                at_least=at_least,
                unit="",
                digits=3,
            )


def _cost(measured: Mapping[str, Any]) -> list[Result]:
    p50, p99, peak = measured["ms_p50"], measured["ms_p99"], measured["rss_mb"]
    time, memory = "recognising one message, p50", "a process that recognises"
    return [
        Result("topics_ms", time, p50, MOST_MILLISECONDS, f"p99 {p99:.1f} ms", unit=" ms"),
        Result("topics_memory", memory, peak, MOST_MEGABYTES, "at its most", unit=" MB", digits=0),
    ]
