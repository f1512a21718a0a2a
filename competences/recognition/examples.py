"""Messages and expressions whose topic is known: what recognition learns from."""

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
"""The topic of what is about nothing that a town hall does."""

LONGEST_FIELD = 1_000_000


class ExamplesError(ValueError):
    """A file of examples cannot be read. `message` is a msgid, `line` where it shows."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message.format(line=line))
        self.message = message
        self.line = line


@dataclass(frozen=True)
class Example:
    """What somebody wrote or said, and what it is about (`NO_TOPIC` for nothing)."""

    text: str
    topic: str


@dataclass(frozen=True)
class Corpus:
    """`messages` are whole, as people write them; `expressions` are the few words that betray a topic.

    `calibration` was written by another author: it teaches no word, only how far to trust a guess.
    """

    messages: Sequence[Example]
    expressions: Sequence[Example]
    calibration: Sequence[Example]

    @property
    def digest(self) -> str:
        """Names what is learned from: corpora of equal examples, in whatever order, have equal digests."""
        told = sha256()
        for part in (self.messages, self.expressions, self.calibration):
            for example in sorted(part, key=lambda example: (example.topic, example.text)):
                told.update(f"{example.topic}\0{example.text}\0".encode())
            told.update(b"\1")
        return told.hexdigest()[:16]

    def with_messages(self, more: Iterable[Example]) -> Corpus:
        """With these learned too."""
        return Corpus((*self.messages, *more), self.expressions, self.calibration)

    def without_a_fifth(self) -> tuple[Corpus, Sequence[Example]]:
        """The corpus without a fifth of its messages, and that fifth: always the same one, of every topic."""
        held_out = [example for example in self.messages if _in_fifth(example)]
        kept = [example for example in self.messages if not _in_fifth(example)]
        return Corpus(kept, self.expressions, self.calibration), held_out


def _in_fifth(example: Example) -> bool:
    return int(sha256(example.text.encode()).hexdigest(), 16) % 5 == 0


def read_examples(document: str) -> list[Example]:
    """Reads CSV with the columns `text` and `topic`; other columns are passed over. Raises ExamplesError."""
    csv.field_size_limit(LONGEST_FIELD)
    rows = csv.DictReader(io.StringIO(document.removeprefix("\ufeff"), newline=""))
    found = []
    try:
        if not {"text", "topic"} <= set(rows.fieldnames or ()):
            raise ExamplesError(N_("The first line must name the columns `text` and `topic`."), 1)
        for row in rows:
            text, topic = (row["text"] or "").strip(), (row["topic"] or "").strip()
            if not text or not topic:
                raise ExamplesError(N_("Line {line}: a text and a topic are expected."), rows.line_num)
            found.append(Example(text, topic))
    except csv.Error as error:
        raise ExamplesError(N_("Line {line}: this is not CSV."), rows.line_num + 1) from error
    return found


COMMON_FROM = 4
"""Messages."""


def common_words(corpus: Corpus) -> frozenset[str]:
    """The words, in their plain form, that at least so many messages write without a capital."""
    counts: Counter[str] = Counter()
    for example in corpus.messages:
        written = re.findall(r"[^\W\d_]+", example.text)
        counts.update({plain(word) for word in written if word.islower()})
    return frozenset(word for word, count in counts.items() if count >= COMMON_FROM)


def shipped_corpus() -> Corpus:
    """What the town hall comes with: its examples, its expressions, and the keywords of its procedure sheets."""
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
