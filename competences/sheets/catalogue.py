"""The sheets on hand: those of the topics of the plan in force, filled with its words and ready to be searched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from competences.plan.plan import Plan
from competences.sheets.filling import filled
from competences.sheets.library import read_folder, sheets_of
from competences.sheets.search import SheetIndex
from competences.sheets.sheet import Sheet


@dataclass(frozen=True)
class SheetsOnHand:
    """The sheets by topic, and what finds them, as one version of the plan has them."""

    plan: Plan
    sheets: Mapping[str, Sheet]
    index: SheetIndex


class Catalogue:
    """Hands out the sheets of a folder; they are read when they are first asked for, and with each new plan."""

    def __init__(self, folder: Traversable, plans: Callable[[], Plan]) -> None:
        self._folder = folder
        self._plans = plans
        self._on_hand: SheetsOnHand | None = None

    def on_hand(self) -> SheetsOnHand:
        """The sheets as the plan in force has them."""
        plan, known = self._plans(), self._on_hand
        if known is None or known.plan is not plan:
            found = sheets_of(read_folder(self._folder))
            sheets = {topic: filled(sheet, plan) for topic, sheet in found.items() if topic in plan.topics}
            known = self._on_hand = SheetsOnHand(plan, sheets, SheetIndex(plan, sheets))
        return known
