"""A demonstration, which opens to anybody, answers on its own machine alone."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from application.wiring.demo_hosts import refuse_foreign_hosts


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("demonstration")
    refuse_foreign_hosts(app)
    app.add_url_rule("/", view_func=lambda: "hello")
    return app.test_client()


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "127.0.0.2", "localhost", "localhost:80", "[::1]:8000"])
def test_this_machine_is_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["guichet.example.org", "127.0.0.1.example.org", "localhost.evil.example:8000", "[::"])
def test_other_hosts_are_told_why_not(client: FlaskClient, host: str) -> None:
    refused = client.get("/", headers={"Host": host})
    assert refused.status_code == 421
    assert "SECRET_KEY" in refused.text
