"""A learned model: what a text is about, how sure that is, and the words that decided."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from competences.recognition.examples import NO_TOPIC
from competences.recognition.features import Features
from competences.recognition.recognition import Guess, Recognition
from competences.words import plain

LONGEST_TEXT_CHARACTERS = 4000
"""The beginning of a text that is read: a long letter has said by then what it is about."""

GUESSES = 3
DECIDING_WORDS = 5


@dataclass(frozen=True)
class Trust:
    """How far to believe a model's scores, measured on messages that it did not learn from.

    `sharpness` and `nothing` turn scores into probabilities (Guo et al., "On calibration of modern neural networks",
    ICML 2017, with a bias for "about nothing"). A contact is routed if the probability is at least `threshold`.
    """

    sharpness: float
    nothing: float
    threshold: float


class TopicModel:
    """A linear model: `weights` has a row for each of `topics`, a column for each feature, and a last one, the bias."""

    def __init__(self, features: Features, topics: Sequence[str], weights: NDArray[np.float32], trust: Trust) -> None:
        self._features = features
        self.topics = tuple(topics)
        self._weights = weights
        self.trust = trust
        self._nothing = self.topics.index(NO_TOPIC) if NO_TOPIC in self.topics else None

    def recognise(self, text: str) -> Recognition:
        """The topic of a text. Never raises: a text without a known word is about nothing in particular."""
        text = text[:LONGEST_TEXT_CHARACTERS]
        features = self._features.of([text])
        chances = self.chances(scores_of(features, self._weights))[0]
        order = [index for index in np.argsort(-chances, kind="stable") if index != self._nothing]
        guesses = tuple(Guess(self.topics[index], round(float(chances[index]), 3)) for index in order[:GUESSES])
        best = order[0]
        sure = chances[best] >= self.trust.threshold and np.argmax(chances) == best
        return Recognition(self.topics[best] if sure else None, guesses, self._deciding(text, features, best))

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """A row of scores for each text, a column for each topic."""
        return scores_of(self._features.of([text[:LONGEST_TEXT_CHARACTERS] for text in texts]), self._weights)

    def chances(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """The probabilities for these scores, in the same shape."""
        return chances_of(scores, self._nothing, self.trust.sharpness, self.trust.nothing)

    def _deciding(self, text: str, features: Any, topic: int) -> tuple[str, ...]:
        """The words whose terms weigh most for the topic, compared with their mean weight for all topics."""
        words = list(dict.fromkeys(plain(text).split()))
        if not words:
            return ()
        alone = self._features.of(words)
        alone.data = np.ones_like(alone.data)
        weights = self._weights[:, :-1]
        gain = weights[topic] - weights.mean(axis=0)
        terms = alone.multiply(features.toarray()[0] * gain).sum(axis=1)
        strength = np.asarray(terms).ravel()
        order = np.argsort(-strength, kind="stable")[:DECIDING_WORDS]
        return tuple(words[index] for index in order if strength[index] > 0 and len(words[index]) > 1)

    def save(self) -> bytes:
        """The model as numbers and names: reading it runs no code."""
        kept: dict[str, Any] = {
            "topics": _packed(self.topics),
            "weights": self._weights.astype(np.float16),
            "trust": np.array([self.trust.sharpness, self.trust.nothing, self.trust.threshold]),
        }
        for kind, terms in self._features.kinds.items():
            kept[f"{kind}_names"] = _packed(terms.names)
            kept[f"{kind}_rarity"] = terms.rarity
        written = io.BytesIO()
        np.savez_compressed(written, allow_pickle=False, **kept)
        return written.getvalue()

    @classmethod
    def load(cls, saved: bytes) -> TopicModel:
        """Reads a saved model. Raises ValueError for anything else."""
        features, columns = Features(), 1
        try:
            with np.load(io.BytesIO(saved), allow_pickle=False) as kept:
                for kind, terms in features.kinds.items():
                    names = _unpacked(kept[f"{kind}_names"])
                    terms.restore(names, kept[f"{kind}_rarity"])
                    columns += len(names)
                topics, weights = _unpacked(kept["topics"]), kept["weights"].astype(np.float32)
                trust = Trust(*(float(number) for number in kept["trust"]))
        except (KeyError, EOFError, BadZipFile, zlib.error) as error:
            raise ValueError(f"not a saved model: {error}") from error
        if weights.shape != (len(topics), columns):
            raise ValueError("not a saved model: its parts do not fit together")
        return cls(features, topics, weights, trust)


def scores_of(rows: Any, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """A row of scores for each row of features."""
    return np.asarray(rows @ weights[:, :-1].T + weights[:, -1], dtype=np.float32)


def chances_of(scores: NDArray[np.float32], nothing: int | None, sharpness: float, bias: float) -> NDArray[np.float32]:
    """The probabilities for these scores: the softmax of the scaled scores."""
    scaled = scores * sharpness
    if nothing is not None:
        scaled[:, nothing] += bias
    scaled -= scaled.max(axis=1, keepdims=True)
    powers = np.exp(scaled)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def _packed(names: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(names).encode(), dtype=np.uint8)


def _unpacked(packed: NDArray[np.uint8]) -> list[str]:
    return packed.tobytes().decode().split("\n")
