"""Recognising what a message is about, by the newest model."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from competences.recognition.examples import Corpus, Example, common_words, shipped_corpus
from competences.recognition.recognition import Recognition
from routeur.record.engine import Record
from routeur.topics.corrections import learned_examples, learned_until
from routeur.topics.model_files import model_file, read_model

if TYPE_CHECKING:
    from competences.recognition.model import TopicModel

log = structlog.get_logger(__name__)

_CHECK_EVERY_SECONDS = 10.0

Beside = Callable[[Callable[[], Any]], Any]
"""Where what takes a while is done: a caller who must not be held up hands it to a thread."""


class Recogniser:
    """Reads the model at the first question, which takes a second, and notices within seconds when more was learned."""

    def __init__(self, record: Record, folder: Path, beside: Beside = lambda work: work()) -> None:
        self._record = record
        self._folder = folder
        self._beside = beside
        self._refreshing = threading.Lock()
        self._checked = float("-inf")
        self._learned: datetime | None = None
        self._wanted: Path | None = None
        self._read: Path | None = None
        self._model: TopicModel | None = None
        self._common: frozenset[str] | None = None

    def recognise(self, text: str) -> Recognition | None:
        """The recognition of a text; None for a blank one, or while no model can be read."""
        if not text.strip():
            return None
        with self._refreshing:  # other threads wait for the model instead of reading it too
            if time.monotonic() - self._checked > _CHECK_EVERY_SECONDS:
                self._refresh()
                self._checked = time.monotonic()
        return self._model.recognise(text) if self._model is not None else None

    def corpus(self) -> Corpus:
        """The examples to learn from: those of the software, and the learned candidates."""
        return shipped_corpus().with_messages(learned_examples(self._record))

    def common_words(self) -> frozenset[str]:
        """Words that many people use, so that they are nobody's name."""
        if self._common is None:
            self._common = common_words(shipped_corpus())
        return self._common

    def _newest(self, learned: Iterable[Example]) -> Path:
        """The path of the model that knows these examples too."""
        return model_file(self._folder, shipped_corpus().with_messages(learned))

    def _refresh(self) -> None:
        """Read the newest model if it has changed; keep the present one while it cannot be read."""
        try:
            learned = learned_until(self._record)
            if self._wanted is None or learned != self._learned:
                examples = learned_examples(self._record)
                self._wanted, self._learned = self._beside(lambda: self._newest(examples)), learned
            if self._wanted != self._read:
                self._model, self._read = self._beside(partial(read_model, self._wanted)), self._wanted
        except FileNotFoundError:  # `routeur topics build` makes it
            log.warning("topic_model_missing", folder=str(self._folder))
        except (OSError, ValueError, SQLAlchemyError) as error:  # `routeur topics build` makes a spoilt one anew
            log.exception("topic_model_not_read", folder=str(self._folder), error=type(error).__name__)
