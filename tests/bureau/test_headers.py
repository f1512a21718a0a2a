"""Every answer carries the headers that protect its reader."""

from __future__ import annotations

import pytest
from flask import Flask, Response

from bureau.http.headers import secure_headers
from tests.bureau.office import Office


@pytest.mark.parametrize("path", ["/api/openapi.json", "/api/v1/me", "/api/nothing", "/nothing"])
def test_every_answer_carries_the_security_headers(office: Office, path: str) -> None:
    headers = office.anonymous().get(path).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


def test_a_page_may_set_its_own_policy() -> None:
    app = Flask("pages")
    secure_headers(app, https=True)
    app.add_url_rule("/", "page", lambda: Response(headers={"Content-Security-Policy": "default-src 'none'"}))
    headers = app.test_client().get("/").headers
    assert headers["Content-Security-Policy"] == "default-src 'none'"
    assert headers["Strict-Transport-Security"].startswith("max-age=")


def test_no_cache_keeps_what_is_said_of_people(office: Office) -> None:
    desktop = office.desktop("bruno")
    for answer in (desktop.get("/contacts"), desktop.get("/contacts/0"), desktop.get("/me")):
        assert answer.headers["Cache-Control"] == "no-store"
