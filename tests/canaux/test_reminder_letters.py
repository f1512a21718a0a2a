"""The letters that remind a service, or an agent, of follow-ups."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from canaux.email.outgoing.reminder import reminder_letter
from competences.plan.plan import Plan
from routeur.contact.words import Reminder
from routeur.ports.news import DueFollowUp, FollowUpsDue

PLAN = Plan.load((Path(__file__).parents[1] / "data" / "small_plan.yaml").read_text("utf-8"))
CLOSING = datetime(2026, 3, 3, 16, 30, tzinfo=UTC)


def due(
    reference: str, reminder: Reminder, topic: str | None = "carte-identite", owner: str | None = None
) -> DueFollowUp:
    return DueFollowUp(reference, topic, "etat-civil", CLOSING, owner, reminder)


def test_a_letter_names_what_is_late_before_what_is_due_soon_by_reference_topic_date_and_owner() -> None:
    news = FollowUpsDue(
        "1",
        "etat-civil@petit-bourg.example",
        [due("ACD-123-456", Reminder.DUE_SOON, owner="bruno"), due("EFG-123-456", Reminder.OVERDUE, topic=None)],
    )
    subject, words = reminder_letter(PLAN, news)
    assert subject == "Suivis qui attendent une réponse : 2"
    late, soon = words.split("\n\n")[1:3]
    assert late == (
        "La date annoncée à ces personnes est passée :\n"
        "- EFG-123-456 : question générale ; État civil, pour le mardi 3 mars, 17:30 ; pas encore pris en charge."
    )
    assert soon == (
        "La date annoncée à ces personnes est proche :\n"
        "- ACD-123-456 : Carte d'identité ; État civil, pour le mardi 3 mars, 17:30 ; pris par Bruno Registre."
    )


def test_what_the_plan_no_longer_has_is_named_as_it_was() -> None:
    news = FollowUpsDue("1", "a@b.example", [due("ACD-123-456", Reminder.OVERDUE, "licornes", "former.agent")])
    _, words = reminder_letter(PLAN, news)
    assert "licornes" in words
    assert "La date annoncée à ces personnes est proche" not in words


def test_a_service_is_told_what_another_has_handed_over_to_it() -> None:
    news = FollowUpsDue("1", "etat-civil@petit-bourg.example", [due("ACD-123-456", Reminder.HANDED_OVER)])
    _, words = reminder_letter(PLAN, news)
    assert "Un autre service a transmis au vôtre :\n- ACD-123-456" in words
