"""Only Twilio may speak for Twilio."""

from __future__ import annotations

import pytest
from twilio.request_validator import RequestValidator

from tests.twilio_stand_in import TOKEN
from tests.webhooks.mounted_street import CALLER, PUBLIC_URL, Street

FORM = {"CallSid": "CA1", "MessageSid": "SM1", "From": CALLER, "To": "+33199003500", "Body": "Bonjour"}
PATHS = [
    "/webhooks/voice",
    "/webhooks/voice/menu",
    "/webhooks/voice/wait",
    "/webhooks/voice/after",
    "/webhooks/voice/recording",
    "/webhooks/voice/recording/status",
    "/webhooks/voice/status",
    "/webhooks/voice/conference/x",
    "/webhooks/voice/agent/x",
    "/webhooks/voice/agent/x/status",
    "/webhooks/messaging",
    "/webhooks/messaging/status",
]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_said_to_whoever_does_not_sign(street: Street, path: str) -> None:
    assert street.client.post(path, data=FORM).status_code == 403
    forged = RequestValidator("another-token").compute_signature(PUBLIC_URL + path, FORM)
    assert street.client.post(path, data=FORM, headers={"X-Twilio-Signature": forged}).status_code == 403
    assert street.contacts() == []


def test_the_table_of_paths_is_whole(street: Street) -> None:
    rules = {rule.rule.replace("<contact_id>", "x") for rule in street.app.url_map.iter_rules()}
    assert {rule for rule in rules if rule.startswith(("/webhooks/voice", "/webhooks/messaging"))} == set(PATHS)


def test_the_public_address_is_signed_with_its_query(street: Street) -> None:
    assert street.post("/webhooks/voice/wait?turn=2&x=%C3%A9+%2F", **FORM).status_code == 200


def test_the_address_behind_the_proxy_is_not_what_counts(street: Street) -> None:
    signature = RequestValidator(TOKEN).compute_signature("http://localhost/webhooks/voice", FORM)
    response = street.client.post("/webhooks/voice", data=FORM, headers={"X-Twilio-Signature": signature})
    assert response.status_code == 403


def test_a_changed_field_is_noticed(street: Street) -> None:
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC_URL + "/webhooks/voice", FORM)
    changed = {**FORM, "From": "+33639980999"}
    response = street.client.post("/webhooks/voice", data=changed, headers={"X-Twilio-Signature": signature})
    assert response.status_code == 403


def test_a_shared_key_may_sign_with_sha256(street: Street) -> None:
    assert street.post_with_shared_key("/webhooks/voice", "HMAC_SHA256", **FORM).status_code == 200
    assert street.post_with_shared_key("/webhooks/voice", "HMAC_SHA256", secret="other", **FORM).status_code == 403


def test_an_unknown_algorithm_is_refused(street: Street) -> None:
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC_URL + "/webhooks/voice", FORM)
    headers = {"X-Twilio-Signature": signature, "X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=HMAC_MD5"}
    assert street.client.post("/webhooks/voice", data=FORM, headers=headers).status_code == 403


@pytest.mark.parametrize("path", ["/webhooks/voice", "/webhooks/messaging"])
def test_what_is_too_large_is_not_read(street: Street, path: str) -> None:
    assert street.post(path, **{**FORM, "Body": "x" * 70_000}).status_code == 413
