"""Ways of recognising topics other than the one that is kept, for comparison; each learns from the same corpus.

A way gives each text a score for each topic. Its parameters are chosen on the calibration messages.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Protocol, cast

import bm25s
import numpy as np
import snowballstemmer
from numpy.typing import NDArray

from competences.recognition.examples import NO_TOPIC, Corpus, Example
from competences.recognition.features import Features
from competences.recognition.model import GUESSES, LONGEST_TEXT_CHARACTERS, TopicModel, chances_of
from competences.recognition.recognition import Guess, Recognition
from competences.recognition.training import EXPRESSION_WEIGHT, measure_trust
from competences.sheets.library import read_folder, shipped_folder
from competences.words import plain

Scores = NDArray[np.float32]

BEST = (1, 3, 5, 10, 20)
"""How many of a topic's best documents may speak for it."""

SHARES = (0.1, 0.2, 0.4, 0.8)
"""The weights that another way's scores may have in a mixture, where the first way's weigh 1."""


class Way(Protocol):
    """A way of recognising topics."""

    @property
    def topics(self) -> Sequence[str]: ...

    def scores(self, texts: Sequence[str]) -> Scores:
        """A row of scores for each text, a column for each topic."""
        ...


class Linear:
    """A linear machine of scikit-learn over some kinds of features."""

    def __init__(self, corpus: Corpus, machine: Any, kinds: Collection[str] = ("words", "pieces")) -> None:
        learned = [*corpus.messages, *corpus.expressions]
        self._features = Features()
        self._features.kinds = {kind: terms for kind, terms in self._features.kinds.items() if kind in kinds}
        rows = self._features.learn([example.text[:LONGEST_TEXT_CHARACTERS] for example in learned])
        importance = [1.0] * len(corpus.messages) + [EXPRESSION_WEIGHT] * len(corpus.expressions)
        machine.fit(rows, [example.topic for example in learned], sample_weight=importance)
        bayes = hasattr(machine, "predict_joint_log_proba")
        self._score = machine.predict_joint_log_proba if bayes else machine.decision_function
        self.topics = tuple(str(topic) for topic in machine.classes_)

    def scores(self, texts: Sequence[str]) -> Scores:
        rows = self._features.of([text[:LONGEST_TEXT_CHARACTERS] for text in texts])
        return np.asarray(self._score(rows), dtype=np.float32)


@dataclass(frozen=True)
class Documents:
    """BM25 over documents: a topic's score is the mean of its `best` documents'.

    Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, in the variant of Lucene.
    The documents of `topics[n]` begin at `starts[n]`.
    """

    topics: Sequence[str]
    starts: Sequence[int]
    index: bm25s.BM25
    best: int = 1

    @classmethod
    def of(cls, documents: Sequence[Example], topics: Collection[str]) -> Documents:
        ordered = sorted(documents, key=lambda document: document.topic)
        index = bm25s.BM25()
        index.index([stems(document.text) for document in ordered], show_progress=False)
        names = [document.topic for document in ordered]
        columns = sorted(topics)
        return cls(columns, [bisect_left(names, topic) for topic in columns], index)

    def scores(self, texts: Sequence[str]) -> Scores:
        return np.array([self._of_topics(stems(text[:LONGEST_TEXT_CHARACTERS])) for text in texts], dtype=np.float32)

    def _of_topics(self, words: list[str]) -> list[float]:
        if not words:
            return [0.0] * len(self.topics)
        of_documents = np.split(self.index.get_scores(words), self.starts[1:])
        return [float(np.sort(scores)[-self.best :].sum()) / self.best for scores in of_documents]


@dataclass(frozen=True)
class Mixture:
    """The sum of other ways' scores, each measured by its own `spreads` and given its share."""

    ways: Sequence[Way]
    spreads: Sequence[float]
    shares: Sequence[float]

    @property
    def topics(self) -> Sequence[str]:
        return self.ways[0].topics

    def scores(self, texts: Sequence[str]) -> Scores:
        return self.mixed([way.scores(texts) for way in self.ways])

    def mixed(self, scores: Sequence[Scores]) -> Scores:
        """The mixture's scores, given each way's."""
        parts = zip(scores, self.spreads, self.shares, strict=True)
        return np.asarray(sum(score / spread * share for score, spread, share in parts), dtype=np.float32)


class Calibrated:
    """A way that guesses and abstains like the one that is kept."""

    def __init__(self, way: Way, calibration: Sequence[Example]) -> None:
        self._way = way
        self._nothing = way.topics.index(NO_TOPIC)
        self._trust = measure_trust(cast(TopicModel, way), calibration)

    def recognise(self, text: str) -> Recognition:
        """The topic of a text."""
        scores = self._way.scores([text])
        chances = chances_of(scores, self._nothing, self._trust.sharpness, self._trust.nothing)[0]
        order = [column for column in np.argsort(-chances, kind="stable") if column != self._nothing]
        guesses = tuple(Guess(self._way.topics[column], float(chances[column])) for column in order[:GUESSES])
        best = order[0]
        sure = chances[best] >= self._trust.threshold and chances.argmax() == best
        return Recognition(guesses[0].topic if sure else None, guesses, ())


def search(documents: Sequence[Example], corpus: Corpus) -> Documents:
    """BM25 over these documents; the number of best documents is chosen on the calibration messages."""
    first = Documents.of(documents, {example.topic for example in corpus.messages})
    texts = [message.text for message in corpus.calibration]
    candidates = [replace(first, best=best) for best in BEST]
    return max(candidates, key=lambda way: _right(way.scores(texts), way.topics, corpus.calibration))


def mixture(ways: Sequence[Way], calibration: Sequence[Example]) -> Mixture:
    """The first way in full, and a share of each other way that is chosen on the calibration messages."""
    texts = [message.text for message in calibration]
    scores = [way.scores(texts) for way in ways]
    spreads = [float(of_way.std()) for of_way in scores]
    candidates = [Mixture(ways, spreads, (1.0, *shares)) for shares in product(SHARES, repeat=len(ways) - 1)]
    return max(candidates, key=lambda mixed: _right(mixed.mixed(scores), mixed.topics, calibration))


def sheets() -> list[Example]:
    """The procedure sheets' own text, fields included."""
    return [Example(reading.text, sheet.topic) for reading in read_folder(shipped_folder()) if (sheet := reading.sheet)]


_french = snowballstemmer.stemmer("french")


def stems(text: str) -> list[str]:
    """The French stems (Snowball) of a text's words, in plain form."""
    return cast("list[str]", _french.stemWords(plain(text).split()))


def _right(scores: Scores, topics: Sequence[str], messages: Sequence[Example]) -> int:
    """The number of messages about a topic whose best guess is that topic."""
    chosen = np.where(np.array(topics) == NO_TOPIC, -np.inf, scores).argmax(axis=1)
    return sum(topics[column] == message.topic for column, message in zip(chosen, messages, strict=True))
