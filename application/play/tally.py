"""What was sent and what came of it, as those who play see it."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from enum import StrEnum

from competences.channels import Channel

NEWS_KEPT = 8


class Count(StrEnum):
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
    """One demand that was sent. `answer` is what we were told, which may hold its reference; `said` what it says.

    Only what was acknowledged counts in `said`. `twice`: sent twice, and only the record tells whether that was seen.
    `automatic`: written by a machine; nobody may be asked to answer it.
    """

    channel: Channel
    address: str
    acknowledged: bool = False
    contact_id: str | None = None
    answer: str = ""
    said: list[str] = field(default_factory=list)
    twice: bool = False
    automatic: bool = False


class Tally:
    """Shared by all who play."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Count] = Counter()
        self._sent: list[Sent] = []
        self._errors: list[str] = []
        self._news: deque[str] = deque(maxlen=NEWS_KEPT)

    def begin(self, channel: Channel, address: str) -> Sent:
        sent = Sent(channel, address)
        with self._lock:
            self._sent.append(sent)
        return sent

    def count(self, what: Count) -> None:
        with self._lock:
            self._counts[what] += 1

    def duplicate(self, *, recognised: bool) -> None:
        """Something was sent twice, and its answers did or did not show that it was known."""
        self.count(Count.DUPLICATES_SENT)
        if recognised:
            self.count(Count.DUPLICATES_RECOGNISED)

    def error(self, what: str) -> None:
        with self._lock:
            self._errors.append(what)

    def tell(self, news: str) -> None:
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
