"""Fills the placeholders of a sheet with the plan's words."""

from __future__ import annotations

from competences.plan.plan import Plan
from competences.sheets.placeholders import Filler
from competences.sheets.sheet import Section, Sheet
from competences.translation import DEFAULT_LANGUAGE


def filled(sheet: Sheet, plan: Plan) -> Sheet:
    """The sheet with the plan's words, in the language of each of its texts. Its topic must be in the plan."""
    fillers = {language: Filler(plan, sheet.topic, language) for language in {section.language for section in Section}}
    fill = fillers[DEFAULT_LANGUAGE].fill
    return sheet.model_copy(
        update={
            "online": fill(sheet.online) if sheet.online is not None else None,
            "documents": tuple(map(fill, sheet.documents)),
            "cost": fill(sheet.cost),
            "delay": fill(sheet.delay),
            "to_confirm": tuple(map(fill, sheet.to_confirm)),
            "sections": {section: fillers[section.language].fill(text) for section, text in sheet.sections.items()},
        }
    )
