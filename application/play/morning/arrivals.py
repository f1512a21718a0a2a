"""When people turn up: a Poisson process whose rate follows the morning."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Peak:
    """More people than usual around `at`, a share of the morning; `height` and `width` are relative too."""

    at: float
    height: float
    width: float


PEAKS = (Peak(at=0.04, height=1.6, width=0.06), Peak(at=0.714, height=1.2, width=0.08))
"""The peaks at the opening, and at eleven o'clock of a morning from half past eight to noon."""


def rate(position: float) -> float:
    """How busy it is at this share of the morning; 1 is an ordinary moment."""
    return 1 + sum(peak.height * math.exp(-(((position - peak.at) / peak.width) ** 2) / 2) for peak in PEAKS)


_BUSIEST = 1 + sum(peak.height for peak in PEAKS)
_MEAN = sum(rate((step + 0.5) / 1000) for step in range(1000)) / 1000


def arrivals(random: Random, seconds: float, expected: float) -> Iterator[float]:
    """Instants from 0 to `seconds`, in order; `expected` of them on average (thinning, Lewis and Shedler)."""
    busiest = expected / _MEAN * _BUSIEST / seconds
    at = random.expovariate(busiest)
    while at < seconds:
        if random.random() * _BUSIEST < rate(at / seconds):
            yield at
        at += random.expovariate(busiest)
