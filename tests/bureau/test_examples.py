"""The examples in the description are true of the town hall that comes with the product."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bureau.schemas import requests
from bureau.schemas.fields import Request
from competences.plan.plan import Plan

PLAN = Path(__file__).parents[2] / "plans" / "mairie.yaml"


def examples() -> list[tuple[type[Request], dict[str, Any]]]:
    models = [model for model in vars(requests).values() if isinstance(model, type) and issubclass(model, Request)]
    return [(model, example) for model in models for example in model.model_json_schema().get("examples", [])]


def test_every_example_is_accepted_as_it_stands() -> None:
    for model, example in examples():
        assert model.model_validate(example, strict=False)


def test_every_example_speaks_of_what_the_plan_has() -> None:
    plan = Plan.load(PLAN.read_text("utf-8"))
    for _, example in examples():
        assert example.get("topic", "passeport") in plan.topics
        assert example.get("service", "urbanisme") in plan.services
        assert example.get("agent", example.get("login", "camille.martin")) in plan.agents
        assert example.get("skills", {}).keys() <= plan.skills.keys()
