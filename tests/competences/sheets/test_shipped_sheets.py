"""The shipped sheets agree with the shipped plan, and the page of what must be confirmed agrees with both."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from competences.sheets.checking import check_sheets
from competences.sheets.confirmation import page_to_confirm
from competences.sheets.library import sheets_of
from competences.sheets.placeholders import Filler, placeholders
from competences.sheets.reading import Reading
from competences.sheets.sheet import Section
from tests.competences.documents import mairie
from tests.competences.sheets.texts import FOLDER, TODAY, shipped

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "sheets-to-confirm.md"


def test_no_sheet_has_a_fault() -> None:
    found = check_sheets(shipped(), mairie(), FOLDER, TODAY)
    assert [finding.in_language("fr") for finding in found if finding.fails] == []


def test_every_topic_of_the_plan_has_its_sheet() -> None:
    assert sheets_of(shipped()).keys() == mairie().topics.keys()


@pytest.mark.parametrize("reading", shipped(), ids=lambda reading: Path(reading.file).parent.name)
def test_a_sheet_is_whole_filled_and_short_enough_to_be_read_aloud(reading: Reading) -> None:
    sheet = reading.sheet
    assert sheet is not None
    assert sheet.reviewed_on <= date(2026, 11, 23)
    assert len(sheet.sections[Section.SAY_FIRST].split()) <= 100
    assert 60 <= len(sheet.sections[Section.ENGLISH].split()) <= 130
    assert max(len(line) for line in reading.text.splitlines()) <= 120
    for section in Section:
        assert "{{" not in Filler(mairie(), sheet.topic, section.language).fill(sheet.sections[section])


def test_every_local_fact_of_the_plan_is_stated_in_a_sheet() -> None:
    stated = {placeholder.local_fact for reading in shipped() for placeholder in placeholders(reading.text)}
    assert mairie().local_facts.keys() == stated - {None}
    assert list(mairie().local_facts) == sorted(mairie().local_facts)


def test_where_silence_has_an_effect_in_law_the_sheet_says_so() -> None:
    sheets = sheets_of(shipped())
    for key, topic in mairie().topics.items():
        if topic.silence != "none":
            assert re.search("silence|tacite|sans réponse", " ".join(sheets[key].sections.values()), re.I), key


def test_the_page_of_what_is_to_be_confirmed_is_that_of_the_sheets() -> None:
    assert PAGE.read_text("utf-8") == page_to_confirm(shipped(), mairie(), "fr")


def test_the_page_names_every_service_concerned_once_with_all_that_its_sheets_ask() -> None:
    page = page_to_confirm(shipped(), mairie(), "en")
    assert page.count("\n## Civil registry\n") == 1
    for reading in shipped():
        assert all(f"\n- [ ] {line}\n" in page for line in reading.draft.to_confirm)
    for name, words in mairie().local_facts.items():
        assert f"- [ ] {words['en']} (`{name}`; " in page
