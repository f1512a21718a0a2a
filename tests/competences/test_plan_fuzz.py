"""The check of any text ends with a plan or with errors in words."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from competences.ladder import ladder
from competences.plan.check import check
from competences.plan.plan import Plan, PlanErrors
from tests.competences.documents import MAIRIE, Place, mairie_data, text_of

TEXT = MAIRIE.read_text(encoding="utf-8")
FALLBACK = "Cette valeur n'est pas celle que l'on attend ici."

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, at: Place = ()) -> list[Place]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, child in inner for place in places(child, (*at, key)))]


PLACES = [place for place in places(mairie_data()) if place]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=st.lists(st.tuples(st.sampled_from(PLACES), st.just(...) | values), min_size=1, max_size=4))
def test_any_value_anywhere_is_judged(edits: list[tuple[Place, Any]]) -> None:
    data = mairie_data()
    for place, value in edits:
        holder: Any = data
        try:
            for part in place[:-1]:
                holder = holder[part]
            if value is ...:
                del holder[place[-1]]
            else:
                holder[place[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier edit took the place away
    try:
        text = text_of(data)
    except yaml.YAMLError:
        return
    errors = check(text)
    assert all(error.message and error.message != FALLBACK for error in errors)
    assert all("{value}" not in error.message and error.line for error in errors)
    assert len({(error.path, error.message) for error in errors}) == len(errors)
    if errors:
        return
    plan = Plan.load(text)
    assert Plan.load(plan.dump()) == plan
    assert all(ladder(plan, topic, "en") for topic in plan.topics)


@settings(max_examples=100, deadline=None)
@given(start=st.integers(0, len(TEXT)), length=st.integers(0, 400), inserted=st.text(max_size=20))
def test_any_slip_of_the_hand_is_judged(start: int, length: int, inserted: str) -> None:
    text = TEXT[:start] + inserted + TEXT[start + length :]
    errors = check(text)
    if not errors:
        assert Plan.load(text)
        return
    assert all(error.message and error.message != FALLBACK for error in errors)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60) | st.text("[]{}:-&*!'\"#\n ab1|>%@`", max_size=40))
def test_any_text_at_all_is_refused_in_words(text: str) -> None:
    errors = check(text)
    assert errors
    assert all(error.message for error in errors)


def test_the_errors_of_loading_are_those_of_checking() -> None:
    text = TEXT.replace("service: ccas", "service: cc")
    with pytest.raises(PlanErrors) as refused:
        Plan.load(text)
    assert list(refused.value.errors) == check(text)
