"""Reads a plan's text and finds everything that is wrong with it, at once."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from competences.plan.document import read
from competences.plan.draft import draft
from competences.plan.errors import Finding, Location, PlanError, in_order
from competences.plan.fault_words import finding
from competences.plan.rules import judge

M = TypeVar("M", bound=BaseModel)


def examine(text: str, model: type[M], language: str) -> tuple[M | None, list[PlanError]]:
    """The plan, or its faults: never both, never neither."""
    document = read(text)
    findings = list(document.findings)
    plan: M | None = None
    if document.data or not document.findings:
        faults: list[Location] = []
        try:
            plan = model.model_validate(document.data)
        except ValidationError as error:
            shape: list[Finding] = [finding(details) for details in error.errors(include_url=False)]
            faults = [fault.location for fault in shape]
            findings += shape
        findings += judge(draft(document, faults))
    errors = in_order(fault.in_language(language, document.lines) for fault in findings)
    return (None if errors else plan), errors
