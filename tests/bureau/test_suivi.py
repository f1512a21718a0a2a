"""The page on which people follow their request tells them how it stands, and tells others nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import TestResponse

from bureau.http.headers import secure_headers
from bureau.pages.suivi.page import suivi_blueprint
from canaux.code_ways import CodeWays
from canaux.enquiries.enquiries import PER_ASKER, PER_ASKER_AND_REFERENCE, Enquiries
from canaux.enquiries.status_proofs import StatusProofs
from canaux.throttle import Throttle, throttle_storage
from competences.phone_numbers import FRENCH_REGIONS, calling_codes
from competences.plan.plan import Plan
from tests.clock import ManualClock
from tests.routeur.hall import Hall
from tests.servers import redis_server

AT_NIGHT = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
PHONE, OTHER = "06 39 98 00 01", "06 39 98 00 02"
UNKNOWN = "XXX-000-000"
REQUIRED = (" required", ' required=""')


@pytest.fixture
def hall(sqlite: str, redis_client: Redis, clock: ManualClock) -> Iterator[Hall]:
    clock.set(AT_NIGHT)
    hall = Hall(sqlite, redis_client, clock)
    yield hall
    hall.close()


def page_of(hall: Hall, storage_url: str) -> FlaskClient:
    def plan() -> Plan:
        return hall.plans.current().plan

    app = Flask("suivi", static_folder=None)
    secure_headers(app, https=True)
    throttle = Throttle("suivi", throttle_storage(storage_url), strict=True)
    enquiries = Enquiries(hall.statuses, plan, throttle)
    codes = CodeWays(Throttle("codes", throttle_storage(storage_url), strict=True), calling_codes(FRENCH_REGIONS))
    app.register_blueprint(
        suivi_blueprint(enquiries, StatusProofs(hall.reception.verifications, codes, enquiries), plan)
    )
    return app.test_client()


@pytest.fixture
def client(hall: Hall, redis_url: str) -> FlaskClient:
    return page_of(hall, redis_url)


@pytest.fixture
def reference(hall: Hall) -> str:
    """The reference of a follow-up for a text that is a request, on a topic with a legal deadline."""
    contact = hall.text("Mon permis de construire", topic="permis-construire").standing.contact
    hall.reception.ask_follow_up(contact.id)
    hall.requests.set_request("chloe", contact.id, True)
    return contact.reference


def ask(
    client: FlaskClient, reference: str, phone_or_email: str = PHONE, path: str = "/suivi", **more: str
) -> TestResponse:
    form = {"reference": reference, "phone_or_email": phone_or_email}
    address = {"REMOTE_ADDR": more.pop("address", "192.0.2.1")}
    return client.post(path, data=form, headers=more, environ_overrides=address)


def ask_json(client: FlaskClient, reference: str, phone_or_email: str = PHONE) -> TestResponse:
    body = {"reference": reference, "phone_or_email": phone_or_email}
    return client.post("/suivi", json=body, headers={"Accept": "application/json"})


def test_the_page_asks_in_french_unless_english_is_preferred(client: FlaskClient) -> None:
    assert "Suivre ma demande" in client.get("/suivi").text
    assert "Follow my request" in client.get("/suivi", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    assert "Follow my request" in client.get("/suivi?lang=en").text
    assert "Suivre ma demande" in client.get("/suivi?lang=fr", headers={"Accept-Language": "en"}).text
    assert "Suivre ma demande" in client.get("/suivi?lang=<script>").text


def test_who_proves_it_is_told_how_it_stands(hall: Hall, client: FlaskClient, reference: str) -> None:
    for written in (f"n° {reference}", f"Réf. : {reference}.", " ".join(reference)):
        assert reference in ask(client, written).text
    answer = ask(client, reference.lower().replace("-", " "))
    assert answer.status_code == 200
    assert reference in answer.text
    assert "Le service concerné, Urbanisme, vous répondra au plus tard le mardi 10 mars." in answer.text
    assert "Sans réponse de notre part le samedi 2 mai 2026, votre demande est acceptée" in answer.text
    assert "will answer you by" in ask(client, reference, path="/suivi?lang=en").text
    hall.follow_ups.take("chloe", reference)
    assert "est pris en charge" in ask(client, reference).text
    hall.follow_ups.answer("chloe", reference, "Accordé, Madame Petit.")
    answered = ask(client, reference).text
    assert "répondu à votre message" in answered
    assert "Accordé" not in answered
    assert "chloe" not in answered.lower()


def test_programs_are_told_the_same(client: FlaskClient, reference: str) -> None:
    answer = ask_json(client, reference)
    assert answer.status_code == 200
    told = dict(answer.json or {})
    assert told.pop("text").startswith("Votre message est enregistré")
    assert told == {
        "reference": reference,
        "state": "recorded",
        "service": "urbanisme",
        "due_at": "2026-03-10T16:30:00+00:00",
        "late": False,
        "answered_at": None,
        "answered_by": None,
        "leaving": False,
        "legal": {"silence_means": "acceptance", "silence_on": "2026-05-02", "pieces_awaited_until": None},
    }


def whole(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    return answer.status_code, answer.data, sorted(answer.headers.items())


@pytest.mark.parametrize("proof", [OTHER, "lea@example.org", "n'importe quoi", "+"])
def test_a_wrong_guess_looks_exactly_like_an_unknown_reference(client: FlaskClient, reference: str, proof: str) -> None:
    for how in (ask, ask_json):
        wrong, unknown = how(client, reference, proof), how(client, UNKNOWN, proof)
        assert wrong.status_code == 404
        assert whole(wrong) == whole(unknown) == whole(how(client, "no reference at all", proof))


def test_guesses_run_out_alike_and_without_locking_out_the_owner(client: FlaskClient, reference: str) -> None:
    for one in (reference, UNKNOWN):
        statuses = [ask(client, one, OTHER).status_code for _ in range(PER_ASKER_AND_REFERENCE.amount + 1)]
        assert statuses == [404] * PER_ASKER_AND_REFERENCE.amount + [429]
    refused = ask(client, reference)
    assert whole(refused)[:2] == whole(ask(client, UNKNOWN))[:2]
    assert 1 <= int(refused.headers["Retry-After"]) <= 3600
    assert "Réessayez" in refused.text
    assert ask(client, reference, address="192.0.2.2").status_code == 200


def test_one_address_cannot_try_one_reference_after_the_other(client: FlaskClient) -> None:
    statuses = [ask(client, f"XXX-000-{number:03}").status_code for number in range(PER_ASKER.amount + 1)]
    assert statuses == [404] * PER_ASKER.amount + [429]


def test_what_cannot_be_counted_cannot_be_guessed(hall: Hall, reference: str) -> None:
    with redis_server() as server:
        client = page_of(hall, server.url)
        assert ask(client, reference).status_code == 200
        server.process.kill()
        server.process.wait()
        answers = [ask(client, reference), ask(client, UNKNOWN), ask(client, reference, OTHER)]
    assert {one.status_code for one in answers} == {429}
    assert len({str(whole(one)) for one in answers}) == 1
    assert "Réessayez un peu plus tard" in answers[0].text


@pytest.mark.parametrize(
    "form",
    [{}, {"reference": "KRT-482-915"}, {"reference": " ", "phone_or_email": PHONE},
     {"reference": "x" * 65, "phone_or_email": PHONE}],
)  # fmt: skip
def test_an_incomplete_form_is_told_so(client: FlaskClient, form: dict[str, str]) -> None:
    for answer in (client.post("/suivi", data=form), client.post("/suivi", json=form)):
        assert answer.status_code == 422
        assert "Indiquez à la fois la référence" in answer.text or answer.json is not None


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"null", b'{"reference": "\\ud800", "phone_or_email": "x"}', b"\xff", b"[" * 4000]
)
def test_what_cannot_be_read_is_refused(client: FlaskClient, raw: bytes) -> None:
    answer = client.post("/suivi", data=raw, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert "text" in (answer.json or {})


def test_what_is_too_large_is_not_read(client: FlaskClient, reference: str) -> None:
    assert ask(client, reference, "x" * 5000).status_code == 413


def test_nothing_is_echoed(client: FlaskClient) -> None:
    assert "script" not in ask(client, "<script>alert(1)</script>", "<script>").text


def test_no_personal_data_in_addresses_or_caches_and_nothing_from_elsewhere(
    client: FlaskClient, reference: str
) -> None:
    for answer in (client.get("/suivi"), ask(client, reference), ask(client, UNKNOWN)):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert not re.search(r"https?://|<script|style=", answer.text)
        assert 'method="post"' in answer.text
    style = client.get("/suivi.css")
    assert style.mimetype == "text/css"
    assert len(style.data) > 1000
    style.close()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_can_be_used_without_seeing_it(client: FlaskClient, reference: str, language: str) -> None:
    for answer in (client.get(f"/suivi?lang={language}"), ask(client, UNKNOWN, path=f"/suivi?lang={language}")):
        document = re.sub(r"<!doctype html>|<(meta|link|input)([^>]*)>", _closed, answer.text)
        root = ElementTree.fromstring(document)
        assert root.get("lang") == language == answer.headers["Content-Language"]
        labels = {label.get("for") for label in root.iter("label")}
        assert {field.get("id") for field in root.iter("input")} == labels
        ids = {one.get("id") for one in root.iter() if one.get("id")}
        assert all(field.get("aria-describedby") in ids for field in root.iter("input"))
        assert len(list(root.iter("h1"))) == len(list(root.iter("main"))) == 1
        assert (root.findtext("head/title") or "").endswith("Petit-Bourg")
    (found,) = ElementTree.fromstring(document).iter("section")
    assert found.get("role") == "alert"


def _closed(tag: re.Match[str]) -> str:
    """The page parsed as XML."""
    return f"<{tag[1]}{tag[2].replace(*REQUIRED)}/>" if tag[1] else ""
