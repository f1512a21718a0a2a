"""`python -m bench.topics_compared` prints the tables of docs/text-to-topic.md, in Markdown.

All ways learn from the same four fifths of our own messages, and their thresholds are chosen in the same way on the
calibration messages. They are judged on the fifth that was held out and on the second author's messages.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from rich.console import Console
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.svm import LinearSVC

from bench.labelled_messages import SECOND_AUTHOR, second_author, texts_where
from bench.recognition_ways import Calibrated, Documents, Linear, Mixture, Way, mixture, search, sheets
from competences.recognition.evaluation import figures, judge
from competences.recognition.examples import Corpus, Example, shipped_corpus
from competences.recognition.training import PENALTY, train

FIGURES = ("top1", "top3", "routed_precision", "abstained_in_scope", "abstained_out_of_scope")
HEADINGS = ("top1", "top3", "routed right", "abstained, in scope", "abstained, out of scope")

BAYES_SMOOTHING, REGRESSION_PENALTY = 0.1, 30.0
"""The best of several values, on the calibration messages."""

PARTS = {"1/8": 1 / 8, "1/4": 1 / 4, "1/2": 1 / 2, "all": 1.0}
CONFUSIONS = 8
REGISTERS = {
    "English": ("language", "en"),
    "voice": ("channel", "voice"),
    "e-mail": ("channel", "email"),
    "chat": ("channel", "chat"),
    "text messages": ("channel", "messaging"),
}


def _machine() -> LinearSVC:
    return LinearSVC(C=PENALTY, random_state=0)


def _mixed(corpus: Corpus) -> Way:
    examples = search([*corpus.messages, *corpus.expressions], corpus)
    return mixture([train(corpus), examples, search(sheets(), corpus)], corpus.calibration)


WAYS: Mapping[str, Callable[[Corpus], Way]] = {
    "**words and pieces of words, linear SVM** (kept)": train,
    "the same without expressions": lambda corpus: train(_without_expressions(corpus)),
    "words alone, linear SVM": lambda corpus: Linear(corpus, _machine(), {"words"}),
    "pieces of words alone, linear SVM": lambda corpus: Linear(corpus, _machine(), {"pieces"}),
    "words and pieces, logistic regression": lambda corpus: Linear(
        corpus, LogisticRegression(C=REGRESSION_PENALTY, max_iter=200)
    ),
    "words and pieces, complement naive Bayes": lambda corpus: Linear(corpus, ComplementNB(alpha=BAYES_SMOOTHING)),
    "BM25 with stemming, over messages": lambda corpus: search(corpus.messages, corpus),
    "BM25 with stemming, over messages and expressions": lambda corpus: search(
        [*corpus.messages, *corpus.expressions], corpus
    ),
    "BM25 with stemming, over the sheets alone": lambda corpus: search(sheets(), corpus),
    "mixture of the one kept, BM25 over messages and expressions, BM25 over the sheets": _mixed,
}


def main() -> None:
    """Print all tables."""
    corpus, held_out = shipped_corpus().without_a_fifth()
    sets = {f"our own held-out fifth, {len(held_out)} messages": held_out}
    if unseen := second_author():
        sets[f"the second author's, {len(unseen)} messages"] = unseen
    else:
        print(f"{SECOND_AUTHOR} is missing: compared on our own held-out fifth alone", file=sys.stderr)
    progress = Console(stderr=True)
    with progress.status("ways"):
        show_ways(corpus, sets)
    with progress.status("registers"):
        show_registers(corpus, held_out)
    with progress.status("learning curve"):
        show_learning(corpus, sets)
    with progress.status("confusions"):
        show_confusions(corpus, sets)


def show_ways(corpus: Corpus, sets: Mapping[str, Sequence[Example]]) -> None:
    """Print the figures of each way, one table for each set."""
    tables: dict[str, list[list[str]]] = {name: [] for name in sets}
    for way, learn in WAYS.items():
        learned = learn(corpus)
        recognise = Calibrated(learned, corpus.calibration).recognise
        for name, messages in sets.items():
            measured = figures(judge(recognise, messages))
            tables[name].append([way + _chosen(learned), *_percents(measured), f"{measured['ms_p50']:.1f}"])
    for name, rows in tables.items():
        print(f"On {name}:\n")
        print(_table(("way", *HEADINGS, "ms, p50"), rows))


def _chosen(way: Way) -> str:
    """The parameters that were chosen on the calibration messages, for the way's name."""
    match way:
        case Documents(best=best):
            return f" (best {best})"
        case Mixture(shares=shares):
            return f" ({' + '.join(f'{share:g}' for share in shares)})"
        case _:
            return ""


def show_registers(corpus: Corpus, held_out: Sequence[Example]) -> None:
    """Print what is lost if a register is never learned from."""
    usual = train(corpus)
    rows = []
    for register, (column, value) in REGISTERS.items():
        texts = texts_where(column, value)
        without = train(_only(corpus, [message for message in corpus.messages if message.text not in texts]))
        concerned = [message for message in held_out if message.text in texts]
        for learned, model in ((f"everything but {register}", without), ("everything", usual)):
            measured = figures(judge(model.recognise, concerned))
            rows.append([f"{register}, {len(concerned)}", learned, *_percents(measured)])
    print("On the held-out messages of one register:\n")
    print(_table(("messages", "learned from", *HEADINGS), rows))


def show_learning(corpus: Corpus, sets: Mapping[str, Sequence[Example]]) -> None:
    """Print what more messages bring, with expressions and without."""
    rows = []
    shuffled = Random(0).sample(list(corpus.messages), k=len(corpus.messages))
    for part, share in PARTS.items():
        fewer = _only(corpus, shuffled[: round(len(shuffled) * share)])
        row = [f"{part} ({len(fewer.messages)})"]
        for learned in (fewer, _without_expressions(fewer)):
            model = train(learned)
            for messages in sets.values():
                measured = figures(judge(model.recognise, messages))
                row.append(f"{_percent(measured['top1'])} / {_percent(measured['top3'])}")
        rows.append(row)
    print("top1 / top3 by how many messages are learned from:\n")
    headings = [f"{kind}: {name}" for kind in ("with expressions", "without") for name in sets]
    print(_table(("messages", *headings), rows))


def show_confusions(corpus: Corpus, sets: Mapping[str, Sequence[Example]]) -> None:
    """Print the most frequent confusions of the way that is kept."""
    model = train(corpus)
    for name, messages in sets.items():
        wrong = figures(judge(model.recognise, messages))["confusions"][:CONFUSIONS]
        print(f"Most often confused, on {name}:\n")
        rows = [[pair["topic"], pair["taken_for"], str(pair["n"]), str(pair["routed"])] for pair in wrong]
        print(_table(("topic", "taken for", "messages", "of these routed there"), rows))


def _only(corpus: Corpus, messages: Sequence[Example]) -> Corpus:
    return Corpus(messages, corpus.expressions, corpus.calibration)


def _without_expressions(corpus: Corpus) -> Corpus:
    return Corpus(corpus.messages, (), corpus.calibration)


def _percents(measured: Mapping[str, Any]) -> Iterator[str]:
    return (_percent(measured[figure]) for figure in FIGURES)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def _table(headings: Collection[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    main()
