"""The messages and expressions that recognition learns from; the topic of each is known."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

from competences.sheets.library import read_folder, sheets_of, shipped_folder
from competences.translation import N_
from competences.words import plain

NO_TOPIC = "none"
"""The topic of a message about nothing that a town hall does."""

LONGEST_FIELD_CHARACTERS = 1_000_000


class ExamplesError(ValueError):
    """A file of examples cannot be read. `message` is a msgid, `line` the place of the fault."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message.format(line=line))
        self.message = message
        self.line = line


@dataclass(frozen=True)
class Example:
    """A text that somebody wrote or said, and its topic (`NO_TOPIC` for nothing)."""

    text: str
    topic: str


@dataclass(frozen=True)
class Corpus:
    """All examples. `messages` are whole, as people write them; `expressions` are a few words that betray a topic.

    `calibration` was written by another author: it teaches no word, only how far to trust a guess.
    """

    messages: Sequence[Example]
    expressions: Sequence[Example]
    calibration: Sequence[Example]

    @property
    def digest(self) -> str:
        """A name for the corpus: corpora of the same examples, in any order, have the same digest."""
        digest = sha256()
        for part in (self.messages, self.expressions, self.calibration):
            for example in sorted(part, key=lambda example: (example.topic, example.text)):
                digest.update(f"{example.topic}\0{example.text}\0".encode())
            digest.update(b"\1")
        return digest.hexdigest()[:16]

    def with_messages(self, more: Iterable[Example]) -> Corpus:
        """The corpus with more messages."""
        return Corpus((*self.messages, *more), self.expressions, self.calibration)

    def without_a_fifth(self) -> tuple[Corpus, Sequence[Example]]:
        """The corpus without a fifth of its messages, and that fifth: always the same one, of every topic."""
        held_out = [example for example in self.messages if _in_fifth(example)]
        kept = [example for example in self.messages if not _in_fifth(example)]
        return Corpus(kept, self.expressions, self.calibration), held_out


def _in_fifth(example: Example) -> bool:
    return int(sha256(example.text.encode()).hexdigest(), 16) % 5 == 0


def read_examples(document: str) -> list[Example]:
    """Reads CSV with the columns `text` and `topic`; other columns are ignored. Raises ExamplesError."""
    csv.field_size_limit(LONGEST_FIELD_CHARACTERS)
    rows = csv.DictReader(io.StringIO(document.removeprefix("\ufeff"), newline=""))
    examples = []
    try:
        if not {"text", "topic"} <= set(rows.fieldnames or ()):
            raise ExamplesError(N_("The first line must name the columns `text` and `topic`."), 1)
        for row in rows:
            text, topic = (row["text"] or "").strip(), (row["topic"] or "").strip()
            if not text or not topic:
                raise ExamplesError(N_("Line {line}: a text and a topic are expected."), rows.line_num)
            examples.append(Example(text, topic))
    except csv.Error as error:
        raise ExamplesError(N_("Line {line}: this is not CSV."), rows.line_num + 1) from error
    return examples


COMMON_FROM_MESSAGES = 4


def common_words(corpus: Corpus) -> frozenset[str]:
    """The words, in plain form, that at least `COMMON_FROM_MESSAGES` messages write without a capital."""
    counts: Counter[str] = Counter()
    for example in corpus.messages:
        written = re.findall(r"[^\W\d_]+", example.text)
        counts.update({plain(word) for word in written if word.islower()})
    return frozenset(word for word, count in counts.items() if count >= COMMON_FROM_MESSAGES)


def shipped_corpus() -> Corpus:
    """The corpus that the product comes with; the keywords of the procedure sheets are expressions too."""
    messages: list[Example] = []
    expressions: list[Example] = []
    for topic in sorted(shipped_folder().iterdir(), key=lambda folder: folder.name):
        if not topic.is_dir():
            continue
        messages += read_examples(topic.joinpath("messages.csv").read_text("utf-8"))
        lines = topic.joinpath("expressions.txt").read_text("utf-8").splitlines()
        expressions += [Example(line.strip(), topic.name) for line in lines if line.strip()]
    for sheet in sheets_of(read_folder(shipped_folder())).values():
        expressions += [Example(keyword, sheet.topic) for keyword in sheet.keywords]
    calibration = files("competences.recognition").joinpath("calibration.csv").read_text("utf-8")
    return Corpus(messages, expressions, read_examples(calibration))
