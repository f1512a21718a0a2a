"""How good recognition is, on messages whose topic is known."""

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
    """One message, what was made of it, and in how many milliseconds."""

    topic: str
    recognition: Recognition
    milliseconds: float

    @property
    def in_scope(self) -> bool:
        return self.topic != NO_TOPIC

    @property
    def routed(self) -> bool:
        return self.recognition.topic is not None

    @property
    def guesses(self) -> list[str]:
        return [guess.topic for guess in self.recognition.guesses]


def judge(recognise: Recognise, messages: Sequence[Example]) -> list[Judged]:
    """Recognises each message alone, as it happens when one comes in."""
    judged = []
    for message in messages:
        begun = perf_counter()
        recognition = recognise(message.text)
        judged.append(Judged(message.topic, recognition, (perf_counter() - begun) * 1000))
    return judged


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """`top1`, `top3`: of the messages about a topic, the share whose topic is the first guess, or among the first
    three. `routed_share`: of all messages, the share that is routed by its text; `routed_precision`: of those, the
    share that is routed right (what is about nothing never is). `abstained_*`: the share that is left to a generalist.
    A share of nothing is null.
    """
    ours = [one for one in judged if one.in_scope]
    others = [one for one in judged if not one.in_scope]
    routed = [one for one in judged if one.routed]
    times = [one.milliseconds for one in judged]
    percentiles = quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
    return {
        "n": len(judged),
        "top1": _share(one.topic == one.guesses[0] for one in ours),
        "top3": _share(one.topic in one.guesses for one in ours),
        "routed_share": _share(one.routed for one in judged),
        "routed_precision": _share(one.recognition.topic == one.topic for one in routed),
        "abstained_in_scope": _share(not one.routed for one in ours),
        "abstained_out_of_scope": _share(not one.routed for one in others),
        "ms_p50": round(percentiles[49], 3) if percentiles else None,
        "ms_p99": round(percentiles[98], 3) if percentiles else None,
        "by_topic": {topic: _of_topic([one for one in ours if one.topic == topic]) for topic in _topics(ours)},
        "confusions": _confusions(judged),
    }


def _topics(judged: Sequence[Judged]) -> list[str]:
    return sorted({one.topic for one in judged})


def _of_topic(judged: Sequence[Judged]) -> dict[str, Any]:
    return {
        "n": len(judged),
        "top1": _share(one.topic == one.guesses[0] for one in judged),
        "top3": _share(one.topic in one.guesses for one in judged),
        "abstained": _share(not one.routed for one in judged),
    }


def _confusions(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """What was taken for what, the most frequent first; `routed` says how many of them went to the wrong place."""
    wrong = [one for one in judged if (one.topic != one.guesses[0] if one.in_scope else one.routed)]
    pairs = Counter((one.topic, one.guesses[0]) for one in wrong)
    misled = Counter((one.topic, one.guesses[0]) for one in wrong if one.routed)
    return [
        {"topic": topic, "taken_for": taken, "n": count, "routed": misled[topic, taken]}
        for (topic, taken), count in sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _share(verdicts: Any) -> float | None:
    counted = list(verdicts)
    return round(sum(counted) / len(counted), 4) if counted else None
