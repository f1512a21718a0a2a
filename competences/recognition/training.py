"""Learns a model from examples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.svm import LinearSVC

from competences.recognition.examples import NO_TOPIC, Corpus, Example
from competences.recognition.features import Features
from competences.recognition.model import LONGEST_TEXT_CHARACTERS, TopicModel, Trust, chances_of

PENALTY = 1.0
EXPRESSION_WEIGHT = 0.5
"""The weight of an expression, where a message weighs 1."""

LEAST_PRECISION = 0.97
"""The share of the contacts routed by their text that must be right: it sets the threshold."""


def train(corpus: Corpus) -> TopicModel:
    """A linear support-vector machine, one topic against the others (Fan et al., "LIBLINEAR", JMLR 9, 2008)."""
    learned = [*corpus.messages, *corpus.expressions]
    features = Features()
    rows = features.learn([example.text[:LONGEST_TEXT_CHARACTERS] for example in learned])
    importance = [1.0] * len(corpus.messages) + [EXPRESSION_WEIGHT] * len(corpus.expressions)
    machine = LinearSVC(C=PENALTY, random_state=0)
    machine.fit(rows, [example.topic for example in learned], sample_weight=importance)
    weights = np.hstack([machine.coef_, machine.intercept_[:, None]]).astype(np.float32)
    model = TopicModel(features, [str(topic) for topic in machine.classes_], weights, Trust(1.0, 0.0, 0.0))
    model.trust = measure_trust(model, corpus.calibration)
    return model


def measure_trust(model: TopicModel, messages: Sequence[Example]) -> Trust:
    """Measures how far to believe the model, on messages that it did not learn from."""
    scores = model.scores([message.text for message in messages])
    columns = {topic: column for column, topic in enumerate(model.topics)}
    truth = np.array([columns[message.topic] for message in messages])
    nothing = columns[NO_TOPIC]

    def surprise(parameters: NDArray[np.float64]) -> float:
        chances = chances_of(scores.copy(), nothing, float(parameters[0]), float(parameters[1]))
        return float(-np.log(chances[np.arange(len(truth)), truth] + 1e-9).mean())

    fitted = minimize(surprise, x0=[4.0, 0.0], method="Nelder-Mead")
    sharpness, bias = (float(parameter) for parameter in fitted.x)
    chances = chances_of(scores.copy(), nothing, sharpness, bias)
    return Trust(sharpness, bias, _threshold(chances, truth, nothing))


def _threshold(chances: NDArray[np.float32], truth: NDArray[np.int64], nothing: int) -> float:
    """The lowest confidence from which guesses are right often enough."""
    best = chances.argmax(axis=1)
    confidence = np.where(best == nothing, 0.0, chances.max(axis=1))
    order = np.argsort(-confidence, kind="stable")
    right = (best == truth)[order]
    precision = right.cumsum() / np.arange(1, len(right) + 1)
    enough = np.nonzero((precision >= LEAST_PRECISION) & (confidence[order] > 0))[0]
    return float(confidence[order][enough[-1]]) if len(enough) else 1.0
