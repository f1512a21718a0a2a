"""The index: where every open contact stands and what every agent can take, in Redis, changed by atomic scripts.

Nothing here is a fact: all of it can be made again from the record (see `routeur.queue.repair`).
"""

from routeur.index.entries import (
    CHANNEL_BY_LETTER,
    LETTERS,
    AgentLost,
    Declined,
    Entry,
    IndexLost,
    Lapsed,
    Offered,
    RungAt,
    Taken,
    Unserved,
    class_of,
)
from routeur.index.index import Index
from routeur.index.snapshots import AgentSnapshot, ContactSnapshot

__all__ = [
    "CHANNEL_BY_LETTER",
    "LETTERS",
    "AgentLost",
    "AgentSnapshot",
    "ContactSnapshot",
    "Declined",
    "Entry",
    "Index",
    "IndexLost",
    "Lapsed",
    "Offered",
    "RungAt",
    "Taken",
    "Unserved",
    "class_of",
]
