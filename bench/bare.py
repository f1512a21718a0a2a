"""The least that a voice webhook can do: check the same signature, commit one row with psycopg, say something."""

from __future__ import annotations

import os
import queue
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from flask import Flask, Response, abort, request
from twilio.request_validator import RequestValidator

ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response><Say language="fr-FR">Bonjour</Say></Response>'
CREATE = "CREATE TABLE IF NOT EXISTS call (sid text PRIMARY KEY, caller text, at timestamptz DEFAULT now())"
INSERT = "INSERT INTO call (sid, caller) VALUES (%s, %s)"


class Connections:
    """A pool of connections: an idle one is used again, else a new one is made."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._idle: queue.LifoQueue[psycopg.Connection] = queue.LifoQueue()

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection]:
        """A connection with a transaction that is committed at the end of the block."""
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = psycopg.connect(self._url)
        with connection.transaction():
            yield connection
        self._idle.put(connection)


def create_app() -> Flask:
    """The bare application."""
    app = Flask("bare")
    validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
    connections = Connections(os.environ["DATABASE_URL"])
    with connections.transaction() as connection:
        connection.execute("SELECT pg_advisory_xact_lock(1)")
        connection.execute(CREATE)

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.post("/webhooks/voice")
    def voice() -> Response:
        if not validator.validate(request.url, request.form, request.headers.get("X-Twilio-Signature", "")):
            abort(403)
        with connections.transaction() as connection:
            connection.execute(INSERT, (request.form["CallSid"], request.form["From"]))
        return Response(ANSWER, mimetype="text/xml")

    return app
