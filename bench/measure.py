"""Measures candidates and a baseline in turns, round after round; a ratio is the median over the rounds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Timed = Callable[[], int]
"""Does the thing once and returns the nanoseconds that the part that counts took."""


def timed(call: Callable[[], object]) -> Timed:
    """A candidate whose whole call counts."""

    def once() -> int:
        start = time.perf_counter_ns()
        call()
        return time.perf_counter_ns() - start

    return once


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass(frozen=True)
class Spread:
    """The microseconds that one candidate took in one round."""

    p50: float
    p99: float

    @classmethod
    def of(cls, nanoseconds: Sequence[int]) -> Spread:
        return cls(percentile(nanoseconds, 0.5) / 1000, percentile(nanoseconds, 0.99) / 1000)


@dataclass
class Rounds:
    """Each candidate's spread in each round."""

    spreads: dict[str, list[Spread]] = field(default_factory=dict)

    def p50(self, name: str) -> float:
        """The median over the rounds of a candidate's median, in microseconds."""
        return statistics.median(spread.p50 for spread in self.spreads[name])

    def p99(self, name: str) -> float:
        """The median over the rounds of a candidate's 99th percentile, in microseconds."""
        return statistics.median(spread.p99 for spread in self.spreads[name])

    def p50_ratio(self, name: str, baseline: str) -> float:
        """The median over the rounds of the ratio of the two medians."""
        pairs = zip(self.spreads[name], self.spreads[baseline], strict=True)
        return statistics.median(spread.p50 / other.p50 for spread, other in pairs)

    def p99_ratio(self, name: str, baseline: str) -> float:
        """The median over the rounds of the ratio of the two 99th percentiles."""
        pairs = zip(self.spreads[name], self.spreads[baseline], strict=True)
        return statistics.median(spread.p99 / other.p99 for spread, other in pairs)

    def p99_over_p50(self, name: str, baseline: str) -> float:
        """The slowest hundredth, in multiples of the baseline's usual time."""
        pairs = zip(self.spreads[name], self.spreads[baseline], strict=True)
        return statistics.median(spread.p99 / other.p50 for spread, other in pairs)


def take_turns(candidates: Mapping[str, Timed], *, rounds: int, turns: int, warm_up: int = 200) -> Rounds:
    """Run every candidate `turns` times in each round, one after the other, call by call."""
    for _ in range(warm_up):
        for once in candidates.values():
            once()
    result = Rounds({name: [] for name in candidates})
    for _ in range(rounds):
        times: dict[str, list[int]] = {name: [] for name in candidates}
        for _ in range(turns):
            for name, once in candidates.items():
                times[name].append(once())
        for name, values in times.items():
            result.spreads[name].append(Spread.of(values))
    return result


def median_ratio(pairs: Sequence[tuple[float, float]]) -> float:
    """The median over the rounds of the ratio of candidate to baseline."""
    return statistics.median(candidate / baseline for candidate, baseline in pairs)
