"""Checks sheets: their form, and whether they agree with the plan, the date and each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import PurePath

from competences.plan.plan import Plan
from competences.sheets.findings import SheetFinding, in_order
from competences.sheets.library import SHEET_FILE
from competences.sheets.placeholders import NAMES, Filler, placeholders
from competences.sheets.reading import Reading
from competences.sheets.sheet import Section
from competences.translation import DEFAULT_LANGUAGE, N_
from competences.words import plain

SOON = timedelta(days=60)
MOST_WORDS = 420
"""A sheet of this length is looked through, and its spoken part read aloud, in a minute."""
UNCERTAIN = re.compile(r"\[à\s+confirmer\]")


def check_sheets(readings: Sequence[Reading], plan: Plan, folder: str, today: date) -> list[SheetFinding]:
    """Every finding, file by file. `folder` is where a missing sheet should stand."""
    findings = [finding for reading in readings for finding in _of_sheet(reading, plan, today)]
    return in_order([*findings, *_without_sheet(readings, plan, folder), *_shared_keywords(readings)])


def _of_sheet(reading: Reading, plan: Plan, today: date) -> Iterator[SheetFinding]:
    yield from reading.findings
    yield from _agreement(reading, plan)
    yield from _placeholders(reading, plan)
    yield from _review(reading, today)
    yield from _uncertain(reading)
    yield from _length(reading)


def _agreement(reading: Reading, plan: Plan) -> Iterator[SheetFinding]:
    """The points in which the sheet and the plan disagree about the same topic."""
    key = reading.draft.topic
    if key is None:
        return
    at_topic = reading.line_of("topic")
    if PurePath(reading.file).parent.name != key:
        message = N_("The sheet of this topic stands in a folder called `{name}`.")
        yield SheetFinding(reading.file, at_topic, message, {"name": key}, field="topic")
    topic = plan.topics.get(key)
    if topic is None:
        yield _unknown(reading, at_topic, N_("The plan has no topic `{name}`."), key, plan.topics, "topic")
        return
    if reading.draft.service not in (None, topic.service):
        message = N_("In the plan this topic's service is `{service}`.")
        line = reading.line_of("service")
        yield SheetFinding(reading.file, line, message, {"service": topic.service}, field="service")
    if "online" in reading.draft.model_fields_set:
        yield from _online(reading, plan, key)


def _online(reading: Reading, plan: Plan, key: str) -> Iterator[SheetFinding]:
    written, real = reading.draft.online, plan.topics[key].online
    line = reading.line_of("online")
    if real is None and written is not None:
        message = N_("The plan has no online procedure for this topic: write `online: null`.")
        yield SheetFinding(reading.file, line, message, field="online")
    elif real is not None and (written is None or Filler(plan, key, DEFAULT_LANGUAGE).fill(written) != str(real)):
        message = N_("The plan has an online procedure for this topic: write `{online}`.")
        yield SheetFinding(reading.file, line, message, {"online": "{{ topic.online }}"}, field="online")


def _placeholders(reading: Reading, plan: Plan) -> Iterator[SheetFinding]:
    """Placeholders that do not exist, and those for which the plan has no words."""
    key = reading.draft.topic
    values = Filler(plan, key, DEFAULT_LANGUAGE).values if key in plan.topics and key is not None else None
    for placeholder in placeholders(reading.text):
        name, fact = placeholder.name, placeholder.local_fact
        line = reading.text.count("\n", 0, placeholder.position) + 1
        if fact is not None and fact not in plan.local_facts:
            message = N_("The local fact `{name}` is not written in the plan, under `local_facts`.")
            yield _unknown(reading, line, message, fact, plan.local_facts)
        elif fact is not None:
            if reading.section_at(line) is Section.ENGLISH and "en" not in plan.local_facts[fact]:
                message = N_("The local fact `{name}` has no English words (`en`) in the plan.")
                yield SheetFinding(reading.file, line, message, {"name": fact})
        elif name not in NAMES:
            yield _unknown(reading, line, N_("`{name}` is not a placeholder that can be filled in."), name, NAMES)
        elif values is not None and name not in values:
            message = N_("The plan has nothing to put in the place of `{name}`.")
            yield SheetFinding(reading.file, line, message, {"name": name})


def _review(reading: Reading, today: date) -> Iterator[SheetFinding]:
    due, done = reading.draft.next_review, reading.draft.reviewed_on
    if due is None:
        return
    line, values = reading.line_of("next_review"), {"day": due}
    if done is not None and due <= done:
        message = N_("The next review must come after the last one ({day}).")
        yield SheetFinding(reading.file, line, message, {"day": done}, field="next_review")
    elif due < today:
        message = N_("This sheet was to be reviewed by {day}.")
        yield SheetFinding(reading.file, line, message, values, field="next_review")
    elif due <= today + SOON:
        message = N_("This sheet is to be reviewed by {day}.")
        yield SheetFinding(reading.file, line, message, values, field="next_review", fails=False)


def _uncertain(reading: Reading) -> Iterator[SheetFinding]:
    if "to_confirm" not in reading.draft.model_fields_set or reading.draft.to_confirm:
        return
    for match in UNCERTAIN.finditer(reading.text):
        line = reading.text.count("\n", 0, match.start()) + 1
        message = N_("Say under `to_confirm` what is to be confirmed here.")
        yield SheetFinding(reading.file, line, message)


def _length(reading: Reading) -> Iterator[SheetFinding]:
    words = sum(len(text.split()) for text in reading.body.texts.values())
    if words > MOST_WORDS:
        message = N_("This sheet has {words} words: more than {most} are too many to be read aloud in a minute.")
        line = min(lines.start for lines in reading.body.lines.values())
        yield SheetFinding(reading.file, line, message, {"words": words, "most": MOST_WORDS}, fails=False)


def _without_sheet(readings: Iterable[Reading], plan: Plan, folder: str) -> Iterator[SheetFinding]:
    there = {reading.draft.topic for reading in readings} | {PurePath(reading.file).parent.name for reading in readings}
    for key in plan.topics:
        if key not in there:
            file = str(PurePath(folder, key, SHEET_FILE))
            yield SheetFinding(file, 1, N_("The plan's topic `{topic}` has no sheet."), {"topic": key})


def _shared_keywords(readings: Iterable[Reading]) -> Iterator[SheetFinding]:
    first: dict[str, str] = {}
    for reading in readings:
        for index, keyword in enumerate(reading.draft.keywords):
            other = first.setdefault(plain(keyword), reading.file)
            if other != reading.file:
                theirs = "/".join(PurePath(other).parts[-2:])
                line, values = reading.line_of("keywords", index), {"keyword": keyword, "other": theirs}
                message = N_("`{keyword}` is a keyword of {other} too.")
                yield SheetFinding(reading.file, line, message, values, field="keywords", fails=False)


def _unknown(
    reading: Reading, line: int, message: str, name: str, known: Iterable[str], field: str = ""
) -> SheetFinding:
    """The finding for an unknown name, with the nearest known one."""
    near = get_close_matches(name, sorted(known), n=1)
    return SheetFinding(reading.file, line, message, {"name": name}, near=near[0] if near else None, field=field)
