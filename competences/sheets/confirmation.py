"""The page of what a town hall must confirm before it relies on the sheets, in Markdown, service by service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from competences.plan.plan import Plan
from competences.plan.types import wording
from competences.sheets.placeholders import placeholders
from competences.sheets.reading import Reading
from competences.translation import N_, translator

COMMAND = "routeur sheets check --to-confirm --plan plans/mairie.yaml > docs/sheets-to-confirm.md"

WRITTEN_BY = N_("Written by `{command}`: correct the sheets or the plan, not this page.")
TITLE = N_("What the services must confirm")
WHY = N_(
    "The sheets say what holds in French towns in general, each fact with its source. A service reads its part of this "
    "page before its sheets are relied upon, and whatever proves wrong is corrected in the sheet or in the plan."
)
FACTS = N_("Decided by the town (`local_facts` in the plan):")
FACT = N_("{words} (`{name}`; {sheets})")


def page_to_confirm(readings: Iterable[Reading], plan: Plan, language: str) -> str:
    """The whole page: the questions that the sheets leave open, and every local fact that they state."""
    say = translator("competences", language).gettext
    of_plan = [reading for reading in readings if reading.draft.topic in plan.topics]
    lines = [f"<!-- {say(WRITTEN_BY).format(command=COMMAND)} -->", f"# {say(TITLE)}", "", say(WHY)]
    for key, service in plan.services.items():
        theirs = [reading for reading in of_plan if plan.topics[str(reading.draft.topic)].service == key]
        parts = [*_uncertain(theirs, plan, language), *_local_facts(theirs, plan, language)]
        if parts:
            lines += ["", f"## {wording(service.label, language)}", *parts]
    return "\n".join(lines) + "\n"


def _uncertain(readings: Sequence[Reading], plan: Plan, language: str) -> Iterator[str]:
    """The open questions of each sheet, under its topic's name."""
    for reading in readings:
        if reading.draft.to_confirm:
            yield from ("", f"**{plan.topic_label(reading.draft.topic, language)}** (`{reading.draft.topic}`)", "")
            yield from (f"- [ ] {line}" for line in reading.draft.to_confirm)


def _local_facts(readings: Sequence[Reading], plan: Plan, language: str) -> Iterator[str]:
    """The local facts that the sheets of one service state."""
    say = translator("competences", language).gettext
    sheets: dict[str, dict[str, None]] = {}
    for reading in readings:
        for placeholder in placeholders(reading.text):
            if placeholder.local_fact in plan.local_facts:
                sheets.setdefault(str(placeholder.local_fact), {})[str(reading.draft.topic)] = None
    if sheets:
        yield from ("", say(FACTS), "")
    for name in sorted(sheets):
        words = wording(plan.local_facts[name], language)
        yield "- [ ] " + say(FACT).format(words=words, name=name, sheets=", ".join(sheets[name]))
