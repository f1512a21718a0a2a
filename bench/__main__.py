"""`python -m bench [name ...]` runs all measurements, or the named ones."""

from __future__ import annotations

import sys

from rich.console import Console

from bench.decisions import measure_decisions
from bench.drain import measure_drain
from bench.hub import measure_hub
from bench.offers import measure_offers
from bench.reference_day import measure_reference_day
from bench.report import Result, show, write
from bench.streams import measure_streams
from bench.throughput import measure_throughput
from bench.topics import measure_topics
from bench.webhooks import measure_webhooks

MEASUREMENTS = {
    "decisions": measure_decisions,
    "throughput": measure_throughput,
    "offers": measure_offers,
    "drain": measure_drain,
    "webhooks": measure_webhooks,
    "streams": measure_streams,
    "hub": measure_hub,
    "day": measure_reference_day,
    "topics": measure_topics,
}


def main(names: list[str]) -> int:
    """Measure, show and keep the figures; returns the exit status."""
    unknown = set(names) - MEASUREMENTS.keys()
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; there are: {', '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    console = Console()
    results: list[Result] = []
    for name in names or MEASUREMENTS:
        with console.status(name):
            measured = MEASUREMENTS[name]()
        write(measured)
        results += measured
    show(results, console)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
