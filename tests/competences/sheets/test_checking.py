"""Every fault of a sheet is found at its line and told in French."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from competences.sheets.checking import check_sheets
from competences.sheets.reading import read_sheet
from tests.competences.documents import mairie, plan_with
from tests.competences.sheets.texts import FILE, FOLDER, TODAY, cantine, changed, checked, shipped

FAULTS = [
    # the fields
    ('cost: "Le repas', 'price: "Le repas', "price: ", "« price » n'est pas un mot connu ici"),
    ('cost: "Le repas : {{ local.tarif-repas-cantine }}"', 'cost: ""', "cost: ", "Ce texte est vide"),
    ('cost: "Le repas : {{ local.tarif-repas-cantine }}"', "cost: [gratuit]", "cost: ", "On attend ici un texte"),
    ("reviewed_on: 2026-11-23", "reviewed_on: hier", "reviewed_on: ", "« hier » n'est pas une date"),
    ("next_review: 2027-11-23", "next_review: 2026-11-23", "next_review: ", "après la dernière (2026-11-23)"),
    ("next_review: 2027-11-23", "next_review: 2026-11-24\nnext_review: 2027-01-01", "next_review: ", "écrit deux fois"),
    ("topic: cantine", "topic: [cantine", "", "n'est plus lisible à partir de la ligne"),
    # the plan
    ("topic: cantine", "topic: cantines", "topic: ", "Vouliez-vous dire « cantine » ?"),
    ("topic: cantine", "topic: periscolaire", "topic: ", "dans un dossier nommé « periscolaire »"),
    ("service: famille", "service: finances", "service: ", "le service de ce sujet est « famille »"),
    ('online: "{{ topic.online }}"', "online: null", "online: ", "écrivez « {{ topic.online }} »"),
    ('online: "{{ topic.online }}"', "online: https://autre.example", "online: ", "écrivez « {{ topic.online }} »"),
    # what is to be filled in
    ("{{ local.menus-cantine }}", "{{ local.menu-cantine }}", "", "Vouliez-vous dire « menus-cantine » ?"),
    ("{{ topic.online }}) ou", "{{ topic.link }}) ou", "", "« topic.link » n'est pas un mot que la fiche"),
    # the text
    ("# Cantine scolaire", "Cantine scolaire", "", "Il manque le titre"),
    ("# Cantine scolaire", "# Cantine scolaire\nBonjour", "", "avant la première partie"),
    ("## Étapes", "## Etapes", "", "« Etapes » n'est pas une partie de fiche. Vouliez-vous dire « Étapes » ?"),
    ("## À demander", "### À demander", "", "Il manque la partie « ## À demander »"),
    ("## À demander", "## Étapes\n\n## À demander", "", "La partie « Étapes » est écrite deux fois"),
    ("## Passer à l'expert", "## Passer à l'expert\n\n## Ouvrir un suivi", "", "Cette partie est vide"),
]


@pytest.mark.parametrize(("old", "new", "field", "words"), FAULTS)
def test_a_fault_is_found_and_said_in_french(old: str, new: str, field: str, words: str) -> None:
    found = [finding for finding in checked(changed(old, new)) if finding.fails]
    said = [finding.in_language("fr") for finding in found]
    assert [line for line in said if words in line and line.startswith(FILE) and f": {field}" in line], said


def test_the_line_is_that_of_the_fault() -> None:
    text = changed("{{ local.delai-annulation-repas }}. Si", "{{ local.delai }}. Si")
    (fault,) = checked(text)
    assert "{{ local.delai }}" in text.splitlines()[fault.line - 1]
    text = changed("L230-5-6", "").replace('- {source: "Code rural et de la pêche maritime, art. ",', '- {source: "",')
    (fault,) = checked(text)
    assert fault.in_language("fr").startswith(f"{FILE}:{fault.line}: legal[4].source: ")
    assert 'source: ""' in text.splitlines()[fault.line - 1]


def test_everything_is_found_at_once() -> None:
    text = changed("service: famille", "service: finances").replace("topic: cantine", "topic: cantine\ncolour: red")
    text = text.replace("## Étapes", "## Etapes").replace("{{ local.menus-cantine }}", "{{ x }}")
    text = text.replace("next_review: 2027-11-23", "next_review: 2026-11-01").replace("2026-11-23", "2025-11-23")
    said = "\n".join(finding.in_language("fr") for finding in checked(text))
    for words in ("colour", "le service de ce sujet", "« ## Étapes »", "« Etapes »", "« x »", "devait être relue"):
        assert words in said


@pytest.mark.parametrize("text", ["", "# Cantine", "---\ntopic: cantine\n", "---\n- cantine\n---\n# Cantine\n"])
def test_a_text_without_fields_is_said_to_have_none(text: str) -> None:
    found = checked(text)
    assert any("Une fiche commence par une ligne « --- »" in finding.in_language("fr") for finding in found)


def test_a_text_is_read_alike_whichever_editor_wrote_it() -> None:
    assert read_sheet(FILE, "\ufeff" + cantine().replace("\n", "\r\n")).sheet == read_sheet(FILE, cantine()).sheet


def test_every_field_is_needed() -> None:
    for name in ("topic", "keywords", "online", "cost", "delay", "legal", "reviewed_on", "next_review", "to_confirm"):
        text = changed(f"\n{name}:", f"\nnot-{name}:")
        assert [fault for fault in checked(text) if f": Il manque ici « {name} »" in fault.in_language("fr")], name


def test_a_topic_without_an_online_procedure_has_none_in_its_sheet() -> None:
    plan = plan_with((("topics", "cantine", "online"), None))
    said = [finding.in_language("fr") for finding in checked(cantine(), plan)]
    assert any("écrivez « online: null »" in line for line in said)
    assert any("rien à mettre à la place de « topic.online »" in line for line in said)


def test_english_words_are_needed_only_where_they_are_used() -> None:
    plan = plan_with(
        (("local_facts", "menus-cantine"), {"fr": "deux menus"}), (("local_facts", "horaires-parcs"), {"fr": "le jour"})
    )
    (fault,) = [finding for finding in checked(cantine(), plan) if finding.fails]
    assert "« menus-cantine » n'a pas de texte anglais" in fault.in_language("fr")
    assert cantine().splitlines()[fault.line - 1].startswith("{{ local.menus-cantine }}")


def test_a_review_that_is_due_soon_is_a_remark_and_one_that_is_overdue_a_fault() -> None:
    due = date(2027, 11, 23)
    assert checked(cantine(), today=due - timedelta(days=61)) == []
    for today, fails in ((due - timedelta(days=60), False), (due, False), (due + timedelta(days=1), True)):
        (finding,) = checked(cantine(), today=today)
        assert finding.fails is fails
        assert finding.in_language("fr").startswith(f"{FILE}:") is True
        assert ("Remarque : " in finding.in_language("fr")) is not fails


def test_what_is_uncertain_must_be_listed_and_what_is_listed_need_not_be_marked() -> None:
    listed = cantine().index("to_confirm:"), cantine().index("---\n# ")
    text = cantine()[: listed[0]] + "to_confirm: []\n" + cantine()[listed[1] :]
    (fault,) = checked(text)
    assert "Dites sous « to_confirm »" in fault.in_language("fr")
    assert "[à confirmer]" in text.splitlines()[fault.line - 1]
    assert checked(changed(" [à confirmer]", "")) == []


def test_a_sheet_that_takes_more_than_a_minute_is_a_remark() -> None:
    (remark,) = checked(changed("## À demander\n", "## À demander\n" + "Encore une question. " * 60 + "\n"))
    assert not remark.fails
    assert "ne se lit plus en une minute" in remark.in_language("fr")


def test_a_keyword_of_another_sheet_is_a_remark() -> None:
    (remark,) = checked(changed("[cantine, ", "[cantine, PASSEPORT, "))
    assert not remark.fails
    assert "« PASSEPORT » est aussi un mot-clé de passeport/fiche.md" in remark.in_language("fr")


def test_a_topic_without_a_sheet_is_a_fault() -> None:
    readings = [reading for reading in shipped() if not reading.file.endswith("/cantine/fiche.md")]
    (fault,) = [finding for finding in check_sheets(readings, mairie(), FOLDER, TODAY) if finding.fails]
    assert fault.in_language("fr") == "topics/cantine/fiche.md:1: Le sujet « cantine » du plan n'a pas de fiche."


def test_faults_can_be_read_in_english() -> None:
    (fault,) = checked(changed("service: famille", "service: finances"))
    assert fault.in_language("en") == f"{FILE}:3: service: In the plan this topic's service is `famille`."
