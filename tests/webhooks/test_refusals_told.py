"""Each refusal leaves a line in the security log; once a minute the log suggests a wrong PUBLIC_URL."""

from __future__ import annotations

from structlog.testing import capture_logs

from canaux.security_log import ForgeryHint
from tests.webhooks.mounted_street import Street


def test_a_wrong_signature_is_told_with_what_may_be_wrong(street: Street) -> None:
    forged = {"X-Twilio-Signature": "bm90IHR3aWxpbydz"}
    with capture_logs() as logs:
        for _ in range(3):
            street.client.post("/webhooks/voice", data={"CallSid": "CA1", "From": "+33639980101"}, headers=forged)
    assert [line["status"] for line in logs if line["event"] == "webhook_refused"] == [403] * 3
    (hint,) = [line for line in logs if line["event"] == "signatures_do_not_match"]
    assert "PUBLIC_URL" in hint["hint"]
    assert "+33639980101" not in str(logs)


def test_a_hint_is_given_once_a_minute() -> None:
    now = 0.0
    hint = ForgeryHint("look there", lambda: now)
    with capture_logs() as logs:
        for now in (0.0, 59.0, 60.0, 61.0):  # noqa: B007 - the clock reads it
            hint.refused()
    assert len(logs) == 2
