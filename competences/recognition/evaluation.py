"""Measures how good recognition is, on messages whose topic is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import quantiles
from time import perf_counter
from typing import Any

from competences.recognition.examples import NO_TOPIC, Example
from competences.recognition.recognition import Recognition

Recognise = Callable[[str], Recognition]


@dataclass(frozen=True)
class Judged:
    """The true topic of a message, what was recognised in it, and the time that took."""

    topic: str
    recognition: Recognition
    milliseconds: float

    @property
    def in_scope(self) -> bool:
        """Whether the message is about a topic."""
        return self.topic != NO_TOPIC

    @property
    def routed(self) -> bool:
        """Whether a contact would be routed by the text."""
        return self.recognition.topic is not None

    @property
    def guesses(self) -> list[str]:
        """The guessed topics, the surest first."""
        return [guess.topic for guess in self.recognition.guesses]


def judge(recognise: Recognise, messages: Sequence[Example]) -> list[Judged]:
    """Recognises each message alone, as when it comes in."""
    judged = []
    for message in messages:
        begun = perf_counter()
        recognition = recognise(message.text)
        judged.append(Judged(message.topic, recognition, (perf_counter() - begun) * 1000))
    return judged


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """Figures of quality, as one JSON object.

    `top1`, `top3`: of the messages about a topic, the share whose topic is the first guess, or among the first three.
    `routed_share`: of all messages, the share that is routed by its text; `routed_precision`: of those, the share that
    is routed to its own topic (a message about no topic has none). `abstained_*`: the share left to a generalist.
    The share of an empty set is null.
    """
    ours = [message for message in judged if message.in_scope]
    others = [message for message in judged if not message.in_scope]
    routed = [message for message in judged if message.routed]
    times = [message.milliseconds for message in judged]
    percentiles = quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
    return {
        "n": len(judged),
        "top1": _share(message.topic == message.guesses[0] for message in ours),
        "top3": _share(message.topic in message.guesses for message in ours),
        "routed_share": _share(message.routed for message in judged),
        "routed_precision": _share(message.recognition.topic == message.topic for message in routed),
        "abstained_in_scope": _share(not message.routed for message in ours),
        "abstained_out_of_scope": _share(not message.routed for message in others),
        "ms_p50": round(percentiles[49], 3) if percentiles else None,
        "ms_p99": round(percentiles[98], 3) if percentiles else None,
        "by_topic": {
            topic: _of_topic([message for message in ours if message.topic == topic]) for topic in _topics(ours)
        },
        "confusions": _confusions(judged),
    }


def _topics(judged: Sequence[Judged]) -> list[str]:
    return sorted({message.topic for message in judged})


def _of_topic(judged: Sequence[Judged]) -> dict[str, Any]:
    return {
        "n": len(judged),
        "top1": _share(message.topic == message.guesses[0] for message in judged),
        "top3": _share(message.topic in message.guesses for message in judged),
        "abstained": _share(not message.routed for message in judged),
    }


def _confusions(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """Wrong first guesses, the most frequent first; `routed` counts those by which a contact was routed."""
    wrong = [
        message for message in judged if (message.topic != message.guesses[0] if message.in_scope else message.routed)
    ]
    pairs = Counter((message.topic, message.guesses[0]) for message in wrong)
    misled = Counter((message.topic, message.guesses[0]) for message in wrong if message.routed)
    return [
        {"topic": topic, "taken_for": taken, "n": count, "routed": misled[topic, taken]}
        for (topic, taken), count in sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _share(verdicts: Any) -> float | None:
    counted = list(verdicts)
    return round(sum(counted) / len(counted), 4) if counted else None
