"""The figures by which recognition is judged, on cases small enough to count by hand."""

from __future__ import annotations

import pytest

from competences.recognition.evaluation import Judged, figures
from competences.recognition.examples import NO_TOPIC
from competences.recognition.recognition import Guess, Recognition


def judged(topic: str, routed: str | None, *guesses: str, ms: float = 1.0) -> Judged:
    return Judged(topic, Recognition(routed, tuple(Guess(guess, 0.5) for guess in guesses), ()), ms)


CASES = [
    judged("cantine", "cantine", "cantine", "periscolaire", "voirie", ms=1.0),
    judged("cantine", None, "cantine", "periscolaire", "voirie", ms=2.0),
    judged("cantine", "periscolaire", "periscolaire", "cantine", "voirie", ms=3.0),
    judged("voirie", "cantine", "cantine", "periscolaire", "passeport", ms=4.0),
    judged(NO_TOPIC, None, "voirie", "cantine", "passeport", ms=5.0),
    judged(NO_TOPIC, "voirie", "voirie", "cantine", "passeport", ms=6.0),
]


def test_every_figure_is_what_it_says() -> None:
    found = figures(CASES)
    assert found["n"] == 6
    assert found["top1"] == 0.5
    assert found["top3"] == 0.75
    assert found["routed_share"] == pytest.approx(4 / 6, abs=1e-4)
    assert found["routed_precision"] == 0.25
    assert found["abstained_in_scope"] == 0.25
    assert found["abstained_out_of_scope"] == 0.5
    assert found["ms_p50"] == 3.5
    assert found["by_topic"]["voirie"] == {"n": 1, "top1": 0.0, "top3": 0.0, "abstained": 0.0}
    assert list(found["by_topic"]) == ["cantine", "voirie"]
    assert found["confusions"] == [
        {"topic": "cantine", "taken_for": "periscolaire", "n": 1, "routed": 1},
        {"topic": NO_TOPIC, "taken_for": "voirie", "n": 1, "routed": 1},
        {"topic": "voirie", "taken_for": "cantine", "n": 1, "routed": 1},
    ]


def test_a_share_of_nothing_is_none() -> None:
    found = figures([judged(NO_TOPIC, None, "voirie")])
    assert found["top1"] is None
    assert found["routed_precision"] is None
    assert found["abstained_out_of_scope"] == 1.0
