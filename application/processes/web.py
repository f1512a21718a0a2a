"""The web server's application."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from application.logs import configure_logs
from application.settings import load_settings
from application.wiring.blueprints import add_bureau, add_webhooks, event_hub
from application.wiring.core import build_core
from application.wiring.demo_hosts import refuse_foreign_hosts
from application.wiring.health import health_blueprint
from bureau.http.headers import secure_headers
from canaux.stream_places import StreamPlaces

LARGEST_REQUEST_BYTES = 36 * 1024 * 1024
"""A little more than the largest e-mail that providers hand on. Each edge sets its own, smaller limit."""


def create_app() -> Flask:
    """The WSGI application, wired from the environment."""
    configure_logs("web")
    settings = load_settings()
    core = build_core(settings)
    app = Flask("application", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST_BYTES
    if settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    if settings.demo:
        refuse_foreign_hosts(app)
    secure_headers(app, https=settings.behind_proxy)
    app.register_blueprint(health_blueprint(core))
    hub, places = event_hub(core), StreamPlaces()
    add_webhooks(app, core, hub, places)
    add_bureau(app, core, hub, places)
    return app
