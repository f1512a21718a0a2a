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
    """The sheets by topic, and the index that searches them, for one version of the plan."""

    plan: Plan
    sheets: Mapping[str, Sheet]
    index: SheetIndex


class Catalogue:
    """Keeps the sheets of a folder; reads them at the first request and after each change of the plan."""

    def __init__(self, folder: Traversable, plans: Callable[[], Plan]) -> None:
        self._folder = folder
        self._plans = plans
        self._on_hand: SheetsOnHand | None = None

    def on_hand(self) -> SheetsOnHand:
        """The sheets for the plan in force."""
        plan, on_hand = self._plans(), self._on_hand
        if on_hand is None or on_hand.plan is not plan:
            written = sheets_of(read_folder(self._folder))
            sheets = {topic: filled(sheet, plan) for topic, sheet in written.items() if topic in plan.topics}
            on_hand = self._on_hand = SheetsOnHand(plan, sheets, SheetIndex(plan, sheets))
        return on_hand
