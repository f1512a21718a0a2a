"""The ledger of what the town hall has acknowledged, kept outside: nothing of it may be missing later."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Ledger:
    """The acknowledged things, by the providers' ids (CallSid, MessageSid, Message-ID ...). Many threads write it.

    `poison` holds the digests of hostile letters by their Message-IDs.
    """

    calls: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)
    poison: dict[str, str] = field(default_factory=dict)
    chats: set[str] = field(default_factory=set)
    chat_lines: set[tuple[str, str]] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, what: str) -> None:
        """Count an event that has no id."""
        with self._lock:
            self.counts[what] += 1

    @property
    def acknowledged(self) -> int:
        written = len(self.texts) + len(self.emails) + len(self.poison)
        return len(self.calls) + written + len(self.chats) + len(self.chat_lines)
