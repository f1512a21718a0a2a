"""The features of a text: its words and pairs of words, and the pieces of its words, so that a misspelt word still
looks alike; each weighed by how rare it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from competences.words import plain

Numbers = NDArray[np.float32]

WORD = r"[a-z0-9]+"
"""A word of a text in plain form; a single letter is one too."""


class Terms:
    """TF-IDF over one kind of term (Salton & Buckley, "Term-weighting approaches in automatic text retrieval",
    Information Processing & Management 24(5), 1988)."""

    def __init__(self, **kind: Any) -> None:
        self._kind = {"preprocessor": plain, "sublinear_tf": True, "dtype": np.float32, **kind}
        self._vectorizer = TfidfVectorizer(**self._kind)

    def learn(self, texts: Sequence[str]) -> csr_matrix:
        """Learns which terms there are and how rare each is; returns the texts' weights, one row for each text."""
        return self._vectorizer.fit_transform(texts)

    def of(self, texts: Sequence[str]) -> csr_matrix:
        """The texts' weights, one row for each text."""
        return self._vectorizer.transform(texts)

    @property
    def names(self) -> list[str]:
        """The terms, by column."""
        return [str(name) for name in self._vectorizer.get_feature_names_out()]

    @property
    def rarity(self) -> Numbers:
        """The rarity of each term (its inverse document frequency), by column."""
        return np.asarray(self._vectorizer.idf_, dtype=np.float32)

    def restore(self, names: Sequence[str], rarity: Numbers) -> None:
        """Takes over terms and rarities that were learned before."""
        self._vectorizer = TfidfVectorizer(vocabulary=names, **self._kind)
        self._vectorizer.idf_ = rarity


class Features:
    """All terms side by side: words and pairs of words, then pieces of words."""

    def __init__(self) -> None:
        self.kinds = {
            "words": Terms(analyzer="word", token_pattern=WORD, ngram_range=(1, 2), min_df=2),
            "pieces": Terms(analyzer="char_wb", ngram_range=(2, 5), min_df=3),
        }

    def learn(self, texts: Sequence[str]) -> csr_matrix:
        return hstack([terms.learn(texts) for terms in self.kinds.values()]).tocsr()

    def of(self, texts: Sequence[str]) -> csr_matrix:
        return hstack([terms.of(texts) for terms in self.kinds.values()]).tocsr()
