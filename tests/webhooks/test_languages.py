"""The languages of the plan, asked for on every channel: chosen, or recognised from what is written."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
import yaml

from routeur.contact.words import ContactState
from tests.competences.documents import mairie
from tests.smtp_server import Mailbox, text_of
from tests.twiml_check import said, verb
from tests.webhooks.mounted_street import Street
from tests.webhooks.test_chat import ALL, Visitor
from tests.webhooks.test_email import hand_in
from tests.webhooks.test_messaging import text

AT_NIGHT = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
SPANISH = "Hola, necesito renovar el pasaporte de mi hija. ¿Cuándo está abierto el ayuntamiento? Gracias."


@pytest.fixture
def spanish(street: Street) -> Street:
    """The small town hall, whose plan says Spanish by its own words alone, and whose Anne speaks it."""
    plan = yaml.safe_load(street.plan().dump())
    plan["languages"]["es"] = mairie().languages["es"].model_dump(mode="json")
    plan["agents"]["anne"]["skills"]["lang:es"] = 4
    plan["menu"]["entries"]["*"] = {
        "label": {"fr": "Autres langues"},
        "entries": {"1": {"label": {"fr": "Español", "es": "Español"}, "language": "es"}},
    }
    plan["menu"]["entries"]["0"]["label"]["es"] = "Otra consulta"
    street.hall.plans.publish(yaml.safe_dump(plan, allow_unicode=True), None, street.hall.clock())
    street.hall.available("anne", "bruno")
    return street


def requires_spanish(street: Street) -> bool:
    contact = street.only_contact()
    snapshot = street.hall.index.snapshot(contact.id)
    assert snapshot is not None
    return contact.language == "es" and street.hall.offered_to(contact.id) == "anne"


def test_a_text_is_answered_in_the_language_that_it_is_clearly_written_in(spanish: Street) -> None:
    answer = text(spanish, SPANISH)
    assert "Hemos recibido su mensaje. Una persona le responderá aquí." in answer.text
    assert "Recibido el lunes, 2 de marzo de 2026 por: Accueil" in answer.text
    assert requires_spanish(spanish)


def test_a_letter_is_too(spanish: Street, mailbox: Mailbox) -> None:
    raw = f"From: ana@example.org\r\nMessage-ID: <1@example.org>\r\nSubject: Pasaporte\r\n\r\n{SPANISH}\r\n"
    assert hand_in(spanish, raw.encode()).status_code == 200
    assert requires_spanish(spanish)
    spanish.hall.step()
    (letter,) = mailbox.messages
    assert letter["Content-Language"] == "es"
    html = letter.get_body(("html",))
    assert isinstance(html, EmailMessage)
    assert '<html lang="es" dir="auto">' in html.get_content()
    assert text_of(letter).startswith("Buenos días:\n\nHemos recibido su mensaje. Gracias.")


@pytest.mark.parametrize(
    "words",
    ["Bonjour, je voudrais renouveler mon passeport.", "Pasaporte", "ok", "", "Bonjour, un rendez-vous à El Paso ?"],
)
def test_what_is_not_clearly_in_another_language_is_french(spanish: Street, words: str) -> None:
    text(spanish, words)
    assert spanish.only_contact().language == "fr"


def test_english_is_recognised_in_a_text_and_a_chat_too(street: Street) -> None:
    street.hall.available("chloe")
    answer = text(street, "Hello, when is the town hall open on Saturdays, please?")
    assert "We have received your message." in answer.text
    Visitor(street, text="Hello, I would like to know how to renew my passport.")
    assert [one.language for one in street.contacts()] == ["en", "en"]


def test_a_visitor_chooses_a_language_or_writes_in_it(spanish: Street) -> None:
    chosen = Visitor(spanish, language="es")
    kinds = [(kind, data) for kind, _, data in chosen.events()]
    assert any("Recibido el" in str(data.get("text")) for kind, data in kinds if kind == "waiting")
    assert Visitor(spanish, text=SPANISH).id
    assert [one.language for one in spanish.contacts()] == ["es", "es"]


def test_what_a_visitor_chooses_counts_more_than_what_they_write(spanish: Street) -> None:
    Visitor(spanish, text=SPANISH, language="fr")
    assert spanish.only_contact().language == "fr"


@pytest.mark.parametrize("language", ["de", "xx", "fr-FR", "ES", "", "1", 5])
def test_a_language_that_the_plan_does_not_have_is_refused_with_those_that_it_has(
    street: Street, language: Any
) -> None:
    refused = street.client.post(ALL, json={"text": "Hallo", "language": language})
    assert refused.status_code == 400
    assert "language" in refused.text
    if language in ("de", "xx"):
        assert "fr, en" in refused.text
    assert street.contacts() == []


def test_a_caller_chooses_a_language_by_the_star_key_and_hears_it(spanish: Street) -> None:
    phone = spanish.call()
    welcome = phone.dial()
    offered = [(say.attrib["language"], say.text) for say in welcome.iter("Say")]
    assert ("es-ES", "Español: pulse asterisco.") in offered
    languages = phone.press(welcome, "*")
    assert "Español: pulse 1." in said(languages)
    menu = phone.press(languages, "1")
    assert verb(menu, "Gather").attrib["language"] == "es-ES"
    heard = [(say.attrib["language"], say.text) for say in menu.iter("Say")]
    assert ("es-ES", "Otra consulta: pulse 0.") in heard
    assert ("fr-FR", "Carte d'identité : tapez 1.") in heard  # not translated: said in French, by a French voice
    waits = phone.press(menu, "0")
    assert "Gracias. Una persona le atenderá." in said(waits)
    assert requires_spanish(spanish)


def test_a_promise_is_heard_in_the_caller_s_language(spanish: Street) -> None:
    phone = spanish.call()
    menu = phone.press(phone.press(phone.dial(), "*"), "1")
    promise = phone.press(menu, "8")
    assert spanish.only_contact().state == ContactState.FOLLOW_UP
    assert "Su referencia es:" in said(promise)
    assert "le responderá a más tardar el miércoles, 4 de marzo de 2026" in said(promise)


def test_a_language_that_the_plan_has_no_longer_is_heard_in_french(spanish: Street) -> None:
    phone = spanish.call()
    menu = phone.press(phone.press(phone.dial(), "*"), "1")
    plan = yaml.safe_load(spanish.plan().dump())
    del plan["languages"]["es"], plan["menu"]["entries"]["*"], plan["agents"]["anne"]["skills"]["lang:es"]
    spanish.hall.plans.publish(yaml.safe_dump(plan, allow_unicode=True), None, spanish.hall.clock())
    spanish.hall.clock.advance(5)
    assert "Restez en ligne" in said(phone.press(menu, "0"))


def test_a_text_at_night_is_answered_in_its_language(spanish: Street) -> None:
    spanish.hall.clock.set(AT_NIGHT)
    answer = text(spanish, SPANISH)
    assert "El ayuntamiento está cerrado en este momento. Abre el martes, 3 de marzo de 2026 a las 8:30." in answer.text
