"""A question about how a request stands, as people write it, and the words that answer it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from canaux.enquiries.question import proof, read_question
from canaux.enquiries.status_words import status_in_words, status_refused
from competences.legal_clock import LegalRequest, Regime
from competences.plan.plan import Plan
from routeur.followups.status import FollowUpStatus, Stage

PLAN = Plan.load((Path(__file__).parents[1] / "data" / "small_plan.yaml").read_text("utf-8"))
REFERENCE = "KRT-482-915"
DUE = datetime(2026, 4, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "où en est ma demande KRT-482-915 ?",
        "KRT482915",
        "krt 482 915 svp",
        "Bonjour, où en est mon dossier n° KRT.482.915 s'il vous plaît ? Merci",
        "Ma réf : KRT – 482 – 915, mon courriel : Lea@Example.org",
        "statut KRT-482-915 (06 39 98 00 01)",
        "What is the status of my request KRT-482-915, please?",
    ],
)
def test_nothing_but_the_question(text: str) -> None:
    question = read_question(text)
    assert question is not None
    assert (question.reference, question.alone) == (REFERENCE, True)


@pytest.mark.parametrize(
    "text",
    [
        "Je voudrais annuler ma demande KRT-482-915",
        "KRT-482-915 accord donné, vous pouvez rappeler ma soeur",
        "Suite à ma demande KRT-482-915, voici ma nouvelle adresse : 3 rue Haute",
        "KRT-482-915 et aussi ACD-123-456 ?",
        "où en est " * 20 + "KRT-482-915",
        "Où en est ma demande KRT-482-915 ? Где мой паспорт?",
    ],
)
def test_more_than_the_question_is_for_a_person(text: str) -> None:
    question = read_question(text)
    assert question is not None
    assert (question.reference, question.alone) == (REFERENCE, False)


@pytest.mark.parametrize(
    "text", ["Bonjour", "06 39 98 00 01", "SKRT-482-915", "KRT-482-9155", "BGS-482-915", "tel 0639980001", ""]
)
def test_what_holds_no_reference_asks_nothing(text: str) -> None:
    assert read_question(text) is None


def test_what_is_written_beside_it_proves() -> None:
    question = read_question("KRT-482-915, 06 39 98 00 01 ou Lea@Example.org. Autre : x@example.org, +33639980002")
    assert question is not None
    assert question.proofs == ["lea@example.org", "+33639980001"]  # one of each: beside it is no place to try many


def test_an_apostrophe_is_part_of_an_address() -> None:
    question = read_question("KRT-482-915 o'brien@example.org")
    assert question is not None
    assert question.proofs == ["o'brien@example.org"]


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        (" Lea@Example.org ", "lea@example.org"),
        ("06.39.98.00.01", "+33639980001"),
        ("+33 6 39 98 00 01", "+33639980001"),
        ("0033639980001", "+33639980001"),
        ("", ""),
        ("Léa", ""),
        ("\0", ""),
    ],
)
def test_proofs_are_compared_in_one_form(written: str, normal: str) -> None:
    assert proof(written) == normal


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (
            FollowUpStatus(REFERENCE, Stage.RECORDED, "etat-civil", DUE),
            "vous répondra au plus tard le mercredi 1er avril",
        ),
        (FollowUpStatus(REFERENCE, Stage.RECORDED, "etat-civil"), "est enregistré et attend un agent"),
        (FollowUpStatus(REFERENCE, Stage.TAKEN, "etat-civil", DUE), "est pris en charge. Le service concerné"),
        (FollowUpStatus(REFERENCE, Stage.TAKEN, "etat-civil"), "Un agent s'occupe de votre message"),
        (FollowUpStatus(REFERENCE, Stage.TAKEN, "etat-civil", DUE, late=True), "nous sommes en retard"),
        (FollowUpStatus(REFERENCE, Stage.ANSWERED, "etat-civil", answered_at=DUE), "répondu à votre message"),
        (FollowUpStatus(REFERENCE, Stage.CLOSED, "etat-civil"), "est clos"),
    ],
)
def test_how_it_stands_in_words(status: FollowUpStatus, said: str) -> None:
    words = status_in_words(PLAN, status, "fr")
    assert said in words
    assert REFERENCE in words
    assert "État civil" in words
    assert "Civil registry" in status_in_words(PLAN, status, "en")


def test_what_silence_means_is_said_with_its_day() -> None:
    request = LegalRequest(date(2026, 3, 2), date(2026, 3, 16), Regime("acceptance", 2))
    status = FollowUpStatus(REFERENCE, Stage.RECORDED, "urbanisme", DUE, request=request)
    assert "Sans réponse de notre part le samedi 2 mai 2026, votre demande est acceptée" in status_in_words(
        PLAN, status, "fr"
    )


def test_what_is_missing_is_awaited_with_its_day() -> None:
    request = LegalRequest(date(2026, 3, 2), date(2026, 3, 16), Regime("acceptance", 2))
    lacking = request.lacking(["Un plan"], date(2026, 3, 4), date(2026, 3, 20))
    words = status_in_words(PLAN, FollowUpStatus(REFERENCE, Stage.TAKEN, "urbanisme", DUE, request=lacking), "fr")
    assert "Nous attendons jusqu'au vendredi 20 mars 2026 ce qui manque" in words
    assert "Sans réponse" not in words


def test_a_refusal_says_nothing_of_what_there_is() -> None:
    assert status_refused("fr").startswith("Nous ne pouvons rien dire")
    assert status_refused("en").startswith("We can say nothing")
