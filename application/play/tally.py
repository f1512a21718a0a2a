"""The tally: what was sent and what came of it, as the actors see it."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from enum import StrEnum

from competences.channels import Channel

NEWS_KEPT = 8


class Count(StrEnum):
    """The things that are counted."""

    OFFERS_ACCEPTED = "offers-accepted"
    OFFERS_DECLINED = "offers-declined"
    OFFERS_EXPIRED = "offers-expired"
    OFFERS_TOO_LATE = "offers-too-late"
    PHONES_NOT_ANSWERED = "phones-not-answered"
    TRANSFERRED = "transferred"
    HANDED_OVER = "handed-over"
    DUPLICATES_SENT = "duplicates-sent"
    DUPLICATES_RECOGNISED = "duplicates-recognised"
    REQUESTS = "requests"


@dataclass
class Sent:
    """One demand that was sent. `answer` is the town hall's answer, which may hold its reference.

    `words` holds the acknowledged words. `twice`: sent twice, and only the record tells whether that was recognised.
    `automatic`: written by a machine, so that no agent may be asked to answer it.
    """

    channel: Channel
    address: str
    acknowledged: bool = False
    contact_id: str | None = None
    answer: str = ""
    words: list[str] = field(default_factory=list)
    twice: bool = False
    automatic: bool = False


class Tally:
    """What happened so far, written by all actors at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Count] = Counter()
        self._sent: list[Sent] = []
        self._errors: list[str] = []
        self._news: deque[str] = deque(maxlen=NEWS_KEPT)

    def begin(self, channel: Channel, address: str) -> Sent:
        """Note a demand that is being sent; the caller fills in what becomes of it."""
        sent = Sent(channel, address)
        with self._lock:
            self._sent.append(sent)
        return sent

    def count(self, what: Count) -> None:
        """Count one event."""
        with self._lock:
            self._counts[what] += 1

    def duplicate(self, *, recognised: bool) -> None:
        """Count something that was sent twice; `recognised` if its answers show that the second was known."""
        self.count(Count.DUPLICATES_SENT)
        if recognised:
            self.count(Count.DUPLICATES_RECOGNISED)

    def error(self, what: str) -> None:
        """Note an error."""
        with self._lock:
            self._errors.append(what)

    def tell(self, news: str) -> None:
        """Note a line of news; only the newest are kept."""
        with self._lock:
            self._news.append(news)

    def __getitem__(self, what: Count) -> int:
        with self._lock:
            return self._counts[what]

    @property
    def sent(self) -> list[Sent]:
        with self._lock:
            return list(self._sent)

    @property
    def errors(self) -> list[str]:
        with self._lock:
            return list(self._errors)

    @property
    def news(self) -> list[str]:
        with self._lock:
            return list(self._news)
