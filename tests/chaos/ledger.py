"""What the town hall has acknowledged, as the outside knows it: the list that nothing may be missing from."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Ledger:
    """Kept by many threads. A set's items are what providers call things: CallSid, MessageSid, Message-ID ..."""

    calls: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)
    chats: set[str] = field(default_factory=set)
    chat_lines: set[tuple[str, str]] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, what: str) -> None:
        """Something that is only counted."""
        with self._lock:
            self.counts[what] += 1

    @property
    def acknowledged(self) -> int:
        return len(self.calls) + len(self.texts) + len(self.emails) + len(self.chats) + len(self.chat_lines)
