"""Every fault of a plan is found, at its place, in French."""

from __future__ import annotations

from typing import Any

import pytest

from competences.plan.check import check
from competences.plan.plan import Plan, PlanErrors
from tests.competences.documents import MAIRIE, Place, changed, mairie_data, text_of, without

CAMILLE = ("agents", "camille.martin")
CANTINE = ("topics", "cantine")

FAULTS: list[tuple[Place, Any, str, str]] = [
    # the values themselves
    (("commune", "name"), 5, "commune.name", "On attend ici un texte"),
    (("commune", "name"), "", "commune.name", "Ce texte est vide"),
    (("commune", "name"), "  ", "commune.name", "Ce texte est vide"),
    (("commune", "mayor"), "x", "commune.mayor", "« mayor » n'est pas un mot connu ici"),
    (("commune", "phone"), "douze", "commune.phone", "« douze » n'est pas un numéro de téléphone"),
    (("commune", "phone"), "01", "commune.phone", "« 01 » n'est pas un numéro de téléphone"),
    (("commune", "email"), "mairie at x", "commune.email", "n'est pas une adresse électronique"),
    (("commune", "website"), "mairie", "commune.website", "Ce n'est pas une adresse de site"),
    (("commune", "website"), "ftp://mairie.example", "commune.website", "Ce n'est pas une adresse de site"),
    (("commune", "website"), 3, "commune.website", "Ce n'est pas une adresse de site"),
    (("commune", "website"), "https://x.example/" + "x" * 3000, "commune.website", "trop longue"),
    (("commune", "timezone"), "Europe/Auxerre", "commune.timezone", "n'est pas un fuseau horaire"),
    (("commune",), "Auxerre", "commune", "lignes de la forme « nom: valeur »"),
    (("topics",), ["cantine"], "topics", "lignes de la forme « nom: valeur »"),
    (("offer_seconds",), "vite", "offer_seconds", "nombre entier"),
    (("offer_seconds",), 0, "offer_seconds", "1 au moins"),
    (("missed_offers",), 10, "missed_offers", "9 au plus"),
    (("channels", "voice", "capacity"), 0, "channels.voice.capacity", "1 au moins"),
    (("channels", "chat", "capacity"), 10, "channels.chat.capacity", "9 au plus"),
    (("channels", "voice", "exclusive"), "oui", "channels.voice.exclusive", "« true » (oui) ou « false »"),
    (("channels", "voice", "weight"), "lourd", "channels.voice.weight", "On attend ici un nombre"),
    (("channels", "voice", "weight"), [], "channels.voice.weight", "On attend ici un nombre"),
    (("channels", "voice", "weight"), 0, "channels.voice.weight", "il doit dépasser 0"),
    (("channels", "voice", "weight"), "inf", "channels.voice.weight", "On attend ici un nombre"),
    (("channels", "fax"), {}, "channels.fax", "voice, walkin, chat, messaging, email"),
    (("skills", "menu"), {"label": {"fr": "Menu"}}, "skills.menu", "« menu » ne peut pas être une compétence"),
    ((*CAMILLE, "skills", "menu"), 1, "agents.camille.martin.skills.menu", "« menu » ne peut pas être"),
    (("skills", "État civil"), {"label": {"fr": "x"}}, "skills.État civil", "nom à une compétence"),
    (("services", "CCAS"), {}, "services.CCAS", "« CCAS » ne peut pas servir de nom"),
    (("languages", "eng"), {"label": {"fr": "x"}}, "languages.eng", "n'est pas un code de langue"),
    (("skills", "social", "label"), {"en": "Social"}, "skills.social.label", "Il manque le texte français"),
    (("agents", "Camille"), {}, "agents.Camille", "« Camille » ne peut pas servir d'identifiant"),
    ((*CAMILLE, "skills", "accueil"), 6, "agents.camille.martin.skills.accueil", "5 au plus"),
    ((*CAMILLE, "skills", "accueil"), 0, "agents.camille.martin.skills.accueil", "1 au moins"),
    ((*CAMILLE, "skills"), ["accueil"], "agents.camille.martin.skills", "« nom: valeur »"),
    ((*CAMILLE, "role"), "chef", "agents.camille.martin.role", "agent, supervisor, admin"),
    ((*CAMILLE, "phone"), "1234", "agents.camille.martin.phone", "n'est pas un numéro de téléphone"),
    ((*CAMILLE, "email"), "camille", "agents.camille.martin.email", "n'est pas une adresse électronique"),
    ((*CANTINE, "silence"), "oui", "topics.cantine.silence", "none, acceptance, rejection"),
    (("commune", "administrative_court"), "", "commune.administrative_court", "Ce texte est vide"),
    (("request_forms",), {"permis": "pacs"}, "request_forms.permis", "n'est pas une adresse électronique"),
    (("request_forms",), ["permis@x.example"], "request_forms", "lignes de la forme « nom: valeur »"),
    ((*CANTINE, "commitment_days"), -1, "topics.cantine.commitment_days", "0 au moins"),
    ((*CANTINE, "commitment_days"), None, "topics.cantine.commitment_days", "soit « commitment_days »"),
    ((*CANTINE, "commitment_before_days"), 7, "topics.cantine.commitment_days", "soit « commitment_days »"),
    ((*CANTINE, "commitment_before_days"), 0, "topics.cantine.commitment_before_days", "1 au moins"),
    (("due_soon_seconds",), 0, "due_soon_seconds", "1 au moins"),
    ((*CANTINE, "steps"), "tous", "topics.cantine.steps", "On attend ici une liste"),
    ((*CANTINE, "steps", 1, "skills", "accueil"), 9, "topics.cantine.steps[1].skills.accueil", "5 au plus"),
    (("web_forms",), {"site@x.example": {}}, "web_forms", "On attend ici une liste"),
    (("web_forms",), ["site"], "web_forms[0].address", "n'est pas une adresse électronique"),
    (("web_forms",), [5], "web_forms[0]", "lignes de la forme « nom: valeur »"),
    (("web_forms",), [{"fields": {}}], "web_forms[0].address", "Il manque"),
    (("web_forms",), [{"address": "a@x.example", "fields": {"mail": "x"}}], "web_forms[0].fields.mail", "« mail »"),
    (("web_forms",), [{"address": "a@x.example", "fields": {"email": " "}}], "web_forms[0].fields.email", "vide"),
    (("web_forms",), ["a@x.example", "A@x.example"], "web_forms[1].address", "aussi celle d'un autre formulaire"),
    (("correspondents",), ["notaires"], "correspondents[0]", "ni une adresse électronique ni un domaine"),
    (("correspondents",), ["@notaires"], "correspondents[0]", "ni une adresse électronique ni un domaine"),
    # names that nothing bears
    (("default_service",), "guiche", "default_service", "Vouliez-vous dire « guichet » ?"),
    ((*CANTINE, "service"), "zzz", "topics.cantine.service", "Le service « zzz » n'est pas déclaré"),
    ((*CANTINE, "skills", "famile"), 1, "topics.cantine.skills.famile", "Vouliez-vous dire « famille » ?"),
    ((*CANTINE, "steps", 1, "skills", "urbansime"), 1, "topics.cantine.steps[1].skills.urbansime", "« urbanisme » ?"),
    (("request_forms",), {"f@x.example": "cantin"}, "request_forms.f@x.example", "Vouliez-vous dire « cantine » ?"),
    (("general_skills",), {"acceuil": 1}, "general_skills.acceuil", "La compétence « acceuil » n'est pas déclarée"),
    ((*CAMILLE, "skills", "lang:de"), 3, "agents.camille.martin.skills.lang:de", "La langue de « lang:de »"),
    ((*CAMILLE, "skills", "lang:fr"), 3, "agents.camille.martin.skills.lang:fr", "le français va de soi"),
    (("skills", "lang:de"), {"label": {"fr": "x"}}, "skills.lang:de", "Les langues se déclarent"),
    # ladders and staff
    ((*CANTINE, "skills"), {"funeraire": 5, "urbanisme": 5}, "topics.cantine.skills", "on attendrait pour rien"),
    (
        ("topics", "aide-sociale"),
        {
            "label": {"fr": "x"},
            "service": "ccas",
            "commitment_days": 1,
            "skills": {"social": 5, "elections": 5},
        },
        "topics.aide-sociale.skills",
        "Aucun agent ne peut répondre à ce sujet",
    ),
    (("general_skills",), {"accueil": 5, "funeraire": 5}, "general_skills", "Aucun agent n'a ces compétences"),
    (("languages", "de"), {"label": {"fr": "Allemand"}}, "languages.de", "Aucun agent ne parle cette langue"),
    ((*CANTINE, "steps", 1, "skills"), {"accueil": 2}, "topics.cantine.steps[1].skills", "restreint au lieu d'élargir"),
    ((*CANTINE, "steps", 1, "skills"), {"urbanisme": 1}, "topics.cantine.steps[1].skills", "restreint au lieu"),
    (
        (*CANTINE, "steps", 0, "skills"),
        {"accueil": 1, "famille": 2},
        "topics.cantine.steps[0].skills",
        "ne change rien",
    ),
    (
        (*CANTINE, "steps", 1, "after_seconds"),
        60,
        "topics.cantine.steps[1].after_seconds",
        "après la précédente (60 s)",
    ),
    ((*CANTINE, "steps", 1, "after_seconds"), 28800, "topics.cantine.steps[1].after_seconds", "de 28800 s"),
    (
        ("topics", "aide-sociale", "steps", 0, "skills"),
        {"social": 3},
        "topics.aide-sociale.steps[0].skills",
        "n'ajoute personne",
    ),
    # channels
    (("channels", "voice", "max_wait_seconds"), 180, "channels.voice.max_wait_seconds", "plus longue que l'objectif"),
    (("channels", "voice", "interruptible"), True, "channels.voice.interruptible", "à la fois exclusif"),
    (("channels", "voice", "capacity"), 2, "channels.voice.capacity", "La capacité d'un canal exclusif est 1"),
    # hours
    (("hours", "week", "monday"), ["8h30 à midi"], "hours.week.monday[0]", "n'est pas un créneau"),
    (("hours", "week", "monday"), ["25:00-26:00"], "hours.week.monday[0]", "n'est pas un créneau"),
    (("hours", "week", "monday"), [830], "hours.week.monday[0]", "n'est pas un créneau"),
    (("hours", "week", "monday"), ["12:00-8:30"], "hours.week.monday[0]", "finit avant de commencer"),
    (("hours", "week", "monday"), ["8:30-12:00", "11:00-15:00"], "hours.week.monday[1]", "en chevauche un autre"),
    (("hours", "week", "lundi"), [], "hours.week.lundi", "monday, tuesday"),
    (("hours", "week"), {"monday": ["8:00-9:00"]}, "hours", "Il manque des jours : tuesday"),
    (
        ("hours", "week"),
        {day: [] for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")},
        "hours.week",
        "La mairie n'est jamais ouverte",
    ),
    (("hours", "holidays"), {"country": "Gaule"}, "hours.holidays", "Ce pays n'est pas connu"),
    (("hours", "holidays"), {"country": "FR", "subdivision": "99"}, "hours.holidays", "Cette partie du pays"),
    (("hours", "closures", 0, "from"), "le 15 mai", "hours.closures[0].from", "« le 15 mai » n'est pas une date"),
    (("hours", "closures", 0, "from"), 15, "hours.closures[0].from", "n'est pas une date"),
    (("hours", "closures", 0, "until"), "2026-05-01", "hours.closures[0].until", "Cette fermeture finit avant"),
    (("hours", "closures", 0, "until"), "2029-05-01", "hours.closures[0].until", "dure plus d'un an"),
    # the menu
    (("menu", "entries", "12"), {"label": {"fr": "x"}, "topic": "pacs"}, "menu.entries.12", "n'est pas une touche"),
    (("menu", "entries", "9", "language"), "de", "menu.entries.9.language", "La langue « de » n'est pas déclarée"),
    (("menu", "entries", "9", "topic"), "pacs", "menu.entries.9", "Une entrée mène à une seule chose"),
    (("menu", "entries", "8"), {"label": {"fr": "x"}}, "menu.entries.8", "Une entrée mène à une seule chose"),
    (("menu", "entries", "8"), {"label": {"fr": "x"}, "entries": {}}, "menu.entries.8.entries", "sous-menu est vide"),
    (("menu", "entries", "3", "entries", "1", "topic"), "cantin", "menu.entries.3.entries.1.topic", "« cantine » ?"),
    (("menu", "entries", "0"), {"label": {"fr": "x"}, "topic": "pacs"}, "menu.entries", "ne mène à une personne"),
    (("menu", "entries", "0", "words", 0), "Écoles", "menu.entries.0.words[0]", "déjà pour la touche 3"),
    (("menu", "patience_seconds"), 900, "menu.patience_seconds", "il ne sortirait jamais du menu"),
]


@pytest.mark.parametrize(("place", "value", "path", "words"), FAULTS)
def test_a_fault_is_found_at_its_place_and_said_in_french(place: Place, value: Any, path: str, words: str) -> None:
    errors = check(changed((place, value)))
    assert [error for error in errors if error.path == path and words in error.message], errors


@pytest.mark.parametrize("section", sorted(mairie_data()))
def test_a_section_that_is_left_out_is_missed_unless_it_has_a_usual_value(section: str) -> None:
    errors = check(without(section))
    optional = Plan.model_fields[section].is_required() is False
    assert [error.path for error in errors if error.path == section] == ([] if optional else [section])


def test_every_error_is_found_at_once_whatever_else_is_wrong() -> None:
    errors = check(
        changed(
            (("commune", "phone"), "zut"),
            ((*CANTINE, "service"), "zut"),
            (("topics", "pacs", "steps"), [{"after_seconds": 60}]),
            (("topics", "mariage", "steps", 0, "skills"), {"urbanisme": 1}),
            (("menu", "entries", "1", "entries", "1", "topic"), "zut"),
            (("menu", "entries", "2", "label"), {}),
            (("hours", "week", "monday"), ["9:00-8:00"]),
            (("channels", "chat", "max_wait_seconds"), 1),
        )
    )
    assert {error.path for error in errors} == {
        "commune.phone",
        "topics.cantine.service",
        "topics.pacs.steps[0].skills",
        "topics.mariage.steps[0].skills",
        "menu.entries.1.entries.1.topic",
        "menu.entries.2.label",
        "hours.week.monday[0]",
        "channels.chat.max_wait_seconds",
    }


def test_a_faulty_part_is_not_unknown_to_the_parts_that_name_it() -> None:
    errors = check(changed((("services", "famille", "email"), "zut"), ((*CANTINE, "commitment_days"), "peut-être")))
    assert {error.path for error in errors} == {"services.famille.email", "topics.cantine.commitment_days"}


def test_who_can_be_served_is_not_judged_on_a_faulty_staff() -> None:
    (error,) = check(changed((("agents", "samira.khelifi", "skills", "social"), 7)))
    assert error.path == "agents.samira.khelifi.skills.social"


def test_errors_come_with_their_line_from_top_to_bottom() -> None:
    text = MAIRIE.read_text(encoding="utf-8")
    wrong = text.replace("service: ccas", "service: cca").replace("role: admin", "role: reine")
    errors = check(wrong)
    lines = wrong.splitlines()
    assert len(errors) == 3
    assert [error.line for error in errors] == sorted(error.line or 0 for error in errors)
    assert ["cca" in lines[error.line - 1] or "reine" in lines[error.line - 1] for error in errors if error.line] == [
        True,
        True,
        True,
    ]


def test_a_missing_value_is_said_at_the_line_of_what_lacks_it() -> None:
    text = "commune:\n  name: X\n"
    errors = {error.path: error.line for error in check(text)}
    assert errors["commune.phone"] == 1


def test_errors_can_be_read_in_english() -> None:
    (error,) = check(changed(((*CANTINE, "service"), "famile")), language="en")
    assert error.message == "The service `famile` is not declared under `services`. Did you mean `famille`?"
    assert str(error) == f"topics.cantine.service: {error.message}"


def test_a_plan_that_is_not_sound_cannot_be_loaded() -> None:
    with pytest.raises(PlanErrors, match="cantine") as caught:
        Plan.load(changed(((*CANTINE, "service"), "zut"), (("topics", "pacs", "service"), "zut")))
    assert [error.path for error in caught.value.errors] == ["topics.pacs.service", "topics.cantine.service"]


def test_a_phone_number_is_kept_in_one_form_however_it_is_written() -> None:
    for written in ("01 99 00 12 34", "+33 1 99 00 12 34", "+33199001234", "01.99.00.12.34"):
        assert Plan.load(changed((("commune", "phone"), written))).commune.phone == "+33199001234"


def test_a_department_may_be_written_as_a_number() -> None:
    plan = Plan.load(text_of(mairie_data()).replace("country: FR", "country: FR\n    subdivision: 57"))
    assert plan.hours.holidays.subdivision == "57"
